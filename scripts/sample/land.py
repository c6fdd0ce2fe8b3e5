"""Land by class: water, parks, a campus, wooded hills, and the fields in between.

Fields are a bent grid of about 1.2 km, cut by everything else. Classes are what is drawn on the
images: ``farmland``, ``cropland``, ``orchard``, ``fish_pond``, ``wetland``, ``forest``, ``park``,
``school``, ``water``, ``bare``. What siting rules go by is the survey's word (`sample.survey`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample.blocks import Town
from sample.frame import EXTENT, FloatArray, Noise, Table, metres, rng
from sample.places import COAST, HILLS, LAKES, PARKS

_FIELD_M = 1_250.0
_GRID_M = 0.1
_SMALLEST_M2 = 20_000.0


def sea(counties: Mapping[str, shapely.Polygon]) -> BaseGeometry:
    """Return what lies on the sea's side of `COAST` within the counties."""
    shore = np.array([metres(*point) for point in COAST])
    _, south, east, _ = EXTENT
    corners = [(east, shore[-1][1]), (east, south), (shore[0][0], south)]
    bay = shapely.Polygon(np.vstack([shore, corners]))
    low = [counties["330424"], counties["330481"]]
    return shapely.set_precision(bay.intersection(shapely.union_all(low)), _GRID_M)


def park_areas(town: Town) -> list[shapely.Polygon]:
    """Return the parks and the campus, in the order of `PARKS`, as unions of whole blocks."""
    return [
        shapely.coverage_union_all(town.blocks[(town.park == i) & town.built])
        for i in range(len(PARKS))
    ]


def land_table(
    counties: Mapping[str, shapely.Polygon],
    towns: Sequence[Town],
    lakes: Sequence[shapely.Polygon],
    canals: Sequence[tuple[str, shapely.Polygon]],
    hills: Sequence[shapely.Polygon],
) -> Table:
    """Return the layer ``land`` as it is drawn: ``class`` and ``name``."""
    bay = sea(counties)
    rows = [(part, "water", "钱塘江与杭州湾") for part in shapely.get_parts(bay)]
    rows += [(lake, "water", LAKES[i][0]) for i, lake in enumerate(lakes)]
    rows += [(strip, "water", name) for name, strip in canals]
    rows += [(area, PARKS[i][1], PARKS[i][0]) for i, area in enumerate(park_areas(towns[0]))]
    dry = shapely.union_all(list(counties.values())).difference(bay)
    woods = [hill.intersection(dry).difference(shapely.union_all(lakes)) for hill in hills]
    rows += [(wood, "forest", HILLS[i][0]) for i, wood in enumerate(woods)]
    built = shapely.union_all([part for town in towns for part in town.outline()])
    used = shapely.union_all([built, *(shape for shape, _, _ in rows)])
    rows += _fields(counties, used)
    classes = np.array([row[1] for row in rows], dtype=object)
    names = np.array([row[2] for row in rows], dtype=object)
    return Table("land", [row[0] for row in rows], {"class": classes, "name": names})


def _fields(
    counties: Mapping[str, shapely.Polygon], used: BaseGeometry
) -> list[tuple[shapely.Polygon, str, str]]:
    """Return field blocks of at least 2 ha, none of which crosses a county's boundary."""
    random = rng(7)
    blocks = _bent_grid(random)
    shapely.prepare(used)
    wet, dry = Noise(random, 5_200.0), Noise(random, 3_100.0)
    rows = []
    for county in counties.values():
        shapely.prepare(county)
        for block in blocks[shapely.intersects(county, blocks)]:
            field = shapely.set_precision(block.intersection(county).difference(used), _GRID_M)
            for part in shapely.get_parts(field):
                if part.geom_type == "Polygon" and part.area >= _SMALLEST_M2:
                    middle = np.array(part.representative_point().coords[0])
                    kind = _field_class(float(wet(middle)), float(dry(middle)), random.random())
                    rows.append((part, kind, ""))
    return rows


def _bent_grid(random: np.random.Generator) -> np.ndarray:
    west, south, east, north = EXTENT
    x = np.arange(west + 5_000.0, east - 5_000.0, _FIELD_M)
    y = np.arange(south + 5_000.0, north - 5_000.0, _FIELD_M)
    flat = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    bends = Noise(random, 4_000.0), Noise(random, 4_000.0)
    jitter: FloatArray = 260.0 * (2.0 * random.random(flat.shape) - 1.0)
    nodes = np.round(flat + jitter + 500.0 * np.stack([b(flat) for b in bends], axis=-1), 1)
    corners = np.stack([nodes[:-1, :-1], nodes[1:, :-1], nodes[1:, 1:], nodes[:-1, 1:]], axis=2)
    return shapely.polygons(corners.reshape(-1, 4, 2))


def _field_class(wet: float, dry: float, chance: float) -> str:
    if wet > 0.52:
        return "wetland" if chance < 0.15 else "fish_pond"
    if dry > 0.50:
        return "bare" if chance < 0.25 else "orchard"
    return "farmland" if chance < 0.62 else "cropland"
