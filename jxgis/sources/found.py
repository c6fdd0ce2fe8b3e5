"""What a reader of files hands on, whatever the format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import geopandas as gpd

from jxgis.results import LedgerRow

# A reason fits on a line or two.
_LONGEST = 160

# What SQLite was asked, before what it answered.
_SQL = re.compile(r"\bsqlite3_\w+\(.*\) failed: ")


@dataclass
class Found:
    """Rows as they were read.

    Attributes
    ----------
    data
        In the file's own CRS, or in none where it states none; rows labelled from 0.
    layer
        The layer of the file (or sheet) that was read.
    ledger
        How it was read, where the file leaves a choice.
    lacks
        What the file would need to state its CRS, for the error.
    """

    data: gpd.GeoDataFrame
    layer: str = ""
    ledger: list[LedgerRow] = field(default_factory=list)
    lacks: str = ""


def first_sentence(error: Exception) -> str:
    """Return what a library says went wrong, without its advice."""
    said = str(error).strip().split("; ")[0].split("\n")[0]
    return one_line(_SQL.sub("", said)) or type(error).__name__


def one_line(text: str) -> str:
    """Return a reason on one line, cut at a word where it is long, without a full stop."""
    line = " ".join(text.split())
    if len(line) > _LONGEST:
        line = (line[:_LONGEST].rpartition(" ")[0] or line[:_LONGEST]).rstrip(".?!;:, ") + " […]"
    return line.rstrip(".?!;:, 。？！；：，")
