"""What a plan says about photovoltaics: rules of siting with their dates, densities, weights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

FORMS = ("roof", "ground", "pond", "composite")
"""What panels can stand on: roofs; ground that is used for nothing else; ponds, above fish;
composite land, raised above crops."""

ROOF_PLACES = ("any", "built_up", "outside")
"""Where a rule of roofs holds: anywhere, or only inside or outside the built-up area."""

CRITERIA = ("irradiation", "grid_distance", "roof_in_one_hand", "slope")
"""What zones are ranked by: yearly irradiation and the largest roof area of one owner, the more
the better; distance to the nearest substation and mean slope, the less the better."""


@dataclass(frozen=True)
class Dated:
    """Something that holds from a date (always, if None) until the day before another."""

    since: dt.date | None
    until: dt.date | None

    def holds(self, day: dt.date) -> bool:
        """Return whether it holds on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


@dataclass(frozen=True)
class LandUse(Dated):
    """Which land can carry panels, and in which form.

    Attributes
    ----------
    id, title
        Name in the rules and for the reader.
    form
        One of `FORMS` but ``roof``; None for land of which the rules say that it carries none.
    kind
        ``land`` (polygons with a class) or ``landcover`` (a raster with a legend).
    classes
        The classes of land that it is of.
    reason, source
        For the reader.
    """

    id: str
    title: str
    form: str | None
    kind: str
    classes: tuple[str, ...]
    reason: str
    source: str


@dataclass(frozen=True)
class Exclusion(Dated):
    """Where panels must not be.

    Attributes
    ----------
    id, title
        Name in the rules and for the reader.
    kind
        The kind of layer that it is of: ``land``, ``streets``, ``expressways``, ``buildings``,
        ``built_up``, ``landcover``, ``elevation`` or another with features.
    column, classes
        The features whose column (``class``, of streets ``highway``) is one of these; all of them
        where there are none.
    value, unit
        ``m``: the setback, a distance from the feature itself; 0 is the feature alone. ``deg``:
        of elevation, the steepest slope that is allowed.
    forms
        Of `FORMS`, those that it forbids.
    cuts
        Whether a zone ends at the feature (a river), or goes on behind it (a minor road).
    reason, source
        For the reader: why, and the law or notice that says so.
    """

    id: str
    title: str
    kind: str
    column: str
    classes: tuple[str, ...]
    value: float
    unit: str
    forms: tuple[str, ...]
    cuts: bool
    reason: str
    source: str


@dataclass(frozen=True)
class RoofUse:
    """How much of a kind of roof can carry panels.

    Attributes
    ----------
    id, title
        ``park``, ``village``…, and for the reader.
    classes
        Classes of buildings; the first rule that names a building's class, where it holds, is its.
    place
        One of `ROOF_PLACES`.
    share
        Of a flat roof's area, before form and shade; 0 for roofs that carry none.
    in_park
        Whether such roofs make up parks.
    source
        Of the share.
    """

    id: str
    title: str
    classes: tuple[str, ...]
    place: str
    share: float
    in_park: bool
    source: str


@dataclass(frozen=True)
class Density:
    """Capacity on an area: watts a square metre, which is megawatts a square kilometre (DC)."""

    w_per_m2: float
    source: str


@dataclass(frozen=True)
class SolarSettings:
    """The ``[solar]`` table.

    Attributes
    ----------
    uses, exclusions, roofs
        The rules, the shipped ones that were asked for and the plan's own; those of one id with
        different dates follow one another.
    density
        Form to its capacity density; whatever form occurs must have one.
    dates
        One or two days for which everything is asked, ascending; zones are for the last.
        Empty: the plan's ``as_of``, or today.
    need_mw
        Capacity that a zone must reach.
    weights
        Of `CRITERIA`; empty: all alike.
    irradiation_kwh_per_m2
        Yearly global horizontal irradiation, or None: that of the weather layer, or the rules'.
    enterprise_tce
        Enterprises that use at least so much energy a year are looked at, tonnes of standard coal.
    is_asked
        Whether the plan has the table at all.
    """

    uses: tuple[LandUse, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    roofs: tuple[RoofUse, ...] = ()
    density: Mapping[str, Density] = field(default_factory=dict)
    dates: tuple[dt.date, ...] = ()
    need_mw: float = 100.0
    weights: Mapping[str, float] = field(default_factory=dict)
    irradiation_kwh_per_m2: float | None = None
    enterprise_tce: float = 5000.0
    is_asked: bool = False

    def w_per_m2(self, form: str) -> float:
        """Return the density of a form, 0 where none is given."""
        density = self.density.get(form)
        return 0.0 if density is None else density.w_per_m2
