"""What can be asked of a coverage: a share of what, reached how, from which stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

ZoneIds = tuple[str, ...]

OF = ("area", "streets", "near_streets", "people", "jobs")
"""What a coverage is a share of; the plan's own list is `jxgis.targets.OF`."""

BY = ("straight", "walking")
"""How its distance is measured; the plan's own list is `jxgis.targets.BY`."""

# What stands beside the official figure, where its layers are there.
_BESIDE = (
    ("frequent", "area", "straight"),
    ("walking", "streets", "walking"),
    ("land-walking", "near_streets", "walking"),
    ("people", "people", "straight"),
    ("people-walking", "people", "walking"),
    ("jobs", "jobs", "straight"),
    ("jobs-walking", "jobs", "walking"),
)


@dataclass(frozen=True)
class Ask:
    """One figure that is asked for.

    Attributes
    ----------
    id
        The indicator's id in the result.
    radius_m
        Metres, > 0.
    zones
        The ``zone_id`` of the zones that the figure is restricted to; none means the whole
        built-up area, inside zones or not.
    of
        What it is a share of: ``area`` (built-up, less exclusions), ``streets`` (length of
        walkable streets in that area), ``near_streets`` (that area, reached where it is within a
        stated distance of reached streets), ``people`` or ``jobs`` (in the built-up area).
    by
        How distance is measured: ``straight`` or ``walking`` along streets. Streets are always
        walked.
    departures_per_hour
        Only stops with at least so many count; None means all.
    threshold, sense
        The target that the figure is held against, or None.
    beside
        Id of the ask that this one stands beside.
    """

    id: str
    radius_m: float
    zones: ZoneIds = ()
    of: str = "area"
    by: str = "straight"
    departures_per_hour: float | None = None
    threshold: float | None = None
    sense: str = "at_least"
    beside: str | None = None


def walked(ask: Ask) -> Ask:
    """Return the ask with what goes without saying: streets are walked."""
    return replace(ask, by="walking") if ask.of in ("streets", "near_streets") else ask


def with_companions(
    asks: Iterable[Ask], layers: Mapping[str, object], frequent: float | None
) -> Iterator[Ask]:
    """Give each ask, followed by those that stand beside it.

    Only the official figure (a share of the area, in a straight line, of all stops) gets any.

    Parameters
    ----------
    asks
        What was asked for.
    layers
        The layers there are, by kind.
    frequent
        Departures an hour that make a service frequent; None where there is no timetable.
    """
    needs = {
        "streets": ("streets",),
        "near_streets": ("streets",),
        "people": ("population",),
        "jobs": ("jobs",),
    }
    for ask in asks:
        yield ask
        if (ask.of, ask.by, ask.departures_per_hour) != ("area", "straight", None):
            continue
        for name, of, by in _BESIDE:
            wanted = (*needs.get(of, ()), *(("streets",) if by == "walking" else ()))
            departures = frequent if name == "frequent" else None
            if all(kind in layers for kind in wanted) and (name != "frequent" or frequent):
                yield replace(
                    ask,
                    id=f"{ask.id}-{name}",
                    of=of,
                    by=by,
                    departures_per_hour=departures,
                    threshold=None,
                    beside=ask.id,
                )
