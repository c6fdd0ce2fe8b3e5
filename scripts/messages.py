"""Bring the message catalogues up to date: python scripts/messages.py [--check].

Extracts every message from the sources, keeps the translations that are there, and writes
``jxgis/locale/*/LC_MESSAGES/*.po`` and ``.mo``. English is its own translation. With ``--check``
nothing is written and all that is wrong is listed. Needs Babel (a development dependency).

There are two catalogues a language: ``jxgis`` for the program, and ``click`` for what the library
of that name says of a command line.
"""

from __future__ import annotations

import ast
import datetime as dt
import gettext
import string
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "jxgis" / "locale"
LANGUAGES = ("en", "zh_CN")
KEYWORDS = {"_": 1, "ngettext": 2}
MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # fixed: a catalogue changes when a message does

Text = str | tuple[str, str]

# What click says that a reader of this program can meet; a test looks for each in click itself.
CLICK: tuple[Text, ...] = (
    "Commands",
    "Error: {message}",
    "Invalid value for {param_hint}: {message}",
    "Invalid value: {message}",
    "Missing argument",
    "Missing command.",
    "Missing option",
    "No such command {name!r}.",
    "No such option {name!r}.",
    "Option {name!r} does not take a value.",
    "Options",
    "Show the version and exit.",
    "Show this message and exit.",
    "Try '{command} {option}' for help.",
    "Usage:",
    "default: {default}",
    "required",
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    (
        "{value!r} does not match the format {format}.",
        "{value!r} does not match the formats {formats}.",
    ),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)


@dataclass(frozen=True)
class Book:
    """One catalogue in one language, and the two files that hold it."""

    domain: str
    language: str

    @property
    def po(self) -> Path:
        """The file that a translator edits."""
        return LOCALE / self.language / "LC_MESSAGES" / f"{self.domain}.po"

    @property
    def mo(self) -> Path:
        """The file that gettext reads."""
        return self.po.with_suffix(".mo")

    def __str__(self) -> str:
        return f"{self.language}/{self.domain}"


BOOKS = tuple(Book(domain, language) for language in LANGUAGES for domain in ("jxgis", "click"))


def wanted(domain: str) -> Iterator[tuple[Text, str]]:
    """Give each message that the catalogue must have, and the file that it is in."""
    if domain == "click":
        yield from ((text, "click") for text in CLICK)
        return
    for path in [*sorted((ROOT / "jxgis").rglob("*.py")), ROOT / "scripts" / "environment.py"]:
        for text in marked(path.read_text(encoding="utf-8")):
            yield text, path.relative_to(ROOT).as_posix()
    rules = ROOT / "jxgis" / "rules" / "defaults.toml"
    for group in tomllib.loads(rules.read_text(encoding="utf-8")).values():
        for rule in group.values():
            yield rule["source"], rules.relative_to(ROOT).as_posix()


def marked(source: str) -> Iterator[Text]:
    """Give the messages marked in a module's source, also those inside f-strings."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [a.value for a in node.args[: KEYWORDS.get(name, 0)] if isinstance(a, ast.Constant)]
        if texts and len(texts) == KEYWORDS[name]:
            yield texts[0] if len(texts) == 1 else (texts[0], texts[1])


def extracted(book: Book) -> Catalog:
    """Return a catalogue of every message that is wanted, without translations."""
    catalog = Catalog(
        locale=book.language,
        project=book.domain,
        version="-",
        msgid_bugs_address="-",
        header_comment=f"# The messages of {book.domain}. Written by scripts/messages.py.",
        creation_date=MADE,
        revision_date=MADE,
        last_translator="-",
        language_team="-",
        fuzzy=False,
    )
    for text, place in wanted(book.domain):
        catalog.add(text, locations=[(place, 1)])
    return catalog


def committed(book: Book) -> Catalog:
    """Return the catalogue as it is on disk, or an empty one."""
    if not book.po.exists():
        return Catalog(locale=book.language)
    with book.po.open("rb") as file:
        return read_po(file, locale=book.language)


def updated(book: Book) -> Catalog:
    """Return a catalogue of today's messages with the translations that are on disk."""
    catalog, old = extracted(book), committed(book)
    for message in messages(catalog):
        known = old.get(message.id)
        if book.language == "en":
            message.string = message.id
        elif known and known.string:
            message.string = known.string
            message.flags |= known.flags
    return catalog


def write(book: Book) -> None:
    """Write a catalogue's two files."""
    catalog = updated(book)
    book.po.parent.mkdir(parents=True, exist_ok=True)
    with book.po.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False)
    with book.mo.open("wb") as file:
        write_mo(file, catalog)


def problems(book: Book) -> Iterator[str]:
    """Give what is wrong: missing, stale, fuzzy, values that differ, an old .mo."""
    asked, have = extracted(book), committed(book)
    ids = {key(m) for m in messages(asked)}
    for message in messages(have):
        if key(message) not in ids:
            yield f"{book}: no longer in the sources: {key(message)!r}"
    for message in messages(asked):
        translated = have.get(message.id)
        if translated is None or not all(forms(translated.string)):
            yield f"{book}: no translation: {key(message)!r}"
        elif translated.fuzzy:
            yield f"{book}: fuzzy: {key(message)!r}"
        elif not all(placeholders(f) in values(message) for f in forms(translated.string)):
            yield f"{book}: other values in the translation: {key(message)!r}"
        elif book.language == "en" and forms(translated.string) != forms(message.id):
            yield f"{book}: is not the message itself: {key(message)!r}"
    if not book.mo.exists() or compiled(book) != expected(have):
        yield f"{book}: the .mo file does not fit the .po file"


def compiled(book: Book) -> dict[object, str]:
    """Return the translations in a .mo file as gettext reads them."""
    with book.mo.open("rb") as file:
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


def values(message: Message) -> list[set[str]]:
    """Return, for each form of a message, the names of the values that fill it."""
    return [placeholders(form) for form in forms(message.id)]


def placeholders(text: str) -> set[str]:
    """Return the fields of a format string, with their format: ``share:.1%``."""
    return {
        f"{name}:{spec}" if spec else name
        for _text, name, spec, _conversion in string.Formatter().parse(text)
        if name is not None
    }


def main() -> int:
    """Write or check the catalogues; return 1 where something is wrong."""
    if "--check" not in sys.argv[1:]:
        for book in BOOKS:
            write(book)
    found = [problem for book in BOOKS for problem in problems(book)]
    print("\n".join(found) or "Every message has its translations.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
