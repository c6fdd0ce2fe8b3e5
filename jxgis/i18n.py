"""The reader's language: every string that a person reads passes through here.

Messages are English and are their own keys; ``locale/`` holds the catalogues. A message with a
value in it is translated first and filled in afterwards: ``_("{n} stops").format(n=n)``.
"""

from __future__ import annotations

import gettext as _gettext
import locale
import os
from collections.abc import Iterable
from functools import reduce
from pathlib import Path

LANGUAGES = ("en", "zh_CN")
DOMAIN = "jxgis"

_LOCALE_DIR = Path(__file__).parent / "locale"
_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def language_of(name: str | None) -> str:
    """Return the catalogue that serves a locale (``zh_CN.UTF-8``, ``zh-Hans``, ``en_GB``)."""
    return "zh_CN" if (name or "").lower().startswith(("zh", "chinese")) else "en"


def environment_language() -> str:
    """Return the catalogue for the environment's locale, by gettext's own order of variables."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return language_of(value.split(":")[0])
    return language_of(locale.getlocale()[0])


def set_language(language: str | None) -> None:
    """Make a catalogue the one that is read; ``None`` means the environment's."""
    global _catalogue, _language  # noqa: PLW0603 - one reader, one language a process
    _language = language_of(language) if language else environment_language()
    _catalogue = _gettext.translation(DOMAIN, _LOCALE_DIR, [_language], fallback=True)


def lend_language() -> None:
    """Let click speak the language in use: it translates by gettext's own domain and variables."""
    os.environ["LANGUAGE"] = _language
    _gettext.bindtextdomain("click", str(_LOCALE_DIR))
    _gettext.textdomain("click")


def language() -> str:
    """Return the catalogue in use: ``en`` or ``zh_CN``."""
    return _language


def _(message: str) -> str:
    """Return the message in the reader's language."""
    return _catalogue.gettext(message)


def sentences(parts: Iterable[str]) -> str:
    """Return sentences one after another, with a space between them where the language has one."""
    return reduce(lambda first, then: _("{first} {then}").format(first=first, then=then), parts)


def in_every_language(message: str) -> tuple[str, ...]:
    """Return the message in each language that there is, for what a reader may have written."""
    catalogues = (
        _gettext.translation(DOMAIN, _LOCALE_DIR, [one], fallback=True) for one in LANGUAGES
    )
    return tuple(dict.fromkeys(catalogue.gettext(message) for catalogue in catalogues))


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of the message that suits the number."""
    return _catalogue.ngettext(one, many, n)
