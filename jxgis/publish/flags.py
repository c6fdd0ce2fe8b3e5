"""Names beside the places of a line: each on a stem, in rows, and none over another.

A name stands to the right of its stem or to the left of it:

    | Longsheng          Lintai |
    |      | Nanhu              |
    o      o             o      o
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jxgis.publish.svg import FONT_SIZE, cut, text_width

# Between a stem and its own text, and between a text and the next thing.
STEM, PAD = 3.0, 4.0


@dataclass(frozen=True)
class Flag:
    """A name on a stem at ``x``; ``anchor`` is ``start`` where it stands to the right of it.

    Row 0 is nearest to the line. A flag without text had no room.
    """

    x: float
    text: str
    anchor: str
    row: int = 0

    @property
    def box(self) -> tuple[float, float]:
        """Left and right end, the stem among it."""
        width = STEM + text_width(self.text, FONT_SIZE) if self.text else 0.0
        return (self.x, self.x + width) if self.anchor == "start" else (self.x - width, self.x)

    def covers(self, x: float) -> bool:
        """Whether a stem at x would run through the text."""
        left, right = self.box
        return bool(self.text) and left - PAD < x < right + PAD

    def touches(self, other: Flag) -> bool:
        """Whether two texts of one row would meet."""
        (left, right), (others_left, others_right) = self.box, other.box
        return left < others_right + PAD and others_left < right + PAD


def place_flags(labels: Sequence[tuple[float, str]], left: float, right: float) -> list[Flag]:
    """Return a flag for each label, so that no text and no stem runs through another text.

    Those of the first ones stand to the right of their stems, those of the others to the left,
    parted where the least text is lost, and of such where the rows are fewest.

    Parameters
    ----------
    labels
        Place and text, ascending.
    left, right
        Between which all must stand.
    """
    ways = [_flags(labels, split, left, right) for split in range(len(labels), -1, -1)]
    whole = sum(len(text) for _x, text in labels)

    def badness(flags: list[Flag]) -> tuple[int, int]:
        return whole - sum(len(f.text) for f in flags), max((f.row for f in flags), default=0)

    return min(ways, key=badness)


def _flags(
    labels: Sequence[tuple[float, str]], split: int, left: float, right: float
) -> list[Flag]:
    flags = []
    for n, (x, text) in enumerate(labels):
        anchor, room = ("start", right - x) if n < split else ("end", x - left)
        flags.append(Flag(x, cut(text, room - STEM), anchor))
    return _in_rows(_without_conflicts(flags))


def _without_conflicts(flags: list[Flag]) -> list[Flag]:
    """Return the flags with texts cut where each of two would run through the other's stem."""
    kept = list(flags)
    for n in range(len(kept)):
        for other in range(n + 1, len(kept)):
            a, b = kept[n], kept[other]
            if a.covers(b.x) and b.covers(a.x):
                kept[n] = replace(a, text=cut(a.text, b.x - a.x - STEM - PAD))
    return kept


def _in_rows(flags: list[Flag]) -> list[Flag]:
    """Return the flags in rows: one that another's stem would run through is above that other."""
    under = [
        {m for m, other in enumerate(flags) if m != n and other.text and flag.covers(other.x)}
        for n, flag in enumerate(flags)
    ]
    rows: dict[int, int] = {n: 0 for n, flag in enumerate(flags) if not flag.text}
    while len(rows) < len(flags):
        n = next(n for n in range(len(flags)) if n not in rows and under[n] <= rows.keys())
        row = max((rows[m] + 1 for m in under[n]), default=0)
        standing = [(flags[m], r) for m, r in rows.items() if flags[m].text]
        while any(r == row and flags[n].touches(other) for other, r in standing):
            row += 1
        rows[n] = row
    return [replace(flag, row=rows[n]) for n, flag in enumerate(flags)]


def spread(places: Sequence[float], apart: float, left: float, right: float) -> list[float]:
    """Return places moved as little as can be so that neighbours are apart, between two ends.

    The least squares of the moves, by pooling adjacent violators; where there is no room for all,
    they stand closer.
    """
    if not places:
        return []
    apart = min(apart, (right - left) / max(len(places) - 1, 1))
    pools: list[tuple[float, int]] = []
    for n, place in enumerate(places):
        mean, size = place - n * apart, 1
        while pools and pools[-1][0] > mean:
            before, n_before = pools.pop()
            mean = (mean * size + before * n_before) / (size + n_before)
            size += n_before
        pools.append((mean, size))
    means = [mean for mean, size in pools for _n in range(size)]
    last = right - (len(places) - 1) * apart
    return [min(max(mean, left), last) + n * apart for n, mean in enumerate(means)]
