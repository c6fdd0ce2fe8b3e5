"""OpenStreetMap extracts (``.osm.pbf``), read offline with pyosmium.

A point kind takes nodes, a line kind ways, a polygon kind areas: closed ways and multipolygon
relations. What an extract's clipping or a mapper's slip has broken is mended or left out, and
counted on the ledger; it never stops the run.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import shapely

from jxgis.cleaning import place
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.layers import KINDS, RawLayer
from jxgis.results import InputFile
from jxgis.sources.archive import find, fingerprint
from jxgis.sources.found import first_sentence
from jxgis.sources.osm_rings import Member, enclosed, relation_area, ways_there
from jxgis.sources.osm_tags import (
    ATTRIBUTION,
    Where,
    columns_of,
    ledger_rows,
    matches,
    nothing_fits,
    tags_of,
    with_numbers,
)
from jxgis.spec import LayerSpec

_AREA_RELATIONS = ("multipolygon", "boundary")
_RING_NODES = 4
_WKB = osmium.geom.WKBFactory()


def read(spec: LayerSpec) -> RawLayer:
    """Read the objects of an extract whose tags match.

    Parameters
    ----------
    spec : LayerSpec
        ``osm`` is the extract. ``where`` maps tags to the values that are kept (`True` keeps any
        but ``no``); of several tags any one is enough. Without it the kind's own tags are taken,
        which are listed in `jxgis.sources.osm_tags`.

    Returns
    -------
    RawLayer
        In EPSG:4326, with ``osm_id`` (``way/123``), ``name``, the tags asked for and the kind's
        columns that a tag fills.

    Raises
    ------
    InputError
        The file is not there or not an OpenStreetMap extract, or nothing in it matches.
    """
    path = find(spec)
    where, ledger = tags_of(spec)
    try:
        scan = _Scan(path, where, _Wanted.of(spec))
    except RuntimeError as error:
        raise InputError(
            _("it cannot be read as an OpenStreetMap extract ({reason})").format(
                reason=first_sentence(error)
            ),
            mend=_("Download it again, as a file that ends in .osm.pbf"),
            **place(spec),
        ) from error
    ledger += ledger_rows(scan.counts, spec)
    if not scan.objects:
        raise nothing_fits(spec, where)
    data, rows = with_numbers(_frame(scan, spec, where), spec)
    source = InputFile(
        path=spec.source,
        sha256=fingerprint(path),
        features=len(data),
        crs="EPSG:4326",
        as_of=spec.as_of or _extract_date(path),
        attribution=spec.attribution or ATTRIBUTION,
    )
    return RawLayer(data, (source,), (*ledger, *rows))


@dataclass(frozen=True)
class _Wanted:
    """The kinds of object that a kind of layer takes."""

    nodes: bool
    lines: bool
    areas: bool
    areas_as_points: bool

    @classmethod
    def of(cls, spec: LayerSpec) -> _Wanted:
        kind = KINDS[spec.kind]
        geometry = kind.geometry
        # A charging station may be mapped as its plot, a bus stop as an area is its shelter.
        as_points = geometry == ("point",) and not kind.boarding
        return cls(
            nodes="point" in geometry,
            lines="line" in geometry,
            areas="polygon" in geometry or as_points,
            areas_as_points=as_points,
        )


class _Scan:
    """A pass through an extract: the objects that match, and what is wrong with others."""

    def __init__(self, path: Path, where: Where, wanted: _Wanted) -> None:
        self.objects: list[tuple[str, dict[str, str], Any]] = []
        self.counts: Counter[str] = Counter()
        self._wanted = wanted
        self._rings: dict[int, dict[str, str]] = {}
        self._relations: dict[int, tuple[dict[str, str], list[Member]]] = {}
        self._built: set[tuple[bool, int]] = set()
        keys = osmium.filter.KeyFilter(*where)
        processor = osmium.FileProcessor(path)
        if wanted.areas:
            processor = processor.with_areas(keys)
        elif wanted.lines:
            processor = processor.with_locations()
        takes = {"n": self._node, "w": self._way, "r": self._relation, "a": self._area}
        for thing in processor.with_filter(keys):
            tags = {tag.k: tag.v for tag in thing.tags}
            if matches(tags, where):
                takes[thing.type_str()](thing, tags)
        self._mend(path)

    def _node(self, node: Any, tags: dict[str, str]) -> None:
        if not self._wanted.nodes:
            self.counts["other"] += 1
        elif node.location.valid():
            point = shapely.Point(node.location.lon, node.location.lat)
            self.objects.append((f"node/{node.id}", tags, point))

    def _way(self, way: Any, tags: dict[str, str]) -> None:
        ring = way.is_closed() and len(way.nodes) >= _RING_NODES and tags.get("area") != "no"
        if self._wanted.areas and ring:
            self._rings[way.id] = tags  # its area comes by later in the same pass
        elif self._wanted.lines and tags.get("area") == "yes":
            self.counts["surface"] += 1
        elif self._wanted.lines:
            self._line(way, tags)
        else:
            self.counts["open" if self._wanted.areas else "other"] += 1

    def _line(self, way: Any, tags: dict[str, str]) -> None:
        parts = _parts(way)
        if not parts:
            self.counts["short"] += 1
            return
        if any(not node.location.valid() for node in way.nodes):
            self.counts["cut"] += 1
        line = parts[0] if len(parts) == 1 else shapely.multilinestrings(parts)
        self.objects.append((f"way/{way.id}", tags, line))

    def _relation(self, relation: Any, tags: dict[str, str]) -> None:
        if self._wanted.areas and tags.get("type") in _AREA_RELATIONS:
            members = [(m.ref, m.role) for m in relation.members if m.type == "w"]
            self._relations[relation.id] = (tags, members)
        else:
            self.counts["other"] += 1

    def _area(self, area: Any, tags: dict[str, str]) -> None:
        try:
            shape = shapely.from_wkb(_WKB.create_multipolygon(area))
        except RuntimeError:
            return  # its rings are broken: `_mend` tries it
        self._built.add((area.from_way(), area.orig_id()))
        self._keep_area("way" if area.from_way() else "relation", area.orig_id(), tags, shape)

    def _keep_area(self, origin: str, osm_id: int, tags: dict[str, str], shape: Any) -> None:
        if self._wanted.areas_as_points:
            self.counts["as_point"] += 1
            shape = shapely.point_on_surface(shape)
        elif shapely.get_num_geometries(shape) == 1:
            shape = shapely.get_geometry(shape, 0)
        self.objects.append((f"{origin}/{osm_id}", tags, shape))

    def _mend(self, path: Path) -> None:
        """Try the areas that the assembler did not build."""
        rings = {i: t for i, t in self._rings.items() if (True, i) not in self._built}
        relations = {i: r for i, r in self._relations.items() if (False, i) not in self._built}
        if not rings and not relations:
            return
        members = {way for _tags, ways in relations.values() for way, _role in ways}
        lines, clipped = ways_there(path, members | rings.keys())
        for way, tags in rings.items():
            shape = enclosed([lines[way]]) if way in lines else None
            self._mended("way", way, tags, shape, clipped=way in clipped)
        for relation, (tags, ways) in relations.items():
            cut = any(way in clipped or way not in lines for way, _role in ways)
            self._mended("relation", relation, tags, relation_area(ways, lines), clipped=cut)

    def _mended(
        self, origin: str, osm_id: int, tags: dict[str, str], shape: Any | None, *, clipped: bool
    ) -> None:
        if shape is None:
            self.counts["lost"] += 1
        else:
            self.counts["clipped" if clipped else "mended"] += 1
            self._keep_area(origin, osm_id, tags, shape)


def _parts(way: Any) -> list[shapely.LineString]:
    """Return the way's lines between its missing nodes."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.location.lon, node.location.lat))
        elif runs[-1]:
            runs.append([])
    return [shapely.LineString(run) for run in runs if len(set(run)) > 1]


def _frame(scan: _Scan, spec: LayerSpec, where: Where) -> gpd.GeoDataFrame:
    rows = [columns_of(osm_id, tags, spec, where) for osm_id, tags, _shape in scan.objects]
    shapes = [shape for _id, _tags, shape in scan.objects]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def _extract_date(path: Path) -> dt.date | None:
    """Return the date of the data that the extract's header gives."""
    stamp = osmium.FileProcessor(path).header.get("osmosis_replication_timestamp", "")
    try:
        return dt.datetime.fromisoformat(stamp).date()
    except ValueError:
        return None
