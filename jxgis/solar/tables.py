"""Tables of zones and of what they are made of: counties, ranks, roofs, parks, users, conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from jxgis.i18n import _
from jxgis.results import Table
from jxgis.rules import Rules
from jxgis.solar.rule_tables import day_tables, rule_table
from jxgis.solar.short_words import closes
from jxgis.solar.study import Study
from jxgis.solar.yield_tables import loss_table, yield_table
from jxgis.solar.zone_tables import patch_table, zone_table
from jxgis.solar.zones import Short
from jxgis.solar_spec import FORMS


def by_zone(found: Study) -> pd.DataFrame:
    """Return what each county could carry on the last day, and its best zone."""
    capacity = found.capacities[-1].by_county
    columns: dict[str, Any] = {
        "zone_id": list(found.frame.zone_ids),
        "zone": list(found.frame.zones),
        "mw": capacity.sum(axis=1),
    }
    for number, form in enumerate(FORMS):
        columns[f"{form}_mw"] = capacity[:, number]
    best = [
        own.best_mw if isinstance(own, Short) else own[0].mw.sum() for own in found.outcomes[-1]
    ]
    need = found.settings.need_mw
    columns["best_mw"] = best
    columns["best_radius_m"] = [
        np.nan if isinstance(own, Short) else float(np.rint(own[0].radius_m))
        for own in found.outcomes[-1]
    ]
    columns["missing_mw"] = [need - own if own < need else np.nan for own in best]
    columns["mwh"] = found.county_mwh
    return pd.DataFrame(columns)


def tables(found: Study, rules: Rules) -> Iterator[Table]:
    """Give the tables in the order of reading.

    Parameters
    ----------
    found
        What was found.
    rules
        The run's.
    """
    if found.zones:
        yield zone_table(found)
    yield from _short(found)
    if found.patches:
        yield patch_table(found)
    yield from day_tables(found)
    yield from _parks(found)
    yield from _roofs(found)
    yield yield_table(found.yields, rules)
    yield loss_table(found.yields)
    yield from _enterprises(found)
    yield from _conflicts(found)
    yield rule_table(found)


def _short(found: Study) -> Iterator[Table]:
    rows = [own for own in found.outcomes[-1] if isinstance(own, Short)]
    if not rows:
        return
    need = found.settings.need_mw
    data = pd.DataFrame(
        {
            "zone": [found.frame.zones[own.county] for own in rows],
            "best_mw": [own.best_mw for own in rows],
            "missing_mw": [need - own.best_mw for own in rows],
            "closes": [closes(found, own) for own in rows],
        }
    )
    fields = {
        "zone": _("County"),
        "best_mw": _("Best patch"),
        "missing_mw": _("Missing"),
        "closes": _("What would close it"),
    }
    title = _("Counties without a zone of {need:g} MW").format(need=need)
    yield Table("short", title, data, fields)


def _parks(found: Study) -> Iterator[Table]:
    if found.parks is None or found.parks.data.empty:
        return
    own = found.parks.counties
    need = found.settings.need_mw
    data = pd.DataFrame(
        {
            "zone": own["zone"],
            "parks": own["parks"],
            "mw": own["capacity_mw"],
            "fewest": pd.to_numeric(own["fewest"]).astype(float),
            "chosen_mw": own["chosen_mw"],
            "missing_mw": own["short_mw"],
        }
    )
    fields = {
        "zone": _("County"),
        "parks": _("Industrial parks"),
        "mw": _("All of them"),
        "fewest": _("Fewest that reach it"),
        "chosen_mw": _("Those carry"),
        "missing_mw": _("Missing"),
    }
    title = _("The fewest parks that make up {need:g} MW on their roofs").format(need=need)
    yield Table("park_counties", title, data, fields)
    chosen = found.parks.data[found.parks.data["chosen"]]
    if len(chosen):
        parks = chosen[["park", "zone", "roofs", "roof_m2", "usable_m2"]].assign(
            mw=chosen["capacity_mw"]
        )
        yield Table("parks", _("These parks, largest first"), parks.reset_index(drop=True), {
            "park": _("Park"),
            "zone": _("County"),
            "roofs": _("Roofs"),
            "roof_m2": _("Area"),
            "usable_m2": _("Usable of it"),
            "mw": _("Capacity"),
        })  # fmt: skip


def _roofs(found: Study) -> Iterator[Table]:
    if found.roofs is None:
        return
    titles = {use.id: use.title for use in found.settings.roofs}
    # those outside the counties are on the ledger, and counted nowhere
    data = found.roofs.data[shapely.intersects(found.frame.region, found.points)]
    groups = data.groupby("kind", sort=False)
    table = pd.DataFrame(
        {
            "kind": [titles[str(kind)] for kind in groups.groups],
            "roofs": groups.size().to_numpy(),
            "roof_m2": groups["area_m2"].sum().to_numpy(),
            "roof_share": groups["share"].first().to_numpy(),
            "usable_m2": groups["usable_m2"].sum().to_numpy(),
            "mw": groups["capacity_mw"].sum().to_numpy(),
        }
    ).sort_values("mw", ascending=False, kind="stable", ignore_index=True)
    fields = {
        "kind": _("Roofs of"),
        "roofs": _("Number"),
        "roof_m2": _("Area"),
        "roof_share": _("Share by rule"),
        "usable_m2": _("Usable of it"),
        "mw": _("Capacity"),
    }
    note = _(
        "Shares are what programmes ask for at least, no physical limits. What is usable is less "
        "by the roof's shape, by panels that are there, and by neighbours' shade where heights "
        "are known."
    )
    yield Table("roofs", _("Roofs by kind"), table, fields, note=note)


def _enterprises(found: Study) -> Iterator[Table]:
    if found.enterprises is None or found.enterprises.data.empty:
        return
    own = found.enterprises.data
    hows = {
        "owner": _("by their owner's name"),
        "name": _("by their name"),
        "outline": _("within its outline"),
        "building": _("the building there"),
        "parcels": _("on its parcel"),
        "estates": _("in its estate"),
        "nearest": _("the nearest building"),
        "": _("no roof found"),
    }
    data = pd.DataFrame(
        {
            "name": own["name"],
            "tce": own["tce"],
            "joined": [hows[str(how)] for how in own["joined"]],
            "roofs": own["roofs"],
            "roof_m2": own["roof_m2"],
            "mw": own["capacity_mw"],
            "mwh": own["yield_mwh"],
            "use_mwh": own["use_mwh"],
            "covered_share": own["share"],
        }
    )
    fields = {
        "name": _("Enterprise"),
        "tce": _("Energy, tce a year"),
        "joined": _("Its roofs"),
        "roofs": _("Number"),
        "roof_m2": _("Area"),
        "mw": _("Could carry"),
        "mwh": _("Would yield in a year"),
        "use_mwh": _("Uses in a year"),
        "covered_share": _("Share of its use"),
    }
    title = _("Enterprises that use {tce:,.0f} tce a year or more").format(
        tce=found.settings.enterprise_tce
    )
    yield Table("enterprises", title, data, fields, drawing="enterprises")


def _conflicts(found: Study) -> Iterator[Table]:
    if not found.conflicts:
        return
    kinds = {"zone": _("Photovoltaic zone"), "roof": _("Roof"), "pv": _("Panels there are")}
    data = pd.DataFrame(
        {
            "what": [kinds[own.site.kind] for own in found.conflicts],
            "name": [own.site.name for own in found.conflicts],
            "green": [own.green for own in found.conflicts],
            "planned": [_("planned") if own.planned else _("there") for own in found.conflicts],
            "area_m2": [own.area_m2 for own in found.conflicts],
            "mw": [np.nan if own.mw is None else own.mw for own in found.conflicts],
        }
    )
    fields = {
        "what": _("Kind"),
        "name": _("Name"),
        "green": _("Green land"),
        "planned": _("State"),
        "area_m2": _("Area in common"),
        "mw": _("Capacity on it"),
    }
    note = _("Such ground is counted on twice: by the plan's green and by its panels.")
    yield Table(
        "conflicts", _("Conflicts with green"), data, fields, drawing="solar_conflicts", note=note
    )
