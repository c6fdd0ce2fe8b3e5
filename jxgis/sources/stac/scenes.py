"""Scenes: what a satellite took of a place on one day, put together from the items of a STAC."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.sources.stac.stored import Stored, baseline_of, level_of, stored

if TYPE_CHECKING:
    import pystac

ROLES = ("red", "nir", "quality")
"""The bands of a scene, in the order in which they are fetched."""

#: What the bands are called: by Earth Search, by Planetary Computer and Copernicus, by Landsat.
_USUAL = {
    "red": ("red", "B04", "B04_10m"),
    "nir": ("nir", "B08", "B08_10m", "nir08"),
    "quality": ("scl", "SCL", "SCL_20m", "qa_pixel"),
}

_FULL_CIRCLE = 360.0


@dataclass(frozen=True)
class Tile:
    """One item of a STAC, and of it what a scene needs.

    Attributes
    ----------
    item
        Its name.
    time
        When it was taken, UTC.
    date
        The day by the sun at the place.
    platform, crs, baseline
        The satellite (``sentinel-2a``), the CRS of its grid (empty where the item does not say
        it) and the processing baseline.
    assets, hrefs
        What each role's asset is called, and where it is.
    red, nir
        What the numbers of these bands mean.
    level
        ``surface`` reflectance, ``top`` of the atmosphere, or empty where nothing tells.
    """

    item: str
    time: dt.datetime
    date: dt.date
    platform: str
    crs: str
    baseline: str | None
    assets: Mapping[str, str]
    hrefs: Mapping[str, str]
    red: Stored
    nir: Stored
    level: str


@dataclass(frozen=True)
class Scene:
    """The tiles of one day, satellite, grid and processing; ``name`` is that of its folder."""

    name: str
    tiles: tuple[Tile, ...]

    @property
    def quality_as(self) -> str:
        """What the quality band holds, one of `jxgis.spec.QUALITIES`, by its asset's name."""
        name = self.tiles[0].assets["quality"].lower()
        return next((kind for kind in ("scl", "qa_pixel", "bqa") if kind in name), "mask")

    def file(self, role: str) -> str:
        """Return the name of a role's file in the scene's folder."""
        return f"{self.quality_as if role == 'quality' else role}.tif"

    def to_json(self, stac: str) -> dict[str, Any]:
        """Return what ``scene.json`` says of the scene."""
        first = self.tiles[0]

        def band(role: str, meaning: Stored) -> dict[str, str]:
            return {"file": self.file(role), "scale": meaning.scale, "offset": meaning.offset}

        return {
            "date": first.date.isoformat(),
            "platform": first.platform,
            "red": band("red", first.red),
            "nir": band("nir", first.nir),
            "quality": {"file": self.file("quality"), "as": self.quality_as},
            "baseline": first.baseline,
            "level": first.level,
            "items": [tile.item for tile in self.tiles],
            "stac": stac,
        }


def days(
    items: Iterable[pystac.Item], longitude: float
) -> dict[tuple[dt.date, str], list[pystac.Item]]:
    """Return items by day and satellite.

    Parameters
    ----------
    items : iterable of pystac.Item
        Those without a time are left out.
    longitude
        Of the place, degrees: the day is the sun's there, not that of Greenwich.

    Returns
    -------
    dict
        In order of days; the items of each in order of time and name.
    """
    found: dict[tuple[dt.date, str], list[pystac.Item]] = {}
    timed = [(time_of(item), item) for item in items]
    for time, item in sorted(
        ((time, item) for time, item in timed if time is not None),
        key=lambda pair: (pair[0], pair[1].id),
    ):
        found.setdefault((_solar_date(time, longitude), _platform(item)), []).append(item)
    return dict(sorted(found.items()))


