"""QGIS styles of the drawings, so that the GeoPackage opens in the colours of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from jxgis.publish.groups import Group, groups_of
from jxgis.publish.theme import LOOKS, Classes, Look
from jxgis.results import Drawing

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def qml(drawing: Drawing, classes: Classes | None) -> str:
    """Return a drawing's style as QGIS reads it from ``layer_styles``.

    A shaded drawing has one symbol a class of its share, a grouped one a group, any other one
    symbol.
    """
    look = LOOKS[drawing.role]
    root = Element("qgis", version="3.22.0", styleCategories="Symbology")
    if drawing.shade is not None and classes is not None:
        _graduated(root, drawing.shade, classes, look)
    elif drawing.group is not None:
        _categorized(root, drawing.group, groups_of(drawing), look)
    else:
        renderer = SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
        _symbol(SubElement(renderer, "symbols"), "0", look, look.fill)
    return _DOCTYPE + tostring(root, encoding="unicode")


def _graduated(root: Element, column: str, classes: Classes, look: Look) -> None:
    renderer = SubElement(
        root,
        "renderer-v2",
        type="graduatedSymbol",
        attr=column,
        graduatedMethod="GraduatedColor",
        symbollevels="0",
    )
    ranges, symbols = SubElement(renderer, "ranges"), SubElement(renderer, "symbols")
    for number, (colour, label) in enumerate(zip(classes.colours, classes.labels(), strict=True)):
        SubElement(
            ranges,
            "range",
            lower=repr(classes.limits[number]),
            upper=repr(classes.limits[number + 1]),
            label=label,
            symbol=str(number),
            render="true",
        )
        _symbol(symbols, str(number), look, colour)


def _categorized(root: Element, column: str, groups: Sequence[Group], look: Look) -> None:
    renderer = SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=column, symbollevels="0"
    )
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    for number, group in enumerate(groups):
        SubElement(
            categories,
            "category",
            value=group.name,
            label=group.name,
            symbol=str(number),
            type="string",
            render="true",
        )
        _symbol(symbols, str(number), look, group.colour, group.shape)


def _symbol(parent: Element, name: str, look: Look, fill: str, shape: str = "circle") -> None:
    kind = {"point": "marker", "line": "line", "area": "fill"}[look.kind]
    symbol = SubElement(
        parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    style, options = _options(kind, look, fill, shape)
    layer = SubElement(symbol, "layer", {"class": style, "enabled": "1", "locked": "0"})
    table = SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        SubElement(table, "Option", name=key, type="QString", value=value)


def _options(kind: str, look: Look, fill: str, shape: str) -> tuple[str, Mapping[str, str]]:
    line, width = _rgba(look.line, 1.0), f"{look.width * 0.26:g}"
    if kind == "line":
        return "SimpleLine", {
            "line_color": line,
            "line_width": width,
            "line_width_unit": "MM",
            "line_style": "solid",
        }
    outline = {
        "outline_color": line,
        "outline_width": width,
        "outline_width_unit": "MM",
        "outline_style": ("dash" if look.dashes else "solid") if look.width else "no",
    }
    colour = {"color": _rgba(fill, look.opacity)}
    if kind == "marker":
        return "SimpleMarker", {
            "name": shape,
            "size": f"{look.size:g}",
            "size_unit": "MM",
        } | colour | outline
    brush = "b_diagonal" if look.hatched else "solid"
    return "SimpleFill", colour | {"style": brush if look.opacity else "no"} | outline


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"
