"""The whole line on real cities, against Shapely's circles of 512 segments a quarter."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely


def scoreboard(site):
    return json.loads((site / "scoreboard.json").read_text(encoding="utf-8"))


def share_by_buffers(area, stops, radius):
    """Return the covered share of an area, piece by piece, with buffers of 512 segments."""
    stops = shapely.points(np.unique(shapely.get_coordinates(stops), axis=0))
    tree = shapely.STRtree(stops)
    covered = 0.0
    for piece in shapely.get_parts(area):
        near = tree.query(piece, predicate="dwithin", distance=radius)
        discs = shapely.buffer(stops[near], radius, quad_segs=512)
        covered += piece.intersection(shapely.union_all(discs)).area
    return covered / area.area


def excluded_land(land, classes):
    large = (land.area > 1e6) & land["class"].isin(classes)
    return shapely.union_all(land.geometry[large].array)


def test_las_palmas_agrees_with_buffers(las_palmas):
    site, layers = las_palmas
    land = excluded_land(layers["land"].data, ["water", "park", "school", "military"])
    districts = shapely.union_all(layers["zones"].data.geometry.array)
    area = shapely.union_all(layers["built_up"].data.geometry.array).difference(land)
    area = area.intersection(districts)
    for target in scoreboard(site)["targets"]:
        radius = float(target["id"].removeprefix("bus-"))
        expected = share_by_buffers(area, layers["stops"].data.geometry.array, radius)
        assert target["value"] == pytest.approx(expected, abs=1e-5)


def test_las_palmas_counts_are_the_files(las_palmas):
    _site, layers = las_palmas
    assert len(layers["stops"].data) == 793
    assert len(layers["zones"].data) == 29


def test_las_palmas_districts_overlap_and_the_ledger_says_so(las_palmas):
    site, _layers = las_palmas
    (result,) = scoreboard(site)["results"]
    assert "overlap" in {row["what"] for row in result["ledger"]}
    total = next(i for i in result["indicators"] if i["id"] == "bus-500")
    rows = [r for r in result["by_zone"] if r["radius_m"] == 500 and r["zone_id"]]
    assert sum(r["covered_area_m2"] for r in rows) > total["numerator"]


def test_porto_alegre_agrees_with_buffers(porto_alegre):
    site, layers = porto_alegre
    stops = pd.concat([layers["stops"].data, layers["metro"].data]).geometry.array
    area = shapely.union_all(layers["built_up"].data.geometry.array)
    for target in scoreboard(site)["targets"]:
        radius = float(target["id"].removeprefix("stops-"))
        assert target["value"] == pytest.approx(share_by_buffers(area, stops, radius), abs=1e-5)


def test_porto_alegre_counts_are_the_files(porto_alegre):
    _site, layers = porto_alegre
    assert len(layers["stops"].data) == 3986
    assert len(layers["metro"].data) == 24
    assert layers["population"].data["population"].sum() == 812935


def test_the_site_is_whole(las_palmas):
    site, _layers = las_palmas
    names = {file.name for file in site.iterdir()}
    assert {"index.html", "scoreboard.json", "coverage.gpkg", "jxgis-manifest.json"} <= names
    assert (site / "coverage.csv").read_bytes().startswith(b"\xef\xbb\xbf")
