"""A proposal: new stops for one coverage, chosen along streets, measured, and shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.facilities import Unreachable
from jxgis.kernels.polygons import disjoint
from jxgis.layers import Layer
from jxgis.results import Drawing, Indicator, LedgerRow, Table
from jxgis.transit.asking import Ask
from jxgis.transit.candidates import Candidates, candidates_along
from jxgis.transit.siting import (
    Choice,
    Demand,
    Land,
    Measured,
    Residents,
    choose_fewest,
    choose_most,
    uncovered_cells,
)
from jxgis.transit.study import Study
from jxgis.transit.wholes import FloatArray

SPACING_RULE, LEAST_RULE = "additions.spacing_m", "additions.least_distance_m"
CELL_RULE, TIME_RULE = "additions.cell_m", "additions.time_limit_s"
RULES = (SPACING_RULE, LEAST_RULE, CELL_RULE, TIME_RULE)


@dataclass(frozen=True)
class Proposal:
    """Stops to add, in build order.

    Attributes
    ----------
    ask
        What they are for.
    choice
        The chosen candidates and the bound.
    points
        (k, 2) metres.
    covered, total
        What is covered with the first 0, 1 … k of them, (k + 1,), and of how much.
    people, everyone
        The same of people; None without a population.
    """

    ask: Ask
    choice: Choice
    points: FloatArray
    names: tuple[str, ...]
    covered: FloatArray
    total: float
    people: FloatArray | None
    everyone: float | None
    nearest_m: FloatArray
    ledger: tuple[LedgerRow, ...]

    @property
    def sentence(self) -> str:
        """How good the choice is, in words."""
        k, bound = len(self.points), self.choice.bound
        if self.ask.threshold is None:
            share = (self.covered[0] + bound) / self.total
            text = _(
                "{k} stops reach {share:.2%}; by cells, no choice of as many can reach more than "
                "{bound:.2%}"
            ).format(k=k, share=self.covered[-1] / self.total, bound=min(share, 1.0))
        elif self.choice.proven:
            text = _(
                "{k} stops: proven, counted by cells no choice of candidates does it with fewer"
            ).format(k=k)
        else:
            text = _(
                "{k} stops; counted by cells no choice of candidates does it with fewer than "
                "{bound}"
            ).format(k=k, bound=int(bound))
        if self.ask.threshold is not None:
            text += _("; the relaxed programme's bound is {lp}, the quick answer {quick}").format(
                lp=int(self.choice.lp_bound), quick=int(self.choice.quick)
            )
        if self.choice.status != "optimal":
            text += _("; the time for the proof ran out")
        return text


def propose(
    study: Study, ask: Ask, lines: Layer, *, count: int | None = None, time_limit_s: float
) -> Proposal:
    """Choose new stops for an ask.

    Parameters
    ----------
    study
        The city as it is.
    ask
        Of the area or of people in a straight line; its threshold is what is to be reached.
    lines
        ``routes`` or ``streets`` along which stops may be added.
    count
        The best so many; None for the fewest that reach the threshold.
    time_limit_s
        For the proof.

    Raises
    ------
    InputError
        No set of candidates reaches the threshold, or there is nowhere to put a stop.
    """
    rules, radius = study.rules, ask.radius_m
    spots = candidates_along(
        lines,
        study.reach.points,
        spacing_m=rules[SPACING_RULE].value,
        least_m=rules[LEAST_RULE].value,
    )
    demand, measured, total = _demand(study, ask)
    if not total > 0:
        raise InputError(
            _("{id}: there is nothing to cover in the zones that are asked for").format(id=ask.id),
            mend=_("Ask for zones with built-up area, and with people where people are asked for"),
        )
    there = measured.covered(np.empty((0, 2)))
    done = count is None and there >= (ask.threshold or 0.0) * total
    near = np.empty(0, np.intp) if done else _near(spots, demand, radius, lines)
    points = spots.points[near]
    if done:
        choice = Choice(near, 0, 0, "optimal", proven=True, quick=0)
    elif count is None:
        choice = _fewest(ask, demand, points, measured, total, time_limit_s)
    else:
        choice = choose_most(demand, points, radius, measured, count, time_limit_s=time_limit_s)
    chosen = points[choice.order]
    covered = np.array([measured.covered(chosen[:k]) for k in range(len(chosen) + 1)])
    people = everyone = None
    if "population" in study.layers:
        if ask.of == "people":
            people, everyone = covered, total
        else:
            residents, everyone = _residents(study, ask)
            people = np.array([residents.covered(chosen[:k]) for k in range(len(chosen) + 1)])
    names = tuple(spots.names[near[j]] for j in choice.order)
    every = np.concatenate([study.reach.points, chosen])
    nearest = np.asarray(cKDTree(every).query(chosen, k=[2])[0]).ravel()
    return Proposal(
        ask, choice, chosen, names, covered, total, people, everyone, nearest, spots.ledger
    )


def _fewest(
    ask: Ask,
    demand: Demand,
    points: FloatArray,
    measured: Measured,
    total: float,
    time_limit_s: float,
) -> Choice:
    threshold = ask.threshold or 0.0
    try:
        choice = choose_fewest(
            demand, points, ask.radius_m, measured, threshold * total, time_limit_s=time_limit_s
        )
    except Unreachable:
        best = measured.covered(points) / total
        raise _unreachable(ask, best) from None
    if measured.covered(points[choice.order]) < threshold * total:
        raise _unreachable(ask, measured.covered(points) / total)
    return choice


def _unreachable(ask: Ask, best: float) -> InputError:
    return InputError(
        _("{id}: no set of candidates reaches {wanted:.2%}: all of them together reach {best:.2%}")
        .format(id=ask.id, wanted=ask.threshold or 0.0, best=np.floor(best * 1e4) / 1e4),
        mend=_(
            "Ask for less, or allow more: more streets, a smaller spacing, a smaller least "
            "distance from stops"
        ),
    )  # fmt: skip


def _near(spots: Candidates, demand: Demand, radius: float, lines: Layer) -> np.ndarray:
    """Return the candidates that can cover anything that is not covered."""
    if not len(demand.points):
        return np.empty(0, np.intp)
    near = np.flatnonzero(cKDTree(demand.points).query(spots.points)[0] <= radius)
    if not len(near):
        raise InputError(
            _("no place for a new stop is near what is not covered"),
            layer=lines.name,
            mend=_("Give all streets of the city, or routes"),
        )
    return near


def _demand(study: Study, ask: Ask) -> tuple[Demand, Measured, float]:
    """Return what is not covered, how a choice is measured, and how much there is in all."""
    if ask.of == "people":
        if "population" not in study.layers:
            raise InputError(
                _("{id} needs a layer {kind}, which is not there").format(
                    id=ask.id, kind="population"
                )
            )
        residents, total = _residents(study, ask)
        return residents.unserved, residents, total
    sets = study.ground.sets
    area, _again = disjoint(np.concatenate([sets.polygons[i] for i in sets.parts[ask.zones]]))
    stops, radius = study.reach.points, ask.radius_m
    cells = uncovered_cells(area, stops, radius, study.rules[CELL_RULE].value)
    return cells, Land(area, stops, radius), float(shapely.area(area).sum())


def _residents(study: Study, ask: Ask) -> tuple[Residents, float]:
    places = study.people("population").places
    own = np.isin(places.owner, study.ground.gross_sets.chosen[ask.zones])
    far = own & (places.distance(study.reach, walking=False) > ask.radius_m)
    unserved = Demand(places.points[far], places.weight[far])
    total = float(places.weight[own].sum())
    return Residents(unserved, total - float(unserved.weight.sum()), ask.radius_m), total


def drawing_of(proposal: Proposal, study: Study) -> tuple[Drawing, Table]:
    """Return a proposal as numbered points and as a table in build order."""
    p, radius = proposal, proposal.ask.radius_m
    k = len(p.points)
    crs = study.layers["built_up"].data.crs
    of_area = p.ask.of == "area"
    data = gpd.GeoDataFrame(
        {"number": np.arange(1, k + 1), "street": list(p.names)},
        geometry=shapely.points(p.points),
        crs=crs,
    )
    data["zone"] = _zone_names(p.points, study)
    if of_area:
        data["gain_m2"] = np.diff(p.covered)
        data["share_after"] = p.covered[1:] / p.total
    if p.people is not None and p.everyone:
        data["gain_people"] = np.diff(p.people)
        data["share_people_after"] = p.people[1:] / p.everyone
    data["nearest_m"] = p.nearest_m
    titles = {
        "number": _("Order"),
        "street": _("Street"),
        "zone": _("Zone"),
        "gain_m2": _("Area added"),
        "share_after": _("Area share then"),
        "gain_people": _("People added"),
        "share_people_after": _("People share then"),
        "nearest_m": _("To the nearest stop"),
    }
    fields = {c: t for c, t in titles.items() if c in data and _tells(data[c])}
    name = f"proposed_{radius:.12g}"
    title = _("New stops for {radius:g} m, in build order").format(radius=radius)
    frame = pd.DataFrame(data.drop(columns="geometry"))
    frame["x_m"], frame["y_m"] = p.points.T
    degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*p.points.T)
    frame["lon"], frame["lat"] = (np.round(c, 6) for c in degrees)
    share = "share_after" if of_area else "share_people_after"
    frame["start_share"] = p.covered[0] / p.total
    if p.ask.threshold is not None:
        frame["target_share"] = p.ask.threshold
    drawing = Drawing(name, title, "proposed", data, fields, shown=False)
    note = p.sentence[:1].upper() + p.sentence[1:] + _(".")
    return drawing, Table(name, title, frame, fields, name, ("number", share), note)


def _tells(values: pd.Series) -> bool:
    return bool((values != "").any())


def _zone_names(points: FloatArray, study: Study) -> list[str]:
    """Return the zone that each point is in; empty for none."""
    layer = study.layers.get("zones")
    names = np.full(len(points), "", dtype=object)
    if layer is not None and len(points):
        point, zone = layer.data.sindex.query(shapely.points(points), predicate="intersects")
        names[point[::-1]] = layer.data["zone"].astype(str).to_numpy()[zone[::-1]]
    return names.tolist()


def indicators_of(p: Proposal) -> list[Indicator]:
    """Return the share with the new stops and without, and how many they are."""
    ask, k = p.ask, len(p.points)
    params = {"radius_m": ask.radius_m, "of": ask.of, "by": ask.by}
    share = Indicator(
        ask.id,
        float(p.covered[-1] / p.total),
        "1",
        numerator=float(p.covered[-1]),
        denominator=p.total,
        params={**params, "state": "after"},
        target=ask.threshold,
        met=None if ask.threshold is None else bool(p.covered[-1] >= ask.threshold * p.total),
    )
    before = replace(
        share,
        id=f"{ask.id}-before",
        value=float(p.covered[0] / p.total),
        numerator=float(p.covered[0]),
        params={**params, "state": "before"},
        target=None,
        met=None,
        beside=ask.id,
    )
    number = Indicator(
        f"{ask.id}-stops",
        float(k),
        "stop",
        params={
            "radius_m": ask.radius_m,
            "bound": p.choice.bound,
            "lp_bound": p.choice.lp_bound,
            "greedy": p.choice.quick,
            "proven": p.choice.proven,
            "status": p.choice.status,
        },
    )
    return [share, before, number]
