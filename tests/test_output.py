"""The output folder: whole or not at all, and never over anybody else's files."""

import json
import sys
from hashlib import sha256

import pytest

from jxgis.errors import InputError, OutputError
from jxgis.output import MANIFEST, check_replaceable, replaced


def fill(folder, text):
    with replaced(folder) as work:
        (work / "sub").mkdir()
        (work / "sub" / "page.html").write_text(text)


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def names(folder):
    return [p.name for p in folder.iterdir()]


def test_a_folder_is_made_with_a_manifest_and_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "deep" / "site"
    fill(folder, "one")
    fill(folder, "two")
    manifest = json.loads((folder / MANIFEST).read_text())
    assert (folder / "sub" / "page.html").read_text() == "two"
    assert manifest["files"] == {"sub/page.html": sha256(b"two").hexdigest()}
    assert names(folder.parent) == ["site"]


@pytest.mark.parametrize("error", [InputError("x"), KeyboardInterrupt(), ZeroDivisionError()])
def test_a_failed_run_leaves_the_last_good_folder(tmp_path, error):
    folder = tmp_path / "site"
    fill(folder, "good")
    before = tree(folder)

    def fail():
        with replaced(folder) as work:
            (work / "half.html").write_text("half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert tree(folder) == before
    assert names(tmp_path) == ["site"]


def test_a_folder_with_a_strange_file_is_refused_and_named(tmp_path):
    folder = tmp_path / "site"
    fill(folder, "good")
    (folder / "notes.docx").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.docx"):
        fill(folder, "new")
    assert (folder / "notes.docx").read_text() == "mine"
    assert (folder / "sub" / "page.html").read_text() == "good"


def test_an_empty_folder_is_taken_and_what_a_file_manager_leaves_is_no_stranger(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    fill(folder, "good")
    (folder / "Thumbs.db").write_text("x")
    fill(folder, "new")
    assert sorted(tree(folder)) == [MANIFEST, "sub/page.html"]


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    (tmp_path / "site").write_text("x")
    with pytest.raises(OutputError, match="this is a file"):
        check_replaceable(tmp_path / "site")


def test_a_folder_whose_parent_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        fill(tmp_path / "file" / "site", "x")


def test_a_swap_that_fails_puts_the_old_folder_back(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    fill(folder, "good")
    rename = type(folder).rename

    def second_rename_fails(self, to):
        if self.name.startswith(".site-") and not self.name.endswith("-old"):
            raise OSError(13, "held")
        return rename(self, to)

    monkeypatch.setattr(type(folder), "rename", second_rename_fails)
    with pytest.raises(OutputError, match="held"):
        fill(folder, "new")
    monkeypatch.undo()
    assert (folder / "sub" / "page.html").read_text() == "good"
    assert names(tmp_path) == ["site"]


def test_the_folder_can_be_read_by_others_as_the_umask_says(tmp_path):
    fill(tmp_path / "site", "x")
    if sys.platform != "win32":
        plain = tmp_path / "plain"
        plain.mkdir()
        assert (tmp_path / "site").stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_what_a_link_points_to_is_replaced_and_the_link_stays(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "site"
    link.symlink_to(tmp_path / "real")
    fill(link, "one")
    fill(link, "two")
    assert link.is_symlink()
    assert (tmp_path / "real" / "sub" / "page.html").read_text() == "two"
    assert sorted(names(tmp_path)) == ["real", "site"]


def test_the_folder_one_is_in_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="you are in"):
        check_replaceable(type(tmp_path)())


def test_what_only_looks_like_a_leftover_is_not_taken_for_one(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "field-journal").write_text("mine")
    with pytest.raises(OutputError, match="field-journal"):
        fill(folder, "x")
    assert names(folder) == ["field-journal"]


def test_an_interrupt_in_the_middle_of_the_swap_puts_the_old_folder_back(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    fill(folder, "good")
    rename = type(folder).rename

    def interrupted(self, to):
        if self.name.startswith(".site-") and not self.name.endswith("-old"):
            raise KeyboardInterrupt
        return rename(self, to)

    monkeypatch.setattr(type(folder), "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill(folder, "new")
    monkeypatch.undo()
    assert (folder / "sub" / "page.html").read_text() == "good"
    assert names(tmp_path) == ["site"]
