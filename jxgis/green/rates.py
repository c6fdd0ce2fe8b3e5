"""The four rates that are taken for each other, from the same inputs, and what lies between them.

Green cover is all vegetation over the built-up area. The green-land rate is parcels whose use is
green over the same area. Tree cover is all trees over all land. The forest rate is the trees of
patches of a mu and more over all land.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from jxgis.green.asking import MU_M2, Settings
from jxgis.green.parcels import area_within, green_parcels
from jxgis.green.places import Places, joined, places
from jxgis.green.tables import ROUNDING
from jxgis.green.woods import TREE_CLASSES, wooded
from jxgis.i18n import _
from jxgis.kernels.polygons import cut
from jxgis.layers import Layer
from jxgis.rasters import Raster
from jxgis.results import Table
from jxgis.rules import Rules


@dataclass(frozen=True)
class Cover:
    """Square metres of the built-up area: what was seen and green, of all and of green parcels."""

    seen_m2: float
    green_m2: float
    green_in_parcels_m2: float
    seen_in_parcels_m2: float


def rates_table(
    layers: Mapping[str, Layer],
    where: Places,
    cover: Cover,
    *,
    settings: Settings,
    rules: Rules,
) -> Table | None:
    """Return the table that reconciles the four rates, as far as the layers go.

    Parameters
    ----------
    layers
        ``land``, and ``canopy`` or ``landcover``, where they are there.
    where
        The built-up area that green cover is of.
    cover
        The green of it.
    settings, rules
        Which classes are green parcels, and what makes forest.

    Returns
    -------
    Table or None
        Each rate, and under it parts of it that another one has, or has not; None where there is
        no other rate than green cover.
    """
    rows = [
        (
            _("Green cover"),
            _("all vegetation seen from above, whoever's land it is on"),
            _("built-up area that was seen"),
            cover.green_m2,
            cover.seen_m2,
        )
    ]
    rows += _of_parcels(layers, where, cover, settings)
    rows += _of_trees(layers, where, rules)
    if len(rows) == 1:
        return None
    data = pd.DataFrame(rows, columns=["rate", "counts", "of", "area_m2", "of_m2"])
    data = pd.DataFrame(
        {
            "rate": data["rate"],
            "counts": data["counts"],
            "of": data["of"],
            "area_ha": data["area_m2"] / 10_000,
            "area_mu": data["area_m2"] / MU_M2,
            "of_ha": data["of_m2"] / 10_000,
            "share": data["area_m2"] / data["of_m2"],
        }
    )
    fields = {
        "rate": _("Rate"),
        "share": _("Share"),
        "area_ha": _("Area"),
        "area_mu": _("Area, in mu"),
        "of_ha": _("Of"),
        "of": _("Of what"),
        "counts": _("What counts"),
    }
    title = _("Four rates that are not each other")
    note = _("Rows that begin with a dash are parts of the rate above them.")
    if "reference" in layers:
        note += " " + _("All figures here are the map's own, not corrected by reference points.")
    return Table("rates", title, data, fields, note=note)


_Row = tuple[str, str, str, float, float]


def _of_parcels(
    layers: Mapping[str, Layer], where: Places, cover: Cover, settings: Settings
) -> list[_Row]:
    found = green_parcels(layers, settings)
    if not len(found):
        return []
    area = area_within(found, where.whole)
    inside = cover.green_in_parcels_m2
    built_up = _("built-up area")
    return [
        (
            _("– in green parcels"),
            _("vegetation in parks and other parcels whose use is green"),
            _("built-up area that was seen"),
            inside,
            cover.seen_m2,
        ),
        (
            _("– elsewhere"),
            _("street trees, yards, roofs, fields and land not yet built on"),
            _("built-up area that was seen"),
            cover.green_m2 - inside,
            cover.seen_m2,
        ),
        (
            _("Green-land rate"),
            _("parcels whose use is green, with their paths, squares and ponds"),
            built_up,
            area,
            float(where.whole.area),
        ),
        (
            _("– not vegetated"),
            _("paths, squares and ponds in green parcels, as far as they were seen"),
            built_up,
            max(cover.seen_in_parcels_m2 - inside, 0.0),
            float(where.whole.area),
        ),
    ]


def _land_cover(layers: Mapping[str, Layer]) -> tuple[Raster, ...]:
    return layers["landcover"].rasters if "landcover" in layers else ()


def _of_trees(layers: Mapping[str, Layer], where: Places, rules: Rules) -> list[_Row]:
    maps = _land_cover(layers)
    words = {word for raster in maps for word in raster.legend.values()}
    if "canopy" not in layers and (len(maps) != 1 or words.isdisjoint(TREE_CLASSES)):
        return []
    land = places(layers, built_up=False)
    pieces = cut(shapely.get_parts(where.whole), shapely.get_parts(land.whole)).by_zone
    built_up = joined(np.concatenate(pieces))  # it may reach beyond the zones
    found = wooded(layers, [land.whole, built_up], land, rules)
    seen, trees = float(found.trees.seen_m2[0]), float(found.trees.class_m2[0])
    if not seen > 0:
        return []
    forest, outside = float(found.forest_m2[0]), float(found.outside_m2[0])
    of = _("all land that was seen")
    open_m2 = forest - (trees - outside)
    gaps = []
    if open_m2 > ROUNDING * seen:
        said = _("ground between the crowns, which forest counts and tree cover does not")
        gaps.append((_("– gaps in forest"), said, of, open_m2, seen))
    return [
        (_("Tree cover"), _("all trees, those alone and in rows too"), of, trees, seen),
        (
            _("– in the built-up area"),
            _("the trees that green cover has as well"),
            of,
            float(found.trees.class_m2[1]),
            seen,
        ),
        (
            _("– outside forest"),
            _("trees in patches under a mu: rows, yards, single trees"),
            of,
            outside,
            seen,
        ),
        (
            _("Forest rate"),
            _("trees in patches of at least a mu, crowns over at least a fifth of the ground"),
            of,
            forest,
            seen,
        ),
        *gaps,
    ]
