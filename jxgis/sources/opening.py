"""A band of a raster file: opened by content, not by name, and its coordinate system settled."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window as FileWindow

from jxgis.cleaning import place
from jxgis.errors import InputError, NoCrsError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.sources import prj
from jxgis.sources.archive import find, fingerprint
from jxgis.sources.found import first_sentence
from jxgis.spec import LayerSpec


@dataclass(frozen=True)
class OpenBand:
    """A band of a raster that is open, the CRS to read it in, and doubts about that."""

    file: Any
    number: int
    crs: pyproj.CRS
    doubts: list[LedgerRow]


@contextmanager
def opened(spec: LayerSpec, *, choose: str = "") -> Iterator[OpenBand]:
    """Open the band that ``spec.path`` and ``spec.layer`` name.

    Parameters
    ----------
    spec
        ``layer`` is the band's number, where there are several.
    choose
        How the plan names a band, with ``{file}`` and ``{name}``; empty for ``layer = "1"``.

    Yields
    ------
    OpenBand

    Raises
    ------
    InputError
        If it is missing, is no raster, has no such band, or lies nowhere.
    """
    prj.given_crs(spec)
    try:
        path = find(spec)
        if path.is_file() and path.stat().st_size == 0:
            raise InputError(_("the file is empty"), **place(spec))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            file = rasterio.open(path)
        with file:
            number = _band_number(file, spec, choose)
            whole = FileWindow(0, 0, file.width, file.height)
            lacks = _("the raster names none")
            found = corners(whole, _placed(file, spec))
            crs, doubts = prj.settle(_own_crs(file, spec), spec, found, lacks=lacks)
            yield OpenBand(file, number, crs, doubts)
    except (RasterioError, OSError) as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=first_sentence(error)),
            mend=_("Open it in a GIS and save it again as a GeoTIFF"),
            **place(spec),
        ) from error


def _band_number(file: Any, spec: LayerSpec, choose: str) -> int:
    pairs = zip(file.indexes, file.colorinterp, strict=True)
    bands = [number for number, meaning in pairs if meaning != ColorInterp.alpha]
    wanted = spec.layer
    if wanted is None and len(bands) > 1:
        choose = choose or _('Name one: layer = "{name}" under [layers.{layer}]')
        raise InputError(
            _("it holds {n} bands").format(n=len(bands)),
            mend=choose.format(name=bands[0], layer=spec.name, file=spec.path),
            **place(spec),
        )
    if wanted is not None and not (wanted.isdecimal() and int(wanted) in bands):
        raise InputError(
            _("there is no band {name} in it").format(name=wanted),
            mend=_("Its bands are: {names}").format(names=", ".join(str(b) for b in bands)),
            **place(spec),
        )
    number = bands[0] if wanted is None else int(wanted)
    if str(file.dtypes[number - 1]).startswith("complex"):
        raise InputError(
            _("the values of band {name} are complex numbers").format(name=number),
            mend=_("Give a raster of real numbers"),
            **place(spec),
        )
    return number


def _placed(file: Any, spec: LayerSpec) -> Any:
    """Return the transform from columns and rows to coordinates."""
    if file.transform.is_identity or file.transform.is_degenerate:
        raise InputError(
            _("the raster does not say where its cells lie"),
            mend=_("Georeference it in a GIS and save it again as a GeoTIFF"),
            **place(spec),
        )
    return file.transform


def _own_crs(file: Any, spec: LayerSpec) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_wkt(file.crs.to_wkt()) if file.crs else None
    except (CRSError, RasterioError, ValueError) as error:  # rasterio's own is a ValueError
        if spec.crs is not None:
            return None
        raise NoCrsError(
            _("its coordinate system cannot be understood"),
            mend=_("Save the layer again with a coordinate system that has an EPSG code"),
            **place(spec),
        ) from error


def corners(window: Any, transform: Any) -> NDArray[np.float64]:
    """Return the four corners of a rasterio window in the raster's CRS, (4, 2)."""
    columns = window.col_off + np.array([0, 1, 1, 0]) * window.width
    rows = window.row_off + np.array([0, 0, 1, 1]) * window.height
    return applied(transform, columns, rows)


def applied(transform: Any, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """Return an affine map's image of points, as an array with the two along the last axis."""
    t = transform
    return np.stack([t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f], axis=-1)


def digest(path: Path, files: list[str]) -> str:
    """Return the raster's SHA-256; of a virtual one that of its parts' digests as well."""
    parts = [Path(name) for name in files if Path(name).is_file()]
    if path.suffix.lower() != ".vrt":
        return fingerprint(path)
    return hashlib.sha256("\n".join(map(fingerprint, parts)).encode()).hexdigest()
