"""How much of a city can be walked to from its stops: jxgis, SciPy and OSMnx on one made-up graph.

    python scripts/bench.py walking [--nodes 60000] [--stops 5000]

The streets are a grid whose junctions are shifted and of which some streets are missing, each a
line with bends. Each contender runs in a process of its own, and its time is that of the
processor. The rivals get the graph ready-made and their stops at junctions, off the clock, and
say which junctions are within 500 m; jxgis builds the graph from lines on the clock, walks from
the very place of each stop, and measures the length of the streets in reach by district.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT_M = 500.0
SPACING_M = 100.0
SEED = 20260711
REPEATS = 3
SAMPLE = 50
SIZES = (15_000, 60_000)
Answer = dict[str, Any]


def make_streets(folder: Path, nodes: int, stops: int) -> None:
    """Write ``streets.npz``: junctions, edges, the vertices of their lines, and stops."""
    import numpy as np

    rng = np.random.default_rng([SEED, nodes])
    side = math.isqrt(nodes)
    row, column = np.divmod(np.arange(side * side), side)
    xy = np.column_stack([column, row]) * SPACING_M
    xy += rng.uniform(-0.3, 0.3, xy.shape) * SPACING_M
    number = np.arange(side * side)
    start = np.concatenate([number[column < side - 1], number[row < side - 1]])
    end = np.concatenate([number[column < side - 1] + 1, number[row < side - 1] + side])
    kept = rng.random(len(start)) < 0.85
    start, end = start[kept], end[kept]
    share = np.linspace(0, 1, 5)[None, :, None]
    bent = xy[start][:, None] * (1 - share) + xy[end][:, None] * share
    bent[:, 1:-1] += rng.normal(0, 4, bent[:, 1:-1].shape)
    bent = np.round(bent, 3)
    length = np.hypot(*np.moveaxis(np.diff(bent, axis=1), 2, 0)).sum(axis=1)
    own = rng.integers(0, len(start), stops)
    points = bent[own, 2] + rng.normal(0, 8, (stops, 2))
    np.savez(
        folder / "streets.npz",
        nodes=np.round(xy, 3),
        start=start,
        end=end,
        length=length,
        lines=bent,
        stops=points,
    )


def _read(folder: Path) -> dict[str, Any]:
    import numpy as np

    with np.load(folder / "streets.npz") as file:
        return dict(file)


def jxgis(folder: Path, repeats: int = REPEATS) -> Answer:
    """Build the graph from lines, link, walk and measure; each part on the clock."""
    import numpy as np
    import shapely

    from jxgis.kernels.streets import link, street_graph
    from jxgis.kernels.stretches import covered_lengths, stretches_in, total_lengths
    from jxgis.kernels.walking import walking_distances

    city = _read(folder)
    lines = np.asarray(shapely.linestrings(city["lines"]), dtype=object)
    west, south = city["nodes"].min(axis=0) - SPACING_M
    size = (np.ptp(city["nodes"], axis=0).max() + 2 * SPACING_M) / 4
    districts = [
        shapely.box(
            west + i * size, south + j * size, west + (i + 1) * size, south + (j + 1) * size
        )
        for i in range(4)
        for j in range(4)
    ]
    sets = [np.array([district], dtype=object) for district in districts]
    before_mb = _resident_mb("VmRSS")
    runs = []
    for _ in range(repeats):
        clock = _Clock()
        streets = street_graph(lines)
        clock.lap("street_graph")
        _ = streets.tree
        clock.lap("tree of segments")
        links = link(streets, city["stops"], 100.0)
        clock.lap("link")
        _ = streets.adjacency
        clock.lap("adjacency")
        distance = walking_distances(streets, links, LIMIT_M)
        clock.lap("walking_distances")
        stretches = stretches_in(streets, sets)
        clock.lap("stretches_in, 16 districts")
        reached = covered_lengths(streets, stretches, distance, links, [300.0, LIMIT_M], len(sets))
        clock.lap("covered_lengths, 2 radii")
        runs.append(clock.laps)
    parts = min(runs, key=lambda laps: sum(laps.values()))
    return {
        "seconds": sum(parts.values()),
        "parts": parts,
        "said": f"{np.isfinite(distance).sum():,} junctions, {reached[1].sum() / 1000:,.0f} of "
        f"{total_lengths(stretches, len(sets)).sum() / 1000:,.0f} km within {LIMIT_M:g} m",
        "edges": len(streets.length),
        "peak_mb": _resident_mb("VmHWM") - before_mb,
    }


def scipy_once(folder: Path) -> Answer:
    """Ask Dijkstra's algorithm once, from all junctions that stops are snapped to."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    city = _read(folder)
    k, weight = len(city["nodes"]), np.tile(city["length"], 2)
    ends = (np.append(city["start"], city["end"]), np.append(city["end"], city["start"]))
    graph = coo_array((weight, ends), shape=(k, k)).tocsr()
    sources = np.unique(_snapped(city))
    seconds = []
    for _ in range(REPEATS):
        clock = _Clock()
        distance = dijkstra(graph, indices=sources, min_only=True, limit=LIMIT_M)
        clock.lap("dijkstra")
        seconds.append(clock.laps["dijkstra"])
    said = f"{np.isfinite(distance).sum():,} junctions"
    return {"seconds": min(seconds), "parts": {}, "said": said}


