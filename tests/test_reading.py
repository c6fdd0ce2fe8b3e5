"""Layers of a run: all their faults at once, several of a kind as one, shifts noticed."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from jxgis.datum import apply
from jxgis.errors import InputErrors
from jxgis.layers import KINDS, Layer
from jxgis.measures import by_kind
from jxgis.reading import read_layers
from jxgis.spec import LayerSpec

CRS = 4549


def silent(_line):
    pass


def stops(name, *places):
    data = gpd.GeoDataFrame({"stop_id": ["1"]}, geometry=[Point(places)], crs=CRS)
    trips = pd.DataFrame({"trip_id": ["1"]})
    return Layer(name, KINDS["stops"], data, tables={"trips": trips})


def test_two_feeds_become_one_layer_and_their_tables_stay_apart():
    joined = by_kind({"bus": stops("bus", 0, 0), "metro": stops("metro", 9, 9)})["stops"]
    assert joined.data["source_layer"].tolist() == ["bus", "metro"]
    assert joined.data.geometry.x.tolist() == [0, 9]
    assert joined.tables["trips"]["source_layer"].tolist() == ["bus", "metro"]


def test_every_layer_that_cannot_be_read_is_named(tmp_path):
    specs = {n: LayerSpec(n, n, tmp_path, path=f"{n}.shp") for n in ("stops", "built_up")}
    with pytest.raises(InputErrors) as caught:
        read_layers(specs, "EPSG:3857", silent)
    assert [e.layer for e in caught.value.errors] == [None, "stops", "built_up"]


@pytest.fixture
def town(tmp_path):
    """Streets a kilometre or so of a town near Jiaxing, and stops beside them."""
    rng = np.random.default_rng(7)
    west, south = 572_000, 3_403_000
    lines = [
        [(west + 150 * i + rng.uniform(-30, 30), south), (west + 150 * i, south + 4_000)]
        for i in range(30)
    ] + [
        [(west, south + 170 * i + rng.uniform(-30, 30)), (west + 4_350, south + 170 * i)]
        for i in range(24)
    ]
    streets = shapely.linestrings(lines)
    gpd.GeoDataFrame(geometry=streets, crs=CRS).to_file(tmp_path / "streets.gpkg")
    along = shapely.line_interpolate_point(
        rng.choice(streets, 400), rng.uniform(0.05, 0.95, 400), normalized=True
    )
    beside = shapely.get_coordinates(along) + rng.uniform(-6, 6, (400, 2))
    return tmp_path, gpd.GeoSeries(shapely.points(beside), crs=CRS).to_crs(4326)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_shift_is_noticed_and_named_and_not_corrected(town, datum):
    folder, points = town
    lon, lat = points.x.to_numpy(), points.y.to_numpy()
    if datum != "wgs84":
        lon, lat = apply(lon, lat, datum)
    pd.DataFrame({"lon": lon, "lat": lat}).to_csv(folder / "stops.csv", index=False)
    specs = {
        "stops": LayerSpec("stops", "stops", folder, path="stops.csv"),
        "streets": LayerSpec("streets", "streets", folder, path="streets.gpkg"),
    }
    layers, notes = read_layers(specs, None, silent)
    suspected = [row for row in notes if row.what == "suspected"]
    as_given = gpd.GeoSeries.from_xy(lon, lat, crs=4326).to_crs(CRS)
    assert layers["stops"].data.crs.to_string() == "EPSG:4549"
    assert layers["stops"].data.distance(as_given).max() < 1e-3
    assert [row.layer for row in suspected] == ([] if datum == "wgs84" else ["stops"])
    assert all(f'datum = "{datum}"' in row.reason for row in suspected)
