"""Expressways as carriageways: each a line that is driven one way, named by where it leads.

A centreline gives two, one each way. Where the two are drawn apart, as OpenStreetMap draws
motorways (``highway=motorway`` is one-way unless ``oneway`` says otherwise), the pieces of each are
chained by ``ref``, or by ``name`` where there is none. Links (ramps) are no carriageways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.chainage import chained
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.rules import Rules

LEAST_RULE = "corridors.least_line_m"
LEFT_RULE = "corridors.drive_on_left"

COMPASS = {"north": (0.0, 1.0), "east": (1.0, 0.0), "south": (0.0, -1.0), "west": (-1.0, 0.0)}

_BESIDE_M = 100.0
"""Two centrelines of one expressway that run so near to each other may be its carriageways."""

_ONE_WAY = {
    **dict.fromkeys(("yes", "true", "1"), 1),
    **dict.fromkeys(("-1", "reverse"), -1),
    **dict.fromkeys(("no", "false", "0"), 0),
}


@dataclass(frozen=True)
class Carriageway:
    """One way of an expressway.

    Attributes
    ----------
    expressway
        Its ref and name; empty where it has neither.
    leads_to, comes_from
        Names of places, empty where the data name none.
    heading
        ``north``, ``east``, ``south`` or ``west``, from where it starts to where it ends; of a ring
        ``clockwise`` or ``anticlockwise``.
    line
        In driving direction, metres.
    centreline
        Whether the line is also that of the opposite carriageway.
    rows
        Positions in the layer of the features that it is chained from, in driving order.
    forward
        Whether most of it is driven as it is drawn.
    part
        From 1 on where the expressway has several lines that lead the same way, else 0.
    """

    expressway: str
    leads_to: str
    comes_from: str
    heading: str
    line: shapely.LineString
    centreline: bool
    rows: tuple[int, ...]
    forward: bool = True
    part: int = 0

    @property
    def direction(self) -> str:
        """Which way it is driven, in the reader's language."""
        words = {
            "north": _("northbound"),
            "east": _("eastbound"),
            "south": _("southbound"),
            "west": _("westbound"),
            "clockwise": _("clockwise"),
            "anticlockwise": _("anticlockwise"),
        }
        named = _("towards {place}").format(place=self.leads_to)
        direction = named if self.leads_to else words[self.heading]
        return f"{direction} ({self.part})" if self.part else direction

    @property
    def title(self) -> str:
        """Which expressway and which way, in the reader's language."""
        return _("{expressway}, {direction}").format(
            expressway=self.expressway or _("expressway without a name"), direction=self.direction
        )


@dataclass(frozen=True)
class Carriageways:
    """All of a layer's.

    Attributes
    ----------
    layer
        The layer's name.
    ways
        By expressway in the order of the layer; the two of a centreline follow each other.
    crs
        Of the lines, metres.
    drive_on_left
        Whether what lies on the left of a carriageway is reached from it, instead of the right.
    ledger
        What was left out.
    """

    layer: str
    ways: tuple[Carriageway, ...]
    crs: Any
    drive_on_left: bool
    ledger: tuple[LedgerRow, ...]

    @property
    def lines(self) -> NDArray[np.object_]:
        """Return the lines, (n,)."""
        lines = np.empty(len(self.ways), dtype=object)
        lines[:] = [way.line for way in self.ways]
        return lines


