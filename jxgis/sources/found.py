"""What a reader of files hands on, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd

from jxgis.results import LedgerRow


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
    return str(error).split("; ")[0].split("\n")[0].strip().rstrip(".") or type(error).__name__
