"""A land-cover map of the whole prefecture, with WorldCover's codes.

What covers a cell follows the sample's own layers: fields, orchards, ponds and hills from the land
by class; towns from their blocks; roads, canals and expressways with belts of trees. Hamlets among
groves stand in the fields, and single trees everywhere. A cell of 20 m is less than 1 mu
(667 m2) and two are more, so a single tree is no forest and the smallest grove is one. Single
trees follow one tile that repeats, which keeps the file small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from sample.blocks import Town
from sample.frame import BoolArray, FloatArray, Noise, Table, rng
from sample.grids import Grid

CELL_M = 20.0
DATE = "2019-08-03"
TREE, SHRUB, GRASS, CROP, BUILT, BARE, WATER, WETLAND = 10, 20, 30, 40, 50, 60, 80, 90
Codes = npt.NDArray[np.uint8]


class Ground(IntEnum):
    """What the sample's layers say of a cell: the land's classes, and what lies over them."""

    NOTHING = 0
    FARMLAND = 1
    CROPLAND = 2
    ORCHARD = 3
    FISH_POND = 4
    WETLAND = 5
    FOREST = 6
    PARK = 7
    SCHOOL = 8
    WATER = 9
    BARE = 10
    TOWN = 11
    PAVED = 12
    BELT = 13
    ROOF = 14


COVER = {
    Ground.NOTHING: GRASS,  # at the edges of fields
    Ground.FARMLAND: CROP,
    Ground.CROPLAND: CROP,
    Ground.ORCHARD: SHRUB,
    Ground.FISH_POND: WATER,
    Ground.WETLAND: WETLAND,
    Ground.FOREST: TREE,
    Ground.PARK: GRASS,
    Ground.SCHOOL: BUILT,
    Ground.WATER: WATER,
    Ground.BARE: BARE,
    Ground.TOWN: BUILT,
    Ground.PAVED: BUILT,
    Ground.BELT: TREE,
    Ground.ROOF: BUILT,
}
"""What covers most of each ground; `_covered` puts the rest on it."""

_ROAD_M, _STREET_M, _EXPRESSWAY_M = 14.0, 10.0, 20.0
_ROAD_BELT_M, _EXPRESSWAY_BELT_M, _BANK_M = 45.0, 60.0, 32.0
_EDGE_M, _EDGED = 24.0, 0.40
HAMLET = 0.69
"""Groves are houses where their field is above this."""
_TILE = 32
_STRIP = 256
"""Rows at a time."""


@dataclass(frozen=True)
class Texture:
    """Fields that vary the ground: groves and hamlets, where there are more of them, and trees."""

    fine: Noise
    coarse: Noise
    ranks: npt.NDArray[np.int64]

    def groves(self, points: FloatArray) -> FloatArray:
        """Return the field that groves and hamlets follow at ``(..., 2)`` points, metres."""
        return self.fine(points) + 0.25 * self.coarse(points)

    def singles(self, shape: tuple[int, int], share: float) -> BoolArray:
        """Return cells with a single tree, no two of which touch, repeated over the shape."""
        tile = self.ranks < share * self.ranks.size
        repeats = [-(-side // _TILE) for side in shape]
        repeated: BoolArray = np.tile(tile, repeats)[: shape[0], : shape[1]]
        return repeated


@cache
def field_texture() -> Texture:
    """Return the fields of the whole map."""
    random = rng(17)
    return Texture(Noise(random, 260.0), Noise(random, 2_900.0), _tree_ranks(random))


def write_landcover(
    folder: Path,
    counties: Mapping[str, shapely.Polygon],
    towns: Sequence[Town],
    land: Table,
    streets: Table,
    expressways: Table,
    buildings: Table,
) -> None:
    """Write ``landcover_2019.tif``: codes of WorldCover within the counties, 0 outside."""
    grid = _grid(counties)
    kinds = _ground(grid, towns, land, streets, expressways, buildings)
    texture = field_texture()
    inside = grid.burn(list(counties.values())) > 0
    cells = np.zeros(kinds.shape, dtype=np.uint8)
    for start in range(0, grid.rows, _STRIP):
        rows = slice(start, min(start + _STRIP, grid.rows))
        here = inside[rows]
        cells[rows][here] = _covered(grid.points(rows)[here], kinds[rows][here], texture, here)
    tags = {
        "LEGEND": "worldcover",
        "NOTICE": "generated sample, not a satellite product",
        "REFERENCE_DATE": DATE,
    }
    grid.write(folder / "landcover_2019.tif", cells, "land cover", tags)


def _grid(counties: Mapping[str, shapely.Polygon]) -> Grid:
    """Return the smallest grid around the counties on whole multiples of its cell."""
    whole = Grid(0.0, 0.0, 0, 0, CELL_M)
    west, south, east, north = shapely.total_bounds(whole.moved(list(counties.values())))
    left, right = int(west // CELL_M), int(-(-east // CELL_M))
    bottom, top = int(south // CELL_M), int(-(-north // CELL_M))
    return Grid(left * CELL_M, top * CELL_M, top - bottom, right - left, CELL_M)


def _ground(
    grid: Grid,
    towns: Sequence[Town],
    land: Table,
    streets: Table,
    expressways: Table,
    buildings: Table,
) -> Codes:
    """Return the kind of ground of each cell; later shapes lie over earlier ones."""
    shapes = np.array(land.geometry, dtype=object)
    classes = land.columns["class"]
    water = shapes[classes == "water"]
    lines = np.array(streets.geometry, dtype=object)
    roads = np.array([name.endswith("公路") for name in streets.columns["name"]])
    wide = np.isin(streets.columns["highway"], ("primary", "secondary")) & ~roads
    ways = list(expressways.geometry)
    over: list[tuple[Any, list[int] | int]] = [
        (shapes, [Ground[name.upper()] for name in classes]),
        (_edges(shapes[np.isin(classes, ("farmland", "cropland"))]), Ground.BELT),
        (shapely.buffer(lines[roads], _ROAD_BELT_M, quad_segs=2), Ground.BELT),
        (shapely.buffer(ways, _EXPRESSWAY_BELT_M, quad_segs=2), Ground.BELT),
        (
            np.concatenate([town.blocks[town.built & (town.park < 0)] for town in towns]),
            Ground.TOWN,
        ),
        (shapely.buffer(water, _BANK_M, quad_segs=2), Ground.BELT),
        (shapely.buffer(lines[wide], _STREET_M, quad_segs=2), Ground.PAVED),
        (buildings.geometry, Ground.ROOF),
        (water, Ground.WATER),
        (shapely.buffer(lines[roads], _ROAD_M, quad_segs=2), Ground.PAVED),
        (shapely.buffer(ways, _EXPRESSWAY_M, quad_segs=2), Ground.PAVED),
    ]
    kinds = np.zeros((grid.rows, grid.columns), dtype=np.uint8)
    for layer, kind in over:
        burnt = grid.burn(layer, kind if isinstance(kind, list) else [kind] * len(layer))
        np.copyto(kinds, burnt.astype(np.uint8), where=burnt > 0)
    return kinds


def _edges(fields: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the belts of trees just inside the edges of some of the fields."""
    chosen = fields[rng(18).random(len(fields)) < _EDGED]
    inner = shapely.buffer(chosen, -_EDGE_M, quad_segs=1)
    belts: npt.NDArray[np.object_] = shapely.difference(chosen, inner)
    return belts


