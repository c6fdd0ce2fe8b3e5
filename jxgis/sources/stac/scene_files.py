"""The folder of a scene: fetched band by band, and taken up again where it was left.

``scene.json`` is written last, so that a folder with one is a whole scene. Each band says in itself
what it was fetched for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from jxgis.crs import Bounds
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.sources.scene import DESCRIPTION
from jxgis.sources.stac import cells
from jxgis.sources.stac.band_files import Rows, is_whole, write_band, writing
from jxgis.sources.stac.scenes import ROLES, Scene

# What stands for no value where a file does not say it: as Landsat has it; Sentinel-2 has 0.
_NODATA = {"qa_pixel": 1.0}

# Were more of a band's cells than these below no reflectance, the offset would not be theirs.
_MOST_NEGATIVE = 0.2

Sign = Callable[[str], str]


def fetch_scene(
    scene: Scene,
    place: Bounds,
    folder: Path,
    stac: str,
    sign: Sign,
    progress: Callable[[str], None],
) -> None:
    """Fetch what a scene's folder lacks.

    Parameters
    ----------
    scene
        What to fetch.
    place
        West, south, east and north, degrees.
    folder
        The scene's own.
    stac
        The catalogue's address, to be written down.
    sign
        Makes an address that can be opened of one that the catalogue gives.
    progress
        Called with a line for the reader at each band.

    Raises
    ------
    NetworkError
        If a file cannot be read.
    InputError
        If the place lies outside the scene, its grids do not nest, or the offset that its items
        state cannot be that of their cells.
    OutputError
        If the folder cannot be written, or holds a file of another's.
    """
    said = scene.to_json(stac)
    asked = {role: _asked(scene, place, role) for role in ROLES}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        missing = [role for role in ROLES if not is_whole(folder / scene.file(role), asked[role])]
        if not missing and _read_json(folder / DESCRIPTION) == said:
            progress(_("{scene}: there already").format(scene=scene.name))
            return
        (folder / DESCRIPTION).unlink(missing_ok=True)
    tiles = {role: _look(scene, role, sign) for role in missing}
    bounds = _bounds(scene, folder, place, tiles)
    for role in missing:
        progress(
            _("{scene}: {band} ({number} of {n})").format(
                scene=scene.name,
                band=scene.tiles[0].assets[role],
                number=ROLES.index(role) + 1,
                n=len(ROLES),
            )
        )
        nodata = _nodata(scene, role, tiles[role])
        grid = cells.grid_over(bounds, tiles[role])
        rows: Rows = cells.rows_of(grid, tiles[role], nodata)
        if role != "quality":
            rows = _plausible(rows, scene, role, nodata)
        write_band(folder / scene.file(role), grid, rows, nodata, asked[role])
    with writing(folder):
        part = folder / (DESCRIPTION + ".part")
        part.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(folder / DESCRIPTION)


def _asked(scene: Scene, place: Bounds, role: str) -> str:
    """Return a digest that tells a band fetched for one question from that for another."""
    files = [
        (tile.item, tile.assets[role], tile.hrefs[role].partition("?")[0]) for tile in scene.tiles
    ]
    asked = json.dumps([[repr(float(side)) for side in place], role, files])
    return hashlib.sha256(asked.encode()).hexdigest()


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _look(scene: Scene, role: str, sign: Sign) -> list[cells.Cells]:
    return [cells.look(sign(tile.hrefs[role]), tile.item, tile.time) for tile in scene.tiles]


def _bounds(
    scene: Scene, folder: Path, place: Bounds, missing: Mapping[str, Sequence[cells.Cells]]
) -> Bounds:
    """Return what of the scene is fetched: as of the bands that are there, else of all."""
    for role in ROLES:
        if role not in missing:
            with writing(folder), rasterio.open(folder / scene.file(role)) as band:
                west, south, east, north = band.bounds
            return (west, south, east, north)
    return cells.snapped(place, [tile for tiles in missing.values() for tile in tiles])


def _nodata(scene: Scene, role: str, tiles: Sequence[cells.Cells]) -> float:
    stated = tiles[0].nodata
    kind = scene.quality_as if role == "quality" else role
    return stated if stated is not None else _NODATA.get(kind, 0.0)


def _plausible(rows: Rows, scene: Scene, role: str, nodata: float) -> Rows:
    """Hand rows on; raise at their end where the offset cannot be that of the cells."""
    meaning = scene.tiles[0].red if role == "red" else scene.tiles[0].nir
    zero = float(-Decimal(meaning.offset) / Decimal(meaning.scale))
    valid = below = 0
    for row, values in rows:
        seen = values[values != nodata]
        valid += len(seen)
        below += int(np.count_nonzero(seen < zero))
        yield row, values
    if below > _MOST_NEGATIVE * valid:
        raise InputError(
            _(
                "{item} states the offset {offset}, by which {share:.0%} of the cells of {band} "
                "would reflect less than nothing: it has been taken off already, it seems"
            ).format(
                item=scene.tiles[0].item,
                offset=meaning.offset,
                share=below / valid,
                band=scene.tiles[0].assets[role],
            ),
            mend=_(
                "Take a collection that states it rightly, such as Earth Search's "
                "--collection sentinel-2-c1-l2a"
            ),
        )
