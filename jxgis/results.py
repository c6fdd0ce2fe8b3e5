"""What a measure gives: numbers with units, a table by zone, layers to draw, and a ledger.

A result is frozen. It knows no file and no map; `jxgis.publish` and `jxgis.score` take any.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jxgis.version import __version__

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


@dataclass(frozen=True)
class Indicator:
    """One number, with all that is needed to check it.

    ``unit`` is ``"1"`` for a share. ``low`` and ``high`` bound the 90 or 95 % interval that the
    measure states. ``zone`` is the zone (or zones) that the number is of, or None for all.
    ``target``, ``sense`` (``at_least`` or ``at_most``) and ``met`` are filled in when the number
    is held against a plan; ``probability`` is that of the target being met, given the errors
    that the interval is of. ``beside`` is the id of the figure that this one is shown beside: the
    same question asked in another way (people instead of area, walking instead of straight).
    """

    id: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    target: float | None = None
    met: bool | None = None
    zone: str | None = None
    sense: str = "at_least"
    probability: float | None = None
    beside: str | None = None


@dataclass(frozen=True)
class LedgerRow:
    """Something excluded, repaired, dropped, assumed or suspected, with its effect.

    ``what`` is one word: excluded, repaired, dropped, assumed, suspected, outside, overlap or
    note. ``reason`` is a sentence for the reader, and ``effect`` what it does to the result, a
    share (0.004 = 0.4 percentage points), or None where that is not known.
    """

    what: str
    layer: str
    count: int
    reason: str
    effect: float | None = None


@dataclass(frozen=True)
class InputFile:
    """A source that was read, so that a reader can find the same one again."""

    path: str
    sha256: str | None
    features: int
    crs: str | None
    layer: str = ""
    as_of: dt.date | None = None
    attribution: str = ""


@dataclass(frozen=True)
class Drawing:
    """A layer to draw: never used for a figure.

    Attributes
    ----------
    name
        Layer name in the GeoPackage and id on the map: ``covered_500``.
    title
        Name in the layer control, in the reader's language.
    role
        What it is, which decides its look: ``zones``, ``points``, ``area``, ``covered``,
        ``uncovered``, ``excluded``, ``lines``, ``reached`` (streets), ``gaps`` (outlines),
        ``gained``, ``lost``, ``proposed`` (numbered points), ``sited`` (points in the colours of
        their ``group``, numbered), ``best`` (numbered outlines, those of a ``rank`` above 1
        dashed), ``runner_up``, ``roofs`` (the largest are drawn).
    data
        Geometries in the run's metric CRS, with the columns that ``fields`` names.
    fields
        Column to the title that the reader sees, in the order of the pop-up.
    shade
        Column of shares (0 to 1) that shades a ``zones`` drawing.
    group
        Column of words, in the reader's language, that a ``sited`` drawing is coloured by.
    shown
        Whether the map opens with it switched on.
    tolerance_m
        Largest distance of the drawn outline from the true one, metres.
    """

    name: str
    title: str
    role: str
    data: gpd.GeoDataFrame
    fields: Mapping[str, str] = field(default_factory=dict)
    shade: str | None = None
    group: str | None = None
    shown: bool = True
    tolerance_m: float | None = None


@dataclass(frozen=True)
class Picture:
    """A raster to draw: never used for a figure.

    Attributes
    ----------
    name
        Its id on the map: ``green``.
    title
        Name in the layer control, in the reader's language.
    pixels : (rows, columns) array
        A code for each cell; 0 is transparent.
    crs
        Of the grid that the cells are on.
    transform
        ``(a, b, c, d, e, f)``: the corner at column *u* and row *v* is at
        ``(a u + b v + c, d u + e v + f)``.
    legend
        Code to look (``green``, ``not_green``, ``unseen``, ``tree``, ``gained``, ``lost``,
        ``kept``, ``allowed_ground``, ``allowed_pond``, ``allowed_composite``, ``forbidden``,
        ``no_use``) and label; codes of one look and label are one row of the legend.
    shown
        Whether the map opens with it switched on.
    answers
        Code to what a click on such a cell says under the label, a sentence each; may be empty.
    """

    name: str
    title: str
    pixels: npt.NDArray[np.uint8]
    crs: str
    transform: tuple[float, float, float, float, float, float]
    legend: Mapping[int, tuple[str, str]]
    shown: bool = True
    answers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table of its own beside the one by zone: gaps by rank, proposed stops in build order.

    Attributes
    ----------
    name
        Key in ``result.json`` and end of the file's name: ``gaps_500``.
    title
        What it is, in the reader's language.
    data
        Rows in the order of reading; units in the columns' names.
    fields
        Column to the title that the reader sees.
    drawing
        Name of the drawing that shows the rows on the map, row *n* as its feature *n*; or None.
    curve
        Columns whose values are also drawn against each other, x and y; or None.
    bound
        Column of what y could be at most (or at least), a second line of the curve; or None.
    note
        A sentence under the title.
    """

    name: str
    title: str
    data: pd.DataFrame
    fields: Mapping[str, str]
    drawing: str | None = None
    curve: tuple[str, str] | None = None
    note: str = ""
    bound: str | None = None


