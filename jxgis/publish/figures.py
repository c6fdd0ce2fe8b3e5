"""The figures of a page: each main one, and beside it those that ask its question otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jxgis.i18n import _
from jxgis.publish import charging_words, solar_words
from jxgis.publish.axis import AREAS, Axis, axis_of, ends, is_range, level_of, percent
from jxgis.publish.numbers import (
    NOTHING,
    Printed,
    format_area,
    format_probability,
    format_quantity,
    format_share,
    print_criterion,
)
from jxgis.publish.words import asked_title, indicator_title, parts_unit
from jxgis.results import Indicator, Result

# A longer list of zones folds away.
LONG = 60

# Ends the id of a figure held against a built-up area that is printed elsewhere.
YEARBOOK = "-yearbook"

# An interval narrower than this on the axis is hidden by its dot.
_WIDE = 4.5


@dataclass(frozen=True)
class Mark:
    """Where a figure and its interval lie on the axis, 0 to 100."""

    at: float
    low: float | None = None
    high: float | None = None

    @property
    def wide(self) -> bool:
        """Whether the interval is wide enough to have ends."""
        return self.low is not None and self.high is not None and self.high - self.low > _WIDE


@dataclass(frozen=True)
class Row:
    """One row of a comparison; without ``mark`` where the figure is no known share."""

    id: str
    title: str
    value: str
    interval: str
    details: tuple[str, ...]
    mark: Mark | None
    main: bool


@dataclass(frozen=True)
class Comparison:
    """A main figure and its companions on one axis, with the place and text of the target."""

    rows: tuple[Row, ...]
    target: tuple[float, str] | None
    axis: Axis


@dataclass(frozen=True)
class Figure:
    """A main figure as the page shows it."""

    id: str
    title: str
    zone: str
    printed: Printed
    status: str
    details: tuple[str, ...]
    comparison: Comparison | None

    @property
    def many_zones(self) -> bool:
        """Whether the names of its zones are too many to stand in its title."""
        return len(self.zone) > LONG


def figures(result: Result, titles: Mapping[str, str]) -> tuple[tuple[Figure, ...], Axis | None]:
    """Return a result's main figures in their order, and the axis of their comparisons.

    Parameters
    ----------
    result
        Any measure's result.
    titles
        Indicator's id to the title of the target that it answers.

    Returns
    -------
    tuple
        A figure that stands beside none, or beside one that is not there, is a main figure.
        The axis is that of all shares, else of the first area; None where no main figure has a
        companion, or an interval and a target.
    """
    first = {i.id for i in result.indicators if i.beside is None}
    mains = [i for i in result.indicators if i.beside not in first]
    beside = {m.id: [i for i in result.indicators if i.beside == m.id] for m in mains}
    compared = {m.id: (m, *beside[m.id]) for m in mains if beside[m.id] or _drawn(m)}
    shares = [i for these in compared.values() if not _own_axis(these) for i in these]
    of_shares = axis_of(shares) if shares else None
    axes = {
        m.id: axis_of(compared[m.id], m.unit) if _own_axis(compared[m.id]) else of_shares
        for m in mains
        if m.id in compared
    }
    made = (_figure(m, beside[m.id], axes.get(m.id), result.measure, titles) for m in mains)
    return tuple(made), of_shares or next(iter(axes.values()), None)


def _own_axis(compared: Sequence[Indicator]) -> bool:
    """Whether figures have an axis of their own: areas, and others that are all of one unit."""
    unit = compared[0].unit
    return unit in AREAS or (unit != "1" and all(i.unit == unit for i in compared))


def _drawn(main: Indicator) -> bool:
    """Whether a figure that has no companions is drawn against its target."""
    drawable = main.unit == "1" or main.unit in AREAS
    known = drawable and main.value is not None and math.isfinite(main.value)
    return known and main.target is not None and ends(main) is not None


def _figure(
    main: Indicator,
    beside: Sequence[Indicator],
    axis: Axis | None,
    measure: str,
    titles: Mapping[str, str],
) -> Figure:
    details = [] if axis else _interval(main)
    comparison = None
    if axis:
        rows = tuple(_row(i, main, axis, measure) for i in (main, *beside))
        if not beside:
            rows = (replace(rows[0], title=_interval_title(main)),)
        comparison = Comparison(rows, _target(main, axis), axis)
    return Figure(
        id=main.id,
        title=_title(main, measure, titles),
        zone=main.zone or "",
        printed=print_criterion(main.value, main.target, main.sense, main.unit),
        status="" if main.met is None else ("met" if main.met else "not_met"),
        details=(
            *details,
            *_probability(main),
            *_parts(main, measure),
            *_uncovered(main),
            *_seen(main),
            *charging_words.details(main),
            *solar_words.details(measure, main),
        ),
        comparison=comparison,
    )


def _row(indicator: Indicator, main: Indicator, axis: Axis, measure: str) -> Row:
    i, own = indicator, indicator is main
    target = main.target if own else None  # only the official figure is held against it
    return Row(
        id=i.id,
        title=_against(i) or asked_title(i) or indicator_title(measure, i),
        value=print_criterion(i.value, target, i.sense, i.unit).value,
        interval=_brackets(i),
        details=() if own else (*_probability(i), *_uncovered(i)),
        mark=_mark(i, axis),
        main=own,
    )


def _mark(i: Indicator, axis: Axis) -> Mark | None:
    if i.unit != axis.unit or i.value is None or not math.isfinite(i.value):
        return None
    return Mark(axis.place(i.value), *(axis.place(v) for v in ends(i) or ()))


def _target(main: Indicator, axis: Axis) -> tuple[float, str] | None:
    if main.target is None or main.unit != axis.unit:
        return None
    printed = print_criterion(None, main.target, main.sense, main.unit).required
    return axis.place(main.target), _("target {required}").format(required=printed)


def _title(indicator: Indicator, measure: str, titles: Mapping[str, str]) -> str:
    asked = indicator.id.removesuffix(YEARBOOK)
    title = titles.get(indicator.id) or titles.get(asked) or indicator_title(measure, indicator)
    further = _against(indicator) or (asked_title(indicator) if indicator.beside else "")
    return f"{title} \N{MIDDLE DOT} {further}" if further else title


def _against(indicator: Indicator) -> str:
    source = indicator.params.get("source")
    if not indicator.id.endswith(YEARBOOK) or not source:
        return ""
    return _("against the built-up area in {source}").format(source=source)


def _interval(i: Indicator) -> list[str]:
    known = ends(i)
    if known is None:
        return []
    low, high = (format_quantity(v, i.unit) for v in known)
    if i.params.get("level") is None:
        return [_("Interval {low} to {high}").format(low=low, high=high)]
    said = _("{title}: {low} to {high}")
    return [said.format(title=_interval_title(i), low=low, high=high)]


def _interval_title(i: Indicator) -> str:
    if is_range(i):
        return _("range")
    return _("{level} interval").format(level=percent(level_of(i)))


def _brackets(i: Indicator) -> str:
    """Return the interval in brackets, a share's without its signs of per cent."""
    known = ends(i)
    if known is None:
        return ""
    low, high = (f"{100 * v:.2f}" if i.unit == "1" else f"{v:,.6g}" for v in known)
    return "({})".format(_("{low} to {high}").format(low=low, high=high))


