r"""What of a pitched roof faces the equator, by its shape and the way that it faces.

Seen from above, a roof of equal pitch over a rectangle of sides :math:`a \ge b` consists of

::

    gabled             hipped                          skillion
    +-----------+      +-----------+  each long        +-----------+
    |           |      |\         /|  plane is         |           |
    |-----------|  a   | >-------< |  1/2 - b/4a,      |           |
    |           |      |/         \|  each end is      |           |
    +-----------+      +-----------+  b/4a             +-----------+

two planes of a half each, four planes, and one. A pyramid is the hipped roof of a square. A plane
counts where it faces the equator within an angle; areas are those of the footprint, which a pitched
plane exceeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules
from jxgis.solar.heights import numbers

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FORM_RULES = (
    *("solar.facing_within_deg", "solar.form_skillion", "solar.form_sawtooth"),
    *("solar.form_rounded", "solar.form_domed"),
)

# OpenStreetMap's words for shapes, by what is done with them.
_FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "flat": ("flat",),
        "gabled": ("gabled", "pitched", "half-hipped", "gambrel", "saltbox", "gabled_height_moved"),
        "hipped": ("hipped", "pyramidal", "mansard", "hipped-and-gabled", "side_hipped"),
        "skillion": ("skillion", "lean_to"),
        "sawtooth": ("sawtooth",),
        "rounded": ("round", "arched", "barrel", "butterfly", "crosspitched"),
        "domed": ("dome", "onion", "cone", "conical"),
    }
)
_FAMILY = {shape: family for family, shapes in _FAMILIES.items() for shape in shapes}

_TURN, _HALF, _QUARTER = 360.0, 180.0, 90.0
# Outlines are not drawn more exactly: a plane that faces just as far away as may be counts, and of
# two that lie back to back, both just as far away, only one does.
_ROUNDING = 0.5
_NAMED = 5  # so many unknown words are named


def form_factors(
    buildings: Layer, outlines: npt.NDArray[np.object_], north: FloatArray, rules: Rules
) -> tuple[FloatArray, tuple[LedgerRow, ...]]:
    """Return the share of each roof, seen from above, that can face the equator.

    Parameters
    ----------
    buildings
        Of kind ``buildings``; ``roof_shape`` and ``roof_azimuth`` may be missing.
    outlines : (n,) array
        The whole footprints, in a metric CRS.
    north : (n, 3) array
        True north at each, east and north on the grid, and the latitude in degrees.
    rules
        How far from the equator's direction a plane may face, and the table of other shapes.

    Returns
    -------
    factors : (n,) array
        From 0 to 1; 1 for flat roofs, and for those whose shape is not known.
    ledger
        What was taken as flat, and ridges that are guessed.
    """
    words = _words(buildings)
    family = words.map(_FAMILY)
    factors = np.ones(len(words))
    for name in ("sawtooth", "rounded", "domed"):
        factors[(family == name).to_numpy()] = rules[f"solar.form_{name}"].value
    given = np.mod(numbers(buildings, "roof_azimuth"), _TURN)
    within = rules["solar.facing_within_deg"].value
    planes = family.isin(["gabled", "hipped"]).to_numpy()
    at = np.flatnonzero(planes)
    if len(at):
        across, ratio = _across(outlines[at], north[at])
        facing = np.where(np.isnan(given[at]), across, given[at])
        hipped = (family.iloc[at] == "hipped").to_numpy()
        end = np.where(hipped, ratio / 4, 0.0)
        factors[at] = _facing(facing, end, north[at, 2], within)
    leaning = (family == "skillion").to_numpy()
    known = leaning & ~np.isnan(given)
    factors[leaning] = rules["solar.form_skillion"].value
    factors[known] = _faces(given[known], north[known, 2], within)
    guessed = int((planes & np.isnan(given)).sum())
    return factors, tuple(_ledger(buildings.name, words, family, guessed))


def _words(buildings: Layer) -> pd.Series[str]:
    if "roof_shape" not in buildings.data:
        return pd.Series([""] * len(buildings.data), dtype=object)
    words = buildings.data["roof_shape"].astype(object)
    return words.where(words.notna(), "").astype(str).str.strip().str.lower().reset_index(drop=True)


def _across(outlines: npt.NDArray[np.object_], north: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the azimuth across the longer side of the least rectangle, and short by long side."""
    boxes = shapely.minimum_rotated_rectangle(outlines)
    corners = shapely.get_coordinates(boxes).reshape(len(outlines), 5, 2)
    sides = np.diff(corners, axis=1)[:, :2]
    length = np.hypot(sides[..., 0], sides[..., 1])
    long = np.argmax(length, axis=1)
    ridge = sides[np.arange(len(sides)), long]
    true = north[:, :2]
    # East and north parts of the ridge, by the true directions at the place.
    to_north = (ridge * true).sum(axis=1)
    to_east = ridge[:, 0] * true[:, 1] - ridge[:, 1] * true[:, 0]
    azimuth = np.degrees(np.arctan2(to_east, to_north)) + _QUARTER
    ratio = length.min(axis=1) / np.maximum(length.max(axis=1), np.finfo(float).tiny)
    return np.mod(azimuth, _TURN), ratio


def _away(azimuth: FloatArray, latitude: FloatArray) -> FloatArray:
    """Return how far from the equator's direction planes face, 0 to 180 degrees."""
    equator = np.where(latitude < 0, 0.0, _HALF)
    return np.asarray(np.abs(np.mod(azimuth - equator + _HALF, _TURN) - _HALF))


def _faces(azimuth: FloatArray, latitude: FloatArray, within: float) -> FloatArray:
    return (_away(azimuth, latitude) <= within + _ROUNDING).astype(np.float64)


def _of_two(azimuth: FloatArray, latitude: FloatArray, within: float) -> FloatArray:
    """Return how many of two planes that lie back to back face the equator."""
    away = _away(azimuth, latitude)
    nearer, farther = np.minimum(away, _HALF - away), np.maximum(away, _HALF - away)
    both = farther <= within - _ROUNDING
    return (nearer <= within + _ROUNDING).astype(np.float64) + both


def _facing(
    azimuth: FloatArray, end: FloatArray, latitude: FloatArray, within: float
) -> FloatArray:
    """Return the share of planes that face the equator: two long ones and two ends."""
    long_planes = (0.5 - end) * _of_two(azimuth, latitude, within)
    return long_planes + end * _of_two(azimuth + _QUARTER, latitude, within)


def _ledger(
    layer: str, words: pd.Series[str], family: pd.Series[str], guessed: int
) -> list[LedgerRow]:
    rows = []
    empty = int((words == "").sum())
    if empty:
        reason = _("roofs whose shape is not known are taken as flat")
        rows.append(LedgerRow("assumed", layer, empty, reason))
    strange = words[family.isna() & (words != "")]
    if len(strange):
        counts = strange.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        listed = _(", ").join(f"{word} ({n})" for word, n in list(counts.items())[:_NAMED])
        more = "" if len(counts) <= _NAMED else " …"
        reason = _("roofs of a shape that is not known here are taken as flat: {words}")
        text = reason.format(words=listed + more)
        rows.append(LedgerRow("assumed", layer, len(strange), text))
    if guessed:
        reason = _(
            "pitched roofs without an azimuth: the ridge is taken to run along the longer side of "
            "the outline"
        )
        rows.append(LedgerRow("assumed", layer, guessed, reason))
    return rows
