"""All layers of a run: read, made metric, and held against each other.

Every fault is collected before the first is raised, so that a planner mends a plan in one go.
Rasters come last, because they may hold the whole Earth: only what is over the place is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pyproj

from jxgis import sources
from jxgis.crs import Bounds, check_metric, grid_scale, metric_crs, parse_crs
from jxgis.errors import InputError, JxgisError
from jxgis.i18n import _
from jxgis.layers import KINDS, Layer, RawLayer, geographic_bounds, prepare, raster_layer
from jxgis.plan import all_errors
from jxgis.results import LedgerRow
from jxgis.shift import Shift, suspect_shift
from jxgis.spec import LayerSpec
from jxgis.toml_reader import raise_faults

Progress = Callable[[str], None]

MOST_DISTORTION = 0.01
"""A metric CRS whose areas are farther off than this share is of another place."""

# The layers that say best where a city is, in this order.
_PLACE_KINDS = ("zones", "built_up", "stops", "sites")

# The layers that say how much of a raster is read, in this order, and how far beyond them.
_EXTENT_KINDS = ("built_up", "zones", "stops")
_BEYOND_M = 2000.0

# The layers that points are held against to see whether they are shifted, in this order.
_REFERENCE_KINDS = ("streets", "built_up")


@contextmanager
def collecting(errors: list[JxgisError]) -> Iterator[None]:
    """Add an error of the body to a list, each of several on its own, and go on."""
    try:
        yield
    except JxgisError as error:
        errors += all_errors(error)


def read_layers(
    specs: Mapping[str, LayerSpec], crs_name: str | None, progress: Progress
) -> tuple[dict[str, Layer], list[LedgerRow]]:
    """Read, check and transform layers.

    Parameters
    ----------
    specs
        What the plan says of each layer, by name.
    crs_name
        The metric CRS to measure in; None chooses it by the place.
    progress
        Called with a line for the reader at each layer.

    Returns
    -------
    layers : dict of Layer
        By name, in the run's metric CRS.
    notes : list of LedgerRow
        How the CRS came about, its areal scale, and layers that look shifted.

    Raises
    ------
    InputError
        Everything that is wrong with the layers, or a CRS that distorts areas there by more than
        `MOST_DISTORTION`; `InputErrors` where that is several things.
    """
    errors: list[JxgisError] = []
    crs = None
    with collecting(errors):
        crs = None if crs_name is None else check_metric(parse_crs(crs_name))
    notes: list[LedgerRow] = []
    layers: dict[str, Layer] = {}
    for names in _phases(specs):
        raws = _read(names, specs, layers, progress, errors)
        if crs is None and crs_name is None and raws:
            with collecting(errors):
                crs = _crs_of_the_place(specs, raws)
                notes.append(_assumed_crs(crs))
        if crs is None:
            continue
        for name, raw in raws.items():
            with collecting(errors):
                layers[name] = prepare(raw, specs[name], crs)
    for name in _handles(specs):
        progress(_("reading {layer}: {source}").format(layer=name, source=specs[name].source))
        with collecting(errors):
            source = sources.read_rasters(specs[name])
            if crs is not None:
                layers[name] = raster_layer(specs[name], crs, source)
    raise_faults(errors)
    if specs and crs is None:
        raise InputError(
            _("there is no layer of shapes: a metric CRS cannot be chosen"),
            mend=_("Give zones, or a metric CRS"),
        )
    layers = {name: layers[name] for name in specs}
    if crs is not None and any(not layer.kind.is_raster for layer in layers.values()):
        notes += [_areal_scale(crs, layers), *_shifted(specs, layers, crs)]
    return layers, notes


def _phases(specs: Mapping[str, LayerSpec]) -> Iterator[list[str]]:
    """Give the names of the layers that are read whole, then of the rasters of counts."""
    features = {name: spec for name, spec in specs.items() if name not in _handles(specs)}
    for rasters in (False, True):
        yield [name for name, spec in features.items() if sources.is_raster(spec) == rasters]


def _handles(specs: Mapping[str, LayerSpec]) -> list[str]:
    """Return the names of the layers of which only windows are read, while they are measured."""
    return [name for name, spec in specs.items() if KINDS[spec.kind].is_raster]


def _read(
    names: list[str],
    specs: Mapping[str, LayerSpec],
    layers: Mapping[str, Layer],
    progress: Progress,
    errors: list[JxgisError],
) -> dict[str, RawLayer]:
    """Read layers, of rasters what lies over the layers that are there already."""
    within = _extent(layers)
    unknown = within is None and any(spec.kind in _EXTENT_KINDS for spec in specs.values())
    raws = {}
    for name in names:
        spec = specs[name]
        progress(_("reading {layer}: {source}").format(layer=name, source=spec.source))
        with collecting(errors):
            if unknown and sources.is_raster(spec):
                sources.check_raster(spec)  # what says how much to read could not be read itself
            else:
                raws[name] = sources.read(spec, within)
    return raws


def _extent(layers: Mapping[str, Layer]) -> Bounds | None:
    """Return what of a raster is read, in degrees, or None where no layer says it."""
    for kind in _EXTENT_KINDS:
        alike = [layer.data for layer in layers.values() if layer.kind.name == kind]
        if alike:
            every = np.array([data.total_bounds for data in alike])
            west, south = every[:, :2].min(axis=0) - _BEYOND_M
            east, north = every[:, 2:].max(axis=0) + _BEYOND_M
            degrees = pyproj.Transformer.from_crs(alike[0].crs, "EPSG:4326", always_xy=True)
            return degrees.transform_bounds(west, south, east, north)
    return None


def _place_rank(kind: str) -> int:
    return _PLACE_KINDS.index(kind) if kind in _PLACE_KINDS else len(_PLACE_KINDS)


def _crs_of_the_place(specs: Mapping[str, LayerSpec], raws: Mapping[str, RawLayer]) -> pyproj.CRS:
    name = min(raws, key=lambda name: _place_rank(specs[name].kind))
    return metric_crs(geographic_bounds(raws[name], specs[name]))


def _assumed_crs(crs: pyproj.CRS) -> LedgerRow:
    reason = _("the plan names no metric CRS; by the place it is {crs} ({name})")
    return LedgerRow("assumed", "", 1, reason.format(crs=crs.to_string(), name=crs.name))


def _areal_scale(crs: pyproj.CRS, layers: Mapping[str, Layer]) -> LedgerRow:
    features = [layer for layer in layers.values() if not layer.kind.is_raster]
    place = min(features, key=lambda layer: _place_rank(layer.kind.name))
    west, south, east, north = place.data.total_bounds.tolist()
    low, high = grid_scale(crs, (west, south, east, north))
    if not (abs(low - 1) <= MOST_DISTORTION and abs(high - 1) <= MOST_DISTORTION):
        raise InputError(
            _("{crs} distorts areas at {layer} by {low:+.1%} to {high:+.1%}").format(
                crs=crs.to_string(), layer=place.name, low=low - 1, high=high - 1
            ),
            mend=_("Give a metric CRS of the place, or none: then it is chosen by the place"),
        )
    reason = _("areas in {crs} are {low:+.3%} to {high:+.3%} off the ellipsoid's, not corrected")
    return LedgerRow("note", "", 1, reason.format(crs=crs.to_string(), low=low - 1, high=high - 1))


def _shifted(
    specs: Mapping[str, LayerSpec], layers: Mapping[str, Layer], crs: pyproj.CRS
) -> list[LedgerRow]:
    """Warn of point layers that look shifted against streets or outlines; correct nothing."""
    kinds = {layer.kind.name: layer for layer in layers.values()}
    reference = next((kinds[kind] for kind in _REFERENCE_KINDS if kind in kinds), None)
    rows = []
    for layer in layers.values():
        silent = specs[layer.name].datum is None
        if reference is None or layer.kind.geometry != ("point",) or not silent:
            continue
        shift = suspect_shift(_geometries(layer), _geometries(reference), crs)
        if shift is not None:
            reason = _shift_reason(shift, reference)
            rows.append(LedgerRow("suspected", layer.name, len(layer.data), reason))
    return rows


def _geometries(layer: Layer) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.asarray(layer.data.geometry.array, dtype=object)


def _shift_reason(shift: Shift, reference: Layer) -> str:
    text = _(
        "the points lie about {distance:.0f} m off {reference} ({dx:+.0f} m east, {dy:+.0f} m "
        "north); nothing was corrected"
    ).format(distance=shift.distance_m, reference=reference.name, dx=shift.dx_m, dy=shift.dy_m)
    if shift.datum:
        return text + _('; if they are from a web map, write datum = "{datum}"').format(
            datum=shift.datum
        )
    if shift.twice:
        return text + _("; it looks as if GCJ-02 had been applied twice")
    return text
