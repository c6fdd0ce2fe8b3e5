"""A band as a file: written beside its place by windows of rows, read again, and renamed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy.typing as npt
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.windows import Window

from jxgis.errors import JxgisError, OutputError
from jxgis.i18n import _
from jxgis.sources.found import first_sentence
from jxgis.sources.stac.cells import BLOCK

# The tag of a band that says what it was fetched for.
_FETCHED = "JXGIS_FETCHED"

Rows = Iterable[tuple[int, npt.NDArray[Any]]]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in one sentence why something cannot be written.

    Raises
    ------
    OutputError
        Naming the file or folder.
    """
    try:
        yield
    except JxgisError:
        raise
    except (OSError, RasterioError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else None
        raise OutputError(
            _("it cannot be written: {error}").format(error=said or first_sentence(error)),
            file=path,
            mend=_("Make room there, or give --out a folder that is yours to write"),
        ) from error


def is_whole(file: Path, fetched: str) -> bool:
    """Return whether a band is there, fetched for what is asked.

    Raises
    ------
    OutputError
        If the file is not one that was fetched: it would be lost.
    """
    if not file.exists():
        return False
    try:
        with rasterio.open(file) as band:
            said = band.tags().get(_FETCHED)
    except RasterioError:
        said = None
    if said is None:
        raise OutputError(
            _("the file is not one that jxgis fetched"),
            file=file,
            mend=_("Give --out another folder, or move that file away"),
        )
    return bool(said == fetched)


def write_band(file: Path, grid: GeoBox, rows: Rows, nodata: float, fetched: str) -> None:
    """Write a band as a tiled GeoTIFF.

    Parameters
    ----------
    file
        Its place; what is not whole yet ends in ``.part``.
    grid
        Its cells.
    rows
        First row and cells of each window, from the north.
    nodata
        What stands for no value.
    fetched
        What `is_whole` asks for.

    Raises
    ------
    OutputError
        If it cannot be written, or does not come back from the disk as it was written.
    """
    part = file.with_name(file.name + ".part")
    sums: list[tuple[Window, int]] = []
    with writing(part):
        band = None
        try:
            for row, cells in rows:
                if band is None:
                    band = rasterio.open(part, "w", **_profile(grid, cells.dtype.name, nodata))
                    band.update_tags(**{_FETCHED: fetched})
                window = Window(0, row, cells.shape[1], cells.shape[0])
                band.write(cells, 1, window=window)
                sums.append((window, _checksum(cells)))
        finally:
            if band is not None:
                band.close()
        with rasterio.open(part) as band:
            if any(_checksum(band.read(1, window=window)) != told for window, told in sums):
                raise OutputError(_("the disk did not keep what was written"), file=part)
        part.replace(file)


def _profile(grid: GeoBox, dtype: str, nodata: float) -> dict[str, Any]:
    height, width = grid.shape
    return {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": 1,
        "dtype": dtype,
        "crs": str(grid.crs),
        "transform": grid.transform,
        "nodata": nodata,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "bigtiff": "if_safer",
    }


def _checksum(cells: npt.NDArray[Any]) -> int:
    return zlib.crc32(cells.tobytes())
