"""What stands under a map: how it is drawn, and whom to credit."""

from __future__ import annotations

from collections.abc import Sequence

from jxgis.i18n import _
from jxgis.publish.drawings import SPLINTER_M2, Sketch
from jxgis.publish.numbers import format_quantity
from jxgis.publish.pictures import Overlay
from jxgis.results import Result


def credit(result: Result) -> str:
    """Return whom to credit and the date of the data, for the corner of the map."""
    names = dict.fromkeys(i.attribution for i in result.inputs if i.attribution)
    date = [_("data as of {date}").format(date=result.as_of.isoformat())] if result.as_of else []
    return " \N{MIDDLE DOT} ".join([*names, *date])


def notes(sketches: Sequence[Sketch], pictures: Sequence[Overlay], crs: str) -> list[str]:
    """Return how the map is drawn, and how far what is drawn is from what was measured.

    Parameters
    ----------
    sketches, pictures
        What is drawn.
    crs
        That the figures were computed in.
    """
    said = [
        _(
            "The figures are computed from the layers themselves in {crs}, never from the drawing."
        ).format(crs=crs)
    ]
    tolerances = [s.tolerance_m for s in sketches if s.tolerance_m is not None]
    if tolerances:
        said.append(
            _("Outlines are drawn to within {distance} of their true place.").format(
                distance=format_quantity(max(tolerances), "m", decimals=1)
            )
        )
    if any(s.drawing.role in ("covered", "uncovered") for s in sketches):
        said.append(
            _("Pieces under {area} are not drawn.").format(area=format_quantity(SPLINTER_M2, "m2"))
        )
    for s in sketches:
        if s.left_out:
            form = _("{title}: the {n} largest are drawn, all {whole} are in the GeoPackage.")
            drawn = len(s.features)
            said.append(
                form.format(
                    title=s.drawing.title, n=f"{drawn:,d}", whole=f"{drawn + s.left_out:,d}"
                )
            )
    for p in pictures:
        cell = format_quantity(p.cell_m, "m", decimals=1)
        form = _("{title} is drawn in cells of {distance}, each in the colour of the nearest.")
        said.append(form.format(title=p.picture.title, distance=cell))
    if any(p.is_asked for p in pictures):
        said.append(_("What a click says of a place is what its drawn cell says."))
    return said
