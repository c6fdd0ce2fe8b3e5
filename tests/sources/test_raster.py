"""Rasters of counts: which cells are people's, where they lie, and what is said otherwise."""

import hashlib

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window

from jxgis import sources
from jxgis.errors import InputError, NoCrsError
from jxgis.layers import prepare
from jxgis.sources import raster
from jxgis.spec import LayerSpec

METRIC = pyproj.CRS(4549)
WEST, NORTH, SIDE = 500_000.0, 3_400_000.0, 100.0


def upright(west, north, side):
    return rasterio.Affine(side, 0, west, 0, -side, north)


UPRIGHT = upright(WEST, NORTH, SIDE)


@pytest.fixture
def counts():
    """Some 3000 cells, half of them empty."""
    rng = np.random.default_rng(3)
    return np.where(rng.random((50, 60)) < 0.5, 0, rng.uniform(0.1, 300, (50, 60)))


@pytest.fixture
def written(tmp_path):
    """Write bands as a GeoTIFF; return what reads it."""

    def write(*bands, transform=UPRIGHT, crs="EPSG:4549", name="pop.tif", mask=None, **more):
        height, width = bands[0].shape
        shape = {"height": height, "width": width, "count": len(bands), "dtype": bands[0].dtype}
        path = tmp_path / name
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", transform=transform, crs=crs, **shape, **more) as file,
        ):
            file.write(np.stack(bands))
            if mask is not None:
                file.write_mask(mask)
        return path

    return write


def spec(path, kind="population", **more):
    return LayerSpec(kind, kind, base=path.parent, path=path.name, **more)


def told(raw, what):
    return [row for row in raw.ledger if row.what == what]


def degrees(bounds, crs=METRIC):
    return pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform_bounds(*bounds)


def test_each_inhabited_cell_is_a_square_with_its_people(written, counts):
    path = written(counts)
    raw = sources.read(spec(path))
    rows, columns = np.nonzero(counts)
    boxes = shapely.box(
        WEST + SIDE * columns,
        NORTH - SIDE * (rows + 1),
        WEST + SIDE * (columns + 1),
        NORTH - SIDE * rows,
    )
    assert shapely.equals(raw.data.geometry.array, boxes).all()
    assert raw.data["population"].tolist() == counts[counts > 0].tolist()
    assert raw.data.index.tolist() == list(range(len(rows)))
    (source,) = raw.inputs
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (source.features, source.crs, source.layer) == (len(rows), "EPSG:4549", "")
    (note,) = raw.ledger
    assert (note.what, note.count) == ("note", len(rows))
    assert f"100 × 100 m, with a population of {counts.sum():,.0f}" in note.reason


def test_jobs_are_read_as_jobs(written, counts):
    raw = sources.read(spec(written(counts), "jobs"))
    assert raw.data["jobs"].sum() == pytest.approx(counts.sum())


def test_what_is_no_number_of_people_is_left_out(written, counts):
    counts = counts.astype("float32")
    counts[0, :5], counts[1, :7], counts[2, :3], counts[3, :2] = -99999, -200, np.nan, np.inf
    raw = sources.read(spec(written(counts, nodata=-99999)))
    good = np.isfinite(counts) & (counts > 0)
    assert raw.data["population"].to_numpy().sum() == pytest.approx(counts[good].sum(dtype=float))
    assert len(raw.data) == good.sum()
    (dropped,) = told(raw, "dropped")
    assert dropped.count == 7
    assert "-200" in dropped.reason


def test_a_mask_and_a_nodata_above_zero_count(written, counts):
    whole = np.ceil(counts).astype("uint16")
    whole[5] = 65535
    assert sources.read(spec(written(whole, nodata=65535))).data["population"].sum() == (
        np.delete(whole, 5, 0).sum()
    )
    mask = np.ones(counts.shape, dtype=bool)
    mask[:, :30] = False
    masked = sources.read(spec(written(counts, mask=mask)))
    assert masked.data["population"].sum() == pytest.approx(counts[mask].sum())


def test_scaled_values_are_unscaled(written, counts):
    path = written(np.round(counts * 10).astype("int32"))
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)
    total = sources.read(spec(path)).data["population"].sum()
    assert total == pytest.approx(np.round(counts * 10).sum() / 10)


