"""What is asked of green land, and how a map of it is made."""

from __future__ import annotations

from dataclasses import dataclass

from jxgis.errors import InputError
from jxgis.i18n import _

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

    def value(self, area_m2: float, of_m2: float) -> float | None:
        """Return an area in the unit asked.

        Parameters
        ----------
        area_m2
            The area, square metres.
        of_m2
            What it is a part of; where that is nothing (all is cloud), nothing is known either.

        Raises
        ------
        InputError
            If the unit is none of area.
        """
        if self.unit != "1" and self.unit not in UNITS:
            raise InputError(
                _("target {id} asks for an area in {unit}").format(id=self.id, unit=self.unit),
                mend=_("Units of area: {units}; a share is of the unit 1").format(
                    units=", ".join(UNITS)
                ),
            )
        if not of_m2 > 0:
            return None
        return area_m2 / (of_m2 if self.unit == "1" else UNITS[self.unit])


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