def carriageways(layer: Layer, *, rules: Rules) -> Carriageways:
    """Make a directed line of each carriageway.

    Parameters
    ----------
    layer
        ``expressways``: lines in a metric CRS, with any of the columns ``name``, ``ref``,
        ``start``, ``end``, ``highway`` and ``oneway``.
    rules
        The least length, and on which side one drives.

    Returns
    -------
    Carriageways
        A one-way line that is shorter than ``corridors.least_line_m`` and is not the longest of
        its expressway is a branch: it is left out, and on the ledger.

    Raises
    ------
    InputError
        ``oneway`` has a word that is not known, or nothing but links is there.
    """
    left = rules[LEFT_RULE].value
    if left not in (0, 1):
        raise InputError(
            _("the rule {name} is {value:g}").format(name=LEFT_RULE, value=left),
            mend=_("It is 1 where one drives on the left, else 0"),
        )
    pieces = layer.data[["geometry"]].copy()
    for column in ("name", "ref", "start", "end", "highway", "oneway"):
        pieces[column] = texts(layer, column)
    pieces["row"] = np.arange(len(pieces))
    link = pieces["highway"].str.endswith("_link")
    ledger = []
    if link.any():
        reason = _("links (ramps), no carriageways")
        ledger.append(LedgerRow("excluded", layer.name, int(link.sum()), reason))
    pieces = pieces[~link].explode(index_parts=False)
    if pieces.empty:
        raise InputError(
            _("there are only links, and no expressway"),
            layer=layer.name,
            mend=_('Give the expressways themselves, in OpenStreetMap highway = ["motorway"]'),
        )
    pieces["oneway"] = _one_way(pieces, layer)
    ways: list[Carriageway] = []
    for same in _by_expressway(pieces):
        ways += _of_centrelines(same[same["oneway"] == 0])
        ways += _of_one_ways(same[same["oneway"] != 0])
    kept, short = _without_branches(ways, rules[LEAST_RULE].value)
    if short:
        reason = _("one-way lines shorter than {least:g} m beside a longer one: branches").format(
            least=rules[LEAST_RULE].value
        )
        ledger.append(LedgerRow("excluded", layer.name, len(short), reason))
    ledger += _doubled(kept, layer.name)
    numbered = tuple(_numbered(kept))
    return Carriageways(layer.name, numbered, layer.data.crs, bool(left), tuple(ledger))


def texts(layer: Layer, column: str) -> list[str]:
    """Return a column as stripped texts, empty where there is none."""
    if column not in layer.data:
        return [""] * len(layer.data)
    values = layer.data[column]
    return [
        str(value).strip() if known else ""
        for value, known in zip(values.tolist(), values.notna().tolist(), strict=True)
    ]


def _one_way(pieces: pd.DataFrame, layer: Layer) -> NDArray[np.int64]:
    """Return 1 where a piece is driven as it is drawn, -1 the other way, 0 both ways."""
    words = pieces["oneway"].str.lower()
    known = words.map(_ONE_WAY)
    odd = words[known.isna() & (words != "")]
    if len(odd):
        raise InputError(
            _("oneway is {word}").format(word=odd.iloc[0]),
            layer=layer.name,
            row=int(pieces.loc[odd.index[:1], "row"].iloc[0]) + 1,
            mend=_("Known are: {names}").format(names=", ".join(_ONE_WAY)),
        )
    unsaid = np.where(pieces["highway"] == "motorway", 1, 0)
    return np.where(words == "", unsaid, known.fillna(0)).astype(np.int64)


