"""What a coverage shows beside its figures: the map's layers, and the gaps by rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from jxgis.kernels.polygons import Polygons, within
from jxgis.results import Drawing, LedgerRow, Table
from jxgis.transit.asking import Ask
from jxgis.transit.drawings import draw, parted_area
from jxgis.transit.gaps import Demand, gaps
from jxgis.transit.study import Study


def pictures(
    study: Study, asks: Sequence[Ask], effects: Sequence[float]
) -> tuple[list[Drawing], list[Table], list[LedgerRow]]:
    """Return the layers to draw, the tables of gaps, and what the gaps leave off.

    There is a list of gaps for each radius, in the zones of the first official ask of it.
    """
    drawn, faces = parted_area(study, asks)
    drawings = list(draw(study, drawn, faces, effects))
    tables, ledger = [], []
    for radius in study.radii:
        ask = next((a for a in asks if a.radius_m == radius and a.of == "area"), Ask("", radius))
        rows = study.ground.sets.parts[ask.zones]
        uncovered = _in_rows(faces[radius][1], study, rows, whole=not ask.zones)
        if not len(uncovered):
            continue
        drawing, table, notes = gaps(
            uncovered,
            radius,
            [study.ground.zones[row] for row in rows],
            study.reach,
            study.layers["stops"],
            study.rules,
            unserved=_unserved(study, radius, ask),
            walked=study.network is not None,
        )
        drawings.append(drawing)
        tables.append(table)
        ledger += notes
    return drawings, tables, ledger


def _in_rows(uncovered: Polygons, study: Study, rows: Sequence[int], *, whole: bool) -> Polygons:
    if whole:
        return uncovered
    return within(
        uncovered, shapely.union_all(np.concatenate([study.ground.zones[r].built_up for r in rows]))
    )


def _unserved(study: Study, radius: float, ask: Ask) -> Demand | None:
    """Return who is farther than the radius from a stop, in a straight line, in asked zones."""
    if "population" not in study.layers or not any(a.of == "people" for a in study.asks):
        return None
    places = study.people("population").places
    own = np.isin(places.owner, study.ground.gross_sets.chosen[ask.zones])
    own &= places.distance(study.reach, walking=False) > radius
    return Demand(places.points[own], places.weight[own])
