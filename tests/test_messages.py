"""Every string that a person reads is a message, and every message has its translations."""

import ast
import gettext
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from jxgis import i18n

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "jxgis").rglob("*.py"))
MARKERS = {"_", "ngettext"}
PUT_TOGETHER = ast.JoinedStr | ast.BinOp | ast.Call
# What is said to a person, and which of its arguments are sentences
SENTENCES = {
    "InputError": (0, "mend"),
    "NoCrsError": (0, "mend"),
    "MissingColumnError": (0, "mend"),
    "OutputError": (0, "mend"),
    "NetworkError": (0, "mend"),
    "MissingToolError": (0, "mend"),
    "LedgerRow": (3, "reason"),
    "Drawing": (1, "title"),
    "echo": (0, "message"),
}


def load_script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


messages = load_script("messages")


@pytest.mark.parametrize("book", messages.BOOKS, ids=str)
def test_every_message_has_its_translation(book):
    assert list(messages.problems(book)) == []


def test_the_catalogues_are_those_of_the_program():
    assert messages.LANGUAGES == i18n.LANGUAGES


def test_messages_of_click_are_those_that_click_looks_up():
    sources = Path(click.__file__).parent.rglob("*.py")
    said = {t for path in sources for t in messages.marked(path.read_text(encoding="utf-8"))}
    assert set(messages.CLICK) - said == {"required"}, "which click looks up by a variable"


@pytest.mark.parametrize("book", [b for b in messages.BOOKS if b.language == "zh_CN"], ids=str)
def test_the_chinese_is_chinese(book):
    catalogue = messages.messages(messages.committed(book))
    assert [m.id for m in catalogue if m.string == m.id and has_words(messages.key(m))] == []


def has_words(message):
    """Return whether a message says something in English, and is not a sign or a format."""
    parts = [part for part, *_rest in messages.string.Formatter().parse(message)]
    return any(word.islower() for part in parts for word in part.split() if len(word) > 2)


def test_a_message_inside_an_f_string_is_found():
    source = """f"title = {quoted(_('within {r} m').format(r=3))}"; ngettext("a", "b", n)"""
    assert sorted(messages.marked(source), key=str) == [("a", "b"), "within {r} m"]


def test_a_message_that_is_missing_stale_or_broken_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    assert any("no translation" in p for p in messages.problems(messages.Book("jxgis", "zh_CN")))
    book = messages.Book("jxgis", "en")
    messages.write(book)
    assert list(messages.problems(book)) == []
    text = book.po.read_text(encoding="utf-8")

    def found_in(changed):
        book.po.write_text(changed, encoding="utf-8")
        return "\n".join(messages.problems(book))

    renamed = found_in(text.replace("row {row}", "row {line}"))
    assert "no longer in the sources: 'row {line}'" in renamed
    assert "no translation: 'row {row}'" in renamed
    assert "the .mo file does not fit the .po file" in renamed
    other = found_in(text.replace('msgstr "row {row}"', 'msgstr "row {line}"'))
    assert "other values in the translation: 'row {row}'" in other
    fuzzy = found_in(text.replace('msgid "row {row}"', '#, fuzzy\nmsgid "row {row}"'))
    assert "fuzzy: 'row {row}'" in fuzzy


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            yield name, node


def is_bare(node):
    """Return whether an argument is text that no catalogue can hold."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and any(c.isalpha() for c in node.value)
    if isinstance(node, ast.JoinedStr):
        return any(is_bare(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return is_bare(node.left) or is_bare(node.right)
    return False


def faults(source):
    """Give what in a module's source keeps a sentence from the catalogue."""
    tree = ast.parse(source)
    for name, call in calls(tree):
        if name in MARKERS and call.args and isinstance(call.args[0], PUT_TOGETHER):
            yield f"{call.lineno}: {name}() is given something that is put together"
        for place in SENTENCES.get(name, ()):
            keywords = [k.value for k in call.keywords if k.arg == place]
            given = call.args[place : place + 1] if isinstance(place, int) else keywords
            if any(is_bare(argument) for argument in given):
                yield f"{call.lineno}: {name}() is given a sentence without _()"
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value and any(name in {"_", "ngettext"} for name, _call in calls(value)):
            yield f"{node.lineno}: translated when imported, before the language is known"


@pytest.mark.parametrize("path", PACKAGE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_sentences_can_be_translated(path):
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "raise InputError('no such file')",
        "raise NoCrsError(_('no CRS'), mend='Write crs')",
        "raise InputError(f'{n} stops')",
        "LedgerRow('dropped', 'stops', 3, 'empty')",
        "_(f'{n} stops')",
        "_('a ' + word)",
        "_('{n} stops'.format(n=3))",
        "TITLE = _('Coverage')",
    ],
)
def test_a_sentence_that_cannot_be_translated_is_found(source):
    assert list(faults(source))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("zh_CN.UTF-8", "zh_CN"),
        ("zh-Hans", "zh_CN"),
        ("Chinese (Simplified)_China", "zh_CN"),
        ("en_GB.UTF-8", "en"),
        ("pt_BR", "en"),
        ("C", "en"),
        (None, "en"),
    ],
)
def test_a_locale_has_its_catalogue(name, language):
    assert i18n.language_of(name) == language


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANGUAGE": "zh_CN:en", "LC_ALL": "en_US.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "", "LANG": "zh_CN.UTF-8"}, "zh_CN"),
    ],
)
def test_the_environment_decides_as_gettext_does(monkeypatch, environ, language):
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    i18n.set_language(None)
    assert i18n.language() == language


def test_a_message_is_read_in_the_language_that_is_set():
    i18n.set_language("zh_CN")
    chinese = i18n._("row {row}").format(row=7)
    i18n.set_language("en")
    assert i18n._("row {row}").format(row=7) == "row 7"
    assert chinese == "第 7 行"


def help_in(language, *words):
    environ = {k: v for k, v in os.environ.items() if k not in {"LANGUAGE", "LC_ALL", "LANG"}}
    environ |= {"LC_ALL": language, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "jxgis", *words, "--help"]
    done = subprocess.run(command, env=environ, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def test_the_command_line_speaks_the_environments_language_or_the_one_asked_for():
    catalogue = gettext.translation("jxgis", ROOT / "jxgis" / "locale", ["zh_CN"])
    english = "Measure a spatial plan from layers, score it, and publish its maps."
    chinese = catalogue.gettext(english)
    assert chinese in help_in("zh_CN.UTF-8")
    assert english in help_in("en_US.UTF-8")
    assert chinese in help_in("en_US.UTF-8", "--lang", "zh_CN")
    assert english in help_in("zh_CN.UTF-8", "--lang", "en")


def test_click_speaks_the_language_too():
    assert "用法：" in help_in("zh_CN.UTF-8", "coverage")
    assert "Usage:" in help_in("en_US.UTF-8", "coverage")
