"""Industrial estates, and enterprises that use much energy: all invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from sample.blocks import Town
from sample.frame import BoolArray, FloatArray, Table, rng

_ESTATES, _EACH = 20, 2
_FEWEST_BLOCKS, _MOST_BLOCKS = 5, 26
_NAMED, _PLACED, _LOST = 27, 8, 5
"""Enterprises that are found by an owner's name, by where they lie, and not at all."""
_AWAY_M = 900.0
_TCE_PER_MWH = 0.1229
_TCE = ((0.0, 0.25, 0.7, 0.9, 1.0), (3_000.0, 5_000.0, 13_000.0, 34_000.0, 80_000.0))
"""Share of the enterprises that use at most so much energy a year."""


def estate_table(
    towns: Sequence[Town], counties: Mapping[str, shapely.Polygon], buildings: Table
) -> Table:
    """Return the layer ``estates``: ``name``. Whole blocks with works, side by side."""
    works = np.array(buildings.geometry, dtype=object)[buildings.columns["class"] == "industrial"]
    tree = shapely.STRtree(shapely.centroid(works))
    areas = shapely.area(works)
    found: list[tuple[float, BaseGeometry]] = []
    for town in towns:
        block, _ = tree.query(town.blocks.ravel(), predicate="contains")
        has = np.zeros(town.blocks.size, dtype=bool)
        has[block] = True
        for mask in _clusters(has.reshape(town.blocks.shape) & town.built):
            shape = shapely.normalize(shapely.coverage_union_all(town.blocks[mask]))
            if shape.geom_type == "Polygon":
                found.append((float(areas[tree.query(shape, predicate="contains")].sum()), shape))
    found.sort(key=lambda pair: -pair[0])
    middles = shapely.point_on_surface([shape for _, shape in found])
    chosen = [
        i
        for county in counties.values()
        for i in np.flatnonzero(shapely.covers(county, middles))[:_EACH].tolist()
    ]
    chosen += [i for i in range(len(found)) if i not in chosen][: _ESTATES - len(chosen)]
    shapes = [found[i][1] for i in sorted(chosen)]
    names = [f"示例园区 {i + 1:02d}" for i in range(len(shapes))]
    return Table("estates", shapes, {"name": np.array(names, dtype=object)})


def _clusters(mask: BoolArray) -> Iterator[BoolArray]:
    """Yield connected parts of a mask; too large ones in halves."""
    labels, count = ndimage.label(mask)
    for label in range(1, count + 1):
        part = labels == label
        size = np.count_nonzero(part)
        if size > _MOST_BLOCKS:
            at = np.argwhere(part)
            axis = int(np.ptp(at, axis=0).argmax())
            lower = np.zeros_like(part)
            lower[tuple(at[at[:, axis] <= np.sort(at[:, axis])[size // 2 - 1]].T)] = True
            if 0 < np.count_nonzero(lower) < size:
                yield from _clusters(lower)
                yield from _clusters(part & ~lower)
        elif size >= _FEWEST_BLOCKS:
            yield part


def enterprise_table(towns: Sequence[Town], buildings: Table) -> Table:
    """Return the layer ``enterprises``: ``name``, ``tce`` and ``power_mwh``.

    Tonnes of standard coal and megawatt-hours of electricity a year; the latter is not known of
    each.
    """
    random = rng(26)
    shapes = np.array(buildings.geometry, dtype=object)
    owners = buildings.columns["owner"]
    firms = sorted(set(owners.tolist()) - {""})
    named = [firms[i] for i in random.permutation(len(firms))[:_NAMED].tolist()]
    points = [_gate(shapes[owners == firm]) for firm in named]
    free = np.flatnonzero((buildings.columns["class"] == "industrial") & (owners == ""))
    placed = shapes[random.permutation(free)[:_PLACED]]
    points += list(shapely.get_coordinates(shapely.point_on_surface(placed)))
    points += _nowhere(towns, shapes, random)
    names = named + [f"示例用能单位 {i + 1:02d}" for i in range(_PLACED + _LOST)]
    tce = np.round(np.interp(random.random(len(points)), *_TCE), -1).astype(np.int32)
    share = 0.25 + 0.45 * random.random(len(points))
    power = np.round(tce * share / _TCE_PER_MWH, -2).astype(np.int32)
    order = random.permutation(len(points))
    return Table(
        "enterprises",
        list(shapely.points(np.round(points, 2)[order])),
        {
            "name": np.array(names, dtype=object)[order],
            "tce": tce,
            "power_mwh": np.ma.masked_array(power, random.random(len(points)) < 0.35),
        },
    )


def _gate(roofs: npt.NDArray[np.object_]) -> FloatArray:
    """Return the firm's registered place: a corner of its first building, 12 m outside."""
    ring = shapely.get_coordinates(roofs[0])
    outward = ring[0] - ring[2]
    place: FloatArray = ring[0] + 12.0 * outward / np.sqrt((outward**2).sum())
    return place


def _nowhere(
    towns: Sequence[Town], roofs: npt.NDArray[np.object_], random: np.random.Generator
) -> list[FloatArray]:
    """Return places outside the towns with no building near."""
    tree = shapely.STRtree(roofs)
    built = [np.array(t.blocks[t.built & (t.outskirt > 0.7)], dtype=object) for t in towns[:6]]
    edges = shapely.get_coordinates(shapely.centroid(np.concatenate(built)))
    found: list[FloatArray] = []
    for i in random.permutation(len(edges)).tolist():
        if len(found) == _LOST:
            break
        place = edges[i] + 2_500.0 * (2.0 * random.random(2) - 1.0)
        if len(tree.query(shapely.Point(place), predicate="dwithin", distance=_AWAY_M)) == 0:
            found.append(place)
    return found
