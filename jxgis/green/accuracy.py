"""How sure a mapped area is: a reference sample held against the map that it was drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.green.reference import Words, confusion
from jxgis.green.words import class_title
from jxgis.i18n import _
from jxgis.kernels.accuracy import Z95, Estimate, area_adjusted, interval, probability
from jxgis.kernels.sampling import more_points
from jxgis.layers import Layer
from jxgis.results import LedgerRow, Table

_HA, _MU = 1e4, 1e4 / 15
"""Square metres."""


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
    estimate
        Shares and accuracies with their standard errors.
    share, low, high
        The figure and its 95 % interval, cut off at 0 and 1.
    probability
        That the true share is at least the target; None without a target.
    more_points
        Further points that are expected to halve the interval; 0 where the points of no
        stratum differ, so that the interval has no width.
    """

    classes: tuple[str, ...]
    of: str
    area_m2: float
    mapped: npt.NDArray[np.float64]
    matrix: npt.NDArray[np.intp]
    estimate: Estimate
    share: float
    low: float
    high: float
    probability: float | None
    more_points: int


def assess(
    layer: Layer,
    counts: Mapping[str, float],
    mapped: Words,
    area_m2: float,
    of: str,
    target: float | None = None,
) -> Assessment:
    """Estimate what a map's classes really cover, from points at which the truth was looked up.

    Parameters
    ----------
    layer
        Of kind ``reference``: ``point_id``, ``stratum`` and ``reference``, each of the last two a
        class word or its translation.
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

    Returns
    -------
    Assessment
        By `jxgis.kernels.accuracy.area_adjusted`.

    Raises
    ------
    InputError
        The sample does not fit the map, by `jxgis.green.reference.confusion`.
    """
    classes = tuple(counts)
    place = {word: number for number, word in enumerate(classes)}
    matrix = confusion(layer, counts, mapped)
    weights = np.array(list(counts.values()), dtype=np.float64)
    weights /= weights.sum()
    estimate = area_adjusted(matrix, weights)
    share, se = float(estimate.shares[place[of]]), float(estimate.shares_se[place[of]])
    low, high = interval(share, se)
    return Assessment(
        classes,
        of,
        area_m2,
        weights,
        matrix,
        estimate,
        share,
        low,
        high,
        None if target is None else probability(share, se, target),
        int(more_points(matrix, weights, place[of]).sum()),
    )


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
    """
    found, area = assessment.estimate, assessment.area_m2
    ends = np.array([interval(s, e) for s, e in zip(found.shares, found.shares_se, strict=True)])
    columns = {
        "mapped": assessment.mapped,
        "adjusted": found.shares,
        "low": ends[:, 0],
        "high": ends[:, 1],
    }
    data = pd.DataFrame({"class": list(map(class_title, assessment.classes))})
    for unit, size in (("ha", _HA), ("mu", _MU)):
        for name, shares in columns.items():
            data[f"{name}_{unit}"] = shares * area / size
    data["share_users"], data["share_users_within"] = found.users, Z95 * found.users_se
    data["share_producers"] = found.producers
    data["share_producers_within"] = Z95 * found.producers_se
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
    n, found = int(assessment.matrix.sum()), assessment.estimate
    reason = _(
        "{overall:.1%} \N{PLUS-MINUS SIGN} {half:.1%} of the area is mapped as what it is, by "
        "{n:,d} reference points"
    ).format(overall=found.overall, half=Z95 * found.overall_se, n=n)
    yield LedgerRow("note", layer, n, reason)
    mapped = float(assessment.mapped[assessment.classes.index(assessment.of)])
    reason = _(
        "{title}: {mapped:.2%} on the map, {share:.2%} by the reference points, with 95 % "
        "confidence between {low:.2%} and {high:.2%}"
    ).format(
        title=class_title(assessment.of),
        mapped=mapped,
        share=assessment.share,
        low=assessment.low,
        high=assessment.high,
    )
    yield LedgerRow("note", layer, n, reason, assessment.share - mapped)
    if assessment.more_points:
        reason = _("about {n:,d} more reference points would halve that interval").format(
            n=assessment.more_points
        )
    else:
        reason = _(
            "within each class of the map all reference points are alike: they are too few to say "
            "how sure the share is"
        )
    yield LedgerRow("note", layer, assessment.more_points, reason)
