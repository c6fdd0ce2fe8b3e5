"""Streets along the blocks' edges, and roads between towns.

Lines cross only at shared vertices, as OpenStreetMap's ways do, so that a network can be built
from them; where lines cross without one, the upper road passes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from sample.blocks import Town
from sample.frame import BoolArray, FloatArray, Noise, Table, rng, winding

_LETTERS = (
    "文昌云溪锦绣长青百花梧桐清河明月东升西园南湾北苑禾丰桑田秀水鸳湖望春迎晖永安和平"
    "新丰广福春晓朝霞丹枫碧波银杏香樟玉兰青莲红船蓝田金穗白鹭紫荆翠竹嘉禾丰泽安澜平川"
    "景云瑞丰庆春会龙听涛观澜映月流虹双溪三元四季五芳六和七星八方九曲十里百步千秋万寿"
)
_WORDS = [_LETTERS[i : i + 2] for i in range(0, len(_LETTERS), 2)]
"""Two-letter words that streets are named with."""


@dataclass(frozen=True)
class Street:
    """One line of the network and what it is called; ``town`` is None between towns."""

    line: shapely.LineString
    highway: str
    name: str
    town: int | None


def lay_streets(
    towns: Sequence[Town], lakes: Sequence[shapely.Polygon], canals: Sequence[shapely.Polygon]
) -> list[Street]:
    """Return the streets of all towns and the roads between them.

    Lakes cut every street, canals only those without a bridge (residential ones).
    """
    random = rng(2)
    barriers = shapely.union_all(lakes), shapely.union_all(canals)
    for barrier in barriers:
        shapely.prepare(barrier)
    streets: list[Street] = []
    for number, town in enumerate(towns):
        names = random.permutation(len(_WORDS)), random.permutation(len(_WORDS))
        for axis in (0, 1):
            streets += _parallel(town, number, axis, names[axis], barriers, random)
    return streets + _roads(towns, streets, random)


def _parallel(
    town: Town,
    number: int,
    axis: int,
    names: np.ndarray,
    barriers: Sequence[BaseGeometry],
    random: np.random.Generator,
) -> list[Street]:
    """Return the streets that run along one axis of a town's grid."""
    nodes = np.swapaxes(town.nodes, 0, axis)
    built, park = np.swapaxes(town.built, 0, axis), np.swapaxes(town.park, 0, axis)
    streets = []
    for i, row in enumerate(nodes):
        highway = _rank(i - len(nodes) // 2)
        open_ = _frontage(built, park, i)
        edges = shapely.linestrings(np.stack([row[:-1], row[1:]], axis=1))
        open_ &= ~shapely.intersects(barriers[0], edges)
        if highway == "residential":
            open_ &= ~shapely.intersects(barriers[1], edges)
            open_ &= random.random(len(open_)) > 0.16
        suffix = {"primary": "大道", "secondary": "路" if axis else "街"}.get(highway, "")
        name = _WORDS[names[i % len(_WORDS)]] + suffix if suffix else ""
        streets += [Street(line, highway, name, number) for line in _runs(row, open_)]
    return streets


def _rank(i: int) -> str:
    return "primary" if i % 4 == 0 else "secondary" if i % 2 == 0 else "residential"


def _frontage(built: BoolArray, park: np.ndarray, i: int) -> BoolArray:
    """Return which edges of grid line ``i`` touch a built block and do not cross a park."""
    nothing = np.zeros(built.shape[1], dtype=bool)
    left = built[i - 1] if i > 0 else nothing
    right = built[i] if i < len(built) else nothing
    if 0 < i < len(built):
        inside = (park[i - 1] >= 0) & (park[i - 1] == park[i])
        return (left | right) & ~inside
    return left | right


def _runs(row: FloatArray, open_: BoolArray) -> list[shapely.LineString]:
    """Return one line for each unbroken run of open edges."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], open_.astype(int), [0]])))
    pairs = bounds.reshape(-1, 2).tolist()
    return [shapely.LineString(row[start : end + 1]) for start, end in pairs]


def _roads(
    towns: Sequence[Town], streets: Sequence[Street], random: np.random.Generator
) -> list[Street]:
    """Return roads from each town to one to three of the nearest before it in the list."""
    sways = (Noise(random, 3_000.0), Noise(random, 3_000.0))
    corners = [_main_corners(streets, number) for number in range(len(towns))]
    built = [shapely.union_all(town.outline()) for town in towns]
    roads = []
    for number in range(1, len(towns)):
        centre = corners[number].mean(axis=0)
        away = [c.mean(axis=0) - centre for c in corners[:number]]
        nearest = sorted(range(number), key=lambda k: float((away[k] ** 2).sum()))[:3]
        for other in nearest:
            line = winding(_nearest_pair(corners[number], corners[other]), 600.0, 420.0, sways)
            crossed = any(line.crosses(built[k]) for k in nearest if k != other)
            doubled = _same_way(away[nearest[0]], away[other])
            if other == nearest[0] or not (crossed or doubled):
                name = towns[other].place.name[:2] + towns[number].place.name[:2] + "公路"
                roads.append(Street(line, "primary", name, None))
    return roads


def _same_way(a: FloatArray, b: FloatArray) -> bool:
    """Return whether two directions lie within 60 degrees of each other."""
    return float(a @ b) > 0.5 * float(np.sqrt((a @ a) * (b @ b)))


def _main_corners(streets: Sequence[Street], number: int) -> FloatArray:
    lines = [s.line for s in streets if s.town == number and s.highway == "primary"]
    return shapely.get_coordinates(lines)


def _nearest_pair(a: FloatArray, b: FloatArray) -> FloatArray:
    distance = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=-1)
    i, j = divmod(int(distance.argmin()), len(b))
    return np.stack([a[i], b[j]])


def street_table(streets: Sequence[Street]) -> Table:
    """Return the layer ``streets``."""
    return Table(
        "streets",
        [s.line for s in streets],
        {
            "highway": np.array([s.highway for s in streets], dtype=object),
            "name": np.array([s.name for s in streets], dtype=object),
        },
    )
