"""How much of each zone is green: jxgis, bare decoding, exactextract and rasterstats on one scene.

    python scripts/bench.py green [--heights 10980 21960] [--repeats 3] [--contenders jxgis ...]

The scene is made up: red and near infrared of 10,980 columns in compressed tiles, one cell in a
hundred under cloud, and a hundred zones whose edges follow no cell. Each contender goes from the
files to the answer in a process of its own; time is that of the processor, without the import of
libraries. Bare decoding reads both bands and does nothing with them. rasterstats is given the
index ready-made, off the clock; exactextract is asked in three ways: for the means of the two
bands, which is its way but no share of green; for the sum of a mask of green that is ready-made;
and for the share itself.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_scene import CRS, STRIP, make_scene

OURS = "jxgis"
THRESHOLD = 0.4
# What takes longer is not run again.
SLOW_S = 60.0
Areas = tuple[float, float]
"""Green area and seen area, square metres; NaN and 1 where a contender does not say."""

NO_ANSWER = (math.nan, 1.0)


@dataclass(frozen=True)
class Contender:
    """A tool: its name in the table, how it is asked, and the modules that are imported before."""

    title: str
    ask: Callable[[Path], Areas]
    modules: tuple[str, ...]


def decoding(folder: Path) -> Areas:
    """Read both bands in rows of blocks."""
    import rasterio
    from rasterio.windows import Window

    with rasterio.open(folder / "red.tif") as red, rasterio.open(folder / "nir.tif") as nir:
        for row in range(0, red.height, STRIP):
            window = Window(0, row, red.width, min(STRIP, red.height - row))
            red.read(1, window=window)
            nir.read(1, window=window)
    return NO_ANSWER


def jxgis(folder: Path, *, drawings: bool = False) -> Areas:
    """Measure with this package: read and check zones and bands, measure exactly."""
    import pyproj

    from jxgis.green.asking import Ask, Settings
    from jxgis.green.cover import cover
    from jxgis.layers import prepare, raster_layer
    from jxgis.rules import Rules
    from jxgis.sources import read, read_rasters
    from jxgis.spec import LayerSpec

    crs = pyproj.CRS(CRS)
    zones = LayerSpec("zones", "zones", folder, path="zones.gpkg")
    bands = {"red": ("red.tif",), "nir": ("nir.tif",)}
    imagery = LayerSpec("imagery", "imagery", folder, bands=bands)
    layers = {
        "zones": prepare(read(zones), zones, crs),
        "imagery": raster_layer(imagery, crs, read_rasters(imagery)),
    }
    found = cover(
        layers, [Ask("green")], settings=Settings(), rules=Rules(), drawings=drawings
    ).indicators[0]
    return found.numerator or 0.0, found.denominator or 0.0


def jxgis_drawn(folder: Path) -> Areas:
    """Measure with this package and make the picture of the map, too."""
    return jxgis(folder, drawings=True)


def exactextract_means(folder: Path) -> Areas:
    """Ask for the mean of each band by zone."""
    import geopandas as gpd
    from exactextract import exact_extract

    bands = [str(folder / f"{band}.tif") for band in ("red", "nir")]
    exact_extract(bands, gpd.read_file(folder / "zones.gpkg"), ["mean"], output="pandas")
    return NO_ANSWER


def exactextract_mask(folder: Path) -> Areas:
    """Add up a mask that is ready-made: 1 is green, 0 is not, and no data is under cloud."""
    import geopandas as gpd
    from exactextract import exact_extract

    zones = gpd.read_file(folder / "zones.gpkg")
    found = exact_extract(str(folder / "green.tif"), zones, ["sum", "count"], output="pandas")
    return _cells(found["sum"].sum(), found["count"].sum())


def exactextract_share(folder: Path) -> Areas:
    """Ask for the area of green and of what is seen, with an operation on both bands."""
    import geopandas as gpd
    import numpy as np
    from exactextract import exact_extract

    def green(nir: Any, coverage: Any, red: Any) -> float:
        seen = ~(np.ma.getmaskarray(nir) | np.ma.getmaskarray(red))
        n, r = (np.ma.getdata(band).astype(np.float64) for band in (nir, red))
        return float(coverage[seen & (n - r > THRESHOLD * (n + r))].sum())

    def known(nir: Any, coverage: Any, red: Any) -> float:
        seen = ~(np.ma.getmaskarray(nir) | np.ma.getmaskarray(red))
        return float(coverage[seen].sum())

    found = exact_extract(
        str(folder / "nir.tif"),
        gpd.read_file(folder / "zones.gpkg"),
        [green, known],
        weights=str(folder / "red.tif"),
        output="pandas",
    )
    return _cells(found["green"].sum(), found["known"].sum())


def rasterstats(folder: Path) -> Areas:
    """Count cells by zone in the index, which is ready-made."""
    import rasterstats as rs  # not among the dependencies

    rows = rs.zonal_stats(
        str(folder / "zones.gpkg"),
        str(folder / "ndvi.tif"),
        stats=["count"],
        add_stats={"green": lambda ndvi: int((ndvi > THRESHOLD).sum())},
    )
    return _cells(sum(row["green"] or 0 for row in rows), sum(row["count"] for row in rows))


def bincount(folder: Path) -> Areas:
    """Do as an expert does with NumPy: burn the zones once, count strip by strip."""
    import geopandas as gpd
    import numpy as np
    import rasterio
    from rasterio.features import rasterize
    from rasterio.windows import Window

    zones = gpd.read_file(folder / "zones.gpkg")
    shapes = [(shape, number + 1) for number, shape in enumerate(zones.geometry)]
    green = np.zeros(len(shapes) + 1)
    known = np.zeros(len(shapes) + 1)
    with rasterio.open(folder / "red.tif") as red, rasterio.open(folder / "nir.tif") as nir:
        burnt = rasterize(shapes, red.shape, transform=red.transform, dtype="uint8")
        for row in range(0, red.height, STRIP):
            window = Window(0, row, red.width, min(STRIP, red.height - row))
            r, n = (band.read(1, window=window).astype(np.float32) for band in (red, nir))
            zone = burnt[row : row + STRIP]
            seen = (r > 0) & (n > 0)
            known += np.bincount(zone[seen], minlength=len(known))
            is_green = seen & (n - r > THRESHOLD * (n + r))
            green += np.bincount(zone[is_green], minlength=len(known))
    return _cells(green[1:].sum(), known[1:].sum())


def _cells(green: float, seen: float) -> Areas:
    return float(green) * 100.0, float(seen) * 100.0


_PACKAGE = ("geopandas", "jxgis.green.cover", "jxgis.sources.imagery", "jxgis.sources.files")
CONTENDERS = {
    "decoding": Contender("bare decoding", decoding, ("rasterio",)),
    OURS: Contender("jxgis", jxgis, _PACKAGE),
    "jxgis-drawn": Contender("jxgis, with its picture", jxgis_drawn, _PACKAGE),
    "exactextract-means": Contender(
        "exactextract, two means", exactextract_means, ("exactextract", "geopandas", "rasterio")
    ),
    "exactextract-mask": Contender(
        "exactextract, mask ready", exactextract_mask, ("exactextract", "geopandas", "rasterio")
    ),
    "exactextract": Contender(
        "exactextract, green share", exactextract_share, ("exactextract", "geopandas", "rasterio")
    ),
    "rasterstats": Contender("rasterstats, index ready", rasterstats, ("rasterstats",)),
    "bincount": Contender("rasterio and bincount", bincount, ("geopandas", "rasterio.features")),
}


def one_contender(name: str, folder: Path) -> None:
    """Ask one contender in this process; print its answer and what importing cost."""
    for module in CONTENDERS[name].modules:
        importlib.import_module(module)
    imports_s, start = time.process_time(), time.perf_counter()
    areas = CONTENDERS[name].ask(folder)
    said = {"areas": areas, "imports_s": imports_s, "wall_s": time.perf_counter() - start}
    print(json.dumps({**said, "server_s": 0.0, "server_mb": 0.0}))


def bench_green(heights: list[int], contenders: list[str], repeats: int) -> None:
    """Put scenes of several heights to the contenders and print how they compare."""
    contenders = [name for name in contenders if _installed(name)]
    print("\nSeconds of the processor, the least of", repeats, "runs in turn")
    print("process = the whole process, its start and the import of its libraries included")
    print("measure = the process less these; cores = its seconds over those of the clock")
    print(f"x = times {OURS}; (x) = times bare decoding; last, the share of green")
    peaks: dict[str, list[float]] = {}
    for height in heights:
        with tempfile.TemporaryDirectory() as folder:
            print(f"making a scene of {height:,} rows", file=sys.stderr)
            # In a process of its own: a child's peak memory may start from its parent's.
            subprocess.run([sys.executable, __file__, "make", folder, str(height)], check=True)
            runs = _runs(contenders, folder, repeats)
        print(f"\n{height:,} rows{'process':>29}{'measure':>17}{'clock':>22}{'memory':>18}")
        for name in contenders:
            print(_line(name, runs))
            if runs[name]:
                peaks.setdefault(name, []).append(max(run.peak_mb for run in runs[name]))
    if len(heights) > 1:
        print(f"\nMemory at {heights[-1]:,} rows over that at {heights[0]:,}")
        for name, (first, *_rest, last) in peaks.items():
            print(f"  {CONTENDERS[name].title:<26}{last / first:6.2f}")


def _runs(contenders: list[str], folder: str, repeats: int) -> dict[str, list[Any]]:
    from bench import measure

    runs: dict[str, list[Any]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name in contenders:
            if any(run.measure_s > SLOW_S for run in runs[name]):
                continue
            print(f"  {CONTENDERS[name].title}", file=sys.stderr)
            run = measure([__file__, name, folder])
            if run is not None:
                runs[name].append(run)
    return runs


def _installed(name: str) -> bool:
    lacks = [m for m in CONTENDERS[name].modules if not importlib.util.find_spec(m.split(".")[0])]
    if lacks:
        print(f"left out: {CONTENDERS[name].title} (not installed: {', '.join(lacks)})")
    return not lacks


def _line(name: str, runs: dict[str, list[Any]]) -> str:
    line = f"  {CONTENDERS[name].title:<26}"
    if not runs[name]:
        return f"{line}  did not finish"
    own = min(runs[name], key=lambda run: run.measure_s)
    ours = min(runs.get(OURS) or [own], key=lambda run: run.measure_s)
    bare = min(runs.get("decoding") or [own], key=lambda run: run.measure_s)
    line += f"{own.whole_s:8.2f} s{own.whole_s / ours.whole_s:6.2f} x"
    line += f"{own.measure_s:8.2f} s{own.measure_s / ours.measure_s:6.2f} x"
    line += f" ({own.measure_s / bare.measure_s:5.2f} x)"
    line += f"{own.wall_s:7.2f} s{own.measure_s / own.wall_s:5.2f} cores"
    line += f"{own.peak_mb:7.0f} MB{own.peak_mb / ours.peak_mb:5.2f} x"
    share = own.shares[0]
    if math.isnan(share):
        return line
    return f"{line}  {share:.5%} ({share - ours.shares[0]:+.5%})"


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make_scene(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        one_contender(sys.argv[1], Path(sys.argv[2]))
