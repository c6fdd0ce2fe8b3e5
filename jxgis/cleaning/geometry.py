"""Geometries: of the kind's type, two-dimensional, finite, valid, and each there once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jxgis.cleaning import geometries, place, row_number, rows_named
from jxgis.cleaning.columns import as_text, attributes
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec

if TYPE_CHECKING:
    from jxgis.layers import Kind

_POINT, _LINE, _POLYGON = 0, 1, 3
_AREAL = 2  # the dimension of a polygon, to shapely
_MULTIPOINT, _COLLECTION = 4, 7
_FITTING = {"point": (0, 4), "line": (1, 2, 5), "polygon": (3, 6)}
_RING_POINTS = 4
_SAME = 1e-9  # share by which two ways to mend a ring may differ

Geometries = NDArray[np.object_]


def clean(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Keep the geometries that a kind of layer can have, in two dimensions.

    Returns
    -------
    data : GeoDataFrame
        In the source's CRS; multi-points of kinds that count places are one row a point.
    ledger : list of LedgerRow

    Raises
    ------
    InputError
        If no geometry is of a type that the kind has, or several points share one amount.
    """
    ledger: list[LedgerRow] = []
    data = data.rename_geometry("geometry") if data.geometry.name != "geometry" else data
    data = _drop(data, _absent(data), spec, ledger, _("no geometry, or an empty one"))
    data = _drop(data, _infinite(data), spec, ledger, _("coordinates that are no numbers"))
    data = _flat(data, spec, ledger)
    data = _parts_that_fit(data, spec, kind, ledger)
    data = _closed_lines(data, spec, kind, ledger)
    fits = _fits(data, kind)
    if len(data) and not fits.any():
        raise _wrong_type(data, spec, kind)
    data = _drop(data, ~fits, spec, ledger, _("geometry of another type"))
    if "point" in kind.geometry:
        data = _single_points(data, spec, kind, ledger)
    return data, ledger


