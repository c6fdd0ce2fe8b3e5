"""Parks, green land and wetland by parcels: what a land-use map says, whatever grows there.

Park area and the green-land rate (绿地率) count parcels whose use is green. They never come from
an image: a lawn of a factory is green and no green parcel, a park's pond is the reverse.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from jxgis.errors import InputError
from jxgis.green.asking import MU_M2, Ask, Settings
from jxgis.green.places import Place, Places, frame, places
from jxgis.green.tables import shares
from jxgis.i18n import _
from jxgis.kernels.polygons import disjoint, polygons_of
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Result, Table
from jxgis.rules import Rules

LAND = "green.land"
PARKS = "green.parks"
WETLAND = "green.wetland"

_WORDS = {LAND: "land", PARKS: "park", WETLAND: "wetland"}


def parcels(layer: Layer, classes: Sequence[str]) -> tuple[npt.NDArray[np.object_], float]:
    """Return the polygons of some classes, each place once, and the area given twice.

    Parameters
    ----------
    layer
        Land, with a column ``class``.
    classes
        Those that are wanted.
    """
    chosen = layer.data.geometry[layer.data["class"].isin(classes)]
    return disjoint(polygons_of(chosen))


def green_parcels(layers: Mapping[str, Layer], settings: Settings) -> npt.NDArray[np.object_]:
    """Return the green parcels of a land-use layer, none where there is no such layer."""
    if "land" not in layers:
        return np.array([], dtype=object)
    return parcels(layers["land"], settings.green_land_classes)[0]


def parcel_figures(
    measure: str,
    layers: Mapping[str, Layer],
    asks: Sequence[Ask],
    *,
    settings: Settings,
    rules: Rules,
    as_of: dt.date | None = None,
    drawings: bool = True,
) -> Result:
    """Measure green land or parks within the built-up area, or wetland on all land.

    Parameters
    ----------
    measure
        `LAND`, `PARKS` or `WETLAND`.
    layers
        ``land`` (polygons with a class), and ``built_up``, ``zones`` or both; ``townships`` where
        there are any.
    asks
        The figures wanted, shares or areas.
    settings
        Which classes of land count.
    rules
        Not made use of.
    as_of
        Date of the data.
    drawings
        Whether to make what is drawn; no figure depends on it.

    Returns
    -------
    Result
        Areas are exact, in the plan's metric CRS.

    Raises
    ------
    InputError
        If a layer is missing or the land has none of the classes.
    """
    del rules
    classes = {
        LAND: settings.green_land_classes,
        PARKS: settings.park_classes,
        WETLAND: settings.wetland_classes,
    }[measure]
    built_up = measure != WETLAND
    if "land" not in layers:
        raise InputError(_("there is no layer {layer}").format(layer="land"))
    layer, where = layers["land"], places(layers, built_up=built_up)
    found, doubled_m2 = parcels(layer, classes)
    if not len(found):
        raise InputError(
            _("no polygon is of the classes {classes}").format(classes=", ".join(classes)),
            layer=layer.name,
            mend=_("It has: {names}").format(
                names=", ".join(sorted(set(layer.data["class"].astype(str))))
            ),
        )
    word = _WORDS[measure]
    used = [layers[k] for k in ("land", "built_up", "zones", "townships") if k in layers]
    table = _by_place(where.zones, found, word)
    ledger = [*(row for one in used for row in one.ledger), *where.ledger]
    reason = _("parcels of the classes {classes}, whatever grows on them")
    reason = reason.format(classes=", ".join(classes))
    ledger.append(LedgerRow("note", layer.name, len(found), reason))
    if doubled_m2:
        reason = _("polygons overlap by {area:.4f} km²: counted once").format(area=doubled_m2 / 1e6)
        ledger.append(LedgerRow("overlap", layer.name, 1, reason))
    return Result(
        measure=measure,
        as_of=as_of,
        crs=str(where.crs),
        indicators=tuple(_indicator(ask, where, found) for ask in asks),
        by_zone=table,
        layers=tuple(_drawings(where, table, found, word)) if drawings else (),
        ledger=tuple(ledger),
        inputs=tuple(source for one in used for source in one.inputs),
        tables=tuple(_tables(where, found, word)),
    )


land = partial(parcel_figures, LAND)
parks = partial(parcel_figures, PARKS)
wetland = partial(parcel_figures, WETLAND)


def area_within(found: npt.NDArray[np.object_], shape: Any) -> float:
    """Return how much of a geometry polygons that do not overlap cover, square metres."""
    hit = shapely.STRtree(found).query(shape, predicate="intersects")
    return float(shapely.area(shapely.intersection(found[hit], shape)).sum())


def _indicator(ask: Ask, where: Places, found: npt.NDArray[np.object_]) -> Indicator:
    shape = where.of(ask.zones)
    amount, area = area_within(found, shape), float(shapely.area(shape))
    value, zone = ask.value(amount, area), where.named(ask.zones)
    return Indicator(ask.id, value, ask.unit, numerator=amount, denominator=area, zone=zone)


def _by_place(rows: Sequence[Place], found: npt.NDArray[np.object_], word: str) -> pd.DataFrame:
    area = np.array([shapely.area(place.shape) for place in rows])
    amount = np.array([area_within(found, place.shape) for place in rows])
    return pd.DataFrame(
        {
            "zone_id": [place.zone_id for place in rows],
            "zone": [place.zone for place in rows],
            "area_m2": area,
            f"{word}_area_m2": amount,
            f"{word}_ha": amount / 10_000,
            f"{word}_mu": amount / MU_M2,
            f"{word}_share": shares(amount, area),
        }
    )


def _fields(word: str) -> dict[str, str]:
    return {
        f"{word}_ha": _("Area"),
        f"{word}_mu": _("Area, in mu"),
        f"{word}_share": _("Share"),
    }


def _drawings(
    where: Places, table: pd.DataFrame, found: npt.NDArray[np.object_], word: str
) -> Iterator[Drawing]:
    named = [place for place in where.zones if place.zone_id]
    if named:
        fields = _fields(word)
        columns = {name: table[name][: len(named)] for name in fields}
        data = frame(named, where.crs, columns)
        titles = {"zone": _("Zone"), **fields}
        yield Drawing("zones", _("Zones"), "zones", data, titles, shade=f"{word}_share")
    hit = shapely.STRtree(found).query(where.whole, predicate="intersects")
    drawn = gpd.GeoDataFrame(
        {"area_m2": shapely.area(found[hit])}, geometry=found[hit], crs=where.crs
    )
    yield Drawing("parcels", _("Parcels"), "covered", drawn, {"area_m2": _("Area")})


def _tables(where: Places, found: npt.NDArray[np.object_], word: str) -> Iterator[Table]:
    if where.townships:
        data = _by_place(where.townships, found, word)
        yield Table("townships", _("By township"), data, {"zone": _("Township"), **_fields(word)})
