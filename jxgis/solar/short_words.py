"""What would close the gap of a county that has no zone, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jxgis.i18n import _, sentences
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.overview import forbidden_alone_m2
from jxgis.solar.study import Study
from jxgis.solar.zones import Short

# Patches that are named one by one.
_SHOWN = 3
# What a rule keeps from panels is worth a word from so many megawatts on.
_LEAST_MW = 1.0


def closes(found: Study, short: Short) -> str:
    """Return what would bring a county its zone.

    Parameters
    ----------
    found
        What was found.
    short
        How far the county falls short.
    """
    return sentences([*_patches(found, short), *_rules(found, short)])


def _patches(found: Study, short: Short) -> Iterator[str]:
    last = found.capacities[-1]
    own = last.all_mw[last.day.pieces.zone == short.county].sum()
    if not len(short.patches):
        yield _("All that is legal in the county is {mw:,.1f} MW.").format(mw=own)
        return
    shown = [f"{mw:,.1f}" for mw in short.patches[:_SHOWN]]
    if len(short.patches) > _SHOWN:
        shown.append("…")
    yield _(
        "Whatever parts them, {n} patches ({mw} MW) carry it within a circle of {radius:,.1f} km."
    ).format(n=len(short.patches), mw=" + ".join(shown), radius=short.radius_m / 1000)


def _rules(found: Study, short: Short) -> Iterator[str]:
    """Say which rule by itself keeps most from panels in the county."""
    overview = found.land.overview
    density = np.array([found.settings.w_per_m2(form) for form in LAND_FORMS])
    alone = forbidden_alone_m2(overview, len(found.frame.zones))[:, short.county] @ density / 1e6
    if not len(alone) or alone.max() < _LEAST_MW:
        return
    rule = overview.exclusions[int(np.argmax(alone))]
    yield _("The rule that alone forbids most there is {rule}: about {mw:,.0f} MW.").format(
        rule=rule.title, mw=float(alone.max())
    )
