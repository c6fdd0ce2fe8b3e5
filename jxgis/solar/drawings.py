"""The layers of the map of photovoltaic zones."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.i18n import _
from jxgis.results import Drawing
from jxgis.solar.answers import form_title
from jxgis.solar.study import Study
from jxgis.solar.tables import by_zone
from jxgis.solar.zone_tables import patch_table, zone_table
from jxgis.solar_spec import FORMS


def drawings(found: Study) -> Iterator[Drawing]:
    """Give the layers, those below first.

    Parameters
    ----------
    found
        What was found.
    """
    yield _counties(found)
    if found.patches:
        yield _patches(found)
    if found.zones:
        yield from _zones(found)
    yield from _roofs(found)
    yield from _conflicts(found)
    yield from _substations(found)
    yield from _enterprises(found)


def _counties(found: Study) -> Drawing:
    table = by_zone(found)
    fields = {"zone": _("County"), "mw": _("Legal capacity")}
    fields |= {f"{form}_mw": form_title(form) for form in FORMS if table[f"{form}_mw"].any()}
    fields |= {"best_mw": _("Best zone"), "missing_mw": _("Missing"), "mwh": _("Yield in a year")}
    data = gpd.GeoDataFrame(table, geometry=list(found.frame.shapes), crs=found.frame.grid.crs)
    return Drawing("zones", _("Counties"), "zones", data, fields)


def _patches(found: Study) -> Drawing:
    table = patch_table(found)
    data = gpd.GeoDataFrame(table.data, geometry=list(found.patch_shapes), crs=found.frame.grid.crs)
    title = _("Patches of {need:g} MW or more").format(need=found.settings.need_mw)
    return Drawing("patches", title, "runner_up", data, table.fields, shown=False)


def _zones(found: Study) -> Iterator[Drawing]:
    table = zone_table(found)
    data = gpd.GeoDataFrame(table.data, geometry=list(found.shapes), crs=found.frame.grid.crs)
    # the table's rows are the features of one drawing, whose best are drawn stronger
    yield Drawing(
        "solar_zones",
        _("Zones of {need:g} MW").format(need=found.settings.need_mw),
        "best",
        data,
        table.fields,
    )


def _roofs(found: Study) -> Iterator[Drawing]:
    if found.roofs is None:
        return
    titles = {use.id: use.title for use in found.settings.roofs}
    own = found.roofs.data
    carrying = own["capacity_mw"].to_numpy() > 0
    data = gpd.GeoDataFrame(
        {
            "kind": [titles[str(kind)] for kind in own["kind"][carrying]],
            "roof_m2": own["area_m2"][carrying],
            "usable_m2": own["usable_m2"][carrying],
            "capacity_kw": own["capacity_mw"][carrying] * 1000,
        },
        geometry=list(found.roofs.shapes[carrying]),
        crs=found.frame.grid.crs,
    ).reset_index(drop=True)
    fields = {
        "kind": _("Roof of"),
        "roof_m2": _("Area"),
        "usable_m2": _("Usable of it"),
        "capacity_kw": _("Capacity"),
    }
    yield Drawing("roofs", _("Roofs"), "roofs", data, fields, shown=False)


def _conflicts(found: Study) -> Iterator[Drawing]:
    if not found.conflicts:
        return
    data = gpd.GeoDataFrame(
        {
            "name": [own.site.name for own in found.conflicts],
            "green": [own.green for own in found.conflicts],
            "area_m2": [own.area_m2 for own in found.conflicts],
        },
        geometry=[own.shape for own in found.conflicts],
        crs=found.frame.grid.crs,
    )
    fields = {"name": _("Name"), "green": _("Green land"), "area_m2": _("Area in common")}
    yield Drawing("solar_conflicts", _("Conflicts with green"), "gaps", data, fields)


def _substations(found: Study) -> Iterator[Drawing]:
    if "substations" not in found.kinds:
        return
    layer = found.kinds["substations"].data
    fields = {"name": _("Substation"), "spare_kw": _("Its spare power")}
    there = {column: title for column, title in fields.items() if column in layer}
    points = np.asarray(shapely.centroid(np.asarray(layer.geometry.array, dtype=object)))
    data = gpd.GeoDataFrame(layer[list(there)], geometry=list(points), crs=layer.crs)
    yield Drawing("substations", _("Substations"), "points", data, there, shown=False)


def _enterprises(found: Study) -> Iterator[Drawing]:
    if found.enterprises is None or found.enterprises.data.empty:
        return
    own = found.enterprises.data
    layer = found.kinds["enterprises"].data
    places = np.asarray(layer.geometry.array, dtype=object)[own["row"].to_numpy()]
    has = own["roofs"].to_numpy() > 0
    columns = {
        "name": own["name"].to_numpy(),
        "found": np.where(has, _("roofs found"), _("no roof found")),
        "tce": own["tce"].to_numpy(),
        "mw": own["capacity_mw"].to_numpy(),
        "mwh": own["yield_mwh"].to_numpy(),
        "use_mwh": own["use_mwh"].to_numpy(),
        "covered_share": own["share"].to_numpy(),
    }
    data = gpd.GeoDataFrame(
        pd.DataFrame(columns), geometry=list(shapely.centroid(places)), crs=layer.crs
    )
    fields = {
        "name": _("Enterprise"),
        "tce": _("Energy, tce a year"),
        "mw": _("Could carry"),
        "mwh": _("Would yield in a year"),
        "use_mwh": _("Uses in a year"),
        "covered_share": _("Share of its use"),
    }
    yield Drawing(
        "enterprises", _("Large users of energy"), "sited", data, fields, group="found", shown=False
    )
