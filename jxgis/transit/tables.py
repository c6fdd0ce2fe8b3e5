"""A coverage zone by zone: the rows of its table, and its figures side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from jxgis.i18n import _
from jxgis.results import Table
from jxgis.transit.asking import Ask
from jxgis.transit.study import Study, shares
from jxgis.transit.uncertainty import QUANTILES

_COLUMNS = {
    ("streets", "walking"): ("streets_m", "streets_reached_m", "share_streets"),
    ("people", "straight"): ("people", "people_within", "share_people"),
    ("people", "walking"): (None, "people_walking", "share_people_walking"),
    ("jobs", "straight"): ("jobs", "jobs_within", "share_jobs"),
    ("jobs", "walking"): (None, "jobs_walking", "share_jobs_walking"),
}


def zone_rows(study: Study, asks: Sequence[Ask]) -> pd.DataFrame:
    """Return a row for each zone and radius; a zone without built-up area has no share."""
    zones = study.ground.zones
    parts = []
    for radius in study.radii:
        own = [ask for ask in asks if ask.radius_m == radius]
        every = Ask("", radius)
        covered, total = study.rows_reached(every)
        frame = pd.DataFrame(
            {
                "zone_id": [z.zone_id for z in zones],
                "zone": [z.name for z in zones],
                "radius_m": radius,
                "area_m2": total,
                "covered_area_m2": covered,
                "share": shares(covered, total),
            }
        )
        replicated = study.replicated_rows(every)
        if replicated is not None:
            frame["low"], frame["high"] = np.quantile(replicated, QUANTILES, axis=0)
        for ask in own:
            for column, values in _more_columns(study, ask):
                frame[column] = values
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _more_columns(study: Study, ask: Ask) -> list[tuple[str, Any]]:
    """Return the columns that a companion adds to the table."""
    reached, total = study.rows_reached(ask)
    if ask.of == "area" and ask.departures_per_hour is not None:
        if ask.beside is None:  # a service of its own, not the frequent one of the column
            return []
        return [("share_frequent", shares(reached, total))]
    names = _COLUMNS.get((ask.of, ask.by))
    if names is None or ask.departures_per_hour is not None:
        return []
    whole, part, share = names
    columns: list[tuple[str, Any]] = [(whole, total)] if whole else []
    return [*columns, (part, reached), (share, shares(reached, total))]


def zone_tables(rows: pd.DataFrame) -> Iterator[Table]:
    """Give, for each radius, the zones' shares of area, streets, people and jobs side by side."""
    titles = {
        "zone": _("Zone"),
        "share": _("Area"),
        "share_frequent": _("Area, frequent service"),
        "share_streets": _("Streets, walking"),
        "share_people": _("People"),
        "share_people_walking": _("People, walking"),
        "people_uncovered": _("People not covered"),
        "share_jobs": _("Jobs"),
        "share_jobs_walking": _("Jobs, walking"),
    }
    if "people" in rows:
        rows = rows.assign(people_uncovered=rows["people"] - rows["people_within"])
    for radius, own in rows.groupby("radius_m", sort=False):
        fields = {c: t for c, t in titles.items() if c in own and own[c].notna().any()}
        if len(fields) > len(("zone", "share")):
            title = _("Side by side, within {radius:g} m").format(radius=radius)
            data = own[["zone_id", *fields]].reset_index(drop=True)
            yield Table(f"zones_{radius:.12g}", title, data, fields)
