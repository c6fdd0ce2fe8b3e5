"""How long it takes to prove that no fewer new stops suffice, in a made-up city.

    python scripts/bench.py additions [--time-limit 120]

Wavy cities with 1,300 stops, denser here than there, as large as makes 94 % of each lie within
500 m of a stop. New stops are to make it 98 %, along a grid of shifted streets, counted by cells
of 100 m and then measured exactly.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bench_inputs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOPS = 1300
START, REACH = 0.94, 0.98
RADIUS_M, CELL_M = 500.0, 100.0
BLOCK_M = 250.0
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class City:
    """The built-up area, (n, 2) stops and the lines of streets, metres."""

    area: NDArray[np.object_]
    stops: NDArray[np.float64]
    lines: NDArray[np.object_]
    share: float


def city_of(side: float, seed: int) -> City:
    """Return the city of a side; its stops are at the same places of it, whatever its side."""
    import numpy as np
    import shapely

    from jxgis.kernels.discs import covered_area

    rng = np.random.default_rng([20260712, seed])
    outline = bench_inputs.blob(rng, 400)
    outline = (outline / np.abs(outline).max() * 0.5 + 0.5) * side
    area = np.array([shapely.Polygon(outline)], dtype=object)
    density = np.exp(rng.normal(0, 0.7, (12, 12)))
    tried = rng.random((40 * STOPS, 2))
    where = (tried * 12).astype(int)
    tried = tried[rng.random(len(tried)) < density[where[:, 0], where[:, 1]] / 6]
    tried = tried[shapely.contains_xy(area[0], *(tried * side).T)]
    stops = tried[:STOPS] * side
    n = int(side / BLOCK_M) + 1
    xy = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=2) * BLOCK_M
    xy = xy + rng.uniform(-0.25, 0.25, xy.shape) * BLOCK_M
    ways = [*xy, *xy.transpose(1, 0, 2)]
    lines = np.array([shapely.LineString(way) for way in ways], dtype=object)
    lines = shapely.get_parts(shapely.intersection(lines, area[0]))
    nearest = shapely.STRtree(lines).nearest(shapely.points(stops))
    along = shapely.line_locate_point(lines[nearest], shapely.points(stops))
    stops = shapely.get_coordinates(shapely.line_interpolate_point(lines[nearest], along))
    covered = float(covered_area(stops, RADIUS_M, area).sum())
    return City(area, stops, lines, covered / float(shapely.area(area).sum()))


def made_up(seed: int) -> City:
    """Return the city whose side makes the share what it has to be."""
    low, high = 5_000.0, 60_000.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if city_of(middle, seed).share > START else (low, middle)
    return city_of(low, seed)


def bench_additions(time_limit_s: float) -> None:
    """Ask for the fewest stops of some cities."""
    for seed in SEEDS:
        _ask(made_up(seed), time_limit_s)


def _ask(city: City, time_limit_s: float) -> None:
    """Ask for the fewest stops and print what is found, how good it is, and the time."""
    import geopandas as gpd
    import numpy as np
    import shapely
    from scipy.spatial import cKDTree

    from jxgis.kernels.facilities import fewest
    from jxgis.layers import KINDS, Layer
    from jxgis.rules import Rules
    from jxgis.transit.candidates import candidates_along
    from jxgis.transit.siting import Land, choose_fewest, covers, uncovered_cells

    rules = Rules()
    total = float(shapely.area(city.area).sum())
    print(f"{len(city.stops):,} stops, {total / 1e6:.0f} km2, {city.share:.2%} within 500 m")
    start, start_cpu = time.monotonic(), time.process_time()
    streets = Layer("streets", KINDS["streets"], gpd.GeoDataFrame(geometry=city.lines))
    spots = candidates_along(
        streets,
        city.stops,
        spacing_m=rules["additions.spacing_m"].value,
        least_m=rules["additions.least_distance_m"].value,
    )
    cells = uncovered_cells(city.area, city.stops, RADIUS_M, CELL_M)
    near = cKDTree(cells.points).query(spots.points)[0] <= RADIUS_M
    points, land = spots.points[near], Land(city.area, city.stops, RADIUS_M)
    ready = time.monotonic()
    matrix, lack = covers(cells, points, RADIUS_M), REACH * total - land.covered(np.empty((0, 2)))
    first = fewest(matrix, cells.weight, lack, time_limit_s=time_limit_s)
    proof = time.monotonic()
    choice = choose_fewest(cells, points, RADIUS_M, land, REACH * total, time_limit_s=time_limit_s)
    done, cpu = time.monotonic(), time.process_time() - start_cpu
    reached = land.covered(points[choice.order]) / total
    print(f"{len(cells.points):,} uncovered cells of 100 m, {len(points):,} candidates")
    print(
        f"  by cells: status {first.status}, k {first.objective:g}, bound {first.bound:g}, "
        f"relaxed bound {first.lp_bound:g}, greedy {choice.quick:g}"
    )
    print(
        f"  measured exactly: status {choice.status}, k {len(choice.order)}, bound "
        f"{choice.bound:g}, proven {'yes' if choice.proven else 'no'}; {reached:.3%} reached"
    )
    print(
        f"  cells and candidates {ready - start:.1f} s, proof by cells {proof - ready:.1f} s, "
        f"all of choose_fewest (with the same proof) {done - proof:.1f} s; "
        f"{cpu:.1f} s of the processor in all"
    )
    if not np.isclose(city.share, START, atol=1e-3):
        raise RuntimeError("the made-up city is not covered as it has to be")
