"""Measure time and memory against other tools, on made-up cities, and print ratios.

    python scripts/bench.py coverage [--sizes 2000 20000 200000] [--contenders jxgis geopandas]
    python scripts/bench.py walking [--nodes 60000] [--stops 5000]
    python scripts/bench.py additions [--time-limit 120]
    python scripts/bench.py facilities [--sizes M L XL dense] [--contenders jxgis spopt]
    python scripts/bench.py buildout [--time-limit 120] [--threads 2]
    python scripts/bench.py green [--heights 10980 21960] [--repeats 3]
    python scripts/bench.py fields [--side 6000] [--radii 5 100] [--repeats 3]
    python scripts/bench.py land [--side 60] [--atlite PYTHON]
    python scripts/bench.py help

Each contender runs in a process of its own, from reading files to the answer. Time is that of the
processor (user and system), of the whole process and of the measure: the process less its start
and the import of its libraries, so that reading, checking, repairing and measuring remain. Memory
is the peak of its resident set. PostGIS finds its tables loaded and indexed; its time and memory
are the client's and the server's together. Nothing here is a test: run it on an idle machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from bench_additions import bench_additions
from bench_buildout import bench_buildout
from bench_contenders import CONTENDERS
from bench_facilities import CONTENDERS as SITING_CONTENDERS
from bench_facilities import SIZES, bench_facilities
from bench_fields import bench_fields
from bench_green import CONTENDERS as GREEN_CONTENDERS
from bench_green import bench_green
from bench_land import CONTENDERS as LAND_CONTENDERS
from bench_land import bench_land
from bench_walking import bench_walking

OURS = "jxgis"


@dataclass(frozen=True)
class Run:
    """What one process cost and answered.

    Attributes
    ----------
    whole_s, measure_s
        Seconds of the processor: all of them, and without start and imports.
    peak_mb
        Largest resident set.
    shares
        Covered shares of the built-up area, or green ones.
    wall_s
        Seconds of the clock that the measure took, where a contender says so.
    """

    whole_s: float
    measure_s: float
    peak_mb: float
    shares: list[float]
    wall_s: float = math.nan


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    coverage = commands.add_parser("coverage", help="bus-stop coverage")
    coverage.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000, 200_000])
    coverage.add_argument(
        "--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS)
    )
    coverage.add_argument(
        "--cap",
        type=int,
        default=0,
        help="most seconds of the processor for each (a server not counted)",
    )
    walking = commands.add_parser("walking", help="what can be walked to from stops")
    walking.add_argument("--nodes", type=int, default=60_000)
    walking.add_argument("--stops", type=int, default=5_000)
    additions = commands.add_parser("additions", help="the fewest new stops, with proof")
    additions.add_argument("--time-limit", type=float, default=120.0, help="for the proof, seconds")
    facilities = commands.add_parser("facilities", help="sites that cover the most demand")
    facilities.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    facilities.add_argument(
        "--contenders", nargs="+", choices=list(SITING_CONTENDERS), default=list(SITING_CONTENDERS)
    )
    buildout = commands.add_parser("buildout", help="the best charging plan, with proof")
    buildout.add_argument("--time-limit", type=float, default=120.0, help="for each, seconds")
    buildout.add_argument("--threads", type=int, default=2, help="of the solver")
    green = commands.add_parser("green", help="the green share of zones")
    green.add_argument("--heights", type=int, nargs="+", default=[10_980])
    green.add_argument("--repeats", type=int, default=3)
    green.add_argument(
        "--contenders", nargs="+", choices=list(GREEN_CONTENDERS), default=list(GREEN_CONTENDERS)
    )
    fields = commands.add_parser("fields", help="distances on rasters, and shares of cells")
    fields.add_argument("--side", type=int, default=6_000, help="of the raster, cells")
    fields.add_argument("--radii", type=float, nargs="+", default=[5.0, 100.0], help="cells")
    fields.add_argument("--repeats", type=int, default=3)
    land = commands.add_parser("land", help="land that rules leave for panels")
    land.add_argument("--side", type=float, default=60.0, help="of the region, km")
    land.add_argument(
        "--contenders", nargs="+", choices=list(LAND_CONTENDERS), default=list(LAND_CONTENDERS)
    )
    land.add_argument("--atlite", help="a Python that has atlite, with geopandas and rasterio")
    commands.add_parser("help", help="how long `jxgis --help` takes")
    one = commands.add_parser("one", help="one contender, in this process")
    one.add_argument("contender", choices=list(CONTENDERS))
    one.add_argument("folder", type=Path)
    one.add_argument("cap", type=int)
    make = commands.add_parser("make", help="a made-up city")
    make.add_argument("stops", type=int)
    make.add_argument("folder", type=Path)
    return parser.parse_args()


def main() -> None:
    """Do what the command line says."""
    options = _options()
    if options.command == "one":
        one_contender(options.contender, options.folder, options.cap)
    elif options.command == "make":
        from bench_inputs import make_city

        make_city(options.folder, options.stops)
    elif options.command == "walking":
        bench_walking(options.nodes, options.stops)
    elif options.command == "additions":
        bench_additions(options.time_limit)
    elif options.command == "facilities":
        bench_facilities(options.sizes, options.contenders)
    elif options.command == "buildout":
        bench_buildout(options.time_limit, options.threads)
    elif options.command == "green":
        bench_green(options.heights, options.contenders, options.repeats)
    elif options.command == "fields":
        bench_fields(options.side, options.radii, options.repeats)
    elif options.command == "land":
        bench_land(options.side, options.contenders, options.atlite)
    elif options.command == "help":
        bench_help()
    else:
        bench_coverage(options.sizes, options.contenders, options.cap)


def one_contender(name: str, folder: Path, cap: int) -> None:
    """Ask one contender in this process; print its answer and what importing cost."""
    if cap and sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (cap, cap))
    for module in CONTENDERS[name].modules:
        importlib.import_module(module)
    imports_s = time.process_time()
    answer = CONTENDERS[name].ask(folder)
    print(json.dumps({"imports_s": imports_s, **asdict(answer)}))


def bench_coverage(sizes: list[int], contenders: list[str], cap: int) -> None:
    """Put cities of several sizes to the contenders and print how they compare."""
    contenders = [name for name in contenders if _installed(name)]
    runs: dict[str, dict[int, Run]] = {name: {} for name in contenders}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            print(f"making a city with {size:,} stops", file=sys.stderr)
            # In a process of its own: a child's peak memory may start from its parent's.
            subprocess.run([sys.executable, __file__, "make", str(size), folder], check=True)
            for name in contenders:
                print(f"  {CONTENDERS[name].title}", file=sys.stderr)
                with CONTENDERS[name].ready(Path(folder)):
                    run = measure([__file__, "one", name, folder, str(cap)])
                if run is not None:
                    runs[name][size] = run
    print("\nSeconds of the processor, and peak memory")
    print("process = the whole process, its start and the import of its libraries included")
    print("measure = the process less these: reading, checking, repairing, measuring")
    print(f"x = times {OURS}; shares within 300 m and 500 m (and how far from {OURS}')")
    for size in sizes:
        print(f"\n{size:,} stops{'process':>23}{'measure':>19}{'memory':>23}")
        for name in contenders:
            print(_line(name, runs[name].get(size), runs.get(OURS, {}).get(size)))
    if len(sizes) == 1:
        return
    print("\nGrowth: k where the measure's time ~ n^k between two sizes")
    for name in contenders:
        own = runs[name]
        powers = [
            math.log(own[b].measure_s / own[a].measure_s) / math.log(b / a)
            for a, b in pairwise(sizes)
            if a in own and b in own
        ]
        print(f"  {CONTENDERS[name].title:<26}" + "".join(f"{p:8.2f}" for p in powers))


def _installed(name: str) -> bool:
    lacks = CONTENDERS[name].lacks()
    if lacks:
        print(f"left out: {CONTENDERS[name].title} (not installed: {lacks})")
    return not lacks


def _line(name: str, run: Run | None, ours: Run | None) -> str:
    line = f"  {CONTENDERS[name].title:<26}"
    if run is None:
        return f"{line}  did not finish"
    ours = ours or run
    for own, our in ((run.whole_s, ours.whole_s), (run.measure_s, ours.measure_s)):
        line += f"{own:9.2f} s{own / our:6.1f} x"
    line += f"{run.peak_mb:9.0f} MB{run.peak_mb / ours.peak_mb:5.1f} x "
    for share, our_share in zip(run.shares, ours.shares, strict=True):
        line += f"  {share:.4%} ({share - our_share:+.4%})"
    return line


def bench_help() -> None:
    """Print how long the command line takes to say what it can do."""
    for title, arguments in {
        "python": ["-c", "pass"],
        "jxgis --help": ["-m", "jxgis", "--help"],
    }.items():
        best = min(_wall(arguments) for _ in range(5))
        print(f"{title:<14}{best:6.3f} s, the best of 5")


def _wall(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(arguments: list[str]) -> Run | None:
    """Run a contender in a process of its own; None where it did not finish."""
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise RuntimeError("no output to read")
        if hasattr(os, "wait4"):
            output = process.stdout.read()
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = usage.ru_utime + usage.ru_stime
            peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        else:
            output, cpu, peak = _watch(process)
    if process.returncode:
        print(f"    stopped after {cpu:.0f} s of the processor", file=sys.stderr)
        return None
    said = json.loads(output.splitlines()[-1])
    whole = cpu + said["server_s"]
    *covered, built_up = said["areas"]
    return Run(
        whole,
        whole - said["imports_s"],
        peak + said["server_mb"],
        [area / built_up for area in covered],
        said.get("wall_s", math.nan),
    )


def _watch(process: subprocess.Popen[bytes]) -> tuple[bytes, float, float]:
    """Do what ``wait4`` does where there is none: look at the process while it runs."""
    import psutil

    watched = psutil.Process(process.pid)
    cpu = peak = 0.0
    while process.poll() is None:
        try:
            times, memory = watched.cpu_times(), watched.memory_info()
        except psutil.NoSuchProcess:
            break
        cpu = times.user + times.system
        peak = max(peak, getattr(memory, "peak_wset", memory.rss) / 2**20)
        time.sleep(0.05)
    output, _errors = process.communicate()
    return output, cpu, peak


if __name__ == "__main__":
    main()
