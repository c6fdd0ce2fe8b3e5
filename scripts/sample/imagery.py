"""Two summers of red and near-infrared over 10 x 10 km of the city, as Sentinel-2 would see them.

Each pixel mixes vegetation, soil, paving or water; what is green and what is built follows the
sample's own layers, so that a measure of green finds parks where the map has them. Between the
two dates two parks are planted and a strip of fields is cleared. Clouds and their shadows lie over
part of the second date. Reflectance is stored as Sentinel-2 did before processing baseline 04.00:
times 10,000, without the offset of -1000, and in steps of 20 so that the files stay small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sample.blocks import Town
from sample.frame import FloatArray, IntArray, Noise, Table, rng
from sample.grids import Grid

WINDOW = Grid(280_000.0, 3_410_000.0, 1_000, 1_000, 10.0)
"""The middle of the city of Jiaxing."""
DATES = ("20170724", "20190803")
PLANTED = ("示例中央公园", "示例滨河公园")
"""Parks that are bare at the first date and green at the second."""
BANDS = {"red": "B04", "nir": "B08", "scl": "SCL"}
_STEP = 20

# Reflectance x 10,000 in red and near-infrared of what a pixel is made of.
_GREEN, _BARE = (420, 3_900), (1_750, 2_350)
_WATER, _PAVED, _ROOF = (620, 330), (1_250, 1_600), (1_700, 2_050)
_CLOUD = (6_200, 6_400)
_SCL = {"shadow": 3, "vegetation": 4, "bare": 5, "water": 6, "thin": 8, "cloud": 9}


@dataclass(frozen=True)
class Scene:
    """Shares of a pixel on the grid: vegetation, and what the rest is (index in `_REST`)."""

    green: FloatArray
    rest: IntArray


_REST = np.array([_BARE, _PAVED, _ROOF, _WATER])


@dataclass(frozen=True)
class Taken:
    """A date as it is and as its image shows it: vegetation's share of each pixel, and bands."""

    green: FloatArray
    red: npt.NDArray[np.uint16]
    nir: npt.NDArray[np.uint16]
    scl: npt.NDArray[np.uint8]


def write_imagery(
    folder: Path, towns: Sequence[Town], land: Table, streets: Table, buildings: Table
) -> Taken:
    """Write ``imagery_DATE_BAND.tif`` for both dates and the bands red, nir and scl.

    Returns
    -------
    Taken
        The second date.
    """
    random = rng(15)
    texture = Noise(random, 160.0), Noise(random, 900.0)
    grid = WINDOW.points()
    base = _base(towns, land, streets, buildings, [field(grid) for field in texture])
    for number, date in enumerate(DATES):
        scene = _at_date(base, land, number)
        bands = _bands(scene, random)
        scl = _classes(scene)
        if number == 1:
            puffs = [(Noise(random, 2_600.0), 1.0), (Noise(random, 700.0), 0.3)]
            puffs.append((Noise(random, 190.0), 0.12))
            _cover_with_clouds(bands, scl, sum(share * puff(grid) for puff, share in puffs))
        _write(folder, date, "red", bands[0])
        _write(folder, date, "nir", bands[1])
        _write(folder, date, "scl", scl)
    return Taken(scene.green, bands[0], bands[1], scl)


def _base(
    towns: Sequence[Town],
    land: Table,
    streets: Table,
    buildings: Table,
    texture: Sequence[FloatArray],
) -> Scene:
    """Return the scene before anything changes."""
    fine, coarse = texture
    blocks = np.concatenate([town.blocks[town.built] for town in towns])
    block = WINDOW.burn(list(blocks), range(1, len(blocks) + 1))
    lush = rng(16).random(len(blocks) + 1)
    green = np.where(block > 0, 0.10 + 0.34 * lush[block], 0.78 + 0.16 * coarse)
    green += 0.22 * fine
    rest = np.where(block > 0, 1, 0)
    for shapes, kind, share in (
        (streets.geometry, 1, 0.18),
        (buildings.geometry, 2, 0.0),
        (_of(land, "park"), 0, 0.88),
        (_of(land, "water"), 3, 0.0),
    ):
        here = WINDOW.burn(shapes) > 0
        rest[here] = kind
        green[here] = share + 0.06 * fine[here] * (share > 0)
    return Scene(np.clip(green, 0.0, 1.0), rest)


def _at_date(base: Scene, land: Table, number: int) -> Scene:
    green, rest = base.green.copy(), base.rest.copy()
    names = land.columns["name"]
    if number == 0:
        planted = [g for g, n in zip(land.geometry, names, strict=True) if n in PLANTED]
        green[WINDOW.burn(planted) > 0] = 0.08
    else:
        cleared = np.zeros(green.shape, dtype=bool)
        cleared[60:150, 520:760] = True
        green[cleared & (rest == 0)] = 0.05
    return Scene(green, rest)


def _of(land: Table, kind: str) -> list[Any]:
    return [g for g, c in zip(land.geometry, land.columns["class"], strict=True) if c == kind]


def _bands(scene: Scene, random: np.random.Generator) -> npt.NDArray[np.uint16]:
    """Return red and near-infrared, (2, rows, columns)."""
    share = scene.green[None]
    rest = np.moveaxis(_REST[scene.rest], -1, 0)
    mixed = share * np.array(_GREEN)[:, None, None] + (1.0 - share) * rest
    speckle = random.integers(-1, 2, size=mixed.shape) * np.array([1, 3])[:, None, None]
    steps = np.round(mixed / _STEP, 0) + speckle
    return np.clip(steps * _STEP, _STEP, 10_000).astype(np.uint16)


def _classes(scene: Scene) -> npt.NDArray[np.uint8]:
    """Return Sentinel-2's scene classes: vegetation, bare or built, water."""
    scl = np.where(scene.green > 0.45, _SCL["vegetation"], _SCL["bare"])
    scl[scene.rest == 3] = _SCL["water"]
    return scl.astype(np.uint8)


def _cover_with_clouds(
    bands: npt.NDArray[np.uint16], scl: npt.NDArray[np.uint8], field: FloatArray
) -> None:
    """Put clouds into the bands and the classes, and their shadows north-west of them."""
    cloud, thin = field > 0.50, field > 0.40
    shadow = np.zeros_like(cloud)
    shadow[:-32, :-24] = cloud[32:, 24:]
    shadow &= ~thin
    bands[:, shadow] = bands[:, shadow] // (3 * _STEP) * _STEP
    scl[shadow] = _SCL["shadow"]
    for where, weight, name in ((thin, 2, "thin"), (cloud, 8, "cloud")):
        bright = np.array(_CLOUD, dtype=np.int64)[:, None]
        veiled = (bands[:, where] * (10 - weight) + bright * weight) // 10
        bands[:, where] = (veiled // _STEP * _STEP).astype(np.uint16)
        scl[where] = _SCL[name]


def _write(folder: Path, date: str, band: str, pixels: npt.NDArray[Any]) -> None:
    tags = {
        "ACQUISITION_DATE": f"{date[:4]}-{date[4:6]}-{date[6:]}",
        "BAND": BANDS[band],
        "NOTICE": "generated sample, not a satellite image",
        "PROCESSING_BASELINE": "02.07",
        "QUANTIFICATION_VALUE": "10000" if band != "scl" else "none",
        "BOA_ADD_OFFSET": "0",
    }
    predictor = 2 if band != "scl" else 1
    WINDOW.write(folder / f"imagery_{date}_{band}.tif", pixels, BANDS[band], tags, predictor)
