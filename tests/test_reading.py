"""Layers of a run: all their faults at once, several of a kind as one, shifts noticed."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from shapely import Point, box

from jxgis.datum import apply
from jxgis.errors import InputError, InputErrors
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


TOWN = (500_500, 3_400_500, 503_500, 3_402_500)
COUNTY = (490_500, 3_390_500, 520_500, 3_410_500)
ALONG = (500_500, 3_400_500, 501_500, 3_400_500)


def grown(bounds, by):
    west, south, east, north = bounds
    return box(west - by, south - by, east + by, north + by)


@pytest.fixture
def country(tmp_path):
    """A raster of 300 by 300 cells of a kilometre, one person in each, and a town in it."""
    size = {"width": 300, "height": 300, "count": 1, "dtype": "float32"}
    corner = rasterio.Affine(1000, 0, 400_000, 0, -1000, 3_550_000)
    with rasterio.open(tmp_path / "pop.tif", "w", transform=corner, crs=CRS, **size) as file:
        file.write(np.ones((1, 300, 300), "float32"))
    for name, bounds in (("built_up", TOWN), ("zones", COUNTY)):
        columns = {"zone_id": ["1"], "zone": ["A"]}
        data = gpd.GeoDataFrame(columns, geometry=[box(*bounds)], crs=CRS)
        data.to_file(tmp_path / f"{name}.gpkg")
    ends = gpd.GeoSeries([Point(ALONG[:2]), Point(ALONG[2:])], crs=CRS).to_crs(4326)
    # The third is how tables say that they do not know.
    table = pd.DataFrame({"lon": [*ends.x, 0], "lat": [*ends.y, 0]})
    table.to_csv(tmp_path / "stops.csv", index=False)
    files = {"population": "pop.tif", "stops": "stops.csv"}

    def specs(*names):
        paths = {name: files.get(name, f"{name}.gpkg") for name in names}
        return {name: LayerSpec(name, name, tmp_path, path=paths[name]) for name in names}

    return specs


@pytest.mark.parametrize(
    ("names", "bounds"),
    [
        (("population", "stops", "zones", "built_up"), TOWN),
        (("population", "stops", "zones"), COUNTY),
        (("stops", "population"), ALONG),
    ],
)
@pytest.mark.parametrize("crs", [None, "EPSG:4549"])
def test_of_a_raster_the_place_and_two_kilometres_are_read(country, names, bounds, crs):
    layers, _notes = read_layers(country(*names), crs, silent)
    assert list(layers) == list(names)
    cells = layers["population"].data
    west, south = (400_000 + 1000 * np.arange(300), 3_250_000 + 1000 * np.arange(300))
    x, y = (v.ravel() for v in np.meshgrid(west, south))
    every = shapely.box(x, y, x + 1000, y + 1000)
    least = shapely.intersects(every, grown(bounds, 2000)).sum()
    most = shapely.intersects(every, grown(bounds, 3200)).sum()
    assert least <= len(cells) == cells["population"].sum() <= most
    assert cells.union_all().buffer(0.01).contains(grown(bounds, 2000))


def test_a_raster_alone_is_read_whole_and_names_the_place(country):
    layers, notes = read_layers(country("population"), None, silent)
    assert len(layers["population"].data) == 300 * 300
    assert layers["population"].data.crs.to_epsg() == 4549
    assert "EPSG:4549" in notes[0].reason


def test_faults_of_a_raster_are_told_beside_those_of_what_bounds_it(country):
    specs = country("population", "built_up")
    missing = {name: replace(spec, path="no" + spec.path) for name, spec in specs.items()}
    with pytest.raises(InputErrors) as caught:
        read_layers(missing, None, silent)
    assert [e.layer for e in caught.value.errors] == ["built_up", "population"]
    # A raster without a fault of its own is not read where nothing says how much of it.
    one = {**specs, "built_up": missing["built_up"]}
    with pytest.raises(InputError, match="no such file") as only:
        read_layers(one, None, silent)
    assert only.value.layer == "built_up"


def test_kinds_of_before_and_routes_are_read_beside_those_of_now(country, tmp_path):
    feed = tmp_path / "feed"
    feed.mkdir()
    feed.joinpath("stops.txt").write_text(
        "stop_id,stop_name,stop_lat,stop_lon\n1,A,30.72,120.01\n2,A,30.72,120.01\n"
    )
    line = gpd.GeoDataFrame({"name": ["7"]}, geometry=[shapely.LineString([TOWN[:2], TOWN[2:]])])
    line.set_crs(CRS).to_file(tmp_path / "routes.gpkg")
    specs = country("built_up", "routes") | {
        "stops_before": LayerSpec("stops_before", "stops_before", tmp_path, gtfs="feed"),
        "built_up_before": LayerSpec(
            "built_up_before", "built_up_before", tmp_path, path="built_up.gpkg"
        ),
    }
    layers, _notes = read_layers(specs, None, silent)
    assert layers["stops_before"].data["stop_id"].tolist() == ["1", "2"]
    assert layers["routes"].data["name"].tolist() == ["7"]
    assert layers["built_up_before"].data.area.sum() == pytest.approx(6e6)
