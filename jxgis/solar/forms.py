"""What occurs in a plan's layers: classes of land with their areas, and forms of panels."""

from __future__ import annotations

from collections.abc import Mapping

import shapely

from jxgis.layers import Layer
from jxgis.solar.roofs import may_carry
from jxgis.solar_spec import FORMS, SolarSettings


def classes_there(layer: Layer) -> dict[str, float]:
    """Return the classes of land that a layer can show, each with its area in square metres.

    Parameters
    ----------
    layer
        Of kind ``land``, or ``landcover``, whose classes are its legend's, without an area.
    """
    if layer.rasters:
        return {word: 0.0 for raster in layer.rasters for word in raster.legend.values()}
    areas = shapely.area(layer.data.geometry.to_numpy())
    by_class = layer.data.assign(area_m2=areas).groupby("class")["area_m2"].sum()
    return {str(word): float(area) for word, area in by_class.items()}


def forms_there(kinds: Mapping[str, Layer], settings: SolarSettings) -> list[str]:
    """Return the forms of panels that the layers and rules make possible.

    Parameters
    ----------
    kinds
        The layers by kind.
    settings
        The rules.
    """
    words = {
        kind: set(classes_there(kinds[kind])) for kind in ("land", "landcover") if kind in kinds
    }
    found = {
        use.form for use in settings.uses if words.get(use.kind, set()).intersection(use.classes)
    }
    if "buildings" in kinds and may_carry(
        kinds["buildings"], kinds.get("built_up"), settings.roofs
    ):
        found.add("roof")
    return [form for form in FORMS if form in found]
