"""Which encoding a text is in: what is written down, held against what the bytes allow.

UTF-8 is so strict that other text passes for it only by chance, so bytes that are valid UTF-8
are UTF-8. GB18030 takes nearly any bytes, so bytes are only read as GB18030 when they come out
as characters that Chinese text is made of.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from jxgis.errors import InputError
from jxgis.i18n import _

UTF8, GB18030, LATIN = "utf-8", "gb18030", "cp1252"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Names of code pages as .cpg files write them. GB18030 holds all of GBK and GB2312.
_PAGES = {
    "65001": UTF8,
    "936": GB18030,
    "54936": GB18030,
    "gbk": GB18030,
    "gb2312": GB18030,
    "cp936": GB18030,
    "950": "cp950",
    "932": "cp932",
    "949": "cp949",
}

# Languages of dBase files (byte 29 of the header) that name an Asian code page.
_DBF_LANGUAGES = {0x4D: GB18030, 0x7A: GB18030, 0x4F: "cp950", 0x78: "cp950", 0x7B: "cp932"}

# Code pages that programs write without looking.
_UNMEANT = frozenset({"iso8859-1", "cp1252", "cp437", "ascii"})

_ISO = re.compile(r"(?:iso)?[-_ ]?8859[-_ ]?(\d{1,2})")
_HAN = re.compile("[\u4e00-\u9fff]")

# A share of Chinese characters from which a text counts as Chinese.
_MOSTLY = 0.9


@dataclass(frozen=True)
class Choice:
    """The encoding to read with, and why where that is not plainly written down."""

    codec: str
    why: str = ""


def named(name: str) -> str | None:
    """Return Python's codec for the name of a code page, or None where there is none."""
    text = name.strip().lower()
    for prefix in ("ansi", "oem", "windows-", "ms", "cp"):
        text = text.removeprefix(prefix).strip(" _")
    if text in _PAGES:
        return _PAGES[text]
    if part := _ISO.fullmatch(text):
        text = f"iso-8859-{part[1]}"
    for guess in (f"cp{text}", text):
        try:
            codec = codecs.lookup(guess).name
        except LookupError:
            continue
        return _PAGES.get(codec, codec)
    return None


def of_dbf_language(code: int) -> str | None:
    """Return the codec for a dBase language byte that is worth believing."""
    return _DBF_LANGUAGES.get(code)


def choose(
    texts: Sequence[bytes], *, given: str | None = None, stated: str | None = None
) -> Choice:
    """Choose the encoding of texts that may have been cut in the middle of a character.

    Parameters
    ----------
    texts
        Bytes of the names and values; those that are ASCII say nothing.
    given
        What the plan says, which wins.
    stated
        What the file says (a .cpg, a dBase language), which is believed unless the bytes
        contradict it.

    Raises
    ------
    InputError
        If ``given`` is no encoding.
    """
    if given is not None:
        codec = named(given)
        if codec is None:
            raise InputError(
                _("unknown encoding {name}").format(name=given),
                mend=_('Write encoding = "utf-8" or encoding = "gb18030"'),
            )
        return Choice(codec)
    told = [text for text in texts if not text.isascii()]
    codec = named(stated) if stated else None
    if not told:
        return Choice(codec or UTF8)
    found = _by_evidence(told)
    if codec is not None and _believable(told, codec, found):
        return Choice(codec)
    if stated:
        return Choice(
            found,
            _("text read as {found}: the file says {stated}, and its bytes are not that").format(
                found=found.upper(), stated=stated.strip()
            ),
        )
    why = {
        UTF8: _("text read as UTF-8: its bytes are valid UTF-8, and nothing says what they are"),
        GB18030: _("text read as GB18030 (GBK): it is no UTF-8, and nothing says what it is"),
        LATIN: _("text read as Windows-1252: it is neither UTF-8 nor Chinese in GB18030"),
    }
    return Choice(found, why[found])


def of_bytes(data: bytes, given: str | None = None) -> Choice:
    """Choose the encoding of a whole text file, by its byte order mark where it has one."""
    if given is None:
        for mark, codec in _BOMS:
            if data.startswith(mark):
                return Choice(codec)
    return choose(data.split(b"\n"), given=given)


def decode(text: bytes, codec: str) -> str:
    """Decode bytes; a character cut at the end is left out, a broken one marked as such."""
    return codecs.getincrementaldecoder(codec)("replace").decode(text, final=False)


def _believable(texts: Sequence[bytes], codec: str, found: str) -> bool:
    """Tell whether the bytes allow what the file says of them."""
    if codec == found:
        return True
    if not _fits(texts, codec):
        return False
    if found == UTF8:
        # GBK can pass for UTF-8 by chance, but not for Chinese characters in UTF-8.
        return not _any_han(texts)
    # Programs write Latin-1 beside text of any kind, and any bytes fit it.
    return found == LATIN or codec not in _UNMEANT


def _by_evidence(texts: Sequence[bytes]) -> str:
    valid = [text for text in texts if _valid(text, UTF8)]
    if len(valid) == len(texts):
        return UTF8
    # Names cut by a program may be broken; but short words of GBK may pass for UTF-8, though
    # hardly for Chinese in it.
    chinese = _chinese(texts)
    if _fits(texts, UTF8) and (not chinese or _any_han(valid)):
        return UTF8
    return GB18030 if chinese else LATIN


def _any_han(texts: Sequence[bytes]) -> bool:
    return any(_HAN.search(decode(text, UTF8)) for text in texts)


def _fits(texts: Sequence[bytes], codec: str) -> bool:
    """Tell whether most texts are valid: names that a program cut to length may be broken."""
    return sum(_valid(text, codec) for text in texts) > len(texts) / 2


def _valid(text: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)("strict").decode(text, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _chinese(texts: Sequence[bytes]) -> bool:
    """Tell whether bytes read as GB18030 are mostly characters of GB 2312, the everyday set."""
    total = everyday = 0
    for text in texts:
        for character in decode(text, GB18030):
            if not character.isascii():
                total += 1
                everyday += _everyday(character)
    return total > 0 and everyday >= _MOSTLY * total


def _everyday(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
