"""Tables of zones and of connected patches, a row for each feature of their drawings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jxgis.i18n import _
from jxgis.results import Table
from jxgis.solar.answers import form_title
from jxgis.solar.study import Study
from jxgis.solar_spec import FORMS

FloatArray = npt.NDArray[np.float64]


def zone_table(found: Study) -> Table:
    """Return the zones of the last day: the most compact of each county, then those that follow.

    Row *n* is feature *n* of the drawing ``zones``.
    """
    mw = np.array([zone.mw for zone in found.zones])
    total = mw.sum(axis=1)
    area = np.array([shape.area for shape in found.shapes])
    columns: dict[str, Any] = {
        "rank": [zone.rank for zone in found.zones],
        "zone": [found.frame.zones[zone.county] for zone in found.zones],
        "mw": total,
    }
    fields = {"rank": _("No. in its county"), "zone": _("County"), "mw": _("Capacity")}
    columns |= {
        "mwh": found.mwh,
        "first_share": found.ranking.first_in_county,
        "first_of_all_share": found.ranking.first_of_all,
        "score": found.ranking.score,
    }
    fields |= {
        "mwh": _("Yield in a year"),
        "first_share": _("First in its county"),
        "first_of_all_share": _("First of all"),
        "score": _("Score"),
    }
    if not np.isnan(found.grid.distance_m).all():
        columns |= {
            "substation_km": found.grid.distance_m / 1000,
            "substation": found.grid.names,
            "spare_kw": found.grid.spare_kw,
        }
        fields |= {
            "substation_km": _("To the grid"),
            "substation": _("Nearest substation"),
            "spare_kw": _("Its spare power"),
        }
    columns |= {
        "radius_m": np.rint([zone.radius_m for zone in found.zones]),
        "mw_per_km2": total / (area / 1e6),
    }
    fields |= {"radius_m": _("Radius"), "mw_per_km2": _("MW/km² of its outline")}
    columns |= {f"{form}_mw": mw[:, number] for form, number in _there(mw)}
    fields |= {f"{form}_mw": form_title(form) for form, _number in _there(mw)}
    note = _(
        "Numbered by how compact they are: in each county land and roofs that belong together, "
        "reach {need:g} MW and lie in the smallest circle round one of their tiles, as is proven, "
        "and then the next without them. Score and how often first are by the criteria, with the "
        "plan's weights and with random ones."
    ).format(need=found.settings.need_mw)
    title = _("Zones of {need:g} MW, {day}").format(
        need=found.settings.need_mw, day=found.days[-1].isoformat()
    )
    data = pd.DataFrame(columns)
    return Table("zones", title, data, fields, drawing="solar_zones", note=note)


def patch_table(found: Study) -> Table:
    """Return the components of the whole map that reach the capacity, largest first.

    Row *n* is feature *n* of the drawing ``patches``.
    """
    need = found.settings.need_mw
    mw = np.array([patch.mw for patch in found.patches])
    columns: dict[str, Any] = {
        "rank": np.arange(1, len(mw) + 1),
        "zones": [_counties(found, patch.by_county) for patch in found.patches],
        "mw": mw.sum(axis=1),
    }
    fields = {"rank": _("No."), "zones": _("Counties"), "mw": _("Capacity")}
    columns |= {f"{form}_mw": mw[:, number] for form, number in _there(mw)}
    fields |= {f"{form}_mw": form_title(form) for form, _number in _there(mw)}
    note = _(
        "Land and roofs of the whole map that belong together; a river or an expressway parts "
        "them, a minor road does not. The zones above are their most compact parts."
    )
    title = _("Connected patches of {need:g} MW or more").format(need=need)
    return Table("patches", title, pd.DataFrame(columns), fields, drawing="patches", note=note)


def _there(mw: FloatArray) -> list[tuple[str, int]]:
    """Return the forms of which there is any, each with its number."""
    return [(form, number) for number, form in enumerate(FORMS) if mw[:, number].any()]


def _counties(found: Study, mw: FloatArray) -> str:
    """Return the counties of a patch, those with most of it first."""
    order = [n for n in np.argsort(-mw, kind="stable").tolist() if mw[n] > 0]
    return _(", ").join(found.frame.zones[n] for n in order)
