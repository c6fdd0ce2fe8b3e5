"""Whether two dates can be compared: the time of year, and how far the index moved.

Ground that is green at both dates, or at neither, should look alike. How far its index moved (the
median) is what season, weather and sensor add to every cell; it is shown, and nothing is corrected
by it. A shift that carries cells over the threshold takes them out of that ground, so the movement
of all cells is shown as well: most of a city does not change in a few years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from jxgis.errors import InputError
from jxgis.green.maps import Cells, ClassMap, ndvi
from jxgis.i18n import _
from jxgis.rasters import Raster
from jxgis.results import LedgerRow
from jxgis.rules import Rules

SEASON_RULE = "green.season_days"
SHIFT_RULE = "green.shift_ndvi"

BoolArray = npt.NDArray[np.bool_]

_STEPS = 1000  # of the index, in a histogram from -2 to 2
_COMMON = 2001  # a year without a leap day
_LAST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Shift:
    """Histograms of how far the index moved: over all ground, green at both dates, at neither."""

    def __init__(self) -> None:
        self._counts = np.zeros((3, 4 * _STEPS + 1), dtype=np.int64)

    @classmethod
    def of(
        cls,
        kept: BoolArray,
        other: BoolArray,
        now: tuple[ClassMap, Sequence[Cells]],
        before: tuple[ClassMap, Sequence[Cells]],
    ) -> Shift:
        """Return the histograms of a strip, of each side's first image.

        ``kept`` and ``other`` are where it is green at both dates, and at neither.
        """
        found = cls()
        both = now[1][0]["seen"] & before[1][0]["seen"]
        late, early = (
            ndvi(m.rasters[0], {role: cells[0][role][both] for role in ("red", "nir")})
            for m, cells in (now, before)
        )
        moved = late - early
        known = np.isfinite(moved)
        step = np.rint((moved[known] + 2) * _STEPS).astype(np.int64)
        place = np.clip(step, 0, 4 * _STEPS)
        size = found._counts.shape[1]
        found._counts[0] = np.bincount(place, minlength=size)
        for number, ground in enumerate((kept, other), 1):
            found._counts[number] = np.bincount(place[ground[both][known]], minlength=size)
        return found

    def add(self, other: Shift) -> None:
        """Add another strip's histograms."""
        self._counts += other._counts

    def medians(self) -> list[float | None]:
        """Return the median movement over all ground, what stayed green, and what stayed other."""
        found = []
        for counts in self._counts:
            n = int(counts.sum())
            place = int(np.searchsorted(np.cumsum(counts), (n + 1) // 2))
            found.append(place / _STEPS - 2 if n else None)
        return found


def season_rows(
    now: ClassMap, before: ClassMap, shift: Shift, layer: str, rules: Rules
) -> Iterator[LedgerRow]:
    """Say whether the two sides are of one season, and how the index moved."""
    late, early = ([r.date for r in m.rasters if r.date] for m in (now, before))
    if late and early:
        apart = max(days_apart(a, b) for a in late for b in early)
        reason = _("{early} and {late}: {days} d apart in the year").format(
            early=", ".join(map(str, early)), late=", ".join(map(str, late)), days=apart
        )
        odd = apart > rules[SEASON_RULE].value
        if odd:
            reason += _("; what looks gained or lost may be the season")
        yield LedgerRow("suspected" if odd else "note", layer, 1, reason)
    else:
        reason = _("a date is not known: whether both are of one season could not be checked")
        yield LedgerRow("assumed", layer, 1, reason)
    words = (
        _("all ground"),
        _("ground that is green at both dates"),
        _("ground that is green at neither"),
    )
    for moved, ground in zip(shift.medians(), words, strict=True):
        if moved is None:
            reason = _("there is no {ground}: how the index moved there is not known")
            yield LedgerRow("suspected", layer, 1, reason.format(ground=ground))
            continue
        reason = _("over {ground} NDVI moved by {moved:+.3f} (median)").format(
            ground=ground, moved=moved
        )
        odd = abs(moved) > rules[SHIFT_RULE].value
        if odd:
            reason += _("; season, weather or sensor differ, and gains and losses are doubtful")
        yield LedgerRow("suspected" if odd else "note", layer, 1, reason)


def check_order(now: Sequence[Raster], before: Sequence[Raster], layer: str) -> None:
    """Check that the earlier side is the earlier one.

    Raises
    ------
    InputError
        It is not.
    """
    late, early = ([raster.date for raster in side if raster.date] for side in (now, before))
    if not (late and early) or min(late) > max(early):
        return
    raise InputError(
        _("the earlier imagery is of {early}, the later of {late}").format(
            early=max(early), late=min(late)
        ),
        layer=layer,
        mend=_("Give the two dates the other way round")
        if min(late) < max(early)
        else _("Give two different dates"),
    )


def days_apart(a: dt.date, b: dt.date) -> int:
    """Return the days between two dates in the year, whatever the year."""
    common = [
        date.replace(year=_COMMON, day=min(date.day, _LAST[date.month - 1])) for date in (a, b)
    ]
    days = abs((common[0] - common[1]).days)
    return min(days, 365 - days)
