"""Encodings by evidence; Python's own codecs are the oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.sources.encodings import choose, decode, named, of_bytes

EVERYDAY = [bytes([a, b]).decode("gb2312") for a in range(0xB0, 0xD7) for b in range(0xA1, 0xFF)]
chinese = st.lists(st.text(st.sampled_from(EVERYDAY), min_size=3), min_size=3)


@given(chinese)
def test_chinese_in_utf8_is_utf8(texts):
    assert choose([t.encode() for t in texts]).codec == "utf-8"


@given(chinese)
def test_chinese_in_gbk_is_gb18030_unless_its_bytes_are_valid_utf8(texts):
    raw = [t.encode("gbk") for t in texts]
    try:
        [t.decode() for t in raw]
    except UnicodeDecodeError:
        codec = choose(raw).codec
        assert [decode(r, codec) for r in raw] == texts


@given(st.text(), st.integers(min_value=0, max_value=200), st.sampled_from(["utf-8", "gb18030"]))
def test_a_cut_text_loses_only_the_character_that_was_cut(text, length, codec):
    text = text.encode(codec, "ignore").decode(codec)
    cut = decode(text.encode(codec)[:length], codec)
    assert text.startswith(cut)
    assert len(text.encode(codec)[:length]) - len(cut.encode(codec)) < 4


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("65001", "utf-8"),
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("936", "gb18030"),
        ("CP936", "gb18030"),
        ("OEM 936", "gb18030"),
        ("ANSI 1252", "cp1252"),
        ("1252", "cp1252"),
        ("ISO 88591", "iso8859-1"),
        ("88591", "iso8859-1"),
        ("ISO-8859-1", "iso8859-1"),
        ("950", "cp950"),
        ("klingon", None),
    ],
)
def test_names_that_programs_write(name, codec):
    assert named(name) == codec


def test_a_byte_order_mark_decides():
    assert of_bytes("站,1".encode("utf-8-sig")).codec == "utf-8-sig"
    assert of_bytes("站,1".encode("utf-16")).codec == "utf-16"


def test_russian_that_is_said_to_be_russian_is_not_made_chinese():
    assert choose(["Москва".encode("cp1251")], stated="1251").codec == "cp1251"
