"""What a command prints: short tables for a person, in columns that line up in Chinese too."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence

from jxgis.green.preview import Preview
from jxgis.i18n import _
from jxgis.layers import Layer
from jxgis.publish.axis import is_range, level_of, percent
from jxgis.publish.numbers import (
    format_area,
    format_points,
    format_quantity,
    format_share,
    print_criterion,
)
from jxgis.publish.panel import zone_table
from jxgis.publish.solutions import found
from jxgis.publish.words import (
    asked_title,
    format_cell,
    indicator_title,
    parts_unit,
    status_title,
)
from jxgis.results import (
    CriterionStatus,
    Indicator,
    LedgerRow,
    Result,
    Scoreboard,
    Table,
    TargetStatus,
)

_STATUSES = ("met", "not_met", "no_data", "tracked")

_TITLE_WIDTH = 46
_LEDGER_ROWS = 12
_TABLE_ROWS = 10
_ZONE_ROWS = 20


def scoreboard_text(scoreboard: Scoreboard) -> str:
    """Return the scoreboard: a line a criterion, and the counts below."""
    rows = [[_("target"), "", _("status"), _("value"), _("required"), _("missing")]]
    rows += [
        _criterion_row(target, criterion)
        for target in scoreboard.targets
        for criterion in target.criteria
    ]
    statuses = [target.status for target in scoreboard.targets]
    counts = ", ".join(f"{status_title(s)} {statuses.count(s)}" for s in _STATUSES)
    head = [scoreboard.plan, *([scoreboard.notice] if scoreboard.notice else [])]
    return "\n".join([*head, "", columns(rows, right={3, 4, 5}), "", counts])


def _criterion_row(target: TargetStatus, criterion: CriterionStatus) -> list[str]:
    printed = print_criterion(criterion.value, criterion.target, criterion.sense, criterion.unit)
    title = f"{target.title}: {criterion.title}" if criterion.title else target.title
    return [
        criterion.id,
        _shortened(title, _TITLE_WIDTH),
        status_title(criterion.status),
        printed.value,
        printed.required,
        printed.gap,
    ]


def coverage_text(result: Result) -> str:
    """Return a coverage result: a line a zone and a column a radius, and the indicators below."""
    radii = sorted(set(result.by_zone["radius_m"]))
    rows = [[_("by zone"), _("built-up area"), *(f"{radius:g} m" for radius in radii)]]
    for (_id, zone), own in result.by_zone.groupby(["zone_id", "zone"], sort=False, dropna=False):
        shares = dict(zip(own["radius_m"], own["share"], strict=True))
        area = format_area(own["area_m2"].iloc[0])
        rows.append([str(zone), area, *(format_share(shares.get(radius)) for radius in radii)])
    lines = [columns(rows, right=set(range(1, 2 + len(radii)))), ""]
    lines += [figures_text(result), ""]
    lines += [text for table in result.tables for text in (table_text(table), "")]
    lines.pop()
    return "\n".join([*lines, "", ledger_text(result.ledger)])


def additions_text(result: Result) -> str:
    """Return proposed stops: what they reach, how good the choice is, and the build order."""
    parts = [figures_text(result)]
    parts += [f"{table_text(table)}\n\n{table.note}" for table in result.tables]
    return "\n\n".join(parts)


def green_text(result: Result) -> str:
    """Return a result of green land: a line a zone, the figures, the tables and the ledger."""
    table = zone_table(result, {})
    rows = [[_("Zone"), *table.titles]]
    rows += [[row.zone, *(cell.text for cell in row.cells)] for row in table.rows[:_ZONE_ROWS]]
    zones = columns(rows, right=set(range(1, len(rows[0]))))
    more = len(table.rows) - _ZONE_ROWS
    if more > 0:
        zones += "\n" + _("… and {count} more rows in result.json").format(count=more)
    parts = [zones, figures_text(result)]
    parts += [table_text(table) for table in result.tables]
    return "\n\n".join([*parts, ledger_text(result.ledger)])


def charging_text(result: Result) -> str:
    """Return a result of charging: the figures, how good what was found is, and the tables."""
    parts = [figures_text(result)]
    solution = found(result)
    if solution is not None:
        numbers = ", ".join(f"{title} {value}" for title, value in solution.numbers)
        parts.append(f"{solution.sentence}\n{numbers}")
    parts += [
        table_text(table) + (f"\n{table.note}" if table.note else "") for table in result.tables
    ]
    return "\n\n".join([*parts, ledger_text(result.ledger)])


def tables_text(result: Result) -> str:
    """Return a result's figures, its tables with their notes, and the ledger."""
    parts = [
        table_text(table) + (f"\n{table.note}" if table.note else "") for table in result.tables
    ]
    return "\n\n".join([figures_text(result), *parts, ledger_text(result.ledger)])


def sample_text(result: Result) -> str:
    """Return a drawn sample: the classes with their points, and what to do with them."""
    parts = [table_text(table) for table in result.tables]
    return "\n\n".join([*parts, ledger_text(result.ledger)])


