"""Bring the message catalogues up to date: python scripts/messages.py [--check].

Extracts every message from the sources, keeps the translations that are there, and writes
``jxgis/locale/*/LC_MESSAGES/jxgis.po`` and ``.mo``. English is its own translation. With
``--check`` nothing is written and all that is wrong is listed. Needs Babel (a development
dependency).
"""

from __future__ import annotations

import datetime as dt
import gettext
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jxgis import __version__  # noqa: E402 - the checkout need not be installed

LOCALE = ROOT / "jxgis" / "locale"
LANGUAGES = ("en", "zh_CN")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # fixed: a catalogue changes when a message does


def sources() -> list[Path]:
    """Return the files whose messages a reader sees."""
    launcher = ROOT / "scripts" / "environment.py"
    return [*sorted((ROOT / "jxgis").rglob("*.py")), launcher]


def extracted(language: str) -> Catalog:
    """Return a catalogue of every message in the sources, without translations."""
    catalog = Catalog(
        locale=language,
        project="jxgis",
        version=__version__,
        msgid_bugs_address="",
        header_comment="# The messages of jxgis. Written by scripts/messages.py.",
        creation_date=MADE,
        revision_date=MADE,
        last_translator="jxgis",
        language_team="jxgis",
        fuzzy=False,
    )
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        with path.open("rb") as file:
            for _line, text, _comments, _context in extract("python", file, KEYWORDS):
                catalog.add(text, locations=[(place, 1)])
    return catalog


def committed(language: str) -> Catalog:
    """Return the catalogue as it is on disk, or an empty one."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """Return a catalogue of today's messages with the translations that are on disk."""
    catalog, old = extracted(language), committed(language)
    for message in messages(catalog):
        known = old.get(message.id)
        if language == "en":
            message.string = message.id
        elif known and known.string:
            message.string = known.string
            message.flags |= known.flags
    return catalog


def write(language: str) -> None:
    """Write a language's two files."""
    catalog = updated(language)
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    with po_path(language).open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False)
    with mo_path(language).open("wb") as file:
        write_mo(file, catalog)


def problems() -> list[str]:
    """Return a sentence for everything that is wrong with the committed catalogues."""
    return [p for language in LANGUAGES for p in problems_of(language)]


def problems_of(language: str) -> Iterator[str]:
    """Give what is wrong in one language: missing, stale, fuzzy, misplaced values, an old .mo."""
    wanted, have = extracted(language), committed(language)
    ids = {key(m) for m in messages(wanted)}
    for message in messages(have):
        if key(message) not in ids:
            yield f"{language}: no longer in the sources: {key(message)!r}"
    for message in messages(wanted):
        translated = have.get(message.id)
        if translated is None or not all(forms(translated.string)):
            yield f"{language}: no translation: {key(message)!r}"
        elif translated.fuzzy:
            yield f"{language}: fuzzy: {key(message)!r}"
        elif not all(placeholders(f) == values(message) for f in forms(translated.string)):
            yield f"{language}: other values in the translation: {key(message)!r}"
        elif language == "en" and forms(translated.string) != forms(message.id):
            yield f"{language}: is not the message itself: {key(message)!r}"
    if not mo_path(language).exists() or compiled(language) != expected(have):
        yield f"{language}: jxgis.mo does not fit jxgis.po"


def compiled(language: str) -> dict[object, str]:
    """Return the translations in a .mo file as gettext reads them."""
    with mo_path(language).open("rb") as file:
        found: dict[object, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {k: v for k, v in found.items() if k}


def expected(catalog: Catalog) -> dict[object, str]:
    """Return the translations that gettext should read from a catalogue's .mo file."""
    table: dict[object, str] = {}
    for message in messages(catalog):
        if isinstance(message.id, str):
            table[message.id] = forms(message.string)[0]
        else:
            table |= {(message.id[0], n): s for n, s in enumerate(forms(message.string))}
    return {k: v for k, v in table.items() if v}


def messages(catalog: Catalog) -> list[Message]:
    """Return a catalogue's messages without its header."""
    return [message for message in catalog if message.id]


def key(message: Message) -> str:
    """Return the English text that a message is known by."""
    return forms(message.id)[0]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the forms of a text: one, or one for each plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def values(message: Message) -> set[str | None]:
    """Return the names of the values that a message is filled with."""
    return set().union(*(placeholders(form) for form in forms(message.id)))


def placeholders(text: str) -> set[str | None]:
    """Return the fields of a format string, with their format: ``{share:.1%}``."""
    return {
        f"{name}:{spec}" if spec else name
        for _text, name, spec, _conversion in string.Formatter().parse(text)
        if name is not None
    }


def po_path(language: str) -> Path:
    """Return the path of a language's editable catalogue."""
    return LOCALE / language / "LC_MESSAGES" / "jxgis.po"


def mo_path(language: str) -> Path:
    """Return the path of a language's compiled catalogue."""
    return po_path(language).with_suffix(".mo")


def main() -> int:
    """Write or check the catalogues; return 1 where something is wrong."""
    if "--check" not in sys.argv[1:]:
        for language in LANGUAGES:
            write(language)
    found = problems()
    print("\n".join(found) or "Every message has its translations.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
