"""The folder that a verb writes: replaced as a whole, or left as it was.

A folder is written beside its place under another name, given a manifest, and swapped in. A run
that fails leaves the last good folder untouched, and a folder that holds anything that jxgis did
not write is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jxgis.errors import OutputError
from jxgis.i18n import _
from jxgis.version import __version__

MANIFEST = "jxgis-manifest.json"

# What file managers leave behind in a folder that somebody looked at, and what programs leave
# beside a file of ours that they opened.
_BYSTANDERS = {".DS_Store", "Thumbs.db", "desktop.ini"}
_BYSTANDER_ENDINGS = ("-wal", "-shm", "-journal", ".aux.xml")


def check_replaceable(folder: Path) -> None:
    """Refuse a folder that cannot be written or that holds what jxgis did not write.

    Raises
    ------
    OutputError
        Naming the folder, or the first file in it that would be lost.
    """
    if folder.resolve() == Path.cwd():
        raise OutputError(
            _("this is the folder you are in"), mend=_("Give --out the name of a folder inside it")
        )
    if folder.is_file():
        raise OutputError(
            _("this is a file"), file=folder, mend=_("Give --out the name of a folder")
        )
    for stranger in _strangers(folder):
        raise OutputError(
            _("the folder holds {name}, which jxgis did not write").format(name=stranger),
            file=folder,
            mend=_("Give --out a new folder, or move that file away"),
        )
    parent = _existing_parent(folder)
    if not os.access(parent, os.W_OK):
        raise OutputError(
            _("the folder cannot be written"),
            file=parent,
            mend=_("Give --out a folder that is yours to write"),
        )


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write to, and put it in the place of `folder` at the end.

    Yields
    ------
    pathlib.Path
        The folder to write to; it is removed again when the body raises.

    Raises
    ------
    OutputError
        If the old folder cannot be replaced; it is then as it was.
    """
    folder = folder.resolve()  # what a link points to is replaced, not the link
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        work.chmod(0o777 & ~_umask())
        yield work
        _write_manifest(work)
        _swap(work, folder)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(work: Path, folder: Path) -> None:
    if not folder.exists():
        work.rename(folder)
        return
    old = work.with_name(work.name + "-old")
    try:
        folder.rename(old)
    except PermissionError:
        raise _held_open(folder) from None
    try:
        work.rename(folder)
    except BaseException:  # also where the reader interrupts: the old folder goes back
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _held_open(folder: Path) -> OutputError:
    """Name the file that another program holds open (Windows then refuses to rename its folder)."""
    for file in sorted(folder.rglob("*")):
        try:
            if file.is_file():
                file.open("ab").close()
        except OSError:
            return OutputError(
                _("the file is open in another program"),
                file=file,
                mend=_("Close it there and run again; the old output is as it was"),
            )
    return OutputError(_("the folder cannot be replaced"), file=folder)


def _unwritable(folder: Path, error: OSError) -> OutputError:
    return OutputError(
        _("the folder cannot be written: {error}").format(error=error.strerror or error),
        file=folder,
    )


def _write_manifest(folder: Path) -> None:
    files = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    text = json.dumps({"jxgis": __version__, "files": files}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _strangers(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        own = {MANIFEST, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        own = set()
    beside = {name + ending for name in own for ending in _BYSTANDER_ENDINGS}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        bystander = file.name in _BYSTANDERS or name in beside
        if not file.is_dir() and name not in own and not bystander:
            yield name


def _existing_parent(folder: Path) -> Path:
    for parent in (folder, *folder.absolute().parents):
        if parent.is_dir():
            return parent
    return Path.cwd()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