def figures_text(result: Result) -> str:
    """Return a line a figure, with its interval and what it is a share of."""
    bounded = [i for i in result.indicators if i.low is not None]
    levels = sorted({level_of(i) for i in bounded if not is_range(i)})
    level = " / ".join(percent(level) for level in levels)
    interval = _("{level} interval").format(level=level) if levels else _("range") * bool(bounded)
    rows = [["", "", _("value"), interval, ""]]
    for i in result.indicators:
        ends = ""
        if i.low is not None:
            ends = " \N{EN DASH} ".join(format_quantity(end, i.unit) for end in (i.low, i.high))
        parts = "" if i.numerator is None else _parts(result.measure, i)
        title = asked_title(i) or indicator_title(result.measure, i)
        rows.append([i.id, title, format_quantity(i.value, i.unit), ends, parts])
    return columns(rows, right={2, 3, 4})


def _parts(measure: str, i: Indicator) -> str:
    """Return the two amounts that a share is of."""
    unit = parts_unit(measure, i)
    if unit is None:
        amount = AMOUNTS.get(i.params.get("of", ""), format_area)
        return f"{amount(i.numerator)} / {amount(i.denominator)}"
    part, whole = (format_quantity(n, "count", 0) for n in (i.numerator, i.denominator))
    return f"{part} / {whole}" + ("" if unit == "count" else f" {unit}")


AMOUNTS: Mapping[str, Callable[[float | None], str]] = {
    "streets": lambda metres: format_quantity(None if metres is None else metres / 1000, "km"),
    "people": lambda people: format_quantity(people, "count", decimals=0),
    "jobs": lambda jobs: format_quantity(jobs, "count", decimals=0),
}
"""How the amounts are written that a share is of."""


def table_text(table: Table) -> str:
    """Return a table's first rows under its title."""
    head = list(table.fields.values())
    rows = [
        [format_cell(column, row[column]) for column in table.fields]
        for row in table.data.head(_TABLE_ROWS).to_dict("records")
    ]
    more = len(table.data) - len(rows)
    lines = [table.title, columns([head, *rows])]
    if more > 0:
        lines.append(_("… and {count} more rows in result.json").format(count=more))
    return "\n".join(lines)


def layers_text(layers: Mapping[str, Layer]) -> str:
    """Return a line a layer: its kind, its features and where they are from."""
    rows = [[_("layer"), _("kind"), _("features"), _("CRS"), _("source")]]
    for layer in layers.values():
        source = layer.inputs[0] if layer.inputs else None
        crs, path = (source.crs or "", source.path) if source else ("", "")
        features = "" if layer.kind.is_raster else f"{len(layer.data):,}"
        rows.append([layer.name, layer.kind.name, features, crs, path])
    return columns(rows, right={2})


def previews_text(looks: Sequence[Preview]) -> str:
    """Return a line a scene: its reflectances and its index, and what they say of the bands."""
    rows = [[_("scene"), _("date"), _("red"), _("near-infrared"), "NDVI", _("seen"), ""]]
    for look in looks:
        low, middle, high = look.ndvi
        index = f"{low:.2f} / {middle:.2f} / {high:.2f}"
        date = look.date.isoformat() if look.date else "?"
        numbers = [f"{look.red:.4g}", f"{look.nir:.4g}", index, format_share(look.seen_share)]
        rows.append([_shortened(look.name, _TITLE_WIDTH), date, *numbers, look.verdict])
    note = _("red and near-infrared: in the middle; NDVI: 5, 50 and 95 % of the cells are below")
    return columns(rows, right={2, 3, 4, 5}) + "\n" + note


def ledger_text(ledger: Sequence[LedgerRow]) -> str:
    """Return the ledger's first rows, and how many more there are."""
    shown = [
        [row.layer, f"{row.count:,}", row.reason, "" if row.effect is None else effect]
        for row in ledger[:_LEDGER_ROWS]
        for effect in [format_points(row.effect)]
    ]
    more = len(ledger) - len(shown)
    lines = [_("ledger:"), columns(shown, right={1})] if shown else [_("ledger: nothing")]
    if more > 0:
        lines.append(_("… and {count} more rows in result.json").format(count=more))
    return "\n".join(lines)


def suspicions_text(results: Sequence[Result]) -> str:
    """Return what looks wrong in the inputs and was not corrected, a line each; else nothing."""
    rows = dict.fromkeys(r for result in results for r in result.ledger if r.what == "suspected")
    return "\n".join(
        _("suspected: {layer}: {reason}").format(layer=row.layer, reason=row.reason) for row in rows
    )


def columns(rows: Sequence[Sequence[str]], right: set[int] | None = None) -> str:
    """Return rows as columns two spaces apart, aligned by the width a terminal gives them."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            _padded(cell, width, to_right=number in (right or set()))
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _padded(cell: str, width: int, *, to_right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if to_right else cell + space


def _width(text: str) -> int:
    """Return the cells a terminal gives a text: two for an East Asian wide character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _shortened(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    kept = ""
    for character in text:
        if _width(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"
