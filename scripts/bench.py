"""Measure time and memory against other tools, on made-up cities, and print ratios.

    python scripts/bench.py coverage [--sizes 2000 20000 200000] [--contenders jxgis geopandas]
    python scripts/bench.py help

Each contender runs in a process of its own, from reading files to the answer. Time is that of the
processor (user and system) of the whole process, its start and imports included; memory is the
peak of its resident set. Nothing here is a test: run it on an idle machine.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench_contenders import CONTENDERS

OURS = "jxgis"


@dataclass(frozen=True)
class Run:
    """What one process cost and answered."""

    cpu_s: float
    peak_mb: float
    answer: list[float]

    @property
    def shares(self) -> list[float]:
        """Covered shares of the built-up area."""
        *covered, built_up = self.answer
        return [area / built_up for area in covered]


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    coverage = commands.add_parser("coverage", help="bus-stop coverage")
    coverage.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000, 200_000])
    coverage.add_argument(
        "--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS)
    )
    commands.add_parser("help", help="how long `jxgis --help` takes")
    one = commands.add_parser("one", help="one contender, in this process")
    one.add_argument("contender", choices=list(CONTENDERS))
    one.add_argument("folder", type=Path)
    make = commands.add_parser("make", help="a made-up city")
    make.add_argument("stops", type=int)
    make.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.command == "one":
        print(json.dumps(CONTENDERS[options.contender][1](options.folder)))
    elif options.command == "make":
        from bench_inputs import make_city

        make_city(options.folder, options.stops)
    elif options.command == "help":
        bench_help()
    else:
        bench_coverage(options.sizes, options.contenders)


def bench_coverage(sizes: list[int], contenders: list[str]) -> None:
    """Put cities of several sizes to the contenders and print how they compare."""
    contenders = [name for name in contenders if _installed(name)]
    runs: dict[str, dict[int, Run]] = {name: {} for name in contenders}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            print(f"making a city with {size:,} stops", file=sys.stderr)
            # In a process of its own: a child's peak memory may start from its parent's.
            subprocess.run([sys.executable, __file__, "make", str(size), folder], check=True)
            for name in contenders:
                print(f"  {CONTENDERS[name][0]}", file=sys.stderr)
                runs[name][size] = measure([__file__, "one", name, folder])
    print(f"\nCPU seconds and peak memory; x = times {OURS}")
    for size in sizes:
        print(f"\n{size:,} stops")
        ours = runs.get(OURS, {}).get(size)
        for name in contenders:
            print(_line(CONTENDERS[name][0], runs[name][size], ours))
    print("\nGrowth: k where time ~ n^k between two sizes")
    for name in contenders:
        powers = [
            math.log(runs[name][b].cpu_s / runs[name][a].cpu_s) / math.log(b / a)
            for a, b in pairwise(sizes)
        ]
        print(f"  {CONTENDERS[name][0]:<26}" + "".join(f"{p:8.2f}" for p in powers))


def _installed(name: str) -> bool:
    package = name.partition("-")[0]
    if importlib.util.find_spec(package):
        return True
    print(f"left out: {CONTENDERS[name][0]} ({package} is not installed)")
    return False


def _line(title: str, run: Run, ours: Run | None) -> str:
    line = f"  {title:<26}{run.cpu_s:9.2f} s{run.peak_mb:9.0f} MB"
    if ours is not None:
        line += f"{run.cpu_s / ours.cpu_s:8.1f} x time{run.peak_mb / ours.peak_mb:6.1f} x memory"
        for share, our_share in zip(run.shares, ours.shares, strict=True):
            line += f"   {share:.6%} ({share - our_share:+.6%})"
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


def measure(arguments: list[str]) -> Run:
    """Run Python in a process of its own and return what it cost and answered."""
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
        raise SystemExit(f"{' '.join(map(str, arguments))} failed")
    return Run(cpu, peak, json.loads(output.splitlines()[-1]))


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
