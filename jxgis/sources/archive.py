"""Files as they lie on a disk: found, fingerprinted, and taken out of zips."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.spec import LayerSpec

# What one shapefile is made of; indexes of other programs say nothing about the data.
SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")

# Files that hold layers, where a zip holds several kinds of file.
_VECTOR = ".shp .gpkg .geojson .json .fgb .kml .kmz .dxf .gdb .tab .mif .gml .gpx"
DATA = (*_VECTOR.split(), ".parquet", ".geoparquet", ".csv", ".tsv", ".xlsx")

_UTF8_NAME = 0x800

# A variable that nothing was filled in for.
_VARIABLE = re.compile(r"\$\{?(\w+)\}?|%(\w+)%")
_BLOCK = 1 << 20


def find(spec: LayerSpec) -> Path:
    """Return the path of a layer's file.

    Raises
    ------
    InputError
        If there is nothing at it.
    """
    path = spec.resolve(spec.path or spec.gtfs or spec.osm or "")
    if path.exists():
        return path
    unset = [a or b for a, b in _VARIABLE.findall(str(path)) if (a or b) not in os.environ]
    if unset:
        raise InputError(
            _("the environment variable {name} is not set").format(name=unset[0]),
            mend=_("Set it, or write the whole path"),
            **place(spec),
        )
    known = path.parent
    while not known.exists() and known != known.parent:
        known = known.parent
    mend = _("Check the path; the folder {folder} exists").format(folder=known)
    alike = [p.name for p in known.iterdir() if p.name.lower() == path.name.lower()]
    if alike and known == path.parent:
        mend = _("There is {name}: capital and small letters differ").format(name=alike[0])
    raise InputError(_("there is no such file"), mend=mend, **place(spec))


def sidecars(path: Path) -> dict[str, Path]:
    """Return the files of a shapefile that are there, by suffix in small letters."""
    return {
        p.suffix.lower(): p
        for p in sorted(path.parent.iterdir())
        if p.stem == path.stem and p.suffix.lower() in SHAPEFILE
    }


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, of a shapefile's files, or of all files in a folder.

    Of several files it is the digest of each one's name and digest, in the names' order; a
    shapefile's names are its suffixes, so that a renamed copy is the same data.
    """
    if path.is_dir():
        files = {p.relative_to(path).as_posix(): p for p in path.rglob("*") if p.is_file()}
        files = {name: p for name, p in files.items() if not name.endswith(".lock")}
    elif path.suffix.lower() == ".shp":
        files = sidecars(path)
    else:
        return _digest(path)
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{_digest(files[name])}\n".encode())
    return total.hexdigest()


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def unpacked(path: Path, spec: LayerSpec) -> Iterator[Path]:
    """Give the one data file inside a zip, unpacked for as long as it is read.

    With several in it, ``spec.layer`` names one by its name without the suffix.

    Raises
    ------
    InputError
        If it is no zip, is damaged or locked, or holds no data file or several.
    """
    with tempfile.TemporaryDirectory(prefix="jxgis-", ignore_cleanup_errors=True) as folder:
        try:
            _unpack(path, Path(folder))
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise InputError(
                _("the zip cannot be unpacked: {reason}").format(reason=str(error).rstrip(".")),
                mend=_("Unpack it by hand and give the path of the file inside"),
                **place(spec),
            ) from error
        yield _only_one(Path(folder), spec)


def _unpack(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = PurePosixPath(_member_name(member).replace("\\", "/"))
            parts = [
                part for part in name.parts if part not in ("/", "..", ".") and ":" not in part
            ]
            if member.is_dir() or not parts or "__MACOSX" in parts:
                continue
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as out:
                while block := source.read(_BLOCK):
                    out.write(block)


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes it in GBK, which Python reads as cp437."""
    if member.flag_bits & _UTF8_NAME or member.filename.isascii():
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return member.filename


def _only_one(folder: Path, spec: LayerSpec) -> Path:
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in DATA)
    inside = [p for p in found if any(q != p and q in p.parents for q in found)]
    found = [p for p in found if p not in inside]
    if len(found) > 1 and spec.layer is not None:
        found = [p for p in found if spec.layer in (p.stem, p.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(p.name for p in sorted(folder.rglob("*")) if p.is_file() or p in found)
    if not found:
        raise InputError(
            _("the zip holds no file that is wanted: {names}").format(names=names or _("none")),
            mend=_("Give a zip with one shapefile, GeoPackage or the like in it"),
            **place(spec),
        )
    raise InputError(
        _("the zip holds several layers: {names}").format(names=", ".join(p.stem for p in found)),
        mend=_('Name one: layer = "{name}" under [layers.{layer}]').format(
            name=found[0].stem, layer=spec.name
        ),
        **place(spec),
    )
