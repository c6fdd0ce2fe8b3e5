"""What would close the gap of a county that has no zone, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jxgis.i18n import _, sentences
from jxgis.solar.land import LAND_FORMS
from jxgis.solar.overview import forbidden_alone_m2
from jxgis.solar.study import Study
from jxgis.solar.zones import Short

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
    own = found.capacities[-1].by_county[short.county].sum()
    if len(short.patches):
        listed = _(" + ").join(f"{mw:,.1f}" for mw in short.patches)
        yield _(
            "{n} patches, of {mw} MW, would reach it as one zone; none is farther than "
            "{gap:,.0f} m from another"
        ).format(n=len(short.patches), mw=listed, gap=short.gap_m)
    else:
        yield _("All that is legal in the county is {mw:,.1f} MW").format(mw=own)


def _rules(found: Study, short: Short) -> Iterator[str]:
    """Say which rule by itself keeps most from panels in the county."""
    overview = found.land.overview
    density = np.array([found.settings.w_per_m2(form) for form in LAND_FORMS])
    alone = forbidden_alone_m2(overview, len(found.frame.zones))[:, short.county] @ density / 1e6
    if not len(alone) or alone.max() < _LEAST_MW:
        return
    rule = overview.exclusions[int(np.argmax(alone))]
    yield _("The rule that alone forbids most there is {rule}: about {mw:,.0f} MW").format(
        rule=rule.title, mw=float(alone.max())
    )
