"""How sure a mapped area is: a reference sample held against the map that it was drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.green.asking import UNITS
from jxgis.green.enough import Enough, enough
from jxgis.green.reference import Words, check_points, confusion
from jxgis.green.words import class_title, listed
from jxgis.i18n import _
from jxgis.kernels.accuracy import (
    Z95,
    Estimate,
    area_adjusted,
    estimated_mean,
    interval,
    probability,
)
from jxgis.kernels.sampling import more_points
from jxgis.layers import Layer
from jxgis.results import LedgerRow, Table


@dataclass(frozen=True)
class Assessment:
    """What a reference sample says of a map.

    Attributes
    ----------
    classes
        Class words, in the order of rows, columns and estimates.
    of
        The class whose share is the figure.
    area_m2
        What the shares are of.
    mapped : (k,) array
        Share that the map shows of each class.
    matrix : (k, k) array
        Points by class of the map (row) and true class (column).
    strata
        The classes of the map as they are counted, with their points.
    estimate
        Shares and accuracies with their standard errors.
    share, low, high
        The figure and its 95 % interval, cut off at 0 and 1; no interval where a class of the
        map has too few points for one.
    probability
        That the true share is at least the target; None without a target or an interval.
    more_points
        Further points that are expected to halve the interval.
    """

    classes: tuple[str, ...]
    of: str
    area_m2: float
    mapped: npt.NDArray[np.float64]
    matrix: npt.NDArray[np.intp]
    strata: Enough
    estimate: Estimate
    share: float
    low: float | None
    high: float | None
    probability: float | None
    more_points: int

    def mean(self, values: Mapping[str, float]) -> tuple[float, float]:
        """Return the mean of a value that each class word has (others 0), and its error."""
        each = [values.get(word, 0.0) for word in self.classes]
        return estimated_mean(*_counted(self.matrix, self.strata), each, self.strata.cells)


def assess(
    layer: Layer,
    counts: Mapping[str, float],
    mapped: Words,
    area_m2: float,
    of: str,
    target: float | None = None,
    *,
    least: int,
    cell: float | None = None,
) -> Assessment:
    """Estimate what a map's classes really cover, from points at which the truth was looked up.

    Parameters
    ----------
    layer
        Of kind ``reference``.
    counts
        Class word to how much the map shows of it (cells or an area); the classes, in their order.
    mapped : (n,) array
        The map's class word at each point; empty outside the mapped area.
    area_m2
        What the shares are of, square metres.
    of
        The class whose share is the figure.
    target
        A share that it is held against.
    least
        Points that each class of the map needs for an interval, by the rule `INTERVAL_RULE`.
    cell
        What a cell is of the counts; None where that is not known, and cells are many.

    Returns
    -------
    Assessment
        By `jxgis.kernels.accuracy.area_adjusted`.

    Raises
    ------
    InputError
        The sample does not fit the map, by `jxgis.green.reference.confusion`, or has too few
        points for any estimate.
    """
    classes = tuple(counts)
    place = {word: number for number, word in enumerate(classes)}
    matrix = confusion(layer, classes, mapped)
    areas = np.array(list(counts.values()), dtype=np.float64)
    strata = enough(matrix.sum(axis=1), areas, least, cell, place.get("other", 0))
    check_points(layer, classes, strata)
    counted, weights = _counted(matrix, strata)
    estimate = area_adjusted(counted, weights, strata.cells)
    share, se = float(estimate.shares[place[of]]), float(estimate.shares_se[place[of]])
    sure = strata.for_an_interval
    low, high = interval(share, se) if sure else (None, None)
    return Assessment(
        classes,
        of,
        area_m2,
        areas / areas.sum(),
        matrix,
        strata,
        estimate,
        share,
        low,
        high,
        probability(share, se, target) if sure and target is not None else None,
        int(more_points(counted, weights, place[of], strata.cells).sum()),
    )


def _counted(
    matrix: npt.NDArray[np.intp], strata: Enough
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Return points and shares of the area by the classes as they are counted."""
    counted = np.zeros_like(matrix)
    np.add.at(counted, strata.into, matrix)
    return counted, strata.areas / strata.areas.sum()


def confusion_table(assessment: Assessment) -> Table:
    """Give the points by class of the map and true class.

    Returns
    -------
    Table
        A row for each class of the map and one of totals; a column for each true class, then
        ``total`` and ``share_users`` (of the row's points, those that are what is mapped).
    """
    matrix, classes = assessment.matrix, assessment.classes
    counts = np.vstack([matrix, matrix.sum(axis=0)])
    data = pd.DataFrame({"mapped": [*map(class_title, classes), _("Total")]})
    for column, word in enumerate(classes):
        data[word] = counts[:, column]
    data["total"] = counts.sum(axis=1)
    data["share_users"] = [*assessment.estimate.users, np.nan]
    fields = {
        "mapped": _("On the map"),
        **{word: _("Truly {title}").format(title=class_title(word)) for word in classes},
        "total": _("Points"),
        "share_users": _("User's accuracy"),
    }
    title = _("Reference points: what the map shows and what is there")
    return Table("confusion", title, data, fields)


