"""Pictures beside the pages: GeoTIFF in the map's colours, on the grid that was measured.

Of a large raster it is every n-th cell, as its title says: to look at, and not to measure.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rasterio.crs import CRS
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from jxgis.publish.theme import PICTURE_COLOURS
from jxgis.results import Picture


def write_geotiff(path: Path, picture: Picture) -> None:
    """Write a picture's cells on their own grid, with its colours, and 0 for no data.

    The band's description is the picture's title, and its tags say what each code means. The same
    picture gives the same bytes.
    """
    rows, columns = picture.pixels.shape
    colours = dict.fromkeys(range(256), (0, 0, 0, 0))
    for code, (look, _label) in picture.legend.items():
        colours[code] = (*bytes.fromhex(PICTURE_COLOURS[look][1:]), 255)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=columns,
            height=rows,
            count=1,
            dtype="uint8",
            crs=CRS.from_user_input(picture.crs),
            transform=Affine(*picture.transform),
            nodata=0,
            compress="deflate",
            zlevel=9,
            tiled=True,
        ) as file:
            file.write(np.asarray(picture.pixels, np.uint8), 1)
            file.write_colormap(1, colours)
            file.set_band_description(1, picture.title)
            file.update_tags(1, **{f"code_{c}": t for c, (_l, t) in picture.legend.items()})
        # Through Python, because GDAL says nothing when a disk is full.
        path.write_bytes(memory.read())