def time_of(item: pystac.Item) -> dt.datetime | None:
    """Return when an item was taken, UTC, or where it says a span when that began."""
    time = item.datetime or item.common_metadata.start_datetime
    return time and (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def cloud_of(items: Iterable[pystac.Item]) -> float | None:
    """Return the mean cloud cover that items state, percent, or None where none does."""
    stated = [item.properties.get("eo:cloud_cover") for item in items]
    known = [float(value) for value in stated if isinstance(value, int | float)]
    return sum(known) / len(known) if known else None


def scenes_of(
    day: dt.date, platform: str, items: Iterable[pystac.Item], assets: Mapping[str, str]
) -> list[Scene]:
    """Return the scenes of a day: several where grids, processing, level or meaning differ.

    Parameters
    ----------
    day, platform, items
        One entry of `days`.
    assets
        Role to the name of the asset to take; the usual names are looked for where it has none.

    Returns
    -------
    list of Scene
        Their names say what tells them apart.

    Raises
    ------
    InputError
        If an item lacks an asset, or does not say what its bands mean.
    """

    def kin(tile: Tile) -> tuple[str, ...]:
        meaning = (tile.red.scale, tile.red.offset, tile.nir.scale, tile.nir.offset)
        return (tile.crs, tile.baseline or "", tile.level, *meaning, *sorted(tile.assets.values()))

    tiles = [_tile(item, day, platform, assets) for item in items]
    groups = [tuple(group) for _kin, group in groupby(sorted(tiles, key=kin), kin)]
    crs = {tile.crs for tile in tiles}
    scenes, taken = [], set[str]()
    for group in groups:
        name = f"{day.isoformat()}_{platform}"
        if len(crs) > 1:
            name += "_" + _slug(group[0].crs.removeprefix("EPSG:"))[:20]
        for ending in _endings(group[0].baseline):
            if name + ending not in taken:
                break
        taken.add(name + ending)
        scenes.append(Scene(name + ending, group))
    return scenes


def _endings(baseline: str | None) -> Iterator[str]:
    """Give what may follow a folder's name that is taken."""
    yield ""
    if baseline:
        yield "_" + baseline.replace(".", "")
    yield from (f"_{number}" for number in range(2, 1000))


def _tile(item: pystac.Item, day: dt.date, platform: str, names: Mapping[str, str]) -> Tile:
    assets = {role: _asset(item, role, names.get(role)) for role in ROLES}
    collection = item.collection_id or ""
    meaning = {
        role: stored(item.id, collection, item.properties, item.assets[name].extra_fields)
        for role, name in assets.items()
        if role != "quality"
    }
    time = time_of(item)
    return Tile(
        item=item.id,
        time=time or dt.datetime.combine(day, dt.time(), dt.UTC),
        date=day,
        platform=platform,
        crs=_crs(item, assets["red"]),
        baseline=baseline_of(item.id, collection, item.properties),
        assets=assets,
        hrefs={role: _href(item, name) for role, name in assets.items()},
        red=meaning["red"],
        nir=meaning["nir"],
        level=level_of(item.id, collection, item.properties),
    )


def _asset(item: pystac.Item, role: str, name: str | None) -> str:
    usual = (name,) if name else _USUAL[role]
    for candidate in usual:
        if candidate in item.assets:
            return candidate
    raise InputError(
        _("{item} has no asset {names}").format(item=item.id, names=", ".join(usual)),
        mend=_("Name one with --{role}; there are: {names}").format(
            role=role, names=", ".join(sorted(item.assets))
        ),
    )


def _href(item: pystac.Item, name: str) -> str:
    href = item.assets[name].get_absolute_href() or item.assets[name].href
    scheme = urlsplit(href).scheme.lower()
    if scheme in {"http", "https", "file"} or "://" not in href:
        return href
    raise InputError(
        _("{item} is kept at {scheme}://, which asks for an account").format(
            item=item.id, scheme=scheme
        ),
        mend=_("Take a catalogue whose files have https:// addresses, with --stac"),
    )


def _crs(item: pystac.Item, asset: str) -> str:
    """Return the CRS of an item's grid, or nothing where it says none."""
    for fields in (item.assets[asset].extra_fields, item.properties):
        if code := fields.get("proj:code"):
            return str(code)
        if code := fields.get("proj:epsg"):
            return f"EPSG:{code}"
    return ""


def _platform(item: pystac.Item) -> str:
    for name in ("platform", "constellation"):
        if slug := _slug(str(item.properties.get(name) or "")):
            return slug
    return _slug(item.collection_id or "") or "scene"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _solar_date(time: dt.datetime, longitude: float) -> dt.date:
    return (time + dt.timedelta(days=longitude / _FULL_CIRCLE)).date()