def test_a_rotated_raster_has_rotated_cells(written, counts):
    sin, cos = SIDE * np.sin(0.5), SIDE * np.cos(0.5)  # cells half as high as they are wide
    turned = rasterio.Affine(cos, sin / 2, WEST, sin, -cos / 2, NORTH)
    raw = sources.read(spec(written(counts, transform=turned)))
    row, column = (int(v[17]) for v in np.nonzero(counts))
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    cell = [(WEST + cos * c + sin * r / 2, NORTH + sin * c - cos * r / 2) for c, r in corners]
    assert raw.data.geometry[17].equals_exact(shapely.Polygon(cell), 1e-6)
    assert raw.data.area.to_numpy() == pytest.approx(SIDE**2 / 2)
    assert "100 × 50 m" in raw.ledger[-1].reason
    # A window is of the raster's own rows and columns; it holds every cell that the place touches.
    place = shapely.box(WEST + 1000, NORTH - 500, WEST + 2000, NORTH + 500)
    part = sources.read(spec(written(counts, transform=turned)), degrees(place.bounds))
    whole = raw.data
    assert len(part.data) < len(whole)
    assert set(whole.geometry[whole.intersects(place)].to_wkb()) <= set(part.data.geometry.to_wkb())


def test_only_the_window_over_the_place_is_read(written, counts, monkeypatch):
    read = []

    def seen(*arguments):
        pieces = list(_pieces(*arguments))
        read.extend(pieces)
        return iter(pieces)

    _pieces = raster._pieces
    monkeypatch.setattr(raster, "_pieces", seen)
    # From the middle of cells 10, 20 (row, column) to the middle of cells 29, 44.
    bounds = (WEST + 2050, NORTH - 2950, WEST + 4450, NORTH - 1050)
    raw = sources.read(spec(written(counts)), degrees(bounds))
    (window,) = read
    assert window == Window(20, 10, 25, 20)
    assert raw.data["population"].sum() == pytest.approx(counts[10:30, 20:45].sum())
    assert not [row for row in raw.ledger if "bounds" in row.reason]


@pytest.mark.parametrize("tiled", [False, True])
def test_pieces_hold_each_cell_once(written, counts, monkeypatch, tiled):
    monkeypatch.setattr(raster, "_PIECE", 16)
    layout = {"tiled": True, "blockxsize": 16, "blockysize": 16} if tiled else {}
    bounds = (WEST + 550, NORTH - 4250, WEST + 4450, NORTH - 1050)
    raw = sources.read(spec(written(counts, **layout)), degrees(bounds))
    there = counts[10:43, 5:45]
    assert sorted(raw.data["population"]) == sorted(there[there > 0])
    assert not raw.data.geometry.to_wkb().duplicated().any()


def test_a_place_that_sticks_out_is_told(written, counts):
    bounds = (WEST - 3000, NORTH - 2500, WEST + 3000, NORTH - 2400)
    raw = sources.read(spec(written(counts)), degrees(bounds))
    assert "only 50% of the place's bounds" in raw.ledger[0].reason


@pytest.mark.parametrize("place", [(0, 0, 1, 1), (-120, -60, -119, -59)])
@pytest.mark.parametrize("crs", ["EPSG:4549", "ESRI:54009"])
def test_a_raster_elsewhere_does_not_reach_the_place(written, counts, place, crs):
    with pytest.raises(InputError, match="does not reach the place") as caught:
        sources.read(spec(written(counts, crs=crs)), place)
    assert "check its CRS" in caught.value.mend


def test_ghsl_in_mollweide_becomes_metric(written, counts):
    to_mollweide = pyproj.Transformer.from_crs(4326, "ESRI:54009", always_xy=True)
    x, y = to_mollweide.transform(120.7, 30.8)
    transform = upright(x, y, 100)
    raw = sources.read(spec(written(counts, crs="ESRI:54009", transform=transform)))
    assert raw.inputs[0].crs == "ESRI:54009"
    layer = prepare(raw, spec(written(counts)), METRIC)
    assert layer.data.crs == METRIC
    assert layer.data["population"].sum() == pytest.approx(counts.sum())
    # Its formulas are a sphere's: on the ellipsoid an area is off by 0.3 % here.
    assert layer.data.area.to_numpy() == pytest.approx(1e4, rel=4e-3)
    first = gpd.GeoSeries([shapely.Point(120.7, 30.8)], crs=4326).to_crs(METRIC)[0]
    assert layer.data.distance(first).min() < 1000
    assert not [row for row in layer.ledger if row.what in ("suspected", "dropped", "assumed")]


