"""Zones ranked by several criteria, and how far the ranking depends on their weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jxgis.i18n import _
from jxgis.kernels.weighting import first_overall, first_shares, scaled, scores
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar_spec import CRITERIA

FloatArray = npt.NDArray[np.float64]

DRAWS_RULE = "solar.rank_draws"
SEED_RULE = "solar.rank_seed"

_BETTER = {"irradiation": 1, "grid_distance": -1, "roof_in_one_hand": 1, "slope": -1}


@dataclass(frozen=True)
class Ranking:
    """What zones are ranked by, and how they come out.

    Attributes
    ----------
    values : (zones, criteria) array
        By `CRITERIA`; NaN where a criterion is not known.
    weights : (criteria,) array
        They add up to 1; 0 where a criterion is not known of any zone.
    score : (zones,) array
        0 to 1; NaN where no criterion is known.
    first_in_county, first_of_all : (zones,) arrays
        Share of random weights under which it is the first; NaN likewise.
    ledger
        What is not known.
    """

    values: FloatArray
    weights: FloatArray
    score: FloatArray
    first_in_county: FloatArray
    first_of_all: FloatArray
    ledger: tuple[LedgerRow, ...]


def ranked(
    values: FloatArray,
    counties: Sequence[int],
    weights: Mapping[str, float],
    rules: Rules,
) -> Ranking:
    """Rank zones by their values.

    Parameters
    ----------
    values : (zones, criteria) array
        By `CRITERIA`; NaN where it is not known.
    counties
        Of each zone.
    weights
        Of the criteria; empty: all alike.
    rules
        How many random weights are drawn, and their seed.
    """
    count = len(values)
    given = np.array([weights.get(name, 0.0 if weights else 1.0) for name in CRITERIA])
    known = np.asarray(~np.isnan(values).all(axis=0), bool)
    ledger = _unknown(known, given)
    used = np.flatnonzero(known & (given > 0))
    if not count or not len(used):
        nothing = np.full(count, np.nan)
        return Ranking(values, np.zeros(len(CRITERIA)), nothing, nothing, nothing, ledger)
    part = scaled(values[:, used], [_BETTER[CRITERIA[k]] for k in used])
    own = given[used] / given[used].sum()
    draws, seed = int(rules[DRAWS_RULE].value), int(rules[SEED_RULE].value)
    shares = np.zeros(len(CRITERIA))
    shares[used] = own
    return Ranking(
        values,
        shares,
        scores(part, own),
        first_shares(part, np.asarray(counties), draws, seed),
        first_overall(part, draws, seed),
        (*ledger, *_partly(values[:, used], used)),
    )


def _unknown(known: npt.NDArray[np.bool_], given: FloatArray) -> tuple[LedgerRow, ...]:
    names = [
        criterion_title(name)
        for name, is_known, weight in zip(CRITERIA, known, given, strict=True)
        if weight > 0 and not is_known
    ]
    if not names:
        return ()
    reason = _("zones are ranked without what no layer tells: {names}")
    return (LedgerRow("note", "", len(names), reason.format(names=_(", ").join(names))),)


def _partly(values: FloatArray, used: npt.NDArray[np.intp]) -> Iterator[LedgerRow]:
    """Say which criteria are known of some zones only."""
    for number, column in zip(used.tolist(), values.T, strict=True):
        unknown = int(np.isnan(column).sum())
        if unknown:
            reason = _("zones of which {name} is not known are ranked as if it were middling")
            named = reason.format(name=criterion_title(CRITERIA[number]))
            yield LedgerRow("assumed", "", unknown, named)


def criterion_title(name: str) -> str:
    """Return what a criterion is called, in the reader's language."""
    return {
        "irradiation": _("irradiation"),
        "grid_distance": _("distance to the grid"),
        "roof_in_one_hand": _("roof area in one hand"),
        "slope": _("slope"),
    }[name]