def repair(data: gpd.GeoDataFrame, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Make polygons valid, keeping all that their rings enclose.

    The method is GEOS' ``structure``: each ring is made valid, shells are united, holes are cut
    out. A bow-tie keeps both lobes, and where two parts of a multi-polygon overlap the overlap
    stays and is counted once; ``linework`` would turn it into a hole.

    Parameters
    ----------
    data
        In a metric CRS, so that areas are square metres.
    spec
        The layer's specification, for its name.

    Returns
    -------
    data : GeoDataFrame
    ledger : list of LedgerRow
        How many were repaired and by how much the area that was read changed.
    """
    shapes = geometries(data)
    bad = ~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == _AREAL)
    if not bad.any():
        return data, []
    mended = _made_valid(shapes[bad])
    before, after = shapely.area(shapes[bad]), shapely.area(mended)
    change = float(np.abs(after - before).sum())
    reason = _("invalid polygons made valid; their area changed by {area:,.0f} m²: {rows}").format(
        area=change, rows=rows_named(data.index[bad])
    )
    ledger = [LedgerRow("repaired", spec.name, int(bad.sum()), reason)]
    shapes[bad] = mended
    out = data.set_geometry(gpd.GeoSeries(shapes, index=data.index, crs=data.crs))
    gone = shapely.is_empty(shapes)
    return _drop(out, gone, spec, ledger, _("polygons without an area")), ledger


def _made_valid(shapes: Geometries) -> Geometries:
    mended = np.asarray(
        shapely.make_valid(shapes, method="structure", keep_collapsed=False), dtype=object
    )
    # Where a ring goes along an edge there and back, GEOS may lose some of what it goes round.
    single = (shapely.get_num_geometries(shapes) == 1) & (_holes(shapes) == 0)
    for i in np.flatnonzero(single | (shapely.area(mended) == 0)):
        around = _enclosed(shapes[i])
        if not np.isclose(shapely.area(around), shapely.area(mended[i]), rtol=_SAME, atol=0):
            mended[i] = around
    # GEOS leaves two parts side by side where a ring goes along an edge twice.
    for i in np.flatnonzero(~shapely.is_valid(mended)):
        mended[i] = shapely.union_all(shapely.make_valid(shapely.get_parts(mended[i])))
    return mended


def _holes(shapes: Geometries) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    parts, which = shapely.get_parts(shapes, return_index=True)
    return np.bincount(which, weights=shapely.get_num_interior_rings(parts), minlength=len(shapes))


def _enclosed(shape: shapely.Geometry) -> shapely.Geometry:
    """Return what a polygon's rings go round, each face by its winding number."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    lines = shapely.node(shapely.union_all(shapely.linestrings(xy, indices=ring)))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    around = [face for face in faces if _winding(shape, shapely.point_on_surface(face)) != 0]
    return shapely.union_all(around) if around else shapely.Polygon()


def _winding(shape: shapely.Geometry, point: shapely.Point) -> int:
    """Return how often rings go round a point: the crossings of a ray to the right, signed."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    (ax, ay), (bx, by) = xy[:-1].T, xy[1:].T
    left = (bx - ax) * (point.y - ay) - (point.x - ax) * (by - ay)
    side = np.diff(ring) == 0
    up = side & (ay <= point.y) & (point.y < by) & (left > 0)
    down = side & (by <= point.y) & (point.y < ay) & (left < 0)
    return int(up.sum() - down.sum())


def once(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Drop rows that repeat another row's geometry and columns; of stops, none.

    Both platforms of a stop may carry one name and one position: in a union the second is
    harmless, and dropping it would change the count of stops.
    """
    shapes = geometries(data)
    # Comparing geometries is dear, and only those within the same bounds can be the same.
    alike = pd.DataFrame(shapely.bounds(shapes)).duplicated(keep=False).to_numpy()
    where = pd.Series(shapely.to_wkb(shapely.normalize(shapes[alike])))
    if kind.boarding:
        same = int(where.duplicated(keep=False).sum())
        reason = _("stops at the very position of another; all are kept")
        return data, [LedgerRow("note", spec.name, same, reason)] if same else []
    keys = pd.DataFrame({c: as_text(data.loc[alike, c]) for c in attributes(data)})
    repeated = np.zeros(len(data), dtype=bool)
    repeated[alike] = keys.reset_index(drop=True).assign(geometry=where).duplicated()
    ledger: list[LedgerRow] = []
    reason = _("the same as another row, geometry and columns")
    return _drop(data, repeated, spec, ledger, reason), ledger


def _drop(
    data: gpd.GeoDataFrame,
    bad: NDArray[np.bool_],
    spec: LayerSpec,
    ledger: list[LedgerRow],
    reason: str,
) -> gpd.GeoDataFrame:
    if not bad.any():
        return data
    text = _("{reason}: {rows}").format(reason=reason, rows=rows_named(data.index[bad]))
    ledger.append(LedgerRow("dropped", spec.name, int(bad.sum()), text))
    return data[~bad]


def _absent(data: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = geometries(data)
    return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def _infinite(data: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(geometries(data), return_index=True)
    bad = np.zeros(len(data), dtype=bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return bad


def _flat(data: gpd.GeoDataFrame, spec: LayerSpec, ledger: list[LedgerRow]) -> gpd.GeoDataFrame:
    tall = shapely.has_z(geometries(data)) | shapely.has_m(geometries(data))
    if not tall.any():
        return data
    reason = _("heights and measures of coordinates left out")
    ledger.append(LedgerRow("note", spec.name, int(tall.sum()), reason))
    return data.set_geometry(shapely.force_2d(geometries(data)), crs=data.crs)


def _fits(data: gpd.GeoDataFrame, kind: Kind) -> NDArray[np.bool_]:
    allowed = [type_id for name in kind.geometry for type_id in _FITTING[name]]
    return np.isin(shapely.get_type_id(geometries(data)), allowed)


def _parts_that_fit(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind, ledger: list[LedgerRow]
) -> gpd.GeoDataFrame:
    """Replace geometry collections by their parts of the fitting type."""
    shapes = geometries(data)
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION)
    if len(mixed) == 0:
        return data
    lost = 0
    for i in mixed:
        parts = _leaves(shapes[i])
        kept = _of_one_type(parts, kind)
        lost += len(parts) - len(kept)
        if len(kept):
            shapes[i] = _together(kept)
    reason = _("geometry collections: {n} parts of another type left out: {rows}").format(
        n=lost, rows=rows_named(data.index[mixed])
    )
    ledger.append(LedgerRow("note", spec.name, len(mixed), reason))
    return data.set_geometry(gpd.GeoSeries(shapes, index=data.index, crs=data.crs))


def _leaves(geometry: Any) -> Geometries:
    parts = shapely.get_parts([geometry])
    while (shapely.get_type_id(parts) >= _MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts, dtype=object)


def _of_one_type(parts: Geometries, kind: Kind) -> Geometries:
    """Return the parts of the widest type that the kind has: areas before lines before points."""
    for name in ("polygon", "line", "point"):
        if name in kind.geometry:
            kept = parts[np.isin(shapely.get_type_id(parts), _FITTING[name])]
            if len(kept):
                return kept
    return parts[:0]


def _together(parts: Geometries) -> Any:
    if len(parts) == 1:
        return parts[0]
    dimension = int(shapely.get_dimensions(parts[0]))
    return (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension](parts)


def _closed_lines(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind, ledger: list[LedgerRow]
) -> gpd.GeoDataFrame:
    """Read closed lines as the areas they enclose, where only areas are wanted (CAD drawings)."""
    shapes = geometries(data)
    if kind.geometry != ("polygon",):
        return data
    lines = (
        np.isin(shapely.get_type_id(shapes), _FITTING["line"][:2])
        & shapely.is_closed(shapes)
        & (shapely.get_num_coordinates(shapes) >= _RING_POINTS)
    )
    if not lines.any():
        return data
    coordinates, owner = shapely.get_coordinates(shapes[lines], return_index=True)
    shapes[lines] = shapely.polygons(shapely.linearrings(coordinates, indices=owner))
    reason = _("closed lines read as areas, each by itself and without holes: {rows}").format(
        rows=rows_named(data.index[lines])
    )
    ledger.append(LedgerRow("assumed", spec.name, int(lines.sum()), reason))
    return data.set_geometry(gpd.GeoSeries(shapes, index=data.index, crs=data.crs))


def _wrong_type(data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind) -> InputError:
    words = {"point": _("points"), "line": _("lines"), "polygon": _("areas")}
    dimensions = shapely.get_dimensions(geometries(data))
    there = [words[name] for d, name in enumerate(words) if (dimensions == d).any()]
    return InputError(
        _("a layer of kind {kind} has {wanted}, and this one has {there}").format(
            kind=kind.name,
            wanted=_(" or ").join(words[name] for name in kind.geometry),
            there=_(" and ").join(there),
        ),
        mend=_(
            "Name a layer that has them, or make them in a GIS (an area's centroid, a line's hull)"
        ),
        **place(spec),
    )


def _single_points(
    data: gpd.GeoDataFrame, spec: LayerSpec, kind: Kind, ledger: list[LedgerRow]
) -> gpd.GeoDataFrame:
    """Make multi-points single; several points in a row are places of their own, or a fault."""
    shapes = geometries(data)
    multi = shapely.get_type_id(shapes) == _MULTIPOINT
    several = multi & (shapely.get_num_geometries(shapes) > 1)
    if kind.name == "sites":
        # One project in several places is one project: it is counted once.
        return data
    amounts = [c for c, t in {**kind.required, **kind.optional}.items() if t == "number"]
    shared = [c for c in amounts if c in data and data.loc[several, c].notna().any()]
    if shared:
        label = data.index[several][0]
        raise InputError(
            _("several points share one value of {column}").format(column=shared[0]),
            mend=_("Give each point its own row and its own share of the value"),
            row=row_number(label),
            **place(spec),
        )
    if not multi.any():
        return data
    out = data.explode(index_parts=False)
    if several.any():
        reason = _("multi-points taken apart: {more} more rows").format(more=len(out) - len(data))
        ledger.append(LedgerRow("note", spec.name, int(several.sum()), reason))
    return out