def _tree_ranks(random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return a tile of ranks: cells below any rank are no neighbours of each other."""
    ranks = np.full((_TILE, _TILE), _TILE * _TILE, dtype=np.int64)
    taken = np.zeros((_TILE, _TILE), dtype=bool)
    rank = 0
    for cell in random.permutation(_TILE * _TILE).tolist():
        row, column = divmod(cell, _TILE)
        if not taken[row, column]:
            ranks[row, column] = rank
            rank += 1
            around = np.ix_(
                [(row + i) % _TILE for i in (-1, 0, 1)],
                [(column + i) % _TILE for i in (-1, 0, 1)],
            )
            taken[around] = True
    return ranks


def _covered(points: FloatArray, kinds: Codes, texture: Texture, here: BoolArray) -> Codes:
    """Return what covers cells, given their centres and grounds and where they are in a strip."""
    fine, groves = texture.fine(points), texture.groves(points)
    cells = np.array([COVER[ground] for ground in Ground], dtype=np.uint8)[kinds]
    few, some, many = (texture.singles(here.shape, share)[here] for share in (0.045, 0.07, 0.105))
    field = (kinds == Ground.FARMLAND) | (kinds == Ground.CROPLAND)
    town, park, school = (kinds == g for g in (Ground.TOWN, Ground.PARK, Ground.SCHOOL))
    for where, code in (
        (field & many, TREE),
        (field & (groves > 0.495), TREE),
        (field & (groves > HAMLET), BUILT),
        ((kinds == Ground.ORCHARD) & (some | (groves > 0.25)), TREE),
        ((kinds == Ground.FISH_POND) & (fine > 0.45), CROP),
        ((kinds == Ground.WETLAND) & (groves > 0.35), TREE),
        ((kinds == Ground.FOREST) & (fine < -0.72), GRASS),
        ((kinds == Ground.BARE) & (fine > 0.2), GRASS),
        (park & (fine > -0.05), TREE),
        (school & (fine > 0.1), GRASS),
        (school & (fine > 0.4), TREE),
        (town & (fine > 0.58), GRASS),
        (town & (fine > 0.68), TREE),
        ((town | (kinds == Ground.NOTHING)) & few, TREE),
    ):
        cells[where] = code
    return cells
