"""Two states of a city compared: what is gained and what is lost between before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jxgis.i18n import _
from jxgis.kernels.discs import covered_areas
from jxgis.kernels.drawn import parted
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, Table
from jxgis.rules import Rules
from jxgis.transit.areas import Polygons, less, polygons_of
from jxgis.transit.asking import Ask
from jxgis.transit.drawings import QUAD_SEGS
from jxgis.transit.exclusions import Exclusion
from jxgis.transit.ground import Ground, ground
from jxgis.transit.people import people_in
from jxgis.transit.study import Study, shares
from jxgis.transit.wholes import FloatArray, Places

NONE: Polygons = np.empty(0, dtype=object)


@dataclass(frozen=True)
class Change:
    """What a comparison adds to a coverage's result."""

    indicators: tuple[Indicator, ...]
    tables: tuple[Table, ...]
    drawings: tuple[Drawing, ...]


def compared(layers: Mapping[str, Layer]) -> bool:
    """Tell whether there is an earlier state to compare with."""
    return "stops_before" in layers or "built_up_before" in layers


def change(
    study: Study,
    asks: Sequence[Ask],
    exclusions: Sequence[Exclusion],
    rules: Rules,
    *,
    drawings: bool,
) -> Change:
    """Compare a coverage with an earlier state of its stops, its built-up area, or both.

    Gained is what is covered after and was not before, lost what was covered and is no more; both
    exactly, as areas of unions of discs on the three parts of the ground: built up before and
    after, since, and no more. What of the two states is not given is as it is after.

    Parameters
    ----------
    study
        The state after; its layers hold ``stops_before`` or ``built_up_before``.
    asks
        Official ones are compared, a table for each radius.
    exclusions, rules
        What leaves the built-up area, before as after.
    drawings
        Whether to draw what is gained and lost.
    """
    two = _States.of(study, [ask.zones for ask in asks], exclusions, rules)
    official = [a for a in asks if (a.of, a.by, a.beside) == ("area", "straight", None)]
    official = [a for a in official if a.departures_per_hour is None]
    by_radius = {ask.radius_m: ask for ask in reversed(official)}
    return Change(
        tuple(two.indicator(ask) for ask in official),
        tuple(two.table(by_radius[r]) for r in study.radii if r in by_radius),
        tuple(d for r in study.radii for d in two.drawings(r)) if drawings else (),
    )


