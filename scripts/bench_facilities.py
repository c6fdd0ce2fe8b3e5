"""What it costs to choose sites that cover the most demand: jxgis and spopt, with one solver.

    python scripts/bench.py facilities [--sizes M L XL dense] [--contenders jxgis spopt]

Demand and candidates are on the streets of made-up towns, denser here than there, and a candidate
covers what is within a radius, in a straight line. Each contender goes from coordinates to the
answer in a process of its own; both solve with HiGHS, spopt through PuLP. Time is that of the
processor, of all threads and children, without the import of libraries; memory is the peak of the
resident set. spopt's matrix has a number for every pair and its programme is made in Python, so
that it is asked at the first size only, unless others are named.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench_inputs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OURS = "jxgis"
SEED = 20240611
OUTSIDE = 0.08
QUARTERS = 60
CANDIDATES_PER_KM2, NODES_PER_KM2, POLYGONS_PER_CANDIDATE = 0.208, 41.6, 0.6
TIME_LIMIT_S = 250.0


@dataclass(frozen=True)
class Size:
    """How much demand, how many candidates and sites, and how far a site reaches, metres."""

    demand: int
    candidates: int
    sites: int
    radius_m: float
    limit_s: float = TIME_LIMIT_S


SIZES = {
    "M": Size(5_000, 500, 40, 1500.0),
    "L": Size(20_000, 2_000, 150, 2000.0),
    "XL": Size(100_000, 5_000, 300, 2000.0, 40.0),
    "dense": Size(100_000, 5_000, 100, 5000.0, 40.0),
}


@dataclass(frozen=True)
class Town:
    """(m, 2) demand and (n, 2) candidates, metres, and the (m,) weight of demand."""

    demand: NDArray[np.float64]
    candidates: NDArray[np.float64]
    weight: NDArray[np.float64]


def town(demand: int, candidates: int) -> Town:
    """Return demand and candidates in the middles of streets."""
    import numpy as np
    import shapely

    rng = np.random.default_rng([SEED, demand, candidates])
    extent = 1000 * float(np.sqrt(candidates / CANDIDATES_PER_KM2))
    polygons = _built_up(rng, max(int(candidates * POLYGONS_PER_CANDIDATE), 4), extent)
    side = int(extent / 1000 * np.sqrt(NODES_PER_KM2))
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=2) + 0.5
    xy = (xy + rng.uniform(-0.3, 0.3, xy.shape)) * extent / side
    ways = [(xy[1:] + xy[:-1]) / 2, (xy[:, 1:] + xy[:, :-1]) / 2]
    middles = np.concatenate([way.reshape(-1, 2) for way in ways])
    inside = np.zeros(len(middles), bool)
    inside[shapely.STRtree(polygons).query(shapely.points(middles), "within")[0]] = True
    density = np.exp(rng.normal(0, 0.9, (QUARTERS + 2, QUARTERS + 2)))
    where = (middles / extent * QUARTERS).astype(int)
    odds = density[where[:, 0], where[:, 1]] * np.where(inside, 1.0, OUTSIDE)
    odds /= odds.sum()
    return Town(
        middles[rng.choice(len(middles), demand, replace=False, p=odds)],
        middles[rng.choice(len(middles), candidates, replace=False, p=odds)],
        rng.integers(1, 200, demand).astype(float),
    )


def _built_up(rng: np.random.Generator, n: int, extent: float) -> NDArray[np.object_]:
    """Return blobs, one to a cell of a grid."""
    import numpy as np
    import shapely

    columns = int(np.ceil(np.sqrt(n)))
    polygons = []
    for k in range(n):
        outline = bench_inputs.blob(rng, 100)
        outline *= 0.49 / np.abs(outline).max()
        centre = np.array(divmod(k, columns)) + 0.5
        polygons.append(shapely.Polygon((outline + centre) * extent / columns))
    return np.array(polygons)


@dataclass(frozen=True)
class Answer:
    """The weight that is covered, what no choice covers more than, and how it ended."""

    covered: float
    bound: float
    status: str


def jxgis(place: Town, size: Size) -> Answer:
    """Ask this package."""
    from jxgis.kernels.facilities import most
    from jxgis.kernels.reach import ones, within

    covers = ones(within(place.demand, place.candidates, size.radius_m))
    found = most(covers, place.weight, size.sites, time_limit_s=size.limit_s)
    return Answer(found.covered, found.bound, found.status)


def spopt(place: Town, size: Size) -> Answer:
    """Ask spopt, with the same solver."""
    import pulp
    from scipy.spatial.distance import cdist
    from spopt.locate import MCLP

    distances = cdist(place.demand, place.candidates)
    solver = pulp.HiGHS(msg=False, timeLimit=size.limit_s, gapRel=0)
    model = MCLP.from_cost_matrix(distances, place.weight, size.radius_m, p_facilities=size.sites)
    model.solve(solver)
    chosen = [j for j, part in enumerate(model.fac_vars) if (part.varValue or 0) > 1 / 2]
    near = (distances[:, chosen] <= size.radius_m).any(axis=1)
    status = pulp.LpStatus[model.problem.status]
    covered = float(place.weight[near].sum())
    return Answer(covered, covered if status == "Optimal" else float("nan"), status)


@dataclass(frozen=True)
class Contender:
    """A tool: its name in the table, how it is asked, and the modules that are imported before."""

    title: str
    ask: Callable[[Town, Size], Answer]
    modules: tuple[str, ...]


CONTENDERS = {
    OURS: Contender("jxgis", jxgis, ("jxgis.kernels.facilities", "jxgis.kernels.reach")),
    "spopt": Contender("spopt, HiGHS", spopt, ("spopt.locate", "pulp", "highspy")),
}


def bench_facilities(sizes: list[str], contenders: list[str]) -> None:
    """Put towns of several sizes to the contenders and print how they compare."""
    contenders = [name for name in contenders if _installed(name)]
    print("\nSeconds of the processor without imports, and peak memory; x = times", OURS)
    for name in sizes:
        size = SIZES[name]
        print(
            f"\n{name}: {size.demand:,} demand points, {size.candidates:,} candidates,"
            f" {size.sites} sites of {size.radius_m:.0f} m"
        )
        ours: dict[str, Any] | None = None
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "town.npz")
            subprocess.run([sys.executable, __file__, "make", name, file], check=True)
            for contender in contenders:
                if contender == OURS or name == sizes[0]:
                    said = _asked(contender, name, file)
                    ours = said if contender == OURS else ours
                    print(_line(contender, said, ours or said))


def _asked(contender: str, name: str, file: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "one", contender, name, file], check=True, capture_output=True
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _line(contender: str, said: dict[str, Any], ours: dict[str, Any]) -> str:
    gap = said["bound"] / said["covered"] - 1
    return (
        f"  {CONTENDERS[contender].title:<14}{said['cpu_s']:9.2f} s"
        f"{said['cpu_s'] / ours['cpu_s']:8.1f} x{said['wall_s']:9.2f} s of the clock"
        f"{said['peak_mb']:7.0f} MB   {said['covered']:12,.0f} covered"
        f" ({said['covered'] - ours['covered']:+,.0f}), gap {gap:.4%}, {said['status']}"
    )


def _installed(name: str) -> bool:
    lacks = [m for m in CONTENDERS[name].modules if not importlib.util.find_spec(m.split(".")[0])]
    if lacks:
        print(f"left out: {CONTENDERS[name].title} (not installed: {', '.join(lacks)})")
    return not lacks


def one_contender(contender: str, name: str, file: Path) -> None:
    """Ask one contender in this process; print its answer and what it cost."""
    import resource

    import numpy as np

    def cpu() -> float:
        used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(own.ru_utime + own.ru_stime for own in used)

    for module in CONTENDERS[contender].modules:
        importlib.import_module(module)
    with np.load(file) as arrays:
        place = Town(arrays["demand"], arrays["candidates"], arrays["weight"])
    begin, start = cpu(), time.perf_counter()
    answer = CONTENDERS[contender].ask(place, SIZES[name])
    cost = {"cpu_s": cpu() - begin, "wall_s": time.perf_counter() - start}
    scale = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    said = {"covered": answer.covered, "bound": answer.bound, "status": answer.status}
    print(json.dumps({**said, **cost, "peak_mb": peak}))


def make(name: str, file: Path) -> None:
    """Write the town of a size."""
    import numpy as np

    place = town(SIZES[name].demand, SIZES[name].candidates)
    np.savez(file, demand=place.demand, candidates=place.candidates, weight=place.weight)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], Path(sys.argv[3]))
    else:
        one_contender(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
