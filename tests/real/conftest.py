"""The folder with real inputs, which the environment names, and the cities that are run once."""

import os
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from jxgis.plan import read_plan
from jxgis.reading import read_layers
from jxgis.workflow import run

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def real_data():
    folder = os.environ.get("JXGIS_REAL_DATA")
    if not folder:
        pytest.skip("JXGIS_REAL_DATA names no folder with real inputs")
    return Path(folder)


def silent(_line):
    pass


@pytest.fixture(scope="session")
def las_palmas(real_data, tmp_path_factory):
    assert real_data.is_dir()
    folder = tmp_path_factory.mktemp("las_palmas")
    plan = read_plan(HERE / "las_palmas.toml")
    run(plan, folder / "site", silent)
    layers, _notes = read_layers(plan.layers, plan.crs, silent)
    return folder / "site", layers


@pytest.fixture(scope="session")
def porto_alegre(real_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("porto_alegre")
    shutil.copy(HERE / "porto_alegre.toml", folder / "plan.toml")
    hexagons(real_data / "porto_alegre" / "poa_hexgrid.csv").to_file(folder / "hexagons.gpkg")
    plan = read_plan(folder / "plan.toml")
    run(plan, folder / "site", silent)
    layers, _notes = read_layers(plan.layers, plan.crs, silent)
    return folder / "site", layers


def hexagons(table):
    """Draw the inhabited cells: what is nearer to a centre than to any other, within 200 m."""
    cells = pd.read_csv(table)
    centres = gpd.GeoSeries.from_xy(cells["lon"], cells["lat"], crs=4326).to_crs(32722)
    voronoi = gpd.GeoSeries(
        shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(centres.array))), crs=32722
    )
    inhabited = centres[cells["population"] > 0]
    cell = voronoi.sindex.query(inhabited, predicate="within")[1]
    drawn = (
        voronoi.iloc[cell]
        .reset_index(drop=True)
        .intersection(inhabited.reset_index(drop=True).buffer(200))
    )
    return gpd.GeoDataFrame(geometry=drawn, crs=32722)
