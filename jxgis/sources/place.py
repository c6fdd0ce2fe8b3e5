"""A place by its name: looked up and fetched from OpenStreetMap's servers with osmnx.

Answers are kept in the reader's cache folder, so that a place is asked for once. These variables
of the environment change where: ``JXGIS_CACHE`` (the folder), ``JXGIS_NOMINATIM_URL`` and
``JXGIS_OVERPASS_URL`` (servers of one's own).
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmnx
import requests
import shapely
from osmnx._errors import InsufficientResponseError

from jxgis.cleaning import place
from jxgis.errors import InputError, NetworkError
from jxgis.i18n import _
from jxgis.layers import KINDS, RawLayer
from jxgis.results import InputFile, LedgerRow
from jxgis.sources import cache
from jxgis.sources.found import first_sentence
from jxgis.sources.osm_tags import (
    ATTRIBUTION,
    Where,
    columns_of,
    ledger_rows,
    matches,
    nothing_fits,
    tags_of,
    tags_text,
    with_numbers,
)
from jxgis.spec import LayerSpec

#: Seconds without an answer after which a server is given up; also what Overpass is granted.
TIMEOUT_S = 90

_DIMENSIONS = {"point": 0, "line": 1, "polygon": 2}
_FIRST_ERROR_STATUS = 400


def read(spec: LayerSpec) -> RawLayer:
    """Fetch the objects of a place whose tags match.

    Parameters
    ----------
    spec : LayerSpec
        ``place`` is a name that Nominatim knows as an area. ``where`` and its defaults are as in
        `jxgis.sources.osm`. A layer of zones without ``where`` is the place's own outline.

    Returns
    -------
    RawLayer
        In EPSG:4326, with the columns of `jxgis.sources.osm`.

    Raises
    ------
    NetworkError
        No network, no answer in time, or a server that is busy.
    InputError
        There is no such place, nothing in it matches, or the cache folder cannot be used.
    """
    outline = spec.kind == "zones" and not spec.where
    where, ledger = ({}, []) if outline else tags_of(spec)
    with _asking(spec, _("OpenStreetMap knows no area of this name")):
        area = osmnx.geocode_to_gdf(spec.place or "")
    reason = _("the place was taken to be {name}").format(name=area["display_name"].iloc[0])
    ledger.append(LedgerRow("assumed", spec.name, 1, reason))
    if outline:
        data = _outline(area)
        reason = _("the plan names no tags: the place's own outline was taken")
        ledger.append(LedgerRow("assumed", spec.name, 1, reason))
    else:
        nothing = _("nothing there is tagged {tags}").format(tags=tags_text(where))
        polygon: Any = shapely.make_valid(area.geometry.iloc[0])
        with _asking(spec, nothing):
            found = osmnx.features_from_polygon(polygon, _osmnx_tags(where))
        data, rows = _of_kind(found, spec, where)
        ledger += rows
    source = InputFile(
        path=spec.source,
        sha256=_sha256(data),
        features=len(data),
        crs="EPSG:4326",
        as_of=spec.as_of,
        attribution=spec.attribution or ATTRIBUTION,
    )
    return RawLayer(data, (source,), tuple(ledger))


def cache_folder() -> Path:
    """Return where answers are kept; see `jxgis.sources.cache.cache_folder`."""
    return cache.cache_folder("osm")


@contextmanager
def _asking(spec: LayerSpec, nothing: str) -> Iterator[None]:
    """Let osmnx ask with settings of our own, and say in one sentence what goes wrong."""
    try:
        with _settings():
            yield
    except requests.RequestException as error:
        mend = _(
            "Check the network or try again later; or take an extract: osm = "
            '"city.osm.pbf" under [layers.{layer}]'
        ).format(layer=spec.name)
        raise NetworkError(_why(error), mend=mend, **place(spec)) from error
    except (InsufficientResponseError, TypeError) as error:
        mend = _("Write the place with its country, or name other tags with where")
        raise InputError(nothing, mend=mend, **place(spec)) from error
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(
            _("the cache folder {folder} cannot be used ({reason})").format(
                folder=cache_folder(), reason=first_sentence(error)
            ),
            mend=_("Empty it, or name another with JXGIS_CACHE"),
            **place(spec),
        ) from error


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return _("OpenStreetMap's server gave no answer within {n} s").format(n=TIMEOUT_S)
    if isinstance(error, requests.HTTPError):
        return _("OpenStreetMap's server answered: {reason}").format(reason=error)
    return _("OpenStreetMap's server cannot be reached")


@contextmanager
def _settings() -> Iterator[None]:
    """Set osmnx's global settings for one question, and put all back as it was."""
    own: dict[str, Any] = {
        "cache_folder": cache_folder(),
        "use_cache": True,
        "cache_only_mode": False,
        "requests_timeout": TIMEOUT_S,
        # Asking for a slot first would wait a minute where there is no network; a busy server
        # says so itself.
        "overpass_rate_limit": False,
        # No second name server behind the reader's back.
        "doh_url_template": None,
        "requests_kwargs": {**osmnx.settings.requests_kwargs, "hooks": {"response": _refuse}},
    }
    for setting in ("nominatim_url", "overpass_url"):
        if url := os.environ.get(f"JXGIS_{setting.upper()}"):
            own[setting] = url
    before = {name: getattr(osmnx.settings, name) for name in own}
    resolver = socket.getaddrinfo  # osmnx replaces it and leaves it replaced
    try:
        for name, value in own.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        socket.getaddrinfo = resolver
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _refuse(response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
    """Raise where osmnx would wait and ask again without end, or take half an answer for all."""
    if response.status_code >= _FIRST_ERROR_STATUS:
        raise requests.HTTPError(f"{response.status_code} {response.reason}")
    end = response.content[-1000:]
    if b'"remark"' in end and b"error" in end:
        raise requests.HTTPError(_("the query took too long or too much memory"))


def _osmnx_tags(where: Where) -> dict[str, bool | str | list[str]]:
    return {k: values if isinstance(values, bool) else list(values) for k, values in where.items()}


def _outline(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    first = area.iloc[0]
    osm_id = f"{first.get('osm_type', 'place')}/{first.get('osm_id', 1)}"
    name = first.get("name") or str(first["display_name"]).split(",")[0]
    row = {"osm_id": osm_id, "zone_id": osm_id, "zone": name, "name": name}
    return gpd.GeoDataFrame([row], geometry=[first.geometry], crs="EPSG:4326")


def _of_kind(
    found: gpd.GeoDataFrame, spec: LayerSpec, where: Where
) -> tuple[gpd.GeoDataFrame, list[LedgerRow]]:
    """Return the objects with the kind's geometry and columns."""
    kind = KINDS[spec.kind]
    geometry = kind.geometry
    wanted = {_DIMENSIONS[name] for name in geometry}
    as_points = geometry == ("point",) and not kind.boarding
    rows, shapes, counts = [], [], Counter[str]()
    attributes = found.drop(columns="geometry").to_dict("records")
    for (element, osm_id), row, shape in zip(found.index, attributes, found.geometry, strict=True):
        tags = {str(key): value for key, value in row.items() if isinstance(value, str)}
        if not matches(tags, where):
            continue
        kept, dimension = shape, shapely.get_dimensions(shape)
        if as_points and dimension == _DIMENSIONS["polygon"]:
            counts["as_point"] += 1
            kept = shapely.point_on_surface(shape)
        elif dimension not in wanted:
            counts["other"] += 1
            continue
        elif dimension == _DIMENSIONS["line"] and tags.get("area") == "yes":
            counts["surface"] += 1
            continue
        rows.append(columns_of(f"{element}/{osm_id}", tags, spec, where))
        shapes.append(kept)
    if not rows:
        raise nothing_fits(spec, where)
    data = gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")
    data, unread = with_numbers(data, spec)
    return data, [*ledger_rows(counts, spec), *unread]


def _sha256(data: gpd.GeoDataFrame) -> str:
    digest = hashlib.sha256()
    for osm_id, wkb in sorted(zip(data["osm_id"], data.geometry.to_wkb(), strict=True)):
        digest.update(f"{osm_id}\0".encode() + wkb)
    return digest.hexdigest()
