"""Small rasters as a planner's folder has them: bands, products, maps."""

import numpy as np
import rasterio

WEST, NORTH, SIDE, CELLS = 280_000, 3_410_000, 10, 8


def write(path, *, bands=1, kind="uint16", at=0, side=SIDE, crs="EPSG:32651", tags=None, **more):
    """Write a raster of one value, ``at`` a number of cells east of the corner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    transform = rasterio.Affine(side, 0, WEST + at * SIDE, 0, -side, NORTH)
    cells = CELLS * SIDE // side
    size = {"width": cells, "height": cells, "count": bands, "dtype": kind}
    with rasterio.open(path, "w", transform=transform, crs=crs, **size, **more) as file:
        file.write(np.full((bands, cells, cells), 4 if kind == "uint8" else 12_000, kind))
        file.update_tags(**(tags or {}))
    return path


def pair(folder, date, *, start="img_", quality=True, **more):
    """Write the bands of a date, named red, nir and scl."""
    tags = {"PROCESSING_BASELINE": "02.07"}
    write(folder / f"{start}{date}_red.tif", tags=tags, **more)
    write(folder / f"{start}{date}_nir.tif", tags=tags, **more)
    if quality:
        write(folder / f"{start}{date}_scl.tif", kind="uint8", **more)


def safe(folder, date, *, tile="T51RTQ", **more):
    """Write a SAFE folder of Level 2A, whose name says its baseline; return it."""
    product = folder / f"S2A_MSIL2A_{date}T023551_N0301_R089_{tile}_{date}T060000.SAFE"
    images = product / "GRANULE" / f"L2A_{tile}_A037001_{date}T024012" / "IMG_DATA"
    for side, band in ((10, "B04"), (10, "B08"), (20, "B04"), (20, "SCL")):
        kind = "uint8" if band == "SCL" else "uint16"
        file = images / f"R{side}m" / f"{tile}_{date}T023551_{band}_{side}m.jp2"
        lossless = {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES"}
        write(file, side=side, kind=kind, **lossless, **more)
    return product


def landsat(folder, date="20190803", *, satellite="LC08", bands=(4, 5), **more):
    """Write the bands of Landsat Collection 2, Level 2."""
    scene = f"{satellite}_L2SP_118039_{date}_20200827_02_T1"
    for name in (*(f"SR_B{band}" for band in bands), "QA_PIXEL"):
        write(folder / f"{scene}_{name}.TIF", **more)
    (folder / f"{scene}_MTL.json").write_text('{"LANDSAT_METADATA_FILE": {}}', encoding="utf-8")
    return scene
