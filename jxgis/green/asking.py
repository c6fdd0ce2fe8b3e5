"""What is asked of green land, and how a map of it is made."""

from __future__ import annotations

from dataclasses import dataclass

MU_M2 = 10_000 / 15
"""Square metres of a mu (亩): fifteen are a hectare."""

UNITS = {"m2": 1.0, "ha": 10_000.0, "mu": MU_M2, "km2": 1e6}
"""Square metres of the units that an area can be asked in."""


@dataclass(frozen=True)
class Ask:
    """One figure: its id, the zones it is of (none: all), and what it is held against.

    ``of`` is what a change is asked of: ``gained``, ``lost`` or ``net``. ``unit`` is ``"1"`` for
    a share, or one of `UNITS`.
    """

    id: str
    zones: tuple[str, ...] = ()
    unit: str = "1"
    of: str = "gained"
    threshold: float | None = None
    sense: str = "at_least"


@dataclass(frozen=True)
class Settings:
    """How green land is told from other land.

    Attributes
    ----------
    by
        ``ndvi`` (the index above a threshold), ``fraction`` (the share of vegetation between two
        endmembers) or ``landcover`` (classes of a land-cover map); None takes the index where
        there is imagery, else land cover.
    composite
        How several dates become one: ``median`` or ``max``.
    classes
        Classes of land cover that are green.
    park_classes, green_land_classes, wetland_classes
        Classes of the land-use polygons that are parks, that are green parcels of any kind, and
        wetland.
    """

    by: str | None = None
    composite: str = "median"
    classes: tuple[str, ...] = ("tree", "shrub", "grass", "mangrove")
    park_classes: tuple[str, ...] = ("park",)
    green_land_classes: tuple[str, ...] = ("park", "green", "protective_green", "square")
    wetland_classes: tuple[str, ...] = ("wetland",)
