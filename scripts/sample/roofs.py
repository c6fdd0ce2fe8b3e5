"""Roofs of the buildings: heights, shapes, the way that they face, and who owns large works.

Heights and shapes are missing for some buildings, as they are in any real layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from sample.frame import FloatArray, Table, rng

OWNERS = 140
_REACH_M = 420.0
_ROOM_M2 = (18_000.0, 110_000.0)
_UNKNOWN = 0.10

_STOREY_M = {"residential": 3.0, "office": 3.8, "commercial": 4.5, "public": 3.9}
_PITCHED_UP_TO = 6
"""Storeys: houses of more have flat roofs."""
_FLAT = {"residential": 0.12, "office": 0.96, "commercial": 0.92, "public": 0.75}


def with_roofs(buildings: Table, houses: Sequence[shapely.Polygon]) -> Table:
    """Return the layer ``buildings`` with the villages' houses, and columns about roofs.

    Added are ``height_m``, ``roof`` (its shape), ``azimuth`` (degrees clockwise from north of the
    way that a pitched roof's main plane faces) and ``owner``. A Shapefile's column names have ten
    letters at most.
    """
    random = rng(25)
    shapes = [*buildings.geometry, *houses]
    storeys = np.concatenate([buildings.columns["storeys"], random.integers(1, 4, len(houses))])
    classes = np.concatenate([buildings.columns["class"], _words(["residential"] * len(houses))])
    floors = np.round(shapely.area(list(houses)) * storeys[-len(houses) :], -1)
    known = random.random((2, len(shapes))) >= _UNKNOWN
    roof = np.where(known[0], _shapes_of_roofs(classes, storeys, random), "")
    pitched = np.isin(roof, ("gabled", "hipped"))
    columns: dict[str, npt.NDArray[np.generic]] = {
        "class": classes,
        "storeys": storeys.astype(np.int32),
        "floor_m2": np.concatenate([buildings.columns["floor_m2"], floors]).astype(np.int32),
        "height_m": np.ma.masked_array(_heights(classes, storeys, random), ~known[1]),
        "roof": roof,
        "azimuth": np.ma.masked_array(_azimuths(shapes), ~pitched),
        "owner": _owners(shapes, classes, random),
    }
    return Table("buildings", shapes, columns)


def _words(words: Sequence[str]) -> npt.NDArray[np.object_]:
    return np.array(words, dtype=object)


def _heights(
    classes: npt.NDArray[np.object_],
    storeys: npt.NDArray[np.int32],
    random: np.random.Generator,
) -> npt.NDArray[np.int32]:
    """Return whole metres: storeys of the use's height, and halls of works higher."""
    works = classes == "industrial"
    each = np.array([_STOREY_M.get(word, 5.5) for word in classes])
    metres = storeys * each + np.where(works & (storeys == 1), 3.0, 1.0)
    return np.round(metres + 2.0 * random.random(len(storeys))).astype(np.int32)


def _shapes_of_roofs(
    classes: npt.NDArray[np.object_],
    storeys: npt.NDArray[np.int32],
    random: np.random.Generator,
) -> npt.NDArray[np.object_]:
    chance = random.random(len(classes))
    flat = np.array([_FLAT.get(word, 0.7) for word in classes])
    low = storeys <= _PITCHED_UP_TO
    hipped = (classes == "residential") & (random.random(len(classes)) < 0.2)
    pitched = np.where(hipped, "hipped", "gabled").astype(object)
    return np.where(low & (chance >= flat), pitched, "flat").astype(object)


def _azimuths(shapes: Sequence[shapely.Polygon]) -> npt.NDArray[np.int32]:
    """Return the way across the longer side that is nearer to south, whole degrees."""
    rings = np.array([shapely.get_coordinates(shape)[:3] for shape in shapes])
    sides = rings[:, 1:] - rings[:, :-1]
    lengths = (sides**2).sum(axis=2)
    longer = sides[np.arange(len(sides)), lengths.argmax(axis=1)]
    right: FloatArray = np.column_stack([longer[:, 1], -longer[:, 0]])
    right[right[:, 1] > 0] *= -1.0
    degrees = np.degrees(np.arctan2(right[:, 0], right[:, 1]))
    return np.round(degrees % 360.0).astype(np.int32)


def _owners(
    shapes: Sequence[shapely.Polygon],
    classes: npt.NDArray[np.object_],
    random: np.random.Generator,
) -> npt.NDArray[np.object_]:
    """Return an invented firm for works that stand together, and nothing for most buildings."""
    works = np.flatnonzero(classes == "industrial")
    middles = shapely.get_coordinates(shapely.centroid([shapes[i] for i in works]))
    areas = shapely.area([shapes[i] for i in works])
    owners = np.array([""] * len(shapes), dtype=object)
    count = 0
    for seed in random.permutation(len(works)).tolist():
        if count == OWNERS:
            break
        if owners[works[seed]]:
            continue
        count += 1
        away = ((middles - middles[seed]) ** 2).sum(axis=1)
        free = (away < _REACH_M**2) & (owners[works] == "")
        near = np.flatnonzero(free)[np.argsort(away[free], kind="stable")]
        room = _ROOM_M2[0] + (_ROOM_M2[1] - _ROOM_M2[0]) * random.random() ** 2
        held = 1 + int(np.searchsorted(areas[near].cumsum(), room))
        owners[works[near[:held]]] = f"示例工厂 {count:03d}"
    return owners