def _by_expressway(pieces: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give each expressway's pieces; what several share (``G60;G92``) belongs to each of them."""
    keys = [
        [part.strip() for part in ref.split(";") if part.strip()] or [name]
        for ref, name in zip(pieces["ref"], pieces["name"], strict=True)
    ]
    position = np.repeat(np.arange(len(pieces)), [len(own) for own in keys])
    keyed = pieces.iloc[position].assign(key=[key for own in keys for key in own])
    for key in keyed["key"].unique():
        own = keyed[keyed["key"] == key].reset_index(drop=True)
        yield own.assign(expressway=_name(key, own))


def _name(key: str, pieces: pd.DataFrame) -> str:
    """Return ref and name, each once; of several names the one of the greatest length."""
    named = pieces[pieces["name"] != ""]
    if named.empty:
        return key
    length = named.geometry.length
    name = str(length.groupby(named["name"].to_numpy(), sort=False).sum().idxmax())
    return name if key in name else f"{key} {name}"


def _of_centrelines(pieces: pd.DataFrame) -> Iterator[Carriageway]:
    for chain in chained(pieces.geometry.to_numpy(), directed=False):
        way = _carriageway(pieces, chain.pieces, chain.forward, chain.line, centreline=True)
        yield way
        back = shapely.reverse(chain.line)
        yield _carriageway(pieces, chain.pieces[::-1], ~chain.forward[::-1], back, centreline=True)


def _of_one_ways(pieces: pd.DataFrame) -> Iterator[Carriageway]:
    lines = pieces.geometry.to_numpy()
    back = pieces["oneway"].to_numpy() < 0
    driven = np.where(back, shapely.reverse(lines), lines)
    for chain in chained(driven, directed=True):
        forward = ~back[chain.pieces]
        yield _carriageway(pieces, chain.pieces, forward, chain.line, centreline=False)


def _carriageway(
    pieces: pd.DataFrame,
    index: NDArray[np.intp],
    forward: NDArray[np.bool_],
    line: shapely.LineString,
    *,
    centreline: bool,
) -> Carriageway:
    own = pieces.iloc[index]
    leads_to = _first(np.where(forward, own["end"], own["start"])[::-1])
    comes_from = _first(np.where(forward, own["start"], own["end"]))
    length = own.geometry.length
    return Carriageway(
        own["expressway"].iloc[0],
        leads_to,
        comes_from,
        heading(line),
        line,
        centreline,
        tuple(dict.fromkeys(own["row"].tolist())),
        bool(length.to_numpy()[forward].sum() * 2 >= length.sum()),
    )


def _first(texts: NDArray[np.object_]) -> str:
    return next((text for text in texts.tolist() if text), "")


def directions(line: shapely.LineString, at_m: ArrayLike) -> NDArray[np.float64]:
    """Return the direction of a line at places on it, (n, 2): a chord of 200 m around each."""
    at = np.asarray(at_m, dtype=float)
    ends = [
        shapely.line_interpolate_point(line, np.clip(at + step, 0.0, line.length))
        for step in (-100.0, 100.0)
    ]
    chord: NDArray[np.float64] = shapely.get_coordinates(ends[1]) - shapely.get_coordinates(ends[0])
    return chord


def heading(line: shapely.LineString) -> str:
    """Return the compass direction from a line's start to its end, or how a ring turns."""
    first, last = (np.array(line.coords[i][:2]) for i in (0, -1))
    if (first == last).all():
        return "anticlockwise" if shapely.is_ccw(line) else "clockwise"
    return max(COMPASS, key=lambda name: float(np.dot(last - first, COMPASS[name])))


def _without_branches(
    ways: list[Carriageway], least_m: float
) -> tuple[list[Carriageway], list[Carriageway]]:
    longest: dict[str, float] = {}
    for way in ways:
        longest[way.expressway] = max(longest.get(way.expressway, 0.0), way.line.length)
    kept: list[Carriageway] = []
    short: list[Carriageway] = []
    for way in ways:
        alone = way.expressway and way.line.length == longest[way.expressway]
        branch = not way.centreline and way.line.length < least_m and not alone
        (short if branch else kept).append(way)
    return (kept, short) if kept else (ways, [])


def _doubled(ways: list[Carriageway], layer: str) -> Iterator[LedgerRow]:
    """Find expressways of which each carriageway seems to be drawn, and no way is said."""
    lines: dict[str, list[shapely.LineString]] = {}
    for way in ways:
        if way.centreline and way.forward:
            lines.setdefault(way.expressway, []).append(way.line)
    for name, own in lines.items():
        for i, line in enumerate(own):
            beside = shapely.union_all(shapely.buffer(own[:i], _BESIDE_M))
            if shapely.intersection(line, beside).length > line.length / 2:
                reason = _(
                    "{expressway} has lines beside each other; each was taken for the middle of "
                    "both carriageways. If each is one carriageway, a column oneway should say so"
                ).format(expressway=name)
                yield LedgerRow("suspected", layer, 1, reason)
                break


def _numbered(ways: list[Carriageway]) -> Iterator[Carriageway]:
    """Give all, those that would have the same title with a number."""
    titles = [way.title for way in ways]
    for i, way in enumerate(ways):
        again = titles.count(titles[i]) > 1
        yield replace(way, part=titles[: i + 1].count(titles[i])) if again else way
