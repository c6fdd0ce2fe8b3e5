"""Vector files of every kind that GDAL reads."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError
from pyproj.exceptions import CRSError

from jxgis.cleaning import geometries, place
from jxgis.errors import InputError, NoCrsError
from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.results import LedgerRow
from jxgis.sources import shapefile, texts
from jxgis.sources.found import Found, first_sentence
from jxgis.spec import LayerSpec

# Arcs are read as chords of this angle, degrees; area inside an arc is off by angle² / 6.
_ARC_STEP = 0.2
_ARC_ERROR = np.radians(_ARC_STEP) ** 2 / 6
_CURVES = ("Curve", "Compound", "Circular", "MultiCurve", "MultiSurface")

_DIMENSION = {"point": 0, "line": 1, "polygon": 2}


def read(path: Path, spec: LayerSpec) -> Found:
    """Read one layer of a vector file as it is, text decoded.

    Raises
    ------
    InputError
        If it cannot be read, has no layer with places, or several and none is named.
    """
    if path.suffix.lower() == ".shp" and spec.layer not in (None, path.stem, path.name):
        raise _no_layer(spec, [path.stem])
    with ExitStack() as stack:
        bare, crs = path, None
        if path.suffix.lower() == ".shp":
            shapefile.check_complete(path, spec)
            bare, crs = stack.enter_context(shapefile.readable(path))
        found = _read_gdal(bare, spec)
        if path.suffix.lower() == ".shp":
            found.lacks = _("no .prj, or one that cannot be read")
            found.layer = path.stem
        if crs is not None:
            found.data = found.data.set_crs(crs, allow_override=True)
    return found


def _read_gdal(path: Path, spec: LayerSpec) -> Found:
    # FileGDB, GeoPackage and DXF know true arcs.
    pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": str(_ARC_STEP), **texts.GDAL_OPTIONS})
    layer, ledger = _choose_layer(path, spec)
    options: dict[str, Any] = {"on_invalid": "fix"}
    if path.suffix.lower() in texts.UNDECODED:
        options["encoding"] = texts.BYTES
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = _asked(spec, pyogrio.read_dataframe, path, layer=layer, **options)
    if not isinstance(data, gpd.GeoDataFrame):
        raise InputError(
            _("{layer} is a table without geometry").format(layer=layer),
            mend=_("Name a layer with points, lines or areas, or export the table as CSV"),
            **place(spec),
        )
    said = sorted({str(w.message) for w in caught})
    ledger += [
        LedgerRow("note", spec.name, 1, _("GDAL says: {text}").format(text=text)) for text in said
    ]
    if "encoding" in options:
        data, found = texts.with_text(data, path, spec)
        ledger += found
    return Found(data, layer, ledger)


def _asked(spec: LayerSpec, reader: Any, path: Path, **options: Any) -> Any:
    """Call a reader of GDAL's and say in one sentence what it could not do."""
    try:
        return reader(path, **options)
    except (CRSError, pyogrio.errors.CRSError) as error:
        raise NoCrsError(
            _("its coordinate system cannot be understood"),
            mend=_("Save the layer again with a coordinate system that has an EPSG code"),
            **place(spec),
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            _("its text is not UTF-8"), mend=_("Save the file again as UTF-8"), **place(spec)
        ) from error
    except (
        DataSourceError,
        DataLayerError,
        FieldError,
        GeometryError,
        shapely.errors.ShapelyError,
        OSError,
        ValueError,
    ) as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=first_sentence(error)),
            mend=_("Open it in a GIS and save it again, for example as a GeoPackage"),
            **place(spec),
        ) from error


@dataclass(frozen=True)
class _Inside:
    """A layer of a file that has features with geometry."""

    name: str
    features: int
    geometry: str


def _choose_layer(path: Path, spec: LayerSpec) -> tuple[str, list[LedgerRow]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        listed = _asked(spec, pyogrio.list_layers, path)
        names = [str(name) for name in listed[:, 0]]
        places = [str(name) for name, kind in listed if kind is not None]
        if path.suffix.lower() == ".shp":
            return path.stem, []
        if spec.layer is not None and spec.layer in names:
            return spec.layer, _curve_note(path, spec.layer, spec)
        if spec.layer is not None:
            raise _no_layer(spec, names)
        if len(places) == 1:
            return places[0], _curve_note(path, places[0], spec)
        inside = [_look(path, name, spec) for name in places]
    full = [i for i in inside if i.features]
    fitting = [i for i in full if _may_fit(path, i, spec)]
    if len(fitting) == 1:
        name = fitting[0].name
        reason = _("layer {name} was read: the only one of {n} that has what is wanted").format(
            name=name, n=len(names)
        )
        note = [LedgerRow("note", spec.name, 1, reason)] if len(full) > 1 else []
        return name, note + _curve_note(path, name, spec)
    if not full:
        raise InputError(_("it holds no features"), **place(spec))
    raise InputError(
        _("it holds several layers: {names}").format(names=", ".join(i.name for i in full)),
        mend=_('Name one: layer = "{name}" under [layers.{layer}]').format(
            name=(fitting or full)[0].name, layer=spec.name
        ),
        **place(spec),
    )


def _no_layer(spec: LayerSpec, names: list[str]) -> InputError:
    return InputError(
        _("there is no layer {name} in it").format(name=spec.layer),
        mend=_("Its layers are: {names}").format(names=", ".join(names)),
        **place(spec),
    )


def _look(path: Path, name: str, spec: LayerSpec) -> _Inside:
    info = _asked(spec, pyogrio.read_info, path, layer=name, force_feature_count=True)
    return _Inside(name, int(info["features"]), str(info["geometry_type"]))


def _may_fit(path: Path, inside: _Inside, spec: LayerSpec) -> bool:
    wanted = {_DIMENSION[g] for g in KINDS[spec.kind].geometry} if spec.kind in KINDS else set()
    for word, name in (("Point", "point"), ("Line", "line"), ("Polygon", "polygon")):
        if word in inside.geometry:
            return _DIMENSION[name] in wanted
    data = _asked(
        spec, pyogrio.read_dataframe, path, layer=inside.name, columns=[], on_invalid="fix"
    )
    there = set(shapely.get_dimensions(shapely.get_parts(geometries(data))).tolist())
    return bool(there & wanted)


def _curve_note(path: Path, layer: str, spec: LayerSpec) -> list[LedgerRow]:
    info = _asked(spec, pyogrio.read_info, path, layer=layer)
    if not str(info["geometry_type"]).startswith(_CURVES):
        return []
    reason = _("arcs read as chords of {step} degrees: area inside them is off by {error:.1e}")
    return [LedgerRow("note", spec.name, 1, reason.format(step=_ARC_STEP, error=_ARC_ERROR))]
