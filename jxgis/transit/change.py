"""Two states of a city compared: what is gained and what is lost between before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jxgis.i18n import _
from jxgis.kernels.discs import covered_areas
from jxgis.kernels.drawn import parted
from jxgis.kernels.polygons import Polygons, less, polygons_of
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, Table
from jxgis.rules import Rules
from jxgis.transit.asking import Ask, ZoneIds
from jxgis.transit.drawings import QUAD_SEGS
from jxgis.transit.exclusions import Exclusion
from jxgis.transit.ground import Ground, Sets, by_zone, ground, joined, sets_of
from jxgis.transit.parts import Zone
from jxgis.transit.people import people_in
from jxgis.transit.study import Study, shares
from jxgis.transit.wholes import FloatArray, Places

NONE: Polygons = np.empty(0, dtype=object)

DRAWN_M2 = 1.0
"""What is gained or lost in all is drawn if it is more than this, square metres."""


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
    two = _states(study, [ask.zones for ask in asks], exclusions, rules)
    official = [a for a in asks if (a.of, a.by, a.beside) == ("area", "straight", None)]
    official = [a for a in official if a.departures_per_hour is None]
    by_radius = {ask.radius_m: ask for ask in reversed(official)}
    return Change(
        tuple(two.indicator(ask) for ask in official),
        tuple(two.table(by_radius[r]) for r in study.radii if r in by_radius),
        tuple(d for r in study.radii for d in two.drawings(r)) if drawings else (),
    )


def _states(
    study: Study, asked: Sequence[ZoneIds], exclusions: Sequence[Exclusion], rules: Rules
) -> _States:
    layers, after = dict(study.layers), study.ground
    stops = layers.get("stops_before", layers["stops"])
    points = shapely.get_coordinates(stops.data.geometry.to_numpy())
    counted = "population" in layers and any(a.of == "people" for a in study.asks)
    if "built_up_before" not in layers:
        names = {zone.zone_id: zone.name for zone in after.zones}
        both, none = after.sets.polygons, (NONE,) * len(after.sets)
        people = study.people("population").places if counted else None
        same = None if people is None else (people, people, after.gross_sets)
        return _States(study, points, after, names, after.sets, both, none, none, same)
    layers["built_up"] = layers["built_up_before"]
    before = ground(layers, asked, exclusions, rules)
    names, sets, old, *gross = _aligned(after, before, asked, layers.get("zones"))
    pairs = list(zip(sets.polygons, old.polygons, strict=True))
    laid_out = None
    if counted:
        now, then = (
            people_in(layers["population"], replace(own, gross_sets=own_sets)).places
            for own, own_sets in zip((after, before), gross, strict=True)
        )
        laid_out = now, then, gross[0]
    return _States(
        study,
        points,
        before,
        names,
        sets,
        tuple(_common(a, b) for a, b in pairs),
        tuple(less(a, b) if len(a) else a for a, b in pairs),
        tuple(less(b, a) if len(b) else b for a, b in pairs),
        laid_out,
    )


def _aligned(
    after: Ground, before: Ground, asked: Sequence[ZoneIds], zones: Layer | None
) -> tuple[dict[str, str], Sets, Sets, Sets, Sets]:
    """Return the zones' names, and sets in the same order: net after and before, and gross.

    One state may have built-up area outside every zone and the other none.
    """
    states, overlaps = [after.zones, before.zones], [after.overlap_m2, before.overlap_m2]
    for own in (after, before):
        rows, overlap = by_zone(own.gross, zones) if own.excluded else (own.zones, 0.0)
        states.append(tuple(rows))
        overlaps.append(overlap)
    names = {zone.zone_id: zone.name for state in states for zone in state}
    found = [{zone.zone_id: zone.built_up for zone in state} for state in states]
    shapes = [[own.get(zone_id, NONE) for zone_id in names] for own in found]
    listed = [Zone(*own, shape) for own, shape in zip(names.items(), shapes[0], strict=True)]
    like = sets_of(listed, asked, joint=any(overlaps))
    net, old, gross, old_gross = (joined(own, like) for own in shapes)
    return names, net, old, gross, old_gross


@dataclass(frozen=True)
class _States:
    """Stops and ground before, beside a study of those after, and the parts of the ground.

    ``both``, ``since`` and ``gone`` are by the sets; ``people`` are those after and before, with
    their sets.
    """

    study: Study
    points: FloatArray
    ground: Ground
    names: Mapping[str, str]
    sets: Sets
    both: tuple[Polygons, ...]
    since: tuple[Polygons, ...]
    gone: tuple[Polygons, ...]
    people: tuple[Places, Places, Sets] | None

    def areas(self, radius: float) -> pd.DataFrame:
        """Return what is covered, of how much, before and now, and what changed, by set."""
        after = self.study.reach.points
        united = np.concatenate([self.points, after])
        both_before, both_after, both_any = (
            _covered(points, radius, self.both) for points in (self.points, after, united)
        )
        gone = _covered(self.points, radius, self.gone)
        since = _covered(after, radius, self.since)
        whole, whole_gone, whole_since = (
            np.array([shapely.area(own).sum() for own in rows])
            for rows in (self.both, self.gone, self.since)
        )
        return pd.DataFrame(
            {
                "covered": both_before + gone,
                "total": whole + whole_gone,
                "now": both_after + since,
                "whole": whole + whole_since,
                "gained_m2": np.maximum(since + both_any - both_before, 0),
                "lost_m2": np.maximum(gone + both_any - both_after, 0),
            }
        )

    def people_changed(self, now: Places, then: Places, radius: float) -> dict[str, FloatArray]:
        """Return the people gained and lost, by set."""
        after, before = self.study.reach.points, self.points
        otherwise = self._served_otherwise
        return {
            "people_gained": otherwise(now, after, before, self.ground.gross, radius),
            "people_lost": otherwise(then, before, after, self.study.ground.gross, radius),
        }

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

    def indicator(self, ask: Ask) -> Indicator:
        """Return the official figure as it was before."""
        sums = self.areas(ask.radius_m).iloc[list(self.sets.chosen[ask.zones])].sum()
        before, whole = float(sums["covered"]), float(sums["total"])
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
        fields = {
            "zone": _("Zone"),
            "share_before": _("Before"),
            "share_after": _("After"),
            "gained_m2": _("Area gained"),
            "lost_m2": _("Area lost"),
        }
        frame = _with_sum(self.areas(radius), self.sets, ask.zones)
        if self.people is not None:
            now, then, sets = self.people
            people = pd.DataFrame(self.people_changed(now, then, radius))
            frame = frame.join(_with_sum(people, sets, ask.zones))
            fields |= {"people_gained": _("People gained"), "people_lost": _("People lost")}
        zones = list(self.names.items())
        own = [zones[i] for i in self.sets.parts[ask.zones]]
        if len(own) > 1:
            own.append(("", _("together")))
        frame.insert(0, "zone", [name for _id, name in own])
        frame.insert(0, "zone_id", [zone_id for zone_id, _name in own])
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
        changed = self.areas(radius).sum()  # slivers between chords are nothing
        exact = {"gained": changed["gained_m2"], "lost": changed["lost_m2"]}
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
            if len(own) and exact[role] >= DRAWN_M2
        ]


def _with_sum(by_set: pd.DataFrame, sets: Sets, zones: ZoneIds) -> pd.DataFrame:
    """Return the rows of some zones and, where they are several, what they have together."""
    rows = sets.parts[zones]
    own = by_set.iloc[list(rows)]
    if len(rows) > 1:
        own = pd.concat([own, by_set.iloc[list(sets.chosen[zones])].sum().to_frame().T])
    return own.reset_index(drop=True)


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
