"""Lakes, canals and hills: generated outlines at rounded positions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from sample.frame import Noise, metres, outline, rng, winding
from sample.places import HILLS, LAKES, WATERWAYS

_REACH_M = 4_000.0


def lakes() -> list[shapely.Polygon]:
    """Return the lakes in the order of `LAKES`."""
    field = Noise(rng(4), 480.0)
    return [outline(metres(lon, lat), (w, h), 0.30, field) for _, lon, lat, w, h in LAKES]


def hills() -> list[shapely.Polygon]:
    """Return the wooded hills in the order of `HILLS`."""
    field = Noise(rng(5), 700.0)
    return [outline(metres(lon, lat), (w, h), 0.45, field) for _, lon, lat, w, h in HILLS]


def canals() -> list[tuple[str, shapely.Polygon]]:
    """Return canals as name and polygon, cut into reaches of about 4 km.

    Surveys cut them so too; no reach is a "large water" (over 1 km²) by itself.
    """
    random = rng(6)
    sways = (Noise(random, 1_700.0), Noise(random, 1_700.0))
    reaches = []
    for name, width, way in WATERWAYS:
        line = winding(np.array([metres(*p) for p in way]), 220.0, 380.0, sways)
        points = shapely.get_coordinates(line)
        count = max(int(line.length / _REACH_M), 1)
        cuts = np.linspace(0, len(points) - 1, count + 1).round().astype(int)
        for a, b in pairwise(cuts.tolist()):
            reach = shapely.LineString(points[a : b + 1])
            strip = reach.buffer(width / 2, cap_style="flat", join_style="mitre")
            reaches.append((name, strip))
    return reaches
