"""Files of a drawn county of 2 x 1 km, and a plan that asks for its photovoltaic zones."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely

CRS = "EPSG:4549"
X, Y = 480_000.0, 3_400_000.0
DENSITY = {
    "roof": '{ w_per_m2 = 137.5, source = "Gagnon 2018" }',
    "ground": '{ mw_per_km2 = 86, source = "LBNL" }',
    "pond": '{ mw_per_km2 = 36, source = "reV" }',
    "composite": '{ mw_per_km2 = 36, source = "reV" }',
}
GIVEN = (
    *("--density", "roof=137.5 W/m2, Gagnon 2018", "--density", "ground=86 MW/km2, LBNL"),
    *("--density", "pond=36 MW/km2, reV", "--density", "composite=36 MW/km2, reV"),
)

# By hand: bare ground left of a river of 100 m with a setback of 5 m; a pond 10 m off a works.
FIELD_MW = 0.995 * 1.0 * 86
POND_MW = 0.5 * 0.4 * 36
ROOF_MW = 100 * 60 * 0.3 * 137.5 / 1e6


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def put(file, geometries, /, **columns):
    gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS).to_file(file)


def put_raster(file, values, cell=500.0):
    """Write a raster over the county, from its north-western corner on."""
    values = np.asarray(values, np.float32)
    height, width = values.shape
    at = rasterio.Affine(cell, 0, X, 0, -cell, Y + 1000)
    size = {"height": height, "width": width, "count": 1, "dtype": "float32"}
    with rasterio.open(file, "w", driver="GTiff", crs=CRS, transform=at, **size) as out:
        out.write(values, 1)


def put_county():
    """Write the county's layers to the folder that the test is in."""
    put("zones.gpkg", [box(0, 0, 2000, 1000)], zone_id=["a"], zone=["海盐县"])
    shapes = [box(0, 0, 1000, 1000), box(1000, 0, 1100, 1000), box(1200, 200, 1700, 600)]
    put("land.gpkg", shapes, **{"class": ["bare", "river", "fish_pond"]})
    put("buildings.gpkg", [box(1300, 612, 1400, 672)], **{"class": ["industrial"]})


def plan(solar="", density=DENSITY, layers="", rules=""):
    """Write ``plan.toml`` and return its name."""
    named = "".join(f'[layers.{n}]\npath = "{n}.gpkg"\n' for n in ("zones", "land", "buildings"))
    given = "".join(f"{form} = {own}\n" for form, own in density.items())
    text = (
        f'[plan]\ntitle = "A drawn county"\ncrs = "{CRS}"\n{named}{layers}\n'
        f'[solar]\nrules = "siting-cn"\n{solar}\n[solar.density]\n{given}\n'
        f'[rules]\n"solar.cell_m" = 20\n{rules}\n'
    )
    Path("plan.toml").write_text(text, encoding="utf-8")
    return "plan.toml"


def files(folder):
    """The files of a folder and what is in them."""
    return {p.name: p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}
