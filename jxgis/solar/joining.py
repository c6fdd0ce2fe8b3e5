"""Which buildings are whose: enterprises joined to buildings by name or by place.

Each building belongs to one enterprise at most. Names go first, as they are said and not guessed;
then places, the surer before the less sure:

====================  ==========================================================================
how                   the enterprise has
====================  ==========================================================================
``owner``, ``name``   the buildings whose owner, or whose name, is its own
``outline``           the buildings in its outline
``building``          the building that its point is in
``parcels``           those in the parcel its point is in, shared out by distance with others there
``estates``           those in the estate its point is in, shared out likewise
``nearest``           the nearest building, within a distance
====================  ==========================================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from jxgis.layers import Layer

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Shapes = npt.NDArray[np.object_]

HOW = ("owner", "name", "outline", "building", "parcels", "estates", "nearest")
"""How a building was joined, the surest first."""

AREAS: Mapping[str, int] = MappingProxyType({"parcels": 4, "estates": 5})
"""Kinds of areas that an enterprise's point is looked up in, and their place in `HOW`."""

# Forms of companies, at the end of a name, after it is made narrow and small.
_FORMS = (
    *("股份有限公司", "有限责任公司", "有限公司", "公司"),
    *("company", "co", "coltd", "limited", "ltd", "corporation", "corp", "incorporated", "inc"),
    *("llc", "plc", "gmbh", "ag", "sa", "sl", "srl"),
)
_LETTERS = re.compile(r"[^\w]|_")


def plain_name(name: object) -> str:
    """Return a name as it is compared: narrow, small, without spaces, signs and company forms.

    Parameters
    ----------
    name
        Text; anything else is no name.

    Returns
    -------
    str
        Empty for no name. ``桐乡某某（集团）股份有限公司`` and ``桐乡某某集团`` are the same, and
        another than ``桐乡某某有限公司``; so are ``Some Works Co., Ltd.`` and ``SOME WORKS``.
    """
    if not isinstance(name, str):
        return ""
    small = unicodedata.normalize("NFKC", name).casefold()
    words = [_LETTERS.sub("", word) for word in small.split()]
    words = [word for word in words if word]
    # A Latin form is a word of its own; a Chinese one is the end of what is written together.
    while len(words) > 1 and _is_form(words[-1]):
        words.pop()
    whole = "".join(words)
    while (end := _chinese_form(whole)) and len(whole) > len(end):
        whole = whole[: -len(end)]
    return whole


def _is_form(word: str) -> bool:
    return word.isascii() and word in _FORMS


def _chinese_form(whole: str) -> str:
    return next((form for form in _FORMS if not form.isascii() and whole.endswith(form)), "")


def joined(
    enterprises: Layer,
    buildings: Layer,
    carries: FloatArray,
    areas: Mapping[str, Layer],
    within_m: float,
) -> tuple[IntArray, IntArray]:
    """Return whose each building is, and how that is known.

    Parameters
    ----------
    enterprises
        Points or outlines, large and small: the small have their own roofs too.
    buildings
        Of kind ``buildings``.
    carries : (n,) array
        What each building can carry: only one that carries something is a nearest one.
    areas
        ``parcels`` and ``estates``, where there are.
    within_m
        How far the nearest building may be.

    Returns
    -------
    owner, how : (n,) arrays
        Row of the enterprise, and place in `HOW`; -1: nobody's.
    """
    shapes = np.array(buildings.data.geometry, dtype=object)
    sites = np.array(enterprises.data.geometry, dtype=object)
    middle = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    owner, how = np.full(len(shapes), -1), np.full(len(shapes), -1)

    def give(at: IntArray, to: IntArray, stage: int) -> None:
        free = owner[at] < 0
        owner[at[free]], how[at[free]] = to[free], stage

    names = _plain(enterprises, "name")
    for stage, column in enumerate(("owner", "name")):
        pairs = _same(names, _plain(buildings, column))
        give(*_nearest_pairs(*pairs, sites, middle), stage)
    wanting = ~np.isin(np.arange(len(sites)), owner)
    areal = shapely.get_dimensions(sites) == 2  # noqa: PLR2004 - a polygon's
    give(*_in_outlines(sites, np.flatnonzero(wanting & areal), middle), 2)
    dots = np.flatnonzero(wanting & ~areal)
    inside, dots = _in_buildings(sites, dots, shapes, _numbers(enterprises, "tce"))
    give(*inside, 3)
    for kind, stage in AREAS.items():
        if kind in areas:
            dots = dots[~np.isin(dots, owner)]
            lots = np.array(areas[kind].data.geometry, dtype=object)
            free = np.flatnonzero(owner < 0)
            give(*_in_areas(sites, dots, middle, free, lots), stage)
    dots = dots[~np.isin(dots, owner)]
    free = np.flatnonzero((owner < 0) & (carries > 0))
    give(*_nearest(sites, dots, shapes, free, within_m), 6)
    return owner, how