def test_worldpop_in_degrees_and_its_window(written):
    step = 1 / 1200
    counts = np.ones((600, 600), dtype="float32")
    path = written(counts, crs="EPSG:4326", transform=upright(120.5, 31, step))
    raw = sources.read(spec(path), (120.6, 30.7, 120.7, 30.8))
    assert len(raw.data) == pytest.approx(120 * 120, rel=0.02)
    assert raw.data.total_bounds == pytest.approx([120.6, 30.7, 120.7, 30.8], abs=1.1 * step)
    assert "°" in raw.ledger[-1].reason


def test_a_band_is_named(written, counts):
    path = written(counts, counts * 2)
    raw = sources.read(spec(path, layer="2"))
    assert raw.data["population"].sum() == pytest.approx(2 * counts.sum())
    assert raw.inputs[0].layer == "2"
    with pytest.raises(InputError, match=r'2 bands\. Name one: layer = "1"'):
        sources.read(spec(path))


@pytest.mark.parametrize("layer", ["0", "3", "-1", "women", ""])
def test_a_band_that_is_not_there(written, counts, layer):
    with pytest.raises(InputError, match="Its bands are: 1, 2"):
        sources.read(spec(written(counts, counts), layer=layer))


def test_values_must_be_real_numbers(written, counts):
    with pytest.raises(InputError, match="complex"):
        sources.read(spec(written(counts.astype("complex64"))))


def test_the_plan_gives_the_crs_where_the_raster_has_none(written, counts):
    path = written(counts, crs=None)
    with pytest.raises(NoCrsError, match="no coordinate system") as caught:
        sources.read(spec(path))
    assert "EPSG:4534…4554" in caught.value.mend
    assert sources.read(spec(path, crs="EPSG:4549")).data.crs == METRIC
    other = sources.read(spec(written(counts), crs="EPSG:4548"))
    assert other.data.crs.to_epsg() == 4548
    assert told(other, "assumed")[0].count == len(other.data)


def test_a_raster_that_lies_nowhere(written, counts):
    with pytest.warns(NotGeoreferencedWarning):
        path = written(counts, transform=rasterio.Affine.identity())
    with pytest.raises(InputError, match="where its cells lie"):
        sources.read(spec(path))


def test_nobody_there(written, counts):
    with pytest.raises(InputError, match="no cell"):
        sources.read(spec(written(np.zeros_like(counts))))


def test_too_many_cells(written, counts, monkeypatch):
    monkeypatch.setattr(raster, "MOST_CELLS", int((counts > 0).sum()) - 1)
    with pytest.raises(InputError, match="Clip it to the place"):
        sources.read(spec(written(counts)))
    monkeypatch.setattr(raster, "MOST_CELLS", int((counts > 0).sum()))
    sources.read(spec(written(counts)))


@pytest.mark.parametrize("how", ["empty", "junk", "cut", "missing"])
def test_what_is_no_raster_is_one_sentence(written, counts, how):
    path = written(counts)
    content = {"empty": b"", "junk": b"hello " * 99, "cut": path.read_bytes()[:3000]}
    path.unlink() if how == "missing" else path.write_bytes(content[how])
    with pytest.raises(InputError) as caught:
        sources.read(spec(path))
    assert str(caught.value).startswith("pop.tif, layer population: ")
    assert "\n" not in str(caught.value)


def test_a_virtual_raster_has_the_digest_of_its_parts(written, counts):
    path = written(counts)
    virtual = path.with_suffix(".vrt")
    virtual.write_text(
        '<VRTDataset rasterXSize="60" rasterYSize="50"><SRS>EPSG:4549</SRS>'
        f"<GeoTransform>{WEST}, {SIDE}, 0, {NORTH}, 0, {-SIDE}</GeoTransform>"
        '<VRTRasterBand dataType="Float64" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">pop.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    before = sources.read(spec(virtual))
    assert before.data["population"].sum() == pytest.approx(counts.sum())
    written(counts * 2)
    after = sources.read(spec(virtual))
    assert after.data["population"].sum() == pytest.approx(2 * counts.sum())
    assert before.inputs[0].sha256 != after.inputs[0].sha256


def test_only_counts_are_rasters(tmp_path):
    assert sources.is_raster(spec(tmp_path / "POP.TIF"))
    assert sources.is_raster(spec(tmp_path / "pop.img", "jobs"))
    assert not sources.is_raster(spec(tmp_path / "pop.gpkg"))
    assert not sources.is_raster(spec(tmp_path / "stops.tif", "stops"))
