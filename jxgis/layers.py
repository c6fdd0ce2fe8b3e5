"""The kinds of layer: what each must have, and how what arrives is checked and repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jxgis.errors import InputError, InputErrors, JxgisError
from jxgis.i18n import _
from jxgis.rasters import Raster, RasterSource
from jxgis.results import InputFile, LedgerRow
from jxgis.spec import REFERENCES, LayerSpec

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyproj


@dataclass(frozen=True)
class Kind:
    """What a kind of layer must have.

    ``geometry`` is a tuple of ``point``, ``line`` and ``polygon``, or ``raster`` alone; columns map
    a name to its type: ``text``, ``number`` or ``date``. ``boarding`` is true of stops: two at one
    position are two, and a shelter's outline is none.
    """

    name: str
    geometry: tuple[str, ...]
    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    boarding: bool = False

    @property
    def is_raster(self) -> bool:
        """Whether it is read from a raster on demand, and never as features."""
        return self.geometry == ("raster",)


_STOP = {"stop_id": "text", "name": "text"}

# What decides whether one may walk along a way, and where it meets others: as OpenStreetMap tags.
_STREET = (
    *("highway", "name", "bridge", "tunnel", "layer"),
    *("sidewalk", "foot", "access", "service"),
)

# Names of the places that an expressway's ends lead to; and as OpenStreetMap's tags.
_EXPRESSWAY = {
    **dict.fromkeys(("name", "start", "end", "ref", "highway", "oneway"), "text"),
    "vehicles_per_day": "number",
}

_CANDIDATE = {"name": "text", "class": "text", "spaces": "number", "cost": "number"}

# A roof's shape is OpenStreetMap's word (flat, gabled, hipped…); its azimuth is degrees clockwise
# from north of the way that its main plane faces.
_BUILDING = {
    **dict.fromkeys(("class", "name", "owner", "roof_shape"), "text"),
    **dict.fromkeys(("height_m", "storeys", "roof_azimuth"), "number"),
}

_LOOKED_UP = {"stratum": "text", "reference": "text"}

KINDS: Mapping[str, Kind] = {
    k.name: k
    for k in (
        Kind("stops", ("point",), {}, _STOP, boarding=True),
        Kind("stops_before", ("point",), {}, _STOP, boarding=True),
        Kind("built_up", ("polygon",), {}, {"name": "text"}),
        Kind("built_up_before", ("polygon",), {}, {"name": "text"}),
        Kind("zones", ("polygon",), {"zone_id": "text", "zone": "text"}),
        Kind("land", ("polygon",), {"class": "text"}, {"name": "text"}),
        Kind(
            "sites",
            ("point", "polygon", "line"),
            {"target": "text"},
            {"name": "text", "amount": "number", "completed": "date"},
        ),
        Kind("streets", ("line",), {}, dict.fromkeys(_STREET, "text")),
        Kind("routes", ("line",), {}, {"name": "text"}),
        Kind("expressways", ("line",), {}, _EXPRESSWAY),
        Kind(
            "service_areas",
            ("point", "polygon"),
            {},
            {"name": "text", "side": "text", "main": "text"},
        ),
        Kind("population", ("point", "polygon"), {"population": "number"}),
        Kind("jobs", ("point", "polygon"), {"jobs": "number"}),
        Kind("buildings", ("polygon",), {}, _BUILDING),
        Kind("parking", ("point", "polygon"), {}, {"spaces": "number", "name": "text"}),
        Kind("vehicles", ("point", "polygon"), {"vehicles": "number"}),
        Kind("pois", ("point", "polygon"), {}, {"name": "text", "class": "text"}),
        Kind("traffic", ("point", "line"), {"vehicles_per_day": "number"}, {"name": "text"}),
        Kind("demand", ("point", "polygon", "line"), {"weight": "number"}, {"name": "text"}),
        Kind(
            "chargers",
            ("point",),
            {},
            {"name": "text", "posts": "number", "class": "text", "power_kw": "number"},
        ),
        Kind("candidates", ("point", "polygon"), {}, _CANDIDATE),
        Kind("substations", ("point", "polygon"), {}, {"name": "text", "spare_kw": "number"}),
        Kind("townships", ("polygon",), {"zone_id": "text", "zone": "text"}),
        *(Kind(name, ("point",), {"point_id": "text"}, _LOOKED_UP) for name in REFERENCES),
        Kind("pv", ("polygon",), {}, {"name": "text"}),
        Kind("estates", ("polygon",), {}, {"name": "text"}),
        Kind("parcels", ("polygon",), {}, {"name": "text", "owner": "text"}),
        Kind(
            "enterprises",
            ("point", "polygon"),
            {"tce": "number"},
            {"name": "text", "electricity_mwh": "number"},
        ),
        Kind("planned_green", ("polygon",), {}, {"name": "text", "class": "text"}),
        Kind("weather", ("point",), {}, {"name": "text"}),
        Kind("imagery", ("raster",)),
        Kind("imagery_before", ("raster",)),
        Kind("landcover", ("raster",)),
        Kind("canopy", ("raster",)),
        Kind("elevation", ("raster",)),
        Kind("irradiance", ("raster",)),
    )
}


@dataclass(frozen=True)
class RawLayer:
    """A source as it was read: its own CRS, its own column names.

    ``tables`` holds what came along without geometry (a GTFS feed's departures).
    """

    data: gpd.GeoDataFrame
    inputs: tuple[InputFile, ...]
    ledger: tuple[LedgerRow, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """A layer that measures can trust: metric CRS, valid geometries, the kind's columns.

    Of a raster kind, ``rasters`` holds one handle (several dates: several), and ``data`` no row.
    """

    name: str
    kind: Kind
    data: gpd.GeoDataFrame
    inputs: tuple[InputFile, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rasters: tuple[Raster, ...] = ()


def raster_layer(spec: LayerSpec, crs: pyproj.CRS, source: RasterSource) -> Layer:
    """Return a layer of raster handles; its cells are read when they are measured.

    Parameters
    ----------
    spec
        What the plan says about it.
    crs
        The run's metric CRS, which nothing of a raster is transformed to.
    source
        Its handles, as `jxgis.sources.read_rasters` gives them.

    Returns
    -------
    Layer
        Without a row.
    """
    import geopandas as gpd

    return Layer(
        spec.name,
        KINDS[spec.kind],
        gpd.GeoDataFrame(geometry=[], crs=crs),
        source.inputs,
        source.ledger,
        rasters=source.rasters,
    )


def prepare(raw: RawLayer, spec: LayerSpec, crs: pyproj.CRS) -> Layer:
    """Check a source against its kind, repair what can be, and make it metric.

    Parameters
    ----------
    raw
        A source as it was read.
    spec
        What the plan says about it.
    crs
        The run's metric CRS.

    Returns
    -------
    Layer
        In ``crs``; everything that was dropped, repaired or assumed is on its ledger.

    Raises
    ------
    InputError
        `InputErrors` where columns and positions are both wrong, else the one that is.
    """
    from jxgis.cleaning import place

    kind = KINDS.get(spec.kind)
    if kind is None:
        raise InputError(
            _("unknown kind of layer {kind}").format(kind=spec.kind),
            mend=_("Known kinds: {kinds}").format(kinds=", ".join(KINDS)),
            **place(spec),
        )
    data, ledger = _checked(raw.data, spec, kind, crs)
    if len(data) == 0:
        raise InputError(
            _("no feature is left of {n}").format(n=len(raw.data)),
            mend="; ".join(row.reason for row in (*raw.ledger, *ledger)),
            **place(spec),
        )
    rows = (*raw.ledger, *ledger)
    return Layer(spec.name, kind, data.reset_index(drop=True), raw.inputs, rows, raw.tables)


def _checked(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Run every room over the data; what is wrong in one does not hide what is in another."""
    from jxgis.cleaning import columns, geometry, positions, stray

    ledger: list[LedgerRow] = []
    errors: list[JxgisError] = []
    try:
        data, rows = columns.with_columns(data, spec, kind)
        ledger += rows
    except InputError as error:
        errors += error.errors if isinstance(error, InputErrors) else [error]
    try:
        data, rows = geometry.clean(data, spec, kind)
        ledger += rows
        data, rows = positions.to_metric(data, spec, crs)
        ledger += rows + stray.suspects(data, spec, crs)
    except InputError as error:
        errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else InputErrors(errors)
    data, rows = geometry.repair(data, spec)
    ledger += rows
    data, rows = geometry.once(data, spec, kind)
    return data, ledger + rows


def geographic_bounds(raw: RawLayer, spec: LayerSpec) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a source in degrees, to choose a metric CRS by.

    Parameters
    ----------
    raw
        A source as it was read; rows without a position do not matter.
    spec
        What the plan says about it. A shifted datum is not undone here.

    Returns
    -------
    tuple of float
        Degrees, longitude first.

    Raises
    ------
    InputError
        If its coordinates cannot be what its CRS says.
    """
    from jxgis.cleaning import positions

    return positions.geographic_bounds(raw.data, spec)
