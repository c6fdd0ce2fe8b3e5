"""One result as one page: a Folium map, the figures, the zones, and all that was assumed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

from jxgis import i18n
from jxgis.i18n import _
from jxgis.publish import assets
from jxgis.publish.answers import answers_data
from jxgis.publish.axis import axis_note
from jxgis.publish.basemaps import MAX_ZOOM, SiteOptions, tile_hosts, tile_layers
from jxgis.publish.drawings import Sketch, in_drawing_order, shadings, sketch
from jxgis.publish.figures import figures
from jxgis.publish.groups import outline, swatch
from jxgis.publish.notes import credit, notes
from jxgis.publish.panel import input_rows, ledger_rows, rule_rows, zone_table
from jxgis.publish.phrases import page_words
from jxgis.publish.pictures import Overlay, overlays
from jxgis.publish.sections import sections
from jxgis.publish.solutions import found
from jxgis.publish.strip import strips
from jxgis.publish.theme import LOOKS, UNKNOWN
from jxgis.publish.words import measure_title
from jxgis.results import Result

# Fixed words that the scripts say.
_SAID = ("close", "map", "not_looked_at", "old_browser", "zoom_in", "zoom_out")

# In the order in which they need each other.
_SCRIPTS = ("basics", "pictures", "sited", "labels", "answers", "map")


class _Drawings(MacroElement):
    """Hands the map to our own script, which draws the page's data on it."""

    _template = Template(
        "{% macro script(this, kwargs) %}jxgis.draw({{ this._parent.get_name() }});{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca does not annotate it
        self._name = "Drawings"


def map_page(
    result: Result,
    options: SiteOptions,
    *,
    titles: Mapping[str, str],
    plan: str = "",
    notice: str = "",
    board: str = "",
    downloads: Sequence[str] = (),
) -> str:
    """Return a result's page: one file that makes no request but for a chosen base map.

    Parameters
    ----------
    result
        Any measure's result.
    options
        The base map.
    titles
        Indicator's id to the title of the target that it answers.
    plan, notice
        The plan's title, and a line shown at the top of the page.
    board
        Address of the scoreboard, relative to the page; none where there is no scoreboard.
    downloads
        Files that stand beside the page.
    """
    sketches = [
        sketch(shaded, beside_pictures=bool(result.pictures))
        for drawing in in_drawing_order(result.layers)
        for shaded in shadings(drawing)
    ]
    pictures = overlays(result.pictures)
    element, script = _map_parts(options)
    own = "\n".join(assets.static(f"{name}.js") for name in _SCRIPTS)
    scripts = [assets.leaflet_script(), own, script]
    style = "\n".join([assets.leaflet_style(), assets.static("base.css"), assets.static("map.css")])
    words = page_words()
    shown, axis = figures(result, titles)
    ledger = ledger_rows(result)
    table = zone_table(result, titles)
    zone_ids = {i for s in sketches for i in s.zone_ids}
    return assets.template("map.html").render(
        axis=axis,
        axis_note=axis_note(axis) if axis else "",
        board=board,
        data=assets.json_block(_map_data(sketches, pictures, words, credit(result))),
        date=result.as_of.isoformat() if result.as_of else "",
        downloads=downloads,
        figures=shown,
        found=found(result),
        inputs=input_rows(result),
        is_asked=any(p.is_asked for p in pictures),
        lang="zh-CN" if i18n.language() == "zh_CN" else "en",
        ledger=ledger,
        ledger_more=_ledger_more(ledger.more),
        keys={n: key for n, s in enumerate(sketches) if (key := _key(s))},
        legends=_legends(sketches),
        map_element=element,
        notes=notes(sketches, pictures, result.crs),
        notice=notice,
        pictures=pictures,
        plan=plan,
        policy=assets.policy(scripts, [style], tile_hosts(options)),
        rules=rule_rows(result),
        scripts=scripts,
        sections=sections(result, sketches),
        stopped=result.status == "time_limit" and result.solution is None,
        strips=strips(result),
        style=style,
        switches=_switches(sketches),
        table=table,
        table_title=table.title or words["zones"],
        title=measure_title(result.measure),
        w=words,
        zone_help=any(row.zone_id in zone_ids for row in table.rows),
        zone_ids=zone_ids,
    )


def _map_parts(options: SiteOptions) -> tuple[str, str]:
    """Return the map's element and script as Folium writes them, without what it links to."""
    plan_map = folium.Map(
        tiles=None,
        zoom_control=False,
        maxZoom=MAX_ZOOM,
        prefer_canvas=True,
        zoomSnap=1 if tile_layers(options) else 0.25,
    )
    plan_map.default_js, plan_map.default_css = [], []
    for layer in tile_layers(options):
        layer.add_to(plan_map)
    plan_map.add_child(_Drawings())
    figure = Figure()
    plan_map.add_to(figure)
    figure.render()
    ids: dict[str, str] = {}
    return _numbered(figure.html.render(), ids), _numbered(figure.script.render(), ids)


def _numbered(text: str, ids: dict[str, str]) -> str:
    """Return the text with Folium's random ids numbered, so that its bytes are reproducible."""
    return re.sub(
        r"_([0-9a-f]{32})\b", lambda m: "_" + ids.setdefault(m[1], str(len(ids) + 1)), text
    )


def _opening_bounds(
    sketches: Sequence[Sketch], pictures: Sequence[Overlay]
) -> list[list[float]] | None:
    """Return the corners of what the map opens at.

    That is the pictures that are shown, which may be of a part of the zones only; else the zones,
    the area, or everything. Stops may lie far outside the city that they serve, one by a slip of
    the pen on another continent.
    """
    shown = [p.bounds for p in pictures if p.picture.shown]
    if shown:
        return _united(shown)
    for roles in (("zones",), ("area", "covered"), tuple(LOOKS)):
        bounds = [s.bounds for s in sketches if s.bounds and s.drawing.role in roles]
        if bounds:
            return _united(bounds)
    return None


def _united(bounds: Sequence[tuple[float, float, float, float]]) -> list[list[float]]:
    """Return the corners that hold all bounds, as Leaflet wants them: latitude first."""
    west, south, east, north = zip(*bounds, strict=True)
    return [[min(south), min(west)], [max(north), max(east)]]


def _map_data(
    sketches: Sequence[Sketch], pictures: Sequence[Overlay], words: Mapping[str, str], credit: str
) -> dict[str, Any]:
    used = {s.drawing.role for s in sketches}
    used |= {"runner_up"} if any("next" in s.data for s in sketches) else set()
    return {
        "drawings": _without_repeats([s.data for s in sketches]),
        "looks": {role: vars(LOOKS[role]) for role in sorted(used)},
        "unknown": UNKNOWN,
        "credit": credit,
        "bounds": _opening_bounds(sketches, pictures),
        "pictures": [
            {
                "image": p.image,
                "bounds": _united([p.bounds]),
                "title": p.picture.title,
                "shown": p.picture.shown,
                "answers": answers_data(p),
            }
            for p in pictures
        ],
        "words": {name: words[name] for name in _SAID},
    }


def _without_repeats(drawings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the drawings, shapes that equal an earlier drawing's replaced by its number."""
    kept: list[dict[str, Any]] = []
    for drawing in drawings:
        shapes = drawing.get("shapes")
        same = (i for i, k in enumerate(kept) if shapes and k.get("shapes") == shapes)
        first = next(same, None)
        if first is None:
            kept.append(drawing)
        else:
            rest = {k: v for k, v in drawing.items() if k != "shapes"}
            kept.append(rest | {"shapes_of": first})
    return kept


def _ledger_more(more: int) -> str:
    return _("and {n} more in ledger.csv").format(n=more) if more else ""


def _legends(sketches: Sequence[Sketch]) -> list[dict[str, Any]]:
    """Return, for each shaded drawing, colour and label of its classes, and of no data if any."""
    legends = []
    for index, s in enumerate(sketches):
        if s.classes is None:
            continue
        rows = list(zip(s.classes.colours, s.classes.labels(), strict=True))
        if None in s.data["zones"]["classes"]:
            rows.append((UNKNOWN, _("no data")))
        legends.append({"index": index, "shown": s.drawing.shown, "rows": rows})
    return legends


def _key(s: Sketch) -> list[tuple[str, str]]:
    """Return sample and name of a drawing's groups, or of what is best in it and what is not."""
    if any(s.data.get("next", ())):
        names = {
            "best": _("the most compact of its county"),
            "runner_up": _("what comes next there"),
        }
        return [(outline(LOOKS[look]), name) for look, name in names.items()]
    return [(swatch(g, LOOKS[s.drawing.role].line), g.name) for g in s.groups]


def _switches(sketches: Sequence[Sketch]) -> dict[str, list[dict[str, Any]]]:
    """Return the layer control: one choice among zones drawings, a box for each other one."""
    rows: list[dict[str, Any]] = [
        {
            "index": index,
            "title": s.drawing.title,
            "role": s.drawing.role,
            "shown": s.drawing.shown,
            "look": LOOKS[s.drawing.role],
        }
        for index, s in enumerate(sketches)
    ]
    zones = [r for r in rows if r["role"] == "zones"]
    topmost_first = sorted(rows, key=lambda r: -r["look"].order)
    choices = zones if len(zones) > 1 else []
    return {"choices": choices, "boxes": [r for r in topmost_first if r not in choices]}