def osmnx(folder: Path) -> Answer:
    """Cut the ego graph of each of some stops, as OSMnx' isochrone notebook does."""
    import geopandas as gpd
    import networkx as nx
    import numpy as np
    import osmnx as ox
    import pandas as pd
    import shapely

    city = _read(folder)
    nodes = gpd.GeoDataFrame(
        dict(zip("xy", city["nodes"].T, strict=True)),
        geometry=shapely.points(city["nodes"]),
        crs="EPSG:32650",
    )
    both = pd.DataFrame(
        {
            "u": np.append(city["start"], city["end"]),
            "v": np.append(city["end"], city["start"]),
            "key": 0,
            "length": np.tile(city["length"], 2),
        }
    ).set_index(["u", "v", "key"])
    lines = np.tile(np.asarray(shapely.linestrings(city["lines"]), dtype=object), 2)
    graph = ox.graph_from_gdfs(nodes, gpd.GeoDataFrame(both, geometry=lines, crs=nodes.crs))
    starts = np.unique(_snapped(city))
    sample = np.random.default_rng(SEED).choice(starts, min(SAMPLE, len(starts)), replace=False)
    reached: set[int] = set()
    clock = _Clock()
    for start in sample.tolist():
        reached |= set(nx.ego_graph(graph, start, radius=LIMIT_M, distance="length").nodes)
    clock.lap("ego_graph")
    seconds = clock.laps["ego_graph"]
    return {
        "seconds": seconds * len(starts) / len(sample),
        "parts": {},
        "said": f"extrapolated: {len(sample)} of {len(starts):,} starts took {seconds:.2f} s",
    }


def pandana(folder: Path) -> Answer:
    """Ask pandana for the nearest stop of each junction; its graph is built off the clock."""
    import numpy as np
    import pandana as pdna  # not among the dependencies
    import pandas as pd

    city = _read(folder)
    x, y = (pd.Series(c) for c in city["nodes"].T)
    net = pdna.Network(
        x,
        y,
        pd.Series(city["start"]),
        pd.Series(city["end"]),
        pd.DataFrame({"length": city["length"]}),
        twoway=True,
    )
    clock = _Clock()
    net.precompute(LIMIT_M)
    px, py = (pd.Series(c) for c in city["stops"].T)
    net.set_pois("stop", maxdist=LIMIT_M, maxitems=1, x_col=px, y_col=py)
    found = net.nearest_pois(LIMIT_M, "stop", num_pois=1)[1].to_numpy()
    clock.lap("nearest_pois")
    said = f"{np.count_nonzero(found < LIMIT_M):,} junctions"
    return {"seconds": clock.laps["nearest_pois"], "parts": {}, "said": said}


