"""Land that rules leave for panels in a made-up region: jxgis beside what is usual, and shapely.

    python scripts/bench.py land [--side 60] [--contenders jxgis centres ...] [--atlite PYTHON]

The region is square, its cells are of 10 m, and ten layers forbid (`bench_region`). All contenders
read the same files, each in a process of its own, and say how much land is free on the last day:

jxgis         shares of cells, setbacks from the features, with all that comes with it: the map's
              components, the answers for a page, and what was lost since the first of two days.
centres       burns features into cells and measures from middle to middle: rasterio's rasterize
              and scipy's distance transform.
buffers       burns buffers: cells whose middles lie in them are forbidden.
atlite        its ExclusionContainer, where --atlite names a Python that has it.
shapely       overlays the whole at once; rules of rasters as outlines of their cells. This is the
              exact area, but for arcs.

Time is that of the processor from the files to the answer, without the import of libraries; memory
is the peak of the resident set. Then jxgis again: the whole command with pages, its progress, and
the map in blocks of other sizes, which must be the same cell by cell, and in its components.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_region import CELL_M, CRS, DEM_M, EXCLUSIONS, FORMS, MARGIN_M, SOUTH, WEST, make_region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

OURS, EXACT = "jxgis", "shapely"
LAST = dt.date(2026, 11, 25)
BLOCKS = (1_000, 700, 2_000)
WATER = 80
MOST_GB = 2.0


def jxgis_land(folder: Path) -> Any:
    """Return the land of the plan, read as the program does."""
    from jxgis.kernels.polygons import polygons_of
    from jxgis.measures import by_kind
    from jxgis.plan import read_plan
    from jxgis.reading import read_layers
    from jxgis.solar.frame import framed
    from jxgis.solar.land import Land
    from jxgis.solar.siting import sited

    plan = read_plan(folder / "plan.toml")
    layers, _notes = read_layers(plan.layers, plan.crs, lambda _line: None)
    kinds = by_kind(layers)
    siting = sited(kinds, plan.solar)
    if siting.unchecked:
        raise SystemExit("rules were left out")
    roofs = polygons_of(kinds["buildings"].data.geometry.to_numpy())
    return Land(framed(kinds["zones"], CELL_M), siting, kinds, plan.solar.dates, roofs, 50.0)


def jxgis(folder: Path) -> float:
    """Ask this package for its whole map, of two days."""
    from jxgis.solar.landmap import land_map

    return float(land_map(jxgis_land(folder)).days[-1].by_county_m2.sum())


def _features(folder: Path) -> Iterator[tuple[Any, float]]:
    """Give the features of each rule of features, and its setback."""
    import geopandas as gpd

    for _own, kind, classes, value, _more in EXCLUSIONS:
        if kind in ("landcover", "elevation"):
            continue
        data = gpd.read_file(folder / f"{kind}.gpkg")
        if classes:
            data = data[data["highway" if kind == "streets" else "class"].isin(classes)]
        yield data.geometry, value


def _carrying(folder: Path) -> Any:
    import geopandas as gpd

    land = gpd.read_file(folder / "land.gpkg")
    return land.geometry[land["class"].isin(FORMS)]


def _side(folder: Path) -> int:
    import geopandas as gpd

    west, _south, east, _north = gpd.read_file(folder / "zones.gpkg").total_bounds
    return round((east - west) / CELL_M)


def _transform(folder: Path) -> Any:
    from rasterio.transform import from_origin

    return from_origin(WEST, SOUTH + _side(folder) * CELL_M, CELL_M, CELL_M)


def _rasters_open(folder: Path) -> Mask:
    """Return the cells that the rules of rasters leave: distances from middle to middle."""
    import numpy as np
    import rasterio
    from scipy.ndimage import distance_transform_edt

    side = _side(folder)
    (water_m,) = (x[3] for x in EXCLUSIONS if x[1] == "landcover")
    (steepest,) = (x[3] for x in EXCLUSIONS if x[1] == "elevation")
    with rasterio.open(folder / "landcover.tif") as cover:
        water = cover.read(1) == WATER
    margin = round(MARGIN_M / CELL_M)
    near = distance_transform_edt(~water) * CELL_M <= water_m
    open_ = ~near[margin : margin + side, margin : margin + side]
    with rasterio.open(folder / "elevation.tif") as hills:
        z = hills.read(1).astype(float)
    across, down = z[:, 2:] - z[:, :-2], z[2:] - z[:-2]
    dx = (across[:-2] + 2 * across[1:-1] + across[2:]) / (8 * DEM_M)
    dy = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / (8 * DEM_M)
    steep = np.degrees(np.arctan(np.hypot(dx, dy))) > steepest
    first = round(MARGIN_M // DEM_M * DEM_M / CELL_M)
    at = (np.arange(side) + first) // round(DEM_M / CELL_M) - 1
    return np.asarray(open_ & ~steep[np.ix_(at, at)])


def _burnt(folder: Path, shapes: Any) -> Mask:
    import numpy as np
    from rasterio.features import rasterize

    side = _side(folder)
    burnt = rasterize(shapes, (side, side), transform=_transform(folder), dtype="uint8")
    return np.asarray(burnt.view(bool))


def centres(folder: Path) -> float:
    """Burn features, and measure from the middles of cells."""
    import numpy as np
    from scipy.ndimage import distance_transform_edt

    free = _rasters_open(folder) & _burnt(folder, _carrying(folder))
    for shapes, setback in _features(folder):
        burnt = _burnt(folder, shapes)
        if setback:
            burnt = distance_transform_edt(~burnt) * CELL_M <= setback
        free &= ~burnt
    return float(np.count_nonzero(free)) * CELL_M**2


def buffers(folder: Path) -> float:
    """Burn buffers."""
    import numpy as np

    free = _rasters_open(folder) & _burnt(folder, _carrying(folder))
    for shapes, setback in _features(folder):
        free &= ~_burnt(folder, shapes.buffer(setback) if setback else shapes)
    return float(np.count_nonzero(free)) * CELL_M**2


def atlite(folder: Path) -> float:
    """Ask atlite, given a raster of the cells that rules of rasters leave: it has no slopes."""
    import geopandas as gpd
    import rasterio
    from atlite.gis import ExclusionContainer  # type: ignore[import-not-found]

    open_ = _rasters_open(folder)
    path = folder / "open.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=len(open_), height=len(open_), count=1, dtype="uint8",
        crs=CRS, transform=_transform(folder),
    ) as out:  # fmt: skip
        out.write(open_.astype("uint8"), 1)
    container = ExclusionContainer(crs=CRS, res=CELL_M)
    container.add_raster(path, codes=[1], invert=True, crs=CRS)
    container.add_geometry(_carrying(folder), invert=True)
    for shapes, setback in _features(folder):
        container.add_geometry(shapes, buffer=setback)
    region = gpd.GeoSeries([gpd.read_file(folder / "zones.gpkg").union_all()], crs=CRS)
    free, _at = container.compute_shape_availability(region)
    return float(free.sum()) * CELL_M**2


def shapely(folder: Path) -> float:
    """Overlay everything at once."""
    import geopandas as gpd
    import numpy as np
    from rasterio.features import shapes as outlines
    from shapely import area, box, buffer, difference, intersection, union_all
    from shapely.geometry import shape

    forbidden = []
    for shapes, setback in _features(folder):
        forbidden.append(buffer(shapes.to_numpy(), setback, quad_segs=64) if setback else shapes)
    closed = (~_rasters_open(folder)).astype("uint8")
    cells = outlines(closed, mask=closed.view(bool), transform=_transform(folder))
    forbidden.append(np.array([shape(own) for own, _value in cells], dtype=object))
    west, south, east, north = gpd.read_file(folder / "zones.gpkg").total_bounds
    free = intersection(union_all(_carrying(folder).to_numpy()), box(west, south, east, north))
    return float(area(difference(free, union_all(np.concatenate(forbidden)))))


CONTENDERS: dict[str, tuple[str, Callable[[Path], float], tuple[str, ...]]] = {
    OURS: ("jxgis", jxgis, ("jxgis.reading", "jxgis.solar.landmap", "geopandas")),
    "centres": ("cell to cell", centres, ("geopandas", "rasterio.features", "scipy.ndimage")),
    "buffers": ("burnt buffers", buffers, ("geopandas", "rasterio.features", "scipy.ndimage")),
    "atlite": ("atlite", atlite, ("atlite", "geopandas", "rasterio.features", "scipy.ndimage")),
    EXACT: ("shapely, whole", shapely, ("geopandas", "rasterio.features", "scipy.ndimage")),
}


def one_contender(name: str, folder: Path) -> None:
    """Ask one contender in this process, and print what it cost and what it found."""
    import importlib

    for module in CONTENDERS[name][2]:
        importlib.import_module(module)
    start = time.process_time()
    free = CONTENDERS[name][1](folder)
    print(json.dumps({"cpu_s": time.process_time() - start, "km2": free / 1e6}))


def one_size(folder: Path, size: int) -> None:
    """Print what the map in blocks of a size is, as digests, and what it cost."""
    from jxgis.rasters import watching
    from jxgis.solar.landmap import land_map

    land, seen = jxgis_land(folder), []
    start = time.process_time()
    with watching(lambda done, of: seen.append((done, of))):
        found = land_map(land, size)
    cpu_s = time.process_time() - start
    look = found.overview
    arrays = [look.county, look.use, look.form, look.binding, found.lost_in_all_m2]
    arrays += [own for day in found.days for own in (day.area_m2, day.by_county_m2)]
    parts = [array for day in found.days for array in (day.pieces.label, day.pieces.zone)]
    said = {
        "cpu_s": cpu_s,
        "told": len(seen),
        "map": _digest([*arrays, *found.lost_m2.values()]),
        "components": _digest(parts),
        "shares": _shares_digest(land, size),
        "zones": [int(day.pieces.zone.max()) + 1 for day in found.days],
    }
    print(json.dumps(said))


def _digest(arrays: list[Any]) -> str:
    import numpy as np

    own = hashlib.sha256()
    for array in arrays:
        own.update(np.ascontiguousarray(array).tobytes())
    return own.hexdigest()


def _shares_digest(land: Any, size: int) -> str:
    """Return the digest of the shares of all cells, by form, on the last day."""
    import numpy as np

    from jxgis.solar.land import LAND_FORMS, Block, core, wider

    grid = land.frame.grid
    whole = np.zeros((len(LAND_FORMS), grid.height, grid.width), np.uint16)
    for window in land.frame.blocks(size):
        block = Block(land, wider(window, land.halo))
        rows = slice(window.row, window.row + window.rows)
        columns = slice(window.column, window.column + window.columns)
        for number, form in enumerate(LAND_FORMS):
            own = block.shares(block.free(form, land.days[-1]))
            whole[number, rows, columns] = core(own, land.halo)
    return _digest([whole])


def bench_land(side_km: float, contenders: list[str], python: str | None) -> None:
    """Make a region, put it to the contenders and to jxgis in blocks, and print ratios."""
    if not python:
        contenders = [name for name in contenders if name != "atlite"]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        print(f"making {side_km:g} x {side_km:g} km", file=sys.stderr)
        make_region(folder, side_km)
        runs = {}
        for name in contenders:
            print(f"  {CONTENDERS[name][0]}", file=sys.stderr)
            own = python if name == "atlite" else None
            runs[name] = _run([__file__, "one", name, made], own)
        cells = round(side_km * 1000 / CELL_M)
        print(f"\n{side_km:g} x {side_km:g} km, {cells:,} x {cells:,} cells of {CELL_M:g} m")
        print("Seconds of the processor, and peak memory")
        print(f"x = times {OURS}; last, free land and how far it is off the exact overlay's")
        ours, exact = runs.get(OURS), runs.get(EXACT)
        for name, run in runs.items():
            print(_line(CONTENDERS[name][0], run, ours or run, exact))
        _print_whole(folder)
        _print_sizes(made)


def _line(title: str, run: dict[str, Any] | None, ours: dict[str, Any] | None, exact: Any) -> str:
    if run is None or ours is None:
        return f"  {title:<16}  did not finish"
    line = f"  {title:<16}{run['cpu_s']:9.1f} s{run['cpu_s'] / ours['cpu_s']:6.1f} x"
    line += f"{run['peak_mb']:9.0f} MB{run['peak_mb'] / ours['peak_mb']:6.1f} x"
    line += f"{run['km2']:12.4f} km2"
    return line + (f"{run['km2'] / exact['km2'] - 1:+11.4%}" if exact else "")


def _run(arguments: list[str], python: str | None = None) -> dict[str, Any] | None:
    """Run something in a process of its own; its peak memory is told by a process around it."""
    watch = [sys.executable, __file__, "watch", python or sys.executable, *arguments]
    done = subprocess.run(watch, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        return None
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _watch(command: list[str]) -> None:
    """Run a command, and add to what it says what the system says of it."""
    import resource

    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    last = done.stdout.splitlines()[-1] if done.stdout else b""
    said = json.loads(last) if last.startswith(b"{") else {}
    said["peak_mb"] = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    said.setdefault("cpu_s", used.ru_utime + used.ru_stime)
    print(json.dumps(said | {"wall_s": time.perf_counter() - start}))


def _print_whole(folder: Path) -> None:
    plan, out = str(folder / "plan.toml"), str(folder / "site")
    run = _run(["-m", "jxgis", "solar", plan, "--out", out])
    if run is None:
        print("\n  jxgis solar did not finish")
        return
    print(f"\n  jxgis solar, pages and all: {run['cpu_s']:.1f} s, {run['peak_mb']:.0f} MB at most,")
    within = "within" if run["peak_mb"] <= MOST_GB * 1024 else "ABOVE"
    print(f"  {within} {MOST_GB:g} GB")


def _print_sizes(folder: str) -> None:
    print("\n  jxgis in blocks of other sizes")
    first = None
    for size in BLOCKS:
        run = _run([__file__, "size", folder, str(size)])
        if run is None:
            raise SystemExit(f"blocks of {size} cells did not finish")
        first = first or run
        same = all(run[key] == first[key] for key in ("map", "components", "shares", "zones"))
        print(
            f"  {size:>7,} cells{run['cpu_s']:9.1f} s{run['peak_mb']:9.0f} MB, "
            f"{run['told']} times told how far it is, "
            f"{' and '.join(f'{n:,}' for n in run['zones'])} components: "
            f"{'the same map' if same else 'ANOTHER MAP'}"
        )
        if not same:
            raise SystemExit("the map depends on the blocks")


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        _watch(sys.argv[2:])
    elif sys.argv[1] == "size":
        one_size(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        one_contender(sys.argv[2], Path(sys.argv[3]))