def _plain(layer: Layer, column: str) -> npt.NDArray[np.object_]:
    if column not in layer.data:
        return np.full(len(layer.data), "", dtype=object)
    return np.array([plain_name(name) for name in layer.data[column]], dtype=object)


def _numbers(layer: Layer, column: str) -> FloatArray:
    return np.asarray(pd.to_numeric(layer.data[column], errors="coerce"), dtype=np.float64)


def _same(
    names: npt.NDArray[np.object_], others: npt.NDArray[np.object_]
) -> tuple[IntArray, IntArray]:
    """Return pairs of enterprise and building of one name."""
    left = pd.DataFrame({"name": names, "enterprise": np.arange(len(names))})
    right = pd.DataFrame({"name": others, "building": np.arange(len(others))})
    pairs = left[left["name"] != ""].merge(right, on="name")
    return pairs["enterprise"].to_numpy(dtype=np.intp), pairs["building"].to_numpy(dtype=np.intp)


def _nearest_pairs(
    enterprise: IntArray, building: IntArray, sites: Shapes, middle: Shapes
) -> tuple[IntArray, IntArray]:
    """Return each building once, with the nearest of its enterprises, the first of equal ones."""
    away = shapely.distance(sites[enterprise], middle[building])
    order = np.lexsort((enterprise, away, building))
    once = np.diff(building[order], prepend=-1) != 0
    return building[order][once], enterprise[order][once]


def _in_outlines(sites: Shapes, areal: IntArray, middle: Shapes) -> tuple[IntArray, IntArray]:
    """Return buildings in outlines; where outlines overlap, the smallest has them."""
    own, at = shapely.STRtree(middle).query(sites[areal], predicate="intersects")
    order = np.lexsort((areal[own], shapely.area(sites[areal[own]]), at))
    once = np.diff(at[order], prepend=-1) != 0
    return at[order][once], areal[own[order][once]]


def _in_buildings(
    sites: Shapes, dots: IntArray, shapes: Shapes, tce: FloatArray
) -> tuple[tuple[IntArray, IntArray], IntArray]:
    """Return the buildings that points are in, the largest user's each; and who is in none.

    One that shares a building with a larger user has no roof: its own is the other's.
    """
    own, at = shapely.STRtree(shapes).query(sites[dots], predicate="intersects")
    order = np.lexsort((dots[own], -np.nan_to_num(tce[dots[own]]), at))
    once = np.diff(at[order], prepend=-1) != 0
    return (at[order][once], dots[own[order][once]]), np.delete(dots, np.unique(own))


def _in_areas(
    sites: Shapes, dots: IntArray, middle: Shapes, free: IntArray, lots: Shapes
) -> tuple[IntArray, IntArray]:
    tree = shapely.STRtree(lots)
    own, lot = tree.query(sites[dots], predicate="intersects")
    at, of = tree.query(middle[free], predicate="intersects")
    left = pd.DataFrame({"lot": lot, "enterprise": dots[own]})
    pairs = left.merge(pd.DataFrame({"lot": of, "building": free[at]}), on="lot")
    who, what = (pairs[c].to_numpy(dtype=np.intp) for c in ("enterprise", "building"))
    return _nearest_pairs(who, what, sites, middle)


def _nearest(
    sites: Shapes, dots: IntArray, shapes: Shapes, free: IntArray, within_m: float
) -> tuple[IntArray, IntArray]:
    """Return a building for each point, the nearest pairs first, each building and point once."""
    own, at = shapely.STRtree(shapes[free]).query(
        sites[dots], predicate="dwithin", distance=within_m
    )
    enterprise, building = dots[own], free[at]
    away = shapely.distance(sites[enterprise], shapes[building])
    taken: dict[int, int] = {}
    served: set[int] = set()
    for i in np.lexsort((building, enterprise, away)).tolist():
        who, what = int(enterprise[i]), int(building[i])
        if who not in served and what not in taken:
            served.add(who)
            taken[what] = who
    return np.array(list(taken), dtype=np.intp), np.array(list(taken.values()), dtype=np.intp)
