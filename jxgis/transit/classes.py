"""How often a service comes: people or area by DG REGIO's classes of departures an hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from jxgis.i18n import _
from jxgis.results import Table
from jxgis.rules import Rules
from jxgis.transit.asking import Ask
from jxgis.transit.study import Study


def classes_table(
    study: Study, asks: Sequence[Ask], rules: Rules, high_rule: str, medium_rule: str
) -> Iterator[Table]:
    """Give a table for each radius: who has which service, each counted in the best class.

    It is of the zones of the first official ask of that radius.

    People are counted where there are any, else the built-up area. A stop with the limit of two
    classes is in DG REGIO's medium one: high is more than the higher limit, low less than the
    lower one.
    """
    if study.per_hour is None:
        return
    high, medium = rules[high_rule].value, rules[medium_rule].value
    of = "people" if "population" in study.layers else "area"
    unit = "people" if of == "people" else "area_m2"
    titles = {
        "class": _("Frequency"),
        "departures": _("Departures an hour"),
        unit: _("People") if of == "people" else _("Area"),
        "share": _("Share"),
    }
    per_hour = np.nan_to_num(study.per_hour)
    plain = ("area", "straight", None, None)
    official = [a for a in asks if (a.of, a.by, a.departures_per_hour, a.beside) == plain]
    by_radius = {ask.radius_m: ask for ask in reversed(official)}
    for ask in (by_radius[radius] for radius in study.radii if radius in by_radius):
        amounts = [
            study.reached_from(ask, of, chosen)
            for chosen in (per_hour > high, per_hour >= medium, per_hour > 0)
        ]
        total = study.total_of(ask, of)
        reached = np.array([*amounts, total])
        own = np.diff(reached, prepend=0.0)
        frame = pd.DataFrame(
            {
                "class": [_("high"), _("medium"), _("low"), _("none")],
                "departures": [
                    f"> {high:g}",
                    f"{medium:g} \N{EN DASH} {high:g}",
                    f"< {medium:g}",
                    "0",
                ],
                unit: own,
                "share": own / total if total else np.full(4, np.nan),
            }
        )
        title = _("Frequency of service within {radius:g} m").format(radius=ask.radius_m)
        note = _(
            "Departures of all routes at a platform add up; two platforms do not, for who waits "
            "goes one way. Everybody counts in the best class in reach, in a straight line."
        )
        yield Table(f"frequency_{ask.radius_m:.12g}", title, frame, titles, note=note)