def _snapped(city: dict[str, Any]) -> Any:
    """Return the junction nearest to each stop, of those with a street."""
    import numpy as np
    from scipy.spatial import cKDTree

    used = np.unique(np.append(city["start"], city["end"]))
    return used[cKDTree(city["nodes"][used]).query(city["stops"])[1]]


class _Clock:
    """Seconds of the processor, part by part."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.process_time()

    def lap(self, name: str) -> None:
        now = time.process_time()
        self.laps[name], self._last = now - self._last, now


def _resident_mb(which: str) -> float:
    """Return the resident set now (``VmRSS``) or at most (``VmHWM``); NaN where nobody tells."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    found = [int(line.split()[1]) / 2**10 for line in lines if line.startswith(which)]
    return found[0] if found else math.nan


CONTENDERS: dict[str, tuple[str, Callable[[Path], Answer], str]] = {
    "jxgis": ("jxgis, from lines to lengths", jxgis, "jxgis"),
    "scipy": ("SciPy dijkstra, once", scipy_once, "scipy"),
    "osmnx": ("OSMnx ego_graph per stop", osmnx, "osmnx"),
    "pandana": ("pandana nearest_pois", pandana, "pandana"),
}


def bench_walking(nodes: int, stops: int) -> None:
    """Put one street network to the contenders, and two sizes to jxgis for its memory."""
    answers: dict[str, Answer] = {}
    with tempfile.TemporaryDirectory() as folder:
        _child("make", folder, str(nodes), str(stops))
        for name, (title, _ask, module) in CONTENDERS.items():
            if not importlib.util.find_spec(module):
                print(f"left out: {title} (not installed: {module})")
                continue
            print(f"  {title}", file=sys.stderr)
            answers[name] = json.loads(_child(name, folder))
    ours = answers["jxgis"]
    walk_s = ours["parts"]["walking_distances"]
    print(f"\n{nodes:,} junctions, {ours['edges']:,} edges, {stops:,} stops, {LIMIT_M:g} m")
    print("Seconds of the processor, in one run; of jxgis and SciPy the best of", REPEATS)
    print(
        "x = times all of jxgis; (x) = times its walking_distances alone, from a graph ready-made"
    )
    for name, answer in answers.items():
        own = answer["seconds"]
        ratios = f"{own / ours['seconds']:9.2f} x ({own / walk_s:8.2f} x)"
        print(f"  {CONTENDERS[name][0]:<30}{own:9.3f} s{ratios}  {answer['said']}")
        for part, seconds in answer["parts"].items():
            print(f"    {part:<28}{seconds:9.3f} s")
    print("\nMemory of jxgis: the peak above that of the inputs and libraries, by edge")
    found = {size: _memory(size, stops * size // nodes) for size in SIZES}
    for size, (edges, peak) in found.items():
        print(f"  {size:>7,} junctions{edges:>9,} edges{peak:9.1f} MB", end="")
        print(f"{peak * 2**20 / edges:9.0f} bytes an edge")
    (few, less), (many, more) = found.values()
    if less > 0 and more > 0:
        power = math.log(more / less) / math.log(many / few)
        print(f"  k where memory ~ edges^k: {power:.2f}")


def _memory(nodes: int, stops: int) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        _child("make", folder, str(nodes), str(stops))
        answer = json.loads(_child("memory", folder))
    return answer["edges"], answer["peak_mb"]


def _child(*arguments: str) -> str:
    """Run this file in a process of its own and return the last line that it prints."""
    command = [sys.executable, __file__, *arguments]
    # What is freed goes back to the system at once, so that a resident set is what is in use.
    env = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    env = env if arguments[0] == "memory" else dict(os.environ)
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    return found.stdout.strip().rpartition("\n")[2]


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make_streets(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "memory":
        print(json.dumps(jxgis(Path(sys.argv[2]), repeats=1), default=float))
    else:
        print(json.dumps(CONTENDERS[sys.argv[1]][1](Path(sys.argv[2])), default=float))
