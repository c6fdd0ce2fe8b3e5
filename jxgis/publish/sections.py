"""A result's own tables as sections of its page: rows that lead to their places on the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from jxgis.i18n import _
from jxgis.publish.curve import curve
from jxgis.publish.drawings import TOUCHED, Sketch
from jxgis.publish.losses import losses
from jxgis.publish.pairs import pairs
from jxgis.publish.panel import table_cell
from jxgis.results import Result, Table

# Rows that stand open, and rows that the page has at all.
OPEN_ROWS = 10
MAX_ROWS = 200


@dataclass(frozen=True)
class Line:
    """A row: its first cell, the others, and drawing and feature that show it on the map."""

    head: str
    cells: tuple[str, ...]
    drawing: int | None = None
    feature: int | None = None


@dataclass(frozen=True)
class Section:
    """A table as the page shows it.

    ``columns`` are title and whether it holds numbers, the first cell's first. ``open`` rows are
    seen, ``folded`` ones open on a click, and ``more`` says how many are not on the page.
    ``curve`` is the picture of the table, whatever its kind, as SVG.
    """

    name: str
    title: str
    note: str
    columns: tuple[tuple[str, bool], ...]
    open: tuple[Line, ...]
    folded: tuple[Line, ...]
    fold_title: str
    more: str
    curve: str

    @property
    def on_map(self) -> bool:
        """Whether any of its rows leads to the map."""
        return any(line.feature is not None for line in self.open)


def sections(result: Result, sketches: Sequence[Sketch]) -> list[Section]:
    """Return a result's tables that have rows.

    Parameters
    ----------
    result
        Any measure's result.
    sketches
        The page's drawings, in its order.
    """
    return [_section(t, sketches) for t in result.tables if len(t.data) and t.fields]


def _section(table: Table, sketches: Sequence[Sketch]) -> Section:
    lines = _lines(table, sketches)
    folded, more = lines[OPEN_ROWS:MAX_ROWS], max(0, len(lines) - MAX_ROWS)
    return Section(
        name=table.name,
        title=table.title,
        note=table.note,
        columns=tuple((t, _is_number(table.data[c])) for c, t in table.fields.items()),
        open=tuple(lines[:OPEN_ROWS]),
        folded=tuple(folded),
        fold_title=_("Show {n} more").format(n=f"{len(folded):,d}"),
        more=_("and {n} more in the table beside this page").format(n=f"{more:,d}") if more else "",
        curve=curve(table) or pairs(table) or losses(table),
    )


def _lines(table: Table, sketches: Sequence[Sketch]) -> list[Line]:
    drawing, features = _on_map(table, sketches)
    frame = table.data[list(table.fields)]
    texts = [[table_cell(c, v, frame).text for v in frame[c]] for c in frame.columns]
    return [
        Line(
            head,
            tuple(cells),
            drawing if n in features else None,
            features.get(n),
        )
        for n, (head, *cells) in enumerate(zip(*texts, strict=True))
    ]


def _on_map(table: Table, sketches: Sequence[Sketch]) -> tuple[int | None, Mapping[int, int]]:
    """Return the number of the drawing that shows the rows, and each row's feature in it."""
    for number, sketch in enumerate(sketches):
        if sketch.drawing.name == table.drawing and sketch.drawing.role in TOUCHED:
            return number, {row: feature for feature, row in enumerate(sketch.features)}
    return None, {}


def _is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; one of numbers with holes may be of objects."""
    return bool(pd.api.types.is_numeric_dtype(column.infer_objects().convert_dtypes()))
