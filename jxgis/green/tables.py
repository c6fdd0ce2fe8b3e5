"""Tables by place: what a map has of a class in each, of what it saw there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.errors import InputError
from jxgis.green.asking import MU_M2
from jxgis.green.passes import Tally
from jxgis.green.places import Place
from jxgis.i18n import _
from jxgis.layers import Layer

SEEN_RULE = "green.seen_share"

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-6
"""A share not seen that is smaller comes from rounding."""


def check_seen(seen_m2: float, layer: Layer) -> None:
    """Refuse a map that saw nothing of the area.

    Raises
    ------
    InputError
        It is all cloud, or elsewhere.
    """
    if seen_m2 > 0:
        return
    raise InputError(
        _(
            "nothing of the area was seen: all is cloud, shadow, snow, no data or a code without "
            "meaning, or the raster lies elsewhere"
        ),
        file=layer.inputs[0].path if layer.inputs else None,
        layer=layer.name,
        mend=_("Give a scene of the place, a clearer one or several dates, and check its CRS"),
    )


def by_place(rows: Sequence[Place], found: Tally, word: str, first: int = 0) -> pd.DataFrame:
    """Return a table of places: areas, what was seen of them, and what of that is the class.

    Parameters
    ----------
    rows
        The places.
    found
        Areas, those of the places from ``first`` on.
    word
        The class, as the columns' names have it: ``green``.
    first
        Where in ``found`` they begin.

    Returns
    -------
    pandas.DataFrame
        ``zone_id``, ``zone``, ``area_m2``, ``seen_area_m2``, ``seen_share``, ``WORD_area_m2``,
        ``WORD_ha``, ``WORD_mu`` and ``WORD_share`` (of what was seen), the last three missing
        where nothing was seen.
    """
    own = slice(first, first + len(rows))
    area, seen, green = found.area_m2[own], found.seen_m2[own], found.class_m2[own]
    return pd.DataFrame(
        {
            "zone_id": [place.zone_id for place in rows],
            "zone": [place.zone for place in rows],
            "area_m2": area,
            "seen_area_m2": seen,
            "seen_share": shares(seen, area),
            f"{word}_area_m2": green,
            f"{word}_ha": where_seen(green, seen) / 10_000,
            f"{word}_mu": where_seen(green, seen) / MU_M2,
            f"{word}_share": shares(green, seen),
        }
    )


def shares(
    part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return parts over wholes, at most 1; NaN where there is no whole."""
    found = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return np.asarray(np.minimum(found, 1.0))


def where_seen(amount: FloatArray, seen: FloatArray) -> FloatArray:
    """Return amounts, NaN where nothing was seen: that is not the same as none."""
    return np.where(seen > 0, amount, np.nan)


def seen_share(seen_m2: float, area_m2: float) -> float | None:
    """Return how much of an area was seen: all of it, where only rounding is missing."""
    if not area_m2 > 0:
        return None
    share = seen_m2 / area_m2
    return 1.0 if share > 1 - ROUNDING else share
