"""What a plan says about charging: demand, kinds of station, years, budget and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """Something that is counted as demand.

    Attributes
    ----------
    layer
        The plan's layer.
    column
        Its column of amounts; None for the one that its kind has (people, jobs, spaces, vehicles a
        day and kilometre of road), or one a feature.
    weight
        What one of it counts, in the demand's unit; None where nothing is said, which is 1.
    """

    layer: str
    column: str | None = None
    weight: float | None = None


@dataclass(frozen=True)
class DemandSpec:
    """A demand that stations serve: the weighted sum of its sources.

    Attributes
    ----------
    id, title
        Name in the plan and for the reader.
    unit
        What one of it is, for the reader: ``people``, ``vehicles``.
    sources
        What is added up.
    cell_m
        Side of the cells that it is summed onto, metres; None has the rule's.
    as_points
        Whether its features are taken as points, and not summed onto cells.
    value
        What the share of it that is served counts beside the other demands'.
    floor
        Share of each zone's demand that must be served in the last year, or None.
    floors
        The same for single zones, by ``zone_id``.
    """

    id: str
    title: str
    unit: str
    sources: tuple[Source, ...]
    cell_m: float | None = None
    as_points: bool = False
    value: float = 1.0
    floor: float | None = None
    floors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class StationKind:
    """A kind of charging station: how many, where they may be, what they reach and cost.

    Attributes
    ----------
    id, title
        Name in the plan (a target's id, where it counts towards one) and for the reader.
    demand
        Id of the demand that it serves.
    candidates
        The plan's layer of places where it can be.
    count
        How many are to be built in all the years, stations or piles.
    by_year
        How many of them in each year; empty for as even as can be, the later years the more.
    classes
        Only candidates whose column ``class`` is one of these; empty takes all.
    existing, existing_classes
        Layer of the stations that there are, and their classes; None where there are none.
    radius_m, radius_outside_m
        How far it serves, metres, in the built-up area and outside it; None has the rules'.
    capacity
        Demand that one station (or pile) can serve; None is without a limit.
    least_piles
        Where piles are counted, the fewest at one place. Stations are counted where this and
        ``most_share`` are None; where one of them is, it has the rule's.
    most_share
        Where piles are counted, the largest share of a place's ``spaces`` that may have one.
    cost
        Of one station or pile, in the budget's unit, where a candidate has none of its own; None
        where the plan has no budget.
    power_kw
        That one station or pile may draw; None where no substation limits it.
    """

    id: str
    title: str
    demand: str
    candidates: str
    count: int
    by_year: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    existing: str | None = None
    existing_classes: tuple[str, ...] = ()
    radius_m: float | None = None
    radius_outside_m: float | None = None
    capacity: float | None = None
    least_piles: int | None = None
    most_share: float | None = None
    cost: float | None = None
    power_kw: float | None = None

    @property
    def is_dispersed(self) -> bool:
        """Whether piles are counted, several at a place, and not stations."""
        return self.least_piles is not None or self.most_share is not None


@dataclass(frozen=True)
class Scenario:
    """How demand may grow until the last year.

    Attributes
    ----------
    id, title
        Name in the plan and for the reader.
    probability
        That it comes true; those of all scenarios add up to 1.
    growth
        Layer to the factor by which what it counts grows; 1 where it is not named.
    outside
        A further factor for what lies outside the built-up area.
    """

    id: str
    title: str
    probability: float
    growth: Mapping[str, float] = field(default_factory=dict)
    outside: float = 1.0


@dataclass(frozen=True)
class ChargingSettings:
    """The ``[charging]`` table.

    Attributes
    ----------
    years
        Of the build-out, ascending.
    year_weights
        What demand served in each year counts; falling, so that earlier years count more.
    by
        How distance is measured: ``straight`` or ``streets``.
    demands, kinds, scenarios
        In the plan's order. Without scenarios the rules' low, middle and high growth are taken.
    budget
        What may be spent until the end of each year, as many as years; empty is without a limit.
    budget_unit
        For the reader: ``万元``.
    """

    years: tuple[int, ...] = ()
    year_weights: tuple[float, ...] = ()
    by: str = "straight"
    demands: tuple[DemandSpec, ...] = ()
    kinds: tuple[StationKind, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    budget: tuple[float, ...] = ()
    budget_unit: str = ""