def _probability(i: Indicator) -> list[str]:
    text = format_probability(i.probability)
    if text == NOTHING:
        return []
    return [_("Probability that the target is met: {probability}").format(probability=text)]


def _parts(i: Indicator, measure: str) -> list[str]:
    part, whole = i.numerator, i.denominator
    unit = parts_unit(measure, i)
    if part is None or whole is None or unit is None or i.unit != "1":
        return []
    if unit == "m2":
        texts = format_area(part, whole), format_area(whole)
    elif unit == "m":
        texts = format_quantity(part / 1000, "km", 0), format_quantity(whole / 1000, "km", 0)
    else:
        texts = format_quantity(part, "count", 0), format_quantity(whole, unit, 0)
    return [_("{part} of {whole}").format(part=texts[0], whole=texts[1])]


def _uncovered(i: Indicator) -> list[str]:
    """Return how many people or jobs are not covered."""
    of = i.params.get("of")
    if of not in ("people", "jobs") or i.numerator is None or i.denominator is None:
        return []
    number = format_quantity(i.denominator - i.numerator, of, decimals=0)
    return [_("not covered: {number}").format(number=number)]


def _seen(i: Indicator) -> list[str]:
    """Return how much of the area the images show; all of it only where nothing is hidden."""
    share = i.params.get("seen_share")
    if share is None or not math.isfinite(share):
        return []
    text = format_share(float(share), target=1.0, decimals=1)
    return [_("{share} of the area was seen").format(share=text)]
