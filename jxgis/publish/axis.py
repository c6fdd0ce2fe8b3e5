"""The axis of a page's comparisons, and the intervals that are drawn on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jxgis.i18n import _
from jxgis.publish.numbers import format_quantity, format_share
from jxgis.publish.scale import round_ticks
from jxgis.results import Indicator

# The level of an interval that says none.
LEVEL = 0.9

# An axis that holds more than this ends at 1; a shorter one would hide how much is missing.
_MOST = 0.6

# What a shorter one leaves free at its ends, as a part of what is drawn on it.
_MARGIN = 0.05

# No axis is shorter, however near to each other the values are.
_SHORTEST = 0.02

# Units of areas, whose axis need not begin at nothing.
AREAS = ("m2", "km2", "ha", "mu")

# So many long texts stand side by side on a phone; short ones all do.
_ROOM, _SHORT = 4, 5

# Where an axis to 1 may begin, and its ticks' distance, in hundredths.
_AXES = ((95, 1), (90, 2), (80, 5), (70, 10), (60, 10), (50, 10), (40, 20), (20, 20), (0, 20))


@dataclass(frozen=True)
class Axis:
    """An axis: of shares, the same for every comparison of a page, or of one figure's areas.

    ``levels`` are those of the intervals that are drawn on it.
    """

    low: float
    ticks: tuple[float, ...]
    levels: tuple[float, ...] = ()
    unit: str = "1"

    @property
    def high(self) -> float:
        """Where the axis ends."""
        return self.ticks[-1]

    @property
    def decimals(self) -> int:
        """Decimals of the ticks, in per cent."""
        return int(any(round(1000 * t) % 10 for t in self.ticks))

    def place(self, share: float) -> float:
        """Return where a share lies on the axis, 0 to 100, never outside."""
        return round(100 * min(max((share - self.low) / (self.high - self.low), 0.0), 1.0), 3)

    def labels(self) -> list[tuple[float, str]]:
        """Return place and text of each tick; of many long texts, every other one."""
        texts = [self._text(t) for t in self.ticks]
        every = 2 if len(self.ticks) > _ROOM and max(map(len, texts)) > _SHORT else 1
        return [
            (self.place(t), "" if n % every else text)
            for n, (t, text) in enumerate(zip(self.ticks, texts, strict=True))
        ]

    def _text(self, tick: float) -> str:
        if self.unit == "1":
            return format_share(tick, decimals=self.decimals)
        return format_quantity(tick, "count")


def axis_note(axis: Axis) -> str:
    """Return what the comparisons' lines mean and where their axis begins."""
    places = axis.decimals
    said = _("Dots are the values.")
    if axis.levels:
        levels = " / ".join(percent(level) for level in axis.levels)
        said = _("Dots are the values, lines through them {level} intervals.").format(level=levels)
    if axis.unit != "1":
        return said
    reach = _("Every axis of shares goes from {low} to {high}.").format(
        low=format_share(axis.low, decimals=places),
        high=format_share(axis.high, decimals=places),
    )
    return f"{said} {reach}"


def axis_of(indicators: Sequence[Indicator], unit: str = "1") -> Axis:
    """Return the shortest axis with everything of a unit on it; one of large shares ends at 1."""
    own = [i for i in indicators if i.unit == unit]
    levels = tuple(sorted({level_of(i) for i in own if ends(i)}))
    drawn = [v for i in own for v in (i.value, i.low, i.high, i.target)]
    known = [v for v in drawn if v is not None and math.isfinite(v)]
    if unit != "1":
        whole = unit not in AREAS and all(v == int(v) for v in known)
        low = min(known, default=0.0) if unit in AREAS else min([*known, 0.0])
        ticks = round_ticks(low, max(known, default=1.0), whole=whole)
        return Axis(ticks[0], ticks, levels, unit)
    known = [min(max(v, 0.0), 1.0) for v in known]
    if known and max(known) <= _MOST:
        low, high = min(known), max(known)
        margin = max(_MARGIN * (high - low), (_SHORTEST - (high - low)) / 2)
        ticks = round_ticks(max(low - margin, 0.0), high + margin, share=True)
        return Axis(ticks[0], ticks, levels)
    least = 100 * min(known, default=0.0)
    low, step = next((a for a in _AXES if a[0] < least), _AXES[-1])
    return Axis(low / 100, tuple(t / 100 for t in range(low, 101, step)), levels)


def level_of(i: Indicator) -> float:
    """Return the level of an indicator's interval."""
    level = i.params.get("level")
    return LEVEL if level is None else float(level)


def is_range(i: Indicator) -> bool:
    """Return whether the bounds are the least and the most that can be, without a level."""
    return bool(i.params.get("range"))


def percent(share: float) -> str:
    """Return a share in per cent, with a decimal where it has one."""
    return format_share(share, decimals=int(bool(round(1000 * share) % 10)))


def ends(i: Indicator) -> tuple[float, float] | None:
    """Return the ends of an indicator's interval, where both are known."""
    if i.low is None or i.high is None or not math.isfinite(i.low + i.high):
        return None
    return i.low, i.high
