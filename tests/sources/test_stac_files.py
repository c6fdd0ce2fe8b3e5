"""Scenes fetched from a STAC API: their cells, their folders, and what is fetched again."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.merge import merge
from rasterio.windows import from_bounds
from stac_server import SAMPLE, date, degrees, files, item, sample_item, stac

from jxgis.errors import InputError, NetworkError, OutputError
from jxgis.sources.stac import Request, catalogues, cells, fetch_imagery

INSIDE = (282_005, 3_402_015, 286_985, 3_406_995)
BANDS = ("red", "nir", "scl")


def quiet(_line):
    pass


def asked(url, bounds=INSIDE, **more):
    given = {"start": date("2019-01-01"), "end": date("2019-12-31"), "stac": url} | more
    return Request(degrees(*bounds), **given)


@pytest.fixture
def images():
    with files(SAMPLE) as server:
        yield server


@pytest.fixture
def catalogue(images, tmp_path):
    items = [sample_item(day, images.url) for day in ("2017-07-24", "2019-08-03")]
    with stac(tmp_path / "stac", items) as url:
        yield url


def source_cells(file, bounds):
    with rasterio.open(file) as source:
        return source.read(1, window=from_bounds(*bounds, source.transform))


def assert_holds(bounds, place, cell):
    """Assert that bounds on a grid hold a place, and would not with a cell less on any side."""
    (west, south, east, north), (left, bottom, right, top) = bounds, place
    assert west <= left < west + cell
    assert south <= bottom < south + cell
    assert east >= right > east - cell
    assert north >= top > north - cell


def test_cells_are_those_of_the_source(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "_MOST_CELLS", 1)  # a window for each row of blocks
    whole = (280_000, 3_400_000, 290_000, 3_410_000)
    folders = fetch_imagery(asked(catalogue, whole, start=date("2017-01-01")), tmp_path, quiet)
    assert [folder.name[:10] for folder in folders] == ["2017-07-24", "2019-08-03"]
    for folder in folders:
        for band in BANDS:
            with rasterio.open(folder / f"{band}.tif") as fetched:
                source = SAMPLE / f"imagery_{folder.name[:10].replace('-', '')}_{band}.tif"
                np.testing.assert_array_equal(fetched.read(1), source_cells(source, fetched.bounds))
                assert (fetched.crs.to_epsg(), fetched.res) == (32651, (10.0, 10.0))
                assert fetched.bounds == whole
                assert (fetched.block_shapes, fetched.nodata) == ([(512, 512)], 0)
                assert fetched.compression.name == "deflate"


def test_the_place_is_widened_to_the_grid_and_no_further(catalogue, tmp_path):
    (folder,) = fetch_imagery(asked(catalogue), tmp_path, quiet)
    with rasterio.open(folder / "red.tif") as red:
        assert_holds(red.bounds, (282_005, 3_402_015, 286_985, 3_406_995), 60)  # degrees are askew
        np.testing.assert_array_equal(
            red.read(1), source_cells(SAMPLE / "imagery_20190803_red.tif", red.bounds)
        )


def test_the_description_says_what_the_cells_mean(catalogue, tmp_path):
    (folder,) = fetch_imagery(asked(catalogue), tmp_path, quiet)
    assert json.loads((folder / "scene.json").read_text(encoding="utf-8")) == {
        "date": "2019-08-03",
        "platform": "sentinel-2a",
        "red": {"file": "red.tif", "scale": "0.0001", "offset": "0"},
        "nir": {"file": "nir.tif", "scale": "0.0001", "offset": "0"},
        "quality": {"file": "scl.tif", "as": "scl"},
        "baseline": "02.07",
        "level": "surface",
        "items": ["S2A_51RTQ_20190803_0_L2A"],
        "stac": catalogue,
    }
    assert {file.name for file in folder.iterdir()} == {
        "red.tif", "nir.tif", "scl.tif", "scene.json"
    }  # fmt: skip


def test_a_second_run_asks_for_no_cell(catalogue, images, tmp_path):
    lines = []
    (folder,) = fetch_imagery(asked(catalogue), tmp_path, quiet)
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    images.asked.clear()
    fetch_imagery(asked(catalogue), tmp_path, lines.append)
    assert images.asked == []
    assert before == {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert lines[-1] == "2019-08-03_sentinel-2a: there already"


def test_only_what_is_missing_is_fetched_again(catalogue, tmp_path):
    lines = []
    (folder,) = fetch_imagery(asked(catalogue), tmp_path, quiet)
    scl = (folder / "scl.tif").read_bytes()
    kept = {band: (folder / f"{band}.tif").stat().st_mtime_ns for band in ("red", "nir")}
    (folder / "scl.tif").unlink()
    fetch_imagery(asked(catalogue), tmp_path, lines.append)
    assert lines[2:] == ["2019-08-03_sentinel-2a: scl (3 of 3)"]
    assert kept == {band: (folder / f"{band}.tif").stat().st_mtime_ns for band in kept}
    assert (folder / "scl.tif").read_bytes() == scl


def test_another_place_is_fetched_anew(catalogue, tmp_path):
    (folder,) = fetch_imagery(asked(catalogue), tmp_path, quiet)
    fetch_imagery(asked(catalogue, (283_000, 3_403_000, 284_000, 3_404_000)), tmp_path, quiet)
    for band in BANDS:
        with rasterio.open(folder / f"{band}.tif") as fetched:
            assert_holds(fetched.bounds, (283_000, 3_403_000, 284_000, 3_404_000), 60)


def test_a_run_that_is_killed_is_taken_up_where_it_was(catalogue, images, tmp_path):
    # The bands' headers are read first, in their order: after that, the second one's cells wait.
    held = threading.Event()
    images.held["imagery_20190803_nir.tif"] = ("imagery_20190803_scl.tif", held)
    program = (
        "import sys, datetime as dt; from pathlib import Path\n"
        "from jxgis.sources.stac import Request, fetch_imagery\n"
        "day = dt.date(2019, 8, 3)\n"
        "place = tuple(map(float, sys.argv[3:]))\n"
        "fetch_imagery(Request(place, day, day, sys.argv[1]), Path(sys.argv[2]), print)\n"
    )
    request = asked(catalogue)
    words = [catalogue, str(tmp_path), *map(repr, request.place)]
    process = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.DEVNULL)
    folder = tmp_path / "2019-08-03_sentinel-2a"
    try:
        _until((folder / "red.tif").exists)
    finally:
        process.kill()
        process.wait(30)
    held.set()
    assert not (folder / "scene.json").exists()
    assert not (folder / "nir.tif").exists()
    (folder / "nir.tif.part").write_bytes(b"half a file")
    images.asked.clear()
    lines = []
    fetch_imagery(request, tmp_path, lines.append)
    assert [line.split(": ")[1] for line in lines[2:]] == ["nir (2 of 3)", "scl (3 of 3)"]
    assert not any("red" in name for name in images.asked)
    for band in BANDS:
        with rasterio.open(folder / f"{band}.tif") as fetched:
            source = SAMPLE / f"imagery_20190803_{band}.tif"
            np.testing.assert_array_equal(fetched.read(1), source_cells(source, fetched.bounds))
    assert {file.suffix for file in folder.iterdir()} == {".tif", ".json"}


def _until(true):
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def _write(file, values, west, north, cell, **more):
    profile = {"crs": "EPSG:32651", "nodata": 0, "dtype": values.dtype} | more
    transform = rasterio.Affine(cell, 0, west, 0, -cell, north)
    height, width = values.shape
    with rasterio.open(
        file, "w", driver="GTiff", count=1, width=width, height=height,
        transform=transform, **profile,
    ) as band:  # fmt: skip
        band.write(values, 1)


def _tiles(folder, server, *, cell=20, **more):
    """Write two tiles that overlap, with holes, their quality band of larger cells."""
    rng = np.random.default_rng(5)
    for tile, west in (("a", 280_000), ("b", 281_000)):
        for band, size, most in (("red", 10, 3000), ("nir", 10, 6000), ("scl", cell, 12)):
            dtype = np.uint8 if band == "scl" else np.uint16
            values = rng.integers(1, most, (2000 // size, 2000 // size)).astype(dtype)
            values[rng.random(values.shape) < 0.3] = 0
            _write(folder / f"{tile}_{band}.tif", values, west, 3_402_000, size)
    return [
        item(
            tile,
            {band: f"{server.url}/{tile}_{band}.tif" for band in BANDS},
            bounds=(west, 3_400_000, west + 2000, 3_402_000),
            **more,
        )
        for tile, west in (("a", 280_000), ("b", 281_000))
    ]


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # rasterio.merge's own
def test_tiles_of_a_day_are_laid_side_by_side(tmp_path):
    place = (279_495, 3_400_505, 282_505, 3_401_490)  # reaches beyond both
    with (
        files(tmp_path) as server,
        stac(tmp_path / "stac", _tiles(tmp_path, server)) as url,
    ):
        (folder,) = fetch_imagery(asked(url, place), tmp_path / "out", quiet)
    bounds = set()
    for band in BANDS:
        with rasterio.open(folder / f"{band}.tif") as fetched:
            tiles = [tmp_path / f"{tile}_{band}.tif" for tile in "ab"]
            oracle, _transform = merge(tiles, bounds=tuple(fetched.bounds), method="first")
            np.testing.assert_array_equal(fetched.read(1), oracle[0])
            bounds.add(tuple(fetched.bounds))
            assert fetched.res == ((20, 20) if band == "scl" else (10, 10))
    assert len(bounds) == 1  # also where the place's own ends lie on lines of 10 m alone


def test_grids_that_do_not_nest_are_refused(tmp_path):
    with files(tmp_path) as server:
        items = _tiles(tmp_path, server, cell=16)
        with (
            stac(tmp_path / "stac", items) as url,
            pytest.raises(InputError, match="do not lie on one grid"),
        ):
            fetch_imagery(asked(url, (280_100, 3_400_500, 282_500, 3_401_490)), tmp_path, quiet)


def test_a_place_outside_the_scene_is_said(tmp_path, images):
    wrong = sample_item("2019-08-03", images.url, bounds=(380_000, 3_400_000, 390_000, 3_410_000))
    place = (382_000, 3_402_000, 383_000, 3_403_000)
    with (
        stac(tmp_path / "stac", [wrong]) as url,
        pytest.raises(InputError, match="the place lies outside S2A_51RTQ_20190803_0_L2A"),
    ):
        fetch_imagery(asked(url, place), tmp_path, quiet)


def test_an_offset_that_was_taken_off_already_is_not_taken_off_twice(tmp_path):
    said = {"s2:processing_baseline": "05.11", "earthsearch:boa_offset_applied": False}
    with files(tmp_path) as server:
        items = _tiles(tmp_path, server, properties=said)
        with (
            stac(tmp_path / "stac", items) as url,
            pytest.raises(InputError, match=r"states the offset -0\.1, by which 3\d% of the cells"),
        ):
            fetch_imagery(asked(url, (280_100, 3_400_500, 282_500, 3_401_490)), tmp_path, quiet)
    assert not list(tmp_path.glob("2019*/*.json"))
    assert not list(tmp_path.glob("2019*/*.tif"))


def test_a_file_that_is_not_there_is_one_sentence(catalogue, images, tmp_path):
    images.broken.add("imagery_20190803_nir.tif")
    with pytest.raises(NetworkError, match=r"nir\.tif: it cannot be read: .*404"):
        fetch_imagery(asked(catalogue), tmp_path, quiet)


def test_a_file_that_breaks_off_is_one_sentence(tmp_path):
    for band in BANDS:
        content = (SAMPLE / f"imagery_20190803_{band}.tif").read_bytes()
        (tmp_path / f"imagery_20190803_{band}.tif").write_bytes(content[: len(content) // 2])
    with (
        files(tmp_path) as server,
        stac(tmp_path / "stac", [sample_item("2019-08-03", server.url)]) as url,
        pytest.raises(NetworkError, match="it cannot be read"),
    ):
        fetch_imagery(asked(url), tmp_path, quiet)


def test_a_file_of_another_s_is_not_overwritten(catalogue, tmp_path):
    folder = tmp_path / "2019-08-03_sentinel-2a"
    folder.mkdir()
    (folder / "red.tif").write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"red\.tif: the file is not one that jxgis fetched"):
        fetch_imagery(asked(catalogue), tmp_path, quiet)
    assert (folder / "red.tif").read_bytes() == b"precious"


def test_a_file_in_the_place_of_the_folder_is_one_sentence(catalogue, tmp_path):
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        fetch_imagery(asked(catalogue), tmp_path / "out", quiet)


def test_a_full_disk_is_one_sentence(catalogue, tmp_path):
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"red\.tif\.part: .*(written|keep)"):
            fetch_imagery(asked(catalogue), tmp_path / "out", quiet)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {file.name for file in tmp_path.glob("out/*/*")} <= {"red.tif.part"}


def test_planetary_computer_s_token_opens_files_and_is_written_nowhere(tmp_path, monkeypatch):
    (tmp_path / "token").mkdir()
    answer = {"msft:expiry": "2030-01-01T00:00:00Z", "token": "sig=secret&se=2030"}
    (tmp_path / "token" / "sentinel-2-l2a").write_text(json.dumps(answer), encoding="utf-8")
    for file in SAMPLE.glob("imagery_2019*.tif"):
        os.link(file, tmp_path / file.name)
    with (
        files(tmp_path) as server,
        stac(tmp_path / "stac", [sample_item("2019-08-03", server.url)]) as url,
    ):
        monkeypatch.setattr(catalogues, "PLANETARY_COMPUTER", url)
        monkeypatch.setattr(catalogues, "_TOKENS", f"{server.url}/token")
        monkeypatch.setattr(catalogues, "_BLOBS", "127.0.0.1")
        (folder,) = fetch_imagery(asked(url), tmp_path / "out", quiet)
        assert server.asked.count("token/sentinel-2-l2a") == 1
        cells_asked = [path for path in server.asked if ".tif" in path]
        assert cells_asked
        assert all(path.endswith("?sig=secret&se=2030") for path in cells_asked)
        assert not any(b"secret" in file.read_bytes() for file in folder.iterdir())
        server.broken.add("imagery_20190803_scl.tif")
        (folder / "scl.tif").unlink()
        request = replace(asked(url), place=degrees(283_000, 3_403_000, 284_000, 3_404_000))
        server.asked.clear()
        (tmp_path / "token" / "sentinel-2-l2a").write_text("no", encoding="utf-8")
        with pytest.raises(NetworkError, match="gives no token for sentinel-2-l2a"):
            fetch_imagery(request, tmp_path / "out", quiet)
