"""What the land-use survey calls the land, which is what siting rules go by.

The fields are drawn with generous ponds, orchards and bare ground, so that the map of land cover
shows them. Of these the survey finds few to be what a siting rule means: the other ponds are
lakes and widenings of rivers, the other orchards young woods, the other bare ground is under
construction. Four fifths of the fields are permanent basic farmland. No outline moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from sample.frame import Table, rng

_CROPLAND_SHARE = 0.545
"""Of the fields drawn as cropland, those that are not basic farmland."""
_LAKE_SHARE = 0.2
"""Of the ponds that are none, those that are lakes."""


@dataclass(frozen=True)
class Spot:
    """Where the survey finds so many fields of a kind side by side: the ones nearest to a place.

    ``east`` and ``north`` are kilometres in EPSG:4549.
    """

    kind: str
    east: float
    north: float
    count: int


SPOTS = (
    # Haining: large pond districts behind the sea wall.
    Spot("fish_pond", 558.0, 3367.0, 5),
    Spot("fish_pond", 567.0, 3374.5, 2),
    Spot("fish_pond", 546.0, 3366.0, 4),
    Spot("bare", 558.0, 3374.1, 1),
    Spot("orchard", 564.0, 3363.0, 2),
    # Tongxiang.
    Spot("fish_pond", 534.5, 3392.2, 4),
    Spot("fish_pond", 550.8, 3392.0, 2),
    Spot("bare", 533.5, 3379.8, 2),
    Spot("orchard", 546.0, 3381.0, 4),
    # Jiashan.
    Spot("fish_pond", 590.5, 3433.0, 4),
    Spot("fish_pond", 583.0, 3409.6, 2),
    Spot("bare", 581.9, 3410.2, 2),
    Spot("orchard", 574.5, 3431.0, 2),
    # Haiyan.
    Spot("fish_pond", 593.2, 3382.9, 2),
    Spot("fish_pond", 577.0, 3381.0, 2),
    Spot("bare", 587.9, 3387.5, 2),
    Spot("orchard", 590.0, 3372.5, 3),
    # Pinghu.
    Spot("fish_pond", 609.4, 3393.4, 2),
    Spot("bare", 620.3, 3403.1, 1),
    Spot("orchard", 605.0, 3409.5, 2),
    # Xiuzhou and Nanhu: too little in one place.
    Spot("fish_pond", 567.8, 3427.6, 1),
    Spot("bare", 572.8, 3396.9, 1),
    Spot("orchard", 567.0, 3412.5, 1),
    Spot("fish_pond", 588.0, 3404.2, 1),
    Spot("bare", 589.0, 3388.5, 1),
    Spot("orchard", 587.0, 3394.0, 1),
)

_OTHERWISE = {
    "fish_pond": "river",
    "orchard": "wood",
    "bare": "construction",
    "farmland": "basic_farmland",
}
"""What the survey calls land that is drawn as something and is not at a spot of it."""


def surveyed(land: Table) -> Table:
    """Return the layer ``land`` with the survey's classes."""
    drawn = land.columns["class"]
    classes = drawn.copy()
    middles = shapely.get_coordinates(shapely.centroid(list(land.geometry)))
    for kind, other in _OTHERWISE.items():
        classes[drawn == kind] = other
    random = rng(23)
    waters = np.flatnonzero(drawn == "fish_pond")
    classes[waters[random.random(len(waters)) < _LAKE_SHARE]] = "lake"
    for spot in SPOTS:
        here = np.flatnonzero(drawn == spot.kind)
        away = ((middles[here] - (1e3 * spot.east, 1e3 * spot.north)) ** 2).sum(axis=1)
        classes[here[np.argsort(away, kind="stable")[: spot.count]]] = spot.kind
    crops = np.flatnonzero(drawn == "cropland")
    classes[crops[random.random(len(crops)) >= _CROPLAND_SHARE]] = "basic_farmland"
    return Table(land.name, land.geometry, {**land.columns, "class": classes})
