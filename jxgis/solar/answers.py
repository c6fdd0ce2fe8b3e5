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


def pictures(overview: Overview, days: Sequence[dt.date]) -> Iterator[Picture]:
    """Give the map of what is allowed on the last day, and on the first, where that is another.

    Parameters
    ----------
    overview
        What was found at the middles of its cells.
    days
        Those that were asked, ascending.
    """
    yield _picture(overview, days, -1)
    if len(days) > 1:
        yield _picture(overview, days, 0)


def _picture(overview: Overview, days: Sequence[dt.date], at: int) -> Picture:
    """Return the map of a day."""
    keys = _keys(overview, at)
    combinations, code = np.unique(keys[overview.county >= 0], axis=0, return_inverse=True)
    pixels = np.zeros(overview.county.shape, np.uint8)
    pixels[overview.county >= 0] = code.ravel() + 1
    legend, answers = {}, {}
    for number, (use, form, forbidden, less, low, high) in enumerate(combinations.tolist(), 1):
        rule = overview.uses[use] if use >= 0 else None
        bits = (high << 31) | low
        binding = [x for n, x in enumerate(overview.exclusions) if bits >> n & 1]
        legend[number] = _look(form, forbidden=bool(forbidden))
        answers[number] = tuple(_reasons(rule, form, binding, whole=not less))
    return Picture(
        "allowed" if at == -1 else f"allowed_{days[at].year}",
        _("Where panels may stand, {day}").format(day=days[at].isoformat()),
        pixels,
        overview.grid.crs.to_string(),
        overview.grid.transform,
        legend,
        shown=at == -1,
        answers=answers,
    )


def _keys(overview: Overview, at: int) -> npt.NDArray[np.int64]:
    """Return what an answer of a day depends on.

    Use, form, whether it is forbidden, whether something is not told, and the rules in two halves.
    """
    form, use = overview.form[at].astype(np.int64), overview.use[at].astype(np.int64)
    binding = overview.relevant(at)
    binding[form >= 0] = 0
    keys: npt.NDArray[np.int64] = form
    # fewer rules are told where there are more answers than codes, and at last no use either
    for told in (None, 2, 1, 0, -1):
        few = binding if told is None else _lowest_bits(binding, told)
        own = np.full_like(use, -1) if told == -1 else use
        less = (few != binding) | (own != use) | (overview.less > 0)
        halves = few & (2**31 - 1), few >> 31
        keys = np.asarray(np.stack([own, form, binding != 0, less, *halves], axis=-1), np.int64)
        if len(np.unique(keys[overview.county >= 0], axis=0)) < _MOST_CODES:
            break
    return keys


def _lowest_bits(bits: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    left, kept = bits.copy(), np.zeros_like(bits)
    for _n in range(count):
        lowest = left & -left
        kept |= lowest
        left ^= lowest
    return kept


def _look(form: int, *, forbidden: bool) -> tuple[str, str]:
    if form >= 0:
        name = LAND_FORMS[form]
        return f"allowed_{name}", _("{form}: allowed").format(form=form_title(name))
    if forbidden:
        return "forbidden", _("Not allowed")
    return "no_use", _("Not for panels")


def _reasons(
    use: LandUse | None, form: int, binding: Sequence[Exclusion], *, whole: bool
) -> Iterator[str]:
    """Give the reasons of an answer: what the land carries, or the rules that forbid it."""
    if form < 0:
        yield from (said(rule) for rule in binding)
    if use is not None:
        yield _("{title}: {reason} ({source})").format(
            title=use.title, reason=use.reason, source=use.source
        )
    elif form < 0 and not binding and whole:
        yield _("No rule gives this land to panels.")
    if not whole:
        yield _("All the rules that hold here: jxgis solar PLAN --why LON LAT")


def said(rule: Exclusion) -> str:
    """Return a rule as a sentence: what it forbids, how far, since when and by what law."""
    head = rule.title
    further = []
    if rule.value > 0:
        unit = "°" if rule.unit == "deg" else _(" m")
        further.append(f"{rule.value:g}{unit}")
    if rule.since is not None:
        further.append(_("since {day}").format(day=rule.since.isoformat()))
    if rule.until is not None:
        further.append(_("until {day}").format(day=rule.until.isoformat()))
    for part in further:
        head = _("{title}, {further}").format(title=head, further=part)
    return _("{rule}. {reason} ({source})").format(
        rule=head, reason=rule.reason, source=rule.source
    )