def accuracy_table(assessment: Assessment) -> Table:
    """Give each class's area on the map and as estimated, with 95 % intervals, and accuracies.

    Returns
    -------
    Table
        ``mapped``, ``adjusted``, ``low`` and ``high``, each in hectares (``_ha``) and in mu
        (``_mu``); accuracies as shares, each with what its interval reaches to either side.
        Nothing of intervals where a class of the map has too few points.
    """
    found, area = assessment.estimate, assessment.area_m2
    known = np.where(assessment.strata.for_an_interval, found.shares_se, np.nan)
    ends = np.clip(found.shares + np.outer([-Z95, Z95], known), 0, 1)
    columns = {
        "mapped": assessment.mapped,
        "adjusted": found.shares,
        "low": ends[0],
        "high": ends[1],
    }
    data = pd.DataFrame({"class": list(map(class_title, assessment.classes))})
    for unit in ("ha", "mu"):
        for name, shares in columns.items():
            data[f"{name}_{unit}"] = shares * area / UNITS[unit]
    within = Z95 if assessment.strata.for_an_interval else np.nan
    data["share_users"], data["share_users_within"] = found.users, within * found.users_se
    data["share_producers"] = found.producers
    data["share_producers_within"] = within * found.producers_se
    note = _(
        "Estimated from reference points drawn from each class of the map (Olofsson et al. 2014); "
        "intervals of 95 %, cut off at nothing and at the whole area"
    )
    title = _("How sure the areas are")
    return Table("accuracy", title, data, _area_titles(), note=note)


def _area_titles() -> dict[str, str]:
    return {
        "class": _("Class"),
        "mapped_ha": _("On the map"),
        "adjusted_ha": _("Estimated"),
        "low_ha": _("At least"),
        "high_ha": _("At most"),
        "mapped_mu": _("On the map, in mu"),
        "adjusted_mu": _("Estimated, in mu"),
        "low_mu": _("At least, in mu"),
        "high_mu": _("At most, in mu"),
        "share_users": _("User's accuracy"),
        "share_users_within": _("\N{PLUS-MINUS SIGN} (95 %)"),
        "share_producers": _("Producer's accuracy"),
        "share_producers_within": _("\N{PLUS-MINUS SIGN} (95 %)"),
    }


def accuracy_rows(assessment: Assessment, layer: str) -> Iterator[LedgerRow]:
    """Say how right the map is, what that does to the figure, and what more points would do.

    Parameters
    ----------
    assessment
        Of the map.
    layer
        Name of the reference layer.
    """
    yield from _merged(assessment, layer)
    n, found, of = int(assessment.matrix.sum()), assessment.estimate, assessment.of
    mapped = float(assessment.mapped[assessment.classes.index(of)])
    values = {
        "overall": found.overall,
        "half": Z95 * found.overall_se,
        "n": n,
        "title": class_title(of),
        "mapped": mapped,
        "share": assessment.share,
    }
    effect = assessment.share - mapped
    if assessment.low is None or assessment.high is None:
        reason = _(
            "{overall:.1%} of the area is mapped as what it is, by {n:,d} reference points, which "
            "are too few to say how sure that is"
        )
        yield LedgerRow("note", layer, n, reason.format(**values))
        reason = _("{title}: {mapped:.2%} on the map, {share:.2%} by the reference points")
        yield LedgerRow("note", layer, n, reason.format(**values), effect)
        yield _missing(assessment, layer)
        return
    reason = _(
        "{overall:.1%} \N{PLUS-MINUS SIGN} {half:.1%} of the area is mapped as what it is, by "
        "{n:,d} reference points"
    )
    yield LedgerRow("note", layer, n, reason.format(**values))
    reason = _(
        "{title}: {mapped:.2%} on the map, {share:.2%} by the reference points, with 95 % "
        "confidence between {low:.2%} and {high:.2%}"
    ).format(low=assessment.low, high=assessment.high, **values)
    yield LedgerRow("note", layer, n, reason, effect)
    if assessment.more_points:
        reason = _("about {n:,d} more reference points would halve that interval").format(
            n=assessment.more_points
        )
        yield LedgerRow("note", layer, assessment.more_points, reason)


def _missing(assessment: Assessment, layer: str) -> LedgerRow:
    missing = assessment.strata.missing
    each = [
        _("{n} where the map shows {title}").format(n=n, title=class_title(word))
        for word, n in zip(assessment.classes, missing.tolist(), strict=True)
        if n
    ]
    reason = _(
        "how sure the estimate is cannot be said: it takes more reference points, at least {each}"
    ).format(each=listed(each))
    return LedgerRow("suspected", layer, int(missing.sum()), reason)


def _merged(assessment: Assessment, layer: str) -> Iterator[LedgerRow]:
    classes, into = assessment.classes, assessment.strata.into.tolist()
    for number, (word, target) in enumerate(zip(classes, into, strict=True)):
        if number == target:
            continue
        n = int(assessment.matrix[number].sum())
        reason = _(
            "{title}: the map shows {area:,.0f} m² of it, with {n} reference points; that is too "
            "little to be judged apart, and is counted where the map shows {other}"
        ).format(
            title=class_title(word),
            area=assessment.mapped[number] * assessment.area_m2,
            n=n,
            other=class_title(classes[target]),
        )
        yield LedgerRow("assumed", layer, n, reason, float(assessment.mapped[number]))
