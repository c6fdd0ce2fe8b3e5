"""Cells within distances of features, and shares of cells: jxgis beside scipy and shapely.

    python scripts/bench.py fields [--side 6000] [--radii 5 100] [--repeats 3]

The masks are made up: rivers, villages and ponds as cells of 10 m, few, as in a plain, and many.
Each contender gets a mask that is ready in its memory and says which cells are within each radius,
in a process of its own. Time is that of the processor, user and system; memory is the peak of its
resident set less what it was with the mask and the libraries loaded. scipy's transform is asked
for the whole at once, and in blocks with a halo as wide as the largest radius, which needs less
memory. All must find the same cells.

The shares are of land that is eligible where some hundreds of polygons forbid it 200 m around
them: by `jxgis.kernels.shares` from shapely's buffers, by shapely itself, of all and cell by cell,
and by the shortcut, which burns the polygons and measures from centre to centre.
"""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Masks = list[NDArray[np.bool_]]

OURS = "jxgis"
SEED = 20260711
DENSITIES = {"few features": 300, "a plain": 6_000, "many features": 30_000}
BLOCK = 1_000
CELL_M, SETBACK_M = 10.0, 200.0
REGION_CELLS, POLYGONS = 1_000, 300
TILE = 50


def make_masks(folder: Path, side: int) -> None:
    """Write a mask of each density: a river for each fifty features, villages, and ponds."""
    import numpy as np
    import shapely
    from rasterio.features import rasterize

    for name, count in DENSITIES.items():
        features = round(count * (side / 6_000) ** 2)
        rng = np.random.default_rng([SEED, count])
        rivers = []
        for _ in range(max(features // 50, 1)):
            turns = rng.uniform(0, 2 * math.pi) + np.cumsum(rng.normal(0, 0.3, 40))
            steps = np.column_stack([np.cos(turns), np.sin(turns)]) * 20
            line = shapely.LineString(rng.uniform(0, side, 2) + np.cumsum(steps, axis=0))
            rivers.append(line.buffer(rng.uniform(0.8, 4)))
        centres = shapely.points(rng.uniform(0, side, (features, 2)))
        ponds = shapely.buffer(centres, rng.gamma(2, 4, features))
        corner = rng.uniform(0, side, (features // 2, 2))
        blocks = shapely.box(*corner.T, *(corner + rng.gamma(2, 8, corner.shape)).T)
        mask = rasterize([*rivers, *ponds, *blocks], (side, side), dtype="uint8").view(bool)
        np.save(folder / f"{name}.npy", mask)


def jxgis(mask: NDArray[np.bool_], radii: list[float]) -> Masks:
    """Ask this package."""
    from jxgis.kernels.fields import within

    return within(mask, radii)


def scipy_whole(mask: NDArray[np.bool_], radii: list[float]) -> Masks:
    """Ask scipy for all distances at once, and compare."""
    from scipy.ndimage import distance_transform_edt

    distance = distance_transform_edt(~mask)
    return [distance <= radius for radius in radii]


def scipy_blocks(mask: NDArray[np.bool_], radii: list[float]) -> Masks:
    """Ask scipy block by block, each with a halo."""
    import numpy as np
    from scipy.ndimage import distance_transform_edt

    halo = math.floor(max(radii))
    found = [np.zeros_like(mask) for _ in radii]
    for row in range(0, mask.shape[0], BLOCK):
        for column in range(0, mask.shape[1], BLOCK):
            top, left = max(row - halo, 0), max(column - halo, 0)
            part = mask[top : row + BLOCK + halo, left : column + BLOCK + halo]
            if not part.any():
                continue
            distance = distance_transform_edt(~part)[row - top :, column - left :]
            for radius, out in zip(radii, found, strict=True):
                out[row : row + BLOCK, column : column + BLOCK] = distance[:BLOCK, :BLOCK] <= radius
    return found


Ask = Callable[["NDArray[np.bool_]", list[float]], "Masks"]
CONTENDERS: dict[str, tuple[str, Ask]] = {
    OURS: ("jxgis", jxgis),
    "scipy": ("scipy, whole", scipy_whole),
    "scipy-blocks": ("scipy, blocks and halo", scipy_blocks),
}


def one_contender(name: str, path: Path, radii: list[float]) -> None:
    """Ask one contender in this process, and print what it cost and what it found."""
    import numpy as np
    import psutil
    import scipy.ndimage  # noqa: F401 - so that importing it is not on the clock

    import jxgis.kernels.fields  # noqa: F401

    mask = np.load(path)
    base_mb, start_s = psutil.Process().memory_info().rss / 2**20, time.process_time()
    found = CONTENDERS[name][1](mask, radii)
    cpu_s, peak_mb = time.process_time() - start_s, _peak_mb() - base_mb
    said = {
        "cpu_s": cpu_s,
        "peak_mb": peak_mb,
        "set": float(mask.mean()),
        "found": [float(own.mean()) for own in found],
        "cells": [hashlib.sha256(np.packbits(own).tobytes()).hexdigest() for own in found],
    }
    print(json.dumps(said))


def _peak_mb() -> float:
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def eligible_shares() -> None:
    """Print the eligible land that shares, shapely and the shortcut find."""
    import numpy as np
    import shapely
    from rasterio.features import rasterize
    from scipy.ndimage import distance_transform_edt

    from jxgis.kernels.shares import STEPS, shares
    from jxgis.kernels.zonal import outlines

    side, setback = REGION_CELLS, SETBACK_M / CELL_M
    features = _polygons()
    start = time.process_time()
    near = shapely.union_all(shapely.buffer(features, setback, quad_segs=64))
    buffers_s, start = time.process_time() - start, time.process_time()
    lines = outlines(list(shapely.get_parts(near)))
    own = shares(lines, 0, side, 0, side)
    shares_s, start = time.process_time() - start, time.process_time()
    exact = side**2 - near.intersection(shapely.box(0, 0, side, side)).area
    shapely_s = time.process_time() - start
    eligible = side**2 - int(own.sum(dtype=np.int64)) / STEPS
    burnt = rasterize(list(features), (side, side), dtype="uint8").view(bool)
    shortcut = np.count_nonzero(distance_transform_edt(~burnt) > setback)

    cut = (own > 0) & (own < STEPS)
    off, cells_s = _off_by(near, own, cut)
    print(f"\nEligible land, {len(features)} polygons and {SETBACK_M:g} m around them,")
    print(f"{side:,} x {side:,} cells of {CELL_M:g} m; {len(lines.start):,} edges")
    for title, cells, note in (
        ("shapely, its area", exact, f"{shapely_s:.2f} s, after {buffers_s:.2f} s for buffers"),
        ("jxgis, sum of shares", eligible, f"{shares_s:.2f} s"),
        ("shortcut, centre to centre", float(shortcut), ""),
    ):
        km2 = cells * (CELL_M / 1000) ** 2
        print(f"  {title:<28}{km2:12.6f} km2{cells / exact - 1:+12.6%}  {note}")
    count = np.count_nonzero(cut)
    print(
        f"  {count:,} cells are cut; their shares are shapely's to within {off:.4f} of 1/{STEPS:,}"
    )
    print(f"  (rounding alone: 0.5), which took it {cells_s:.1f} s; all together they are off by")
    print(f"  {abs(eligible - exact):.4f} cells (rounding alone: up to {count / 2 / STEPS:.4f})")


def _polygons() -> NDArray[np.object_]:
    """Return irregular polygons, 20 to 250 m from centre to corner, in cells."""
    import numpy as np
    import shapely

    rng = np.random.default_rng(SEED)
    made = []
    for _ in range(POLYGONS):
        corners = int(rng.integers(5, 25))
        angle = np.sort(rng.uniform(0, 2 * math.pi, corners))
        reach = rng.uniform(2, 25) * rng.uniform(0.5, 1, corners)
        ring = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
        made.append(shapely.Polygon(ring + rng.uniform(0, REGION_CELLS, 2)))
    return shapely.make_valid(np.array(made, dtype=object))


def _off_by(near: Any, own: NDArray[Any], cut: NDArray[np.bool_]) -> tuple[float, float]:
    """Return how many steps the shares of cut cells differ at most, and shapely's seconds."""
    import numpy as np
    import shapely

    from jxgis.kernels.shares import STEPS

    start, off = time.process_time(), 0.0
    shapely.prepare(near)
    for top in range(0, REGION_CELLS, TILE):
        for left in range(0, REGION_CELLS, TILE):
            row, column = np.nonzero(cut[top : top + TILE, left : left + TILE])
            if not len(row):
                continue
            v, u = row + top, column + left
            tile = near.intersection(shapely.box(left, top, left + TILE, top + TILE))
            area = shapely.area(shapely.intersection(shapely.box(u, v, u + 1, v + 1), tile))
            off = max(off, float(np.abs(own[v, u] - area * STEPS).max()))
    return off, time.process_time() - start


def bench_fields(side: int, radii: list[float], repeats: int) -> None:
    """Put masks of several densities to the contenders, then compare shares; print ratios."""
    print(f"\n{side:,} x {side:,} cells; radii in cells: {', '.join(f'{r:g}' for r in radii)}")
    print(f"Seconds of the processor, the least of {repeats}; peak memory above the mask's")
    print(f"x = times {OURS}; last, the share of cells within each radius")
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a child's peak memory may start from its parent's.
        subprocess.run([sys.executable, __file__, "make", folder, str(side)], check=True)
        for mask in DENSITIES:
            path = str(Path(folder) / f"{mask}.npy")
            runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
            for _ in range(repeats):
                for name, own in runs.items():
                    own.append(_run([name, path, *map(str, radii)]))
            ours = runs[OURS]
            print(f"\n{mask}: {ours[0]['set']:.1%} of the cells")
            for name, own in runs.items():
                print(_line(CONTENDERS[name][0], own, ours))
    subprocess.run([sys.executable, __file__, "shares"], check=True)


def _run(arguments: list[str]) -> dict[str, Any]:
    command = [sys.executable, __file__, "one", *arguments]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    said: dict[str, Any] = json.loads(output.splitlines()[-1])
    return said


def _line(title: str, own: list[dict[str, Any]], ours: list[dict[str, Any]]) -> str:
    cpu, our_cpu = (min(run["cpu_s"] for run in runs) for runs in (own, ours))
    peak, our_peak = (max(run["peak_mb"] for run in runs) for runs in (own, ours))
    line = f"  {title:<26}{cpu:8.2f} s{cpu / our_cpu:6.1f} x"
    line += f"{peak:8.0f} MB{peak / our_peak:6.1f} x  "
    line += " ".join(f"{share:9.4%}" for share in own[0]["found"])
    same = all(run["cells"] == ours[0]["cells"] for run in own)
    return f"{line}  {'the same cells' if same else 'OTHER CELLS'}"


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make_masks(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "shares":
        eligible_shares()
    else:
        one_contender(sys.argv[2], Path(sys.argv[3]), [float(radius) for radius in sys.argv[4:]])