@dataclass(frozen=True)
class _States:
    """Stops and ground before, beside a study of those after, and the parts of the ground."""

    study: Study
    points: FloatArray
    ground: Ground
    both: tuple[Polygons, ...]
    since: tuple[Polygons, ...]
    gone: tuple[Polygons, ...]
    people: Places | None

    @classmethod
    def of(
        cls,
        study: Study,
        asked: Sequence[tuple[str, ...]],
        exclusions: Sequence[Exclusion],
        rules: Rules,
    ) -> _States:
        layers = dict(study.layers)
        stops = layers.get("stops_before", layers["stops"])
        points = shapely.get_coordinates(stops.data.geometry.to_numpy())
        rows = [zone.built_up for zone in study.ground.zones]
        before, both, since, gone = study.ground, rows, [NONE] * len(rows), [NONE] * len(rows)
        if "built_up_before" in layers:
            layers["built_up"] = layers["built_up_before"]
            before = ground(layers, asked, exclusions, rules)
            earlier = {zone.zone_id: zone.built_up for zone in before.zones}
            old = [earlier.get(zone.zone_id, NONE) for zone in study.ground.zones]
            both = [_common(a, b) for a, b in zip(rows, old, strict=True)]
            since = [less(a, b) if len(a) else a for a, b in zip(rows, old, strict=True)]
            gone = [less(b, a) if len(b) else b for a, b in zip(rows, old, strict=True)]
        people = None
        if "population" in layers and any(a.of == "people" for a in study.asks):
            same = before is study.ground
            own = study.people("population") if same else people_in(layers["population"], before)
            people = own.places
        return cls(study, points, before, tuple(both), tuple(since), tuple(gone), people)

    def areas(self, radius: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return covered area before, all area before, gained and lost, by row, square metres."""
        after = self.study.reach.points
        united = np.concatenate([self.points, after])
        both_before, both_after, both_any = (
            _covered(points, radius, self.both) for points in (self.points, after, united)
        )
        gone = _covered(self.points, radius, self.gone)
        gained = _covered(after, radius, self.since) + both_any - both_before
        lost = gone + both_any - both_after
        total = np.array(
            [
                shapely.area(a).sum() + shapely.area(b).sum()
                for a, b in zip(self.both, self.gone, strict=True)
            ]
        )
        return both_before + gone, total, np.maximum(gained, 0), np.maximum(lost, 0)

    def people_changed(self, radius: float) -> tuple[FloatArray, FloatArray]:
        """Return the people gained and lost, by row."""
        places = self.study.people("population").places
        n = len(self.study.ground.zones)
        gained = self._served_otherwise(
            places, self.study.reach.points, self.points, self.ground.gross, radius
        )
        earlier = self.people or places
        lost = self._served_otherwise(
            earlier, self.points, self.study.reach.points, self.study.ground.gross, radius
        )
        return gained[:n], lost[:n]

    @staticmethod
    def _served_otherwise(
        places: Places, stops: FloatArray, others: FloatArray, area: Polygons, radius: float
    ) -> FloatArray:
        """Return who is served by some stops, and is not in another state of stops and area."""
        near, far = (cKDTree(points).query(places.points)[0] for points in (stops, others))
        shapely.prepare(area)
        at = shapely.points(places.points)
        inside = np.zeros(len(places.points), bool)
        inside[shapely.STRtree(area).query(at, predicate="intersects")[0]] = True
        served = (near <= radius) & ~((far <= radius) & inside)
        return np.asarray(places.within(np.where(served, 0.0, np.inf), [radius])[0], float)

    def rows(self, ask: Ask) -> list[int]:
        return list(self.study.ground.sets.parts[ask.zones])

    def indicator(self, ask: Ask) -> Indicator:
        """Return the official figure as it was before."""
        covered, total, _gained, _lost = self.areas(ask.radius_m)
        rows = self.rows(ask)
        before, whole = float(covered[rows].sum()), float(total[rows].sum())
        return Indicator(
            f"{ask.id}-before",
            before / whole if whole else None,
            "1",
            numerator=before,
            denominator=whole,
            params={
                "radius_m": ask.radius_m,
                "of": ask.of,
                "by": ask.by,
                "state": "before",
            },
            beside=ask.id,
        )

    def table(self, ask: Ask) -> Table:
        """Return shares before and after, and what is gained and lost, by zone and in all."""
        radius = ask.radius_m
        covered, total, gained, lost = self.areas(radius)
        now, whole = self.study.rows_reached(Ask("", radius))
        columns = {"covered": covered, "total": total, "now": now, "whole": whole}
        columns |= {"gained_m2": gained, "lost_m2": lost}
        fields = {
            "zone": _("Zone"),
            "share_before": _("Before"),
            "share_after": _("After"),
            "gained_m2": _("Area gained"),
            "lost_m2": _("Area lost"),
        }
        if self.people is not None:
            columns["people_gained"], columns["people_lost"] = self.people_changed(radius)
            fields |= {"people_gained": _("People gained"), "people_lost": _("People lost")}
        rows = self.rows(ask)
        data = pd.DataFrame(columns).iloc[rows]
        sums = pd.DataFrame([data.sum()])
        zones = self.study.ground.zones
        frame = pd.concat([data, sums] if len(rows) > 1 else [data], ignore_index=True)
        frame.insert(0, "zone", [*(zones[i].name for i in rows), _("together")][: len(frame)])
        frame.insert(0, "zone_id", [*(zones[i].zone_id for i in rows), ""][: len(frame)])
        frame["share_before"] = shares(frame["covered"].to_numpy(), frame["total"].to_numpy())
        frame["share_after"] = shares(frame["now"].to_numpy(), frame["whole"].to_numpy())
        frame = frame.drop(columns=["covered", "total", "now", "whole"])
        title = _("Before and after, within {radius:g} m").format(radius=radius)
        return Table(f"change_{radius:.12g}", title, frame, fields)

    def drawings(self, radius: float) -> list[Drawing]:
        """Return the faces that are gained and lost."""
        (after, _rest), (before, _rest_before) = (
            next(parted(area, points, [radius], QUAD_SEGS))
            for area, points in (
                (self.study.ground.net, self.study.reach.points),
                (self.ground.net, self.points),
            )
        )
        crs = self.study.layers["built_up"].data.crs
        titles = {
            "gained": _("Gained within {radius:g} m").format(radius=radius),
            "lost": _("Lost within {radius:g} m").format(radius=radius),
        }
        faces = {"gained": _minus(after, before), "lost": _minus(before, after)}
        off = 2 * radius * (1 - np.cos(np.pi / (4 * QUAD_SEGS)))
        return [
            Drawing(
                f"{role}_{radius:.12g}",
                titles[role],
                role,
                gpd.GeoDataFrame(geometry=own, crs=crs),
                shown=radius == self.study.radii[0],
                tolerance_m=float(off),
            )
            for role, own in faces.items()
            if len(own)
        ]


def _common(first: Polygons, second: Polygons) -> Polygons:
    if not len(first) or not len(second):
        return NONE
    a, b = shapely.STRtree(second).query(first, predicate="intersects")
    return polygons_of(shapely.intersection(first[a], second[b]))


def _minus(faces: Polygons, others: Polygons) -> Polygons:
    if not len(faces) or not len(others):
        return faces
    left = less(faces, others)
    return left[shapely.area(left) >= 1.0]


def _covered(points: FloatArray, radius: float, rows: Sequence[Polygons]) -> FloatArray:
    owner: NDArray[np.intp] = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    if not len(owner):
        return np.zeros(len(rows))
    areas = covered_areas(points, [radius], np.concatenate(rows))[0]
    return np.bincount(owner, areas, minlength=len(rows)).astype(np.float64)
