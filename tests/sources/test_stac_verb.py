"""The verb ``fetch``: its options, and what it prints."""

import subprocess
import sys

import geopandas as gpd
import pytest
import rasterio
import shapely
from click.testing import CliRunner
from stac_server import SAMPLE, files, sample_item, stac

from jxgis.errors import InputError
from jxgis.fetch_verb import fetch

DAYS = ["--from", "2019-06-01", "--to", "2019-09-30"]
BOX = ["--bbox", "120.71,30.73,120.75,30.77"]


def run(*words):
    answer = CliRunner().invoke(fetch(), list(map(str, words)))
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def test_scenes_of_zones_and_of_a_box_are_fetched(tmp_path):
    zones = gpd.GeoDataFrame(
        {"zone_id": ["1"], "zone": ["town"]},
        geometry=[shapely.box(282_000, 3_402_000, 284_000, 3_404_000)],
        crs="EPSG:32651",
    )
    zones.to_file(tmp_path / "zones.gpkg")
    with (
        files(SAMPLE) as images,
        stac(tmp_path / "stac", [sample_item("2019-08-03", images.url)]) as url,
    ):
        for name, place in (("box", BOX), ("zones", ["--zones", tmp_path / "zones.gpkg"])):
            out = tmp_path / name
            said = run("--imagery", *place, *DAYS, "--out", out, "--stac", url + "/")
            assert said.split() == [str(out / "2019-08-03_sentinel-2a")]
            assert (out / "2019-08-03_sentinel-2a" / "scene.json").exists()
    with rasterio.open(tmp_path / "zones" / "2019-08-03_sentinel-2a" / "red.tif") as red:
        west, south, east, north = red.bounds
    assert 281_900 < west <= 282_000
    assert 3_401_900 < south <= 3_402_000
    assert 284_100 > east >= 284_000
    assert 3_404_100 > north >= 3_404_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*BOX, *DAYS], "Write --imagery"),
        (["--imagery", *DAYS], "one of --zones and --bbox"),
        (["--imagery", *BOX, "--zones", "z.shp", *DAYS], "one of --zones and --bbox"),
        (["--imagery", "--bbox", "120,30,121", *DAYS], "--bbox 120,30,121 is not four numbers"),
        (["--imagery", "--bbox", "a,30,121,31", *DAYS], "is not four numbers"),
        (["--imagery", *BOX, "--from", "2019-06-01", "--to", "2018-06-01"], "Exchange --from"),
        (["--imagery", *BOX, *DAYS, "--stac", "ftp://x"], "not the address of a STAC API"),
    ],
)
def test_words_that_do_not_fit_are_one_sentence(words, said, tmp_path):
    with pytest.raises(InputError) as caught:
        run(*words, "--out", tmp_path / "out")
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_help_needs_nothing_of_what_fetches():
    program = (
        "import sys; from jxgis.fetch_verb import fetch; fetch()\n"
        "print([n for n in ('odc', 'pystac_client', 'rasterio', 'requests') if n in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert answer.stdout.strip() == b"[]"