@dataclass(frozen=True)
class Mark:
    """A place on a strip, ``at_m`` from its start, with a label.

    ``look`` is one of ``charging``, ``bare`` (a place without charging) and ``proposed``.
    """

    at_m: float
    look: str
    label: str


@dataclass(frozen=True)
class Span:
    """A part of a strip between two places; ``look`` is ``within`` or ``beyond`` a limit."""

    from_m: float
    to_m: float
    look: str
    label: str


@dataclass(frozen=True)
class Strip:
    """A line drawn straight, from where one drives from to where one drives to.

    ``title`` says in the reader's language which line and which way. Marks are in the order along
    the line; spans follow one another from its start to its end.
    """

    name: str
    title: str
    length_m: float
    marks: tuple[Mark, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Solution:
    """How good what was found is.

    ``gap`` is the share that may be missing to the best. ``status`` is ``optimal`` only where the
    gap that was asked for is proven, else ``time_limit`` or ``interrupted``.
    """

    objective: float
    bound: float
    gap: float
    status: str
    seed: int


@dataclass(frozen=True)
class Result:
    """The answer of one measure.

    ``by_zone`` has ``zone_id`` and ``zone`` and then the measure's own columns, units in their
    names. ``rules`` maps a rule's name to its ``value`` and ``source``, for every rule used.
    ``solution`` is there where something was searched for. ``status`` is ``done``, or
    ``time_limit`` where a solver was stopped by the clock.
    """

    measure: str
    as_of: dt.date | None
    crs: str
    indicators: tuple[Indicator, ...]
    by_zone: pd.DataFrame
    layers: tuple[Drawing, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    strips: tuple[Strip, ...] = ()
    solution: Solution | None = None
    status: str = "done"

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C ended a search, so that this is the best that was found until then."""
        ended = [i.params.get("status") for i in self.indicators]
        return "interrupted" in [*ended, self.solution and self.solution.status]

    def to_json(self) -> dict[str, Any]:
        """Return the ``result.json`` object: plain values only, and never NaN."""
        solution = {} if self.solution is None else {"solution": plain(vars(self.solution))}
        return solution | {
            "jxgis": __version__,
            "measure": self.measure,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "crs": self.crs,
            "status": self.status,
            "indicators": [plain(vars(i)) for i in self.indicators],
            "by_zone": [plain(row) for row in self.by_zone.to_dict("records")],
            "ledger": [plain(vars(row)) for row in self.ledger],
            "inputs": [plain(vars(i)) for i in self.inputs],
            "rules": plain(self.rules),
            "tables": {
                table.name: [plain(row) for row in table.data.to_dict("records")]
                for table in self.tables
            },
        }


@dataclass(frozen=True)
class CriterionStatus:
    """One condition of a target, held against its value.

    ``sense`` is ``at_least`` or ``at_most``; ``gap`` is how much is missing, in ``unit``, zero or
    less when the condition is met.
    """

    id: str
    title: str
    status: str
    value: float | None
    target: float | None
    sense: str
    unit: str
    gap: float | None
    low: float | None = None
    high: float | None = None
    as_of: dt.date | None = None
    source: str = ""


@dataclass(frozen=True)
class TargetStatus:
    """One row of the scoreboard: ``met``, ``not_met``, ``no_data`` or ``tracked``.

    ``tracked`` is a target for which the plan gives no number but a value is known. ``waits_for``
    says, in the reader's language, what a ``no_data`` row lacks. ``measure`` is the measure that
    gave the value, whose page the row links to.
    """

    id: str
    clause: str
    title: str
    kind: str
    status: str
    criteria: tuple[CriterionStatus, ...]
    measure: str | None = None
    waits_for: str = ""

    @property
    def worst(self) -> CriterionStatus:
        """The criterion that decides the row: unmet before unknown before met."""
        order = {"not_met": 0, "no_data": 1, "tracked": 2, "met": 3}
        return min(self.criteria, key=lambda c: order[c.status])

    def to_json(self) -> dict[str, Any]:
        """Return the row of ``scoreboard.json``."""
        worst = self.worst
        row: dict[str, Any] = plain(
            {
                "id": self.id,
                "clause": self.clause,
                "kind": self.kind,
                "status": self.status,
                "value": worst.value,
                "target": worst.target,
                "gap": worst.gap,
                "unit": worst.unit,
                "title": self.title,
                "measure": self.measure,
                "waits_for": self.waits_for,
                "criteria": [vars(c) for c in self.criteria],
            }
        )
        return row


@dataclass(frozen=True)
class Scoreboard:
    """A plan's targets and the results they were held against."""

    plan: str
    as_of: dt.date | None
    targets: tuple[TargetStatus, ...]
    results: tuple[Result, ...]
    notice: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the ``scoreboard.json`` object."""
        return {
            "jxgis": __version__,
            "plan": self.plan,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "results": [r.to_json() for r in self.results],
            "targets": [t.to_json() for t in self.targets],
        }


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: NaN and infinity become null, dates ISO text."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
