"""What a click on the map says: allowed, or which rule forbids it, since when, by what law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from jxgis.i18n import _
from jxgis.results import Picture
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.overview import Overview
from jxgis.solar_spec import Exclusion, LandUse

# Codes of a picture; 0 is outside all counties.
_MOST_CODES = 255


def form_title(form: str) -> str:
    """Return what a form of photovoltaics is called, in the reader's language."""
    return {
        "roof": _("Roofs"),
        "ground": _("Ground"),
        "pond": _("Ponds"),
        "composite": _("Composite land"),
    }[form]


def answered(overview: Overview, days: Sequence[dt.date]) -> Picture:
    """Return the map of what is allowed on the last day, with an answer for each cell.

    Parameters
    ----------
    overview
        What was found at the middles of its cells.
    days
        Those that were asked, ascending.
    """
    keys = _keys(overview)
    combinations, code = np.unique(keys[overview.county >= 0], axis=0, return_inverse=True)
    pixels = np.zeros(overview.county.shape, np.uint8)
    pixels[overview.county >= 0] = code.ravel() + 1
    legend, answers = {}, {}
    for number, (use, form, before, low, high) in enumerate(combinations.tolist(), 1):
        rule = overview.uses[use] if use >= 0 else None
        binding = [x for n, x in enumerate(overview.exclusions) if ((high << 31) | low) >> n & 1]
        legend[number] = _look(rule, form)
        answers[number] = tuple(_sentences(rule, form, before, binding, days))
    return Picture(
        "allowed",
        _("Where panels may stand, {day}").format(day=days[-1].isoformat()),
        pixels,
        overview.grid.crs.to_string(),
        overview.grid.transform,
        legend,
        shown=False,
        answers=answers,
    )


def _keys(overview: Overview) -> npt.NDArray[np.int64]:
    """Return what an answer depends on: use, form, form before, and the rules, in two halves."""
    last, first = overview.form[-1].astype(np.int64), overview.form[0].astype(np.int64)
    use = overview.use.astype(np.int64)
    binding = _relevant(overview)
    binding[last >= 0] = 0
    before = np.where(last >= 0, -1, first)
    # fewer rules are told where there are more answers than codes
    for told in (None, 2, 1, 0):
        few = binding if told is None else _lowest_bits(binding, told)
        keys = np.stack([use, last, before, few & (2**31 - 1), few >> 31], axis=-1)
        if len(np.unique(keys[overview.county >= 0], axis=0)) < _MOST_CODES:
            break
    return keys


def _relevant(overview: Overview) -> npt.NDArray[np.int64]:
    """Return the rules that forbid what the land could carry; where it carries nothing, all."""
    of_form = {
        form: sum(1 << n for n, x in enumerate(overview.exclusions) if form in x.forms)
        for form in LAND_FORMS
    }
    every = (1 << len(overview.exclusions)) - 1
    masks = [of_form[use.form] if use.form else every for use in overview.uses]
    return overview.binding & np.array([*masks, every], np.int64)[overview.use]


def _lowest_bits(bits: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    left, kept = bits.copy(), np.zeros_like(bits)
    for _n in range(count):
        lowest = left & -left
        kept |= lowest
        left ^= lowest
    return kept


def _look(use: LandUse | None, form: int) -> tuple[str, str]:
    if form >= 0:
        name = LAND_FORMS[form]
        return f"allowed_{name}", _("{form}: allowed").format(form=form_title(name))
    if use is not None and use.form:
        return "forbidden", _("Forbidden by a rule")
    return "no_use", _("Not for panels")


def _sentences(
    use: LandUse | None,
    form: int,
    before: int,
    binding: Sequence[Exclusion],
    days: Sequence[dt.date],
) -> Iterator[str]:
    """Give the lines of an answer."""
    if use is not None and (form >= 0 or not use.form or binding):
        yield _("{title}: {reason}").format(title=use.title, reason=use.reason)
    if form >= 0:
        yield _("Allowed, {day}: {form} ({source})").format(
            day=days[-1].isoformat(),
            form=form_title(LAND_FORMS[form]),
            source=use.source if use is not None else _("no rule"),
        )
        return
    if use is None and not binding:
        yield _("No rule gives this land to panels.")
    for rule in binding:
        yield said(rule)
    if before >= 0:
        yield _("Was allowed on {day}: {form}").format(
            day=days[0].isoformat(), form=form_title(LAND_FORMS[before])
        )


def said(rule: Exclusion) -> str:
    """Return a rule as a sentence: what it forbids, how far, since when and by what law."""
    parts = [rule.title]
    if rule.value > 0:
        unit = "°" if rule.unit == "deg" else " m"
        parts.append(f"{rule.value:g}{unit}")
    if rule.since is not None:
        parts.append(_("since {day}").format(day=rule.since.isoformat()))
    if rule.until is not None:
        parts.append(_("until {day}").format(day=rule.until.isoformat()))
    head = _(", ").join(parts)
    return _("Forbidden: {rule}. {reason} ({source})").format(
        rule=head, reason=rule.reason, source=rule.source
    )
