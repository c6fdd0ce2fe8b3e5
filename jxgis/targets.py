"""The targets of a plan: what is asked, of what, and from which clause."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.toml_reader import TableReader

KINDS = ("computed", "counted", "reported", "sited")

OF = ("area", "streets", "near_streets", "people", "jobs", "gained", "lost", "net")
"""What a coverage can be a share of, and what a change can be of."""

BY = ("straight", "walking")
"""How the distance of a coverage is measured."""


@dataclass(frozen=True)
class Criterion:
    """One condition of a target.

    Attributes
    ----------
    id
        The target's id, or ``target.criterion`` where a target has several.
    title
        What is asked, in the reader's language; empty where the target's title says it.
    unit
        Unit of the value: ``"1"`` for a share, ``"count"`` for a number of sites.
    sense, threshold
        ``at_least`` or ``at_most`` a number; a threshold of None is tracked, without a number.
    radius_m, zones
        Parameters of a computed value: the radius, and the zones it is restricted to (``*``: to
        all of them, without what lies outside every zone).
    of, by, departures_per_hour
        What a coverage is a share of (``area`` unless said; of a change what it is), how distance
        is measured (``straight`` unless said), and the service that a stop must have.
    count, sum
        How a counted value comes from the sites: by their number, or by adding up a column.
    each_zone_at_least
        What every zone must reach; the value is then the number of zones that reach it.
    """

    id: str
    title: str = ""
    unit: str = "1"
    sense: str = "at_least"
    threshold: float | None = None
    radius_m: float | None = None
    zones: tuple[str, ...] = ()
    of: str = "area"
    by: str = "straight"
    departures_per_hour: float | None = None
    count: str | None = None
    sum: str | None = None
    each_zone_at_least: float | None = None


@dataclass(frozen=True)
class Target:
    """A row of the scoreboard, as the plan asks it."""

    id: str
    clause: str
    title: str
    kind: str
    measure: str | None
    criteria: tuple[Criterion, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The ways in which the value may come, of `KINDS`."""
        return tuple(self.kind.split("+"))


def read_target(table: TableReader) -> Target:
    """Read one ``[[targets]]`` table; its faults go to the table's list."""
    target_id = table.required_text("id")
    title = table.title("title") or target_id
    clause = table.text("clause") or ""
    measure = table.text("measure")
    kind = table.text("kind") or ("computed" if measure else "reported")
    unknown = sorted(set(kind.split("+")) - set(KINDS))
    if unknown:
        table.fault(
            _("kind has {names}").format(names=", ".join(unknown)),
            _("It is made of: {choices}").format(choices=", ".join(KINDS)),
        )
    if "criteria" in table:
        criteria = tuple(_read_criterion(t, target_id) for t in table.tables("criteria"))
        if table.raw("criteria") == []:
            table.fault(_("{key} is empty").format(key="criteria"))
        table.finish()
    else:
        criteria = (_read_criterion(table, None, target_id),)
    return Target(target_id, clause, title, kind, measure, criteria)


def _read_criterion(table: TableReader, target_id: str | None, own_id: str = "") -> Criterion:
    if target_id is not None:
        own_id = f"{target_id}.{table.required_text('id')}"
    title = (table.title("title") or "") if target_id is not None else ""
    least, most = table.number("at_least"), table.number("at_most")
    if least is not None and most is not None:
        table.fault(_("at_least and at_most are both given"), _("Keep one of them"))
    counted = "count" in table or "sum" in table
    criterion = Criterion(
        id=own_id,
        title=title,
        unit=table.text("unit") or ("count" if counted else "1"),
        sense="at_most" if most is not None else "at_least",
        threshold=least if least is not None else most,
        radius_m=table.positive("radius_m"),
        zones=table.texts("zones"),
        of=table.choice("of", OF) or "area",
        by=table.choice("by", BY) or "straight",
        departures_per_hour=table.positive("departures_per_hour"),
        count=table.text("count"),
        sum=table.text("sum"),
        each_zone_at_least=table.number("each_zone_at_least"),
    )
    if criterion.unit == "1" and (criterion.threshold or 0) > 1:
        table.fault(
            _("a share of {value:g} is above 1").format(value=criterion.threshold),
            _('Write 0.96 for 96 %, or give the unit of another number: unit = "MW"'),
        )
    if criterion.count and criterion.sum:
        table.fault(_("count and sum are both given"), _("Keep one of them"))
    table.finish()
    return criterion


def shipped_sets() -> list[str]:
    """Return the names of the target sets that come with the program."""
    folder = files("jxgis.rules")
    names = (Path(str(f)).stem for f in folder.iterdir() if str(f).endswith(".toml"))
    return sorted(n for n in names if n != "defaults" and not n.startswith("siting-"))


def shipped_targets(name: str, faults: list[InputError]) -> tuple[Target, ...]:
    """Return the targets of a set that comes with the program.

    Raises
    ------
    InputError
        If there is no set of that name.
    """
    if name not in shipped_sets():
        raise InputError(
            _("there is no set of targets called {name}").format(name=name),
            mend=_("There are: {names}").format(names=", ".join(shipped_sets())),
        )
    text = files("jxgis.rules").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    reader = TableReader(document, "", Path(f"{name}.toml"), faults)
    return tuple(read_target(t) for t in reader.tables("targets"))


def merge(base: Iterable[Target], own: Iterable[Target]) -> tuple[Target, ...]:
    """Return the base set with the plan's own targets in place of those with the same id."""
    merged = {target.id: target for target in base}
    merged.update({target.id: target for target in own})
    return tuple(merged.values())
