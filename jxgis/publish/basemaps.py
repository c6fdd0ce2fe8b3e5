"""The online base maps that a plan may choose; by default a page asks nobody for anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

import folium

from jxgis.errors import InputError
from jxgis.i18n import _

BASEMAPS = ("none", "osm", "tianditu")
MAX_ZOOM = 18

_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={token}"
)


@dataclass(frozen=True)
class SiteOptions:
    """How a site is published.

    Attributes
    ----------
    basemap
        ``none``, ``osm`` or ``tianditu``.
    token
        The user's own key for Tianditu. It stays in the page.

    Raises
    ------
    InputError
        If the base map is unknown, or Tianditu is asked for without a usable token.
    """

    basemap: str = "none"
    token: str | None = None

    def __post_init__(self) -> None:
        if self.basemap not in BASEMAPS:
            raise InputError(
                _("there is no base map {name}").format(name=self.basemap),
                mend=_("Choose one of {names}").format(names=", ".join(BASEMAPS)),
            )
        if self.basemap == "tianditu" and not re.fullmatch(r"[0-9A-Za-z]+", self.token or ""):
            raise InputError(
                _("Tianditu needs a token of letters and digits"),
                mend=_('Write token = "\N{HORIZONTAL ELLIPSIS}" under [publish]'),
            )

    def warnings(self) -> tuple[str, ...]:
        """Return what the one who publishes should know, in their language."""
        if self.basemap == "none":
            return ()
        asks = _("the map pages ask {host} for a base map, and need a network to show it")
        host = {"osm": "tile.openstreetmap.org", "tianditu": "tianditu.gov.cn"}[self.basemap]
        lines = [asks.format(host=host)]
        if self.basemap == "tianditu":
            lines.append(_("the Tianditu token stays in the page, where every reader can see it"))
        return tuple(lines)


def tile_layers(options: SiteOptions) -> list[folium.TileLayer]:
    """Return the base map's tile layers, bottom first."""
    if options.basemap == "osm":
        attribution = (
            '&copy; <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> '
            + _("contributors")
        )
        return [_tiles("https://tile.openstreetmap.org/{z}/{x}/{y}.png", attribution)]
    if options.basemap == "tianditu":
        return [
            _tiles(_TIANDITU.format(layer=layer, token=options.token), "&copy; 天地图", "01234567")
            for layer in ("vec", "cva")
        ]
    return []


def tile_hosts(options: SiteOptions) -> list[str]:
    """Return the sources of images that a page's policy must allow for the base map."""
    hosts = {"osm": "https://tile.openstreetmap.org", "tianditu": "https://*.tianditu.gov.cn"}
    return [hosts[options.basemap]] if options.basemap in hosts else []


def _tiles(url: str, attribution: str, subdomains: str = "abc") -> folium.TileLayer:
    return folium.TileLayer(
        tiles=url, attr=attribution, subdomains=subdomains, max_zoom=MAX_ZOOM, control=False
    )
