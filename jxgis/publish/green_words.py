"""What the pages call the measures of green, their figures and their columns."""

from __future__ import annotations

from collections.abc import Sequence

from jxgis.i18n import _, ngettext
from jxgis.results import Indicator

# Units that stand in a column's title and so in none of its cells.
UNITS = ("_ha", "_mu")


def is_green(measure: str) -> bool:
    """Say whether a measure is one of green."""
    return measure.startswith("green.")


def measure_title(measure: str) -> str:
    """Return a measure's title, nothing where it is not of green."""
    titles = {
        "green.cover": _("Green cover"),
        "green.trees": _("Tree cover"),
        "green.forest": _("Forest rate"),
        "green.land": _("Green-land rate"),
        "green.parks": _("Parks"),
        "green.wetland": _("Wetland"),
        "green.change": _("Green gained and lost"),
        "green.sample": _("Reference sample"),
    }
    return titles.get(measure, "")


def indicator_title(measure: str, indicator: Indicator) -> str:
    """Return what an indicator says, nothing where its measure is not of green."""
    return (_of(indicator) or measure_title(measure)) if is_green(measure) else ""


def _of(indicator: Indicator) -> str:
    """Return what a figure is of, nothing where ``params`` has no ``of`` of green."""
    titles = {
        "trees": _("Tree cover"),
        "forest": _("Forest rate"),
        "wooded": _("Land under trees"),
        "gained": _("Green gained"),
        "lost": _("Green lost"),
        "net": _("Green gained less green lost"),
        "points": _("Points to be looked up"),
    }
    return titles.get(str(indicator.params.get("of")), "")


def asked_title(indicator: Indicator) -> str:
    """Return what a figure of green is of and how it was found, nothing where neither is said.

    ``params`` has ``mapped`` where cells were counted, and ``points`` where reference points
    corrected that count.
    """
    of, points, how = _of(indicator), indicator.params.get("points"), ""
    if indicator.params.get("mapped"):
        how = _("as mapped, cell by cell")
    elif points is not None:
        form = ngettext(
            "corrected by {number} reference point",
            "corrected by {number} reference points",
            1 if points == 1 else 2,
        )
        how = form.format(number=f"{points:,d}")
    if of and how:
        return _("{of}, {how}").format(of=of, how=how)
    return of or how[:1].upper() + how[1:]


def column_title(measure: str, column: str) -> str:
    """Return the title of a column of a table by zone, nothing where it has none."""
    quantities = {
        "green": _("Green"),
        "tree": _("Trees"),
        "forest": _("Forest"),
        "land": _("Green land"),
        "park": _("Parks"),
        "wetland": _("Wetland"),
        "gained": _("Gained"),
        "lost": _("Lost"),
        "net": _("Gained less lost"),
    }
    titles = {
        "area_m2": _("Built-up area") if measure == "green.cover" else _("Area"),
        "seen_area_m2": _("Area seen"),
        "seen_share": _("Seen"),
        "points": _("Reference points"),
        "green_area_m2": _("Green"),
        "green_share": _("Green share"),
        "tree_share": _("Tree cover"),
        "forest_share": _("Forest rate"),
        "land_share": _("Green-land rate"),
        "park_share": _("Share of parks"),
        "wetland_share": _("Share of wetland"),
    }
    endings = {
        "_share_adjusted": _("Corrected share"),
        "_share_low": _("At least"),
        "_share_high": _("At most"),
    }
    units = {"ha": _("ha"), "mu": _("mu")}
    for ending, title in endings.items():
        if column.endswith(ending):
            return title
    quantity, _line, unit = column.rpartition("_")
    if quantity in quantities and unit in units:
        return _("{title}, {unit}").format(title=quantities[quantity], unit=units[unit])
    return titles.get(column, "")


def shown_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns that a page shows, in its order: shares first, what was seen last.

    None in square metres is shown beside others in hectares.
    """
    in_hectares = any(c.endswith("_ha") for c in columns)
    shown = [c for c in columns if not (in_hectares and c.endswith("_m2"))]
    return sorted(shown, key=lambda c: (c == "seen_share", not c.endswith("share")))
