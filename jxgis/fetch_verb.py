"""The verb that fetches what a plan reads: satellite scenes of a place, from a STAC API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jxgis.i18n import _
from jxgis.options import explained_for_the_command_line, file_option, progress, verb

if TYPE_CHECKING:
    from jxgis.crs import Bounds

#: Written here, so that help needs no import of what fetches.
_EARTH_SEARCH = "https://earth-search.aws.element84.com/v1"
_PLANETARY_COMPUTER = "https://planetarycomputer.microsoft.com/api/stac/v1"


def fetch() -> click.Command:
    """Return the verb ``fetch``."""

    @verb(
        "fetch",
        _("Fetch satellite scenes of a place, for the layers imagery and imagery_before."),
        *_what_options(),
        *_catalogue_options(),
    )
    def run(**given: Any) -> None:
        with explained_for_the_command_line():
            for folder in _fetched(given):
                click.echo(str(folder))

    return run


def _what_options() -> list[click.Parameter]:
    day = click.DateTime(["%Y-%m-%d"])
    return [
        click.Option(["--imagery"], is_flag=True, help=_("Red, near-infrared and quality bands.")),
        file_option("--zones", _("Zones: polygons; scenes are cut to their bounds.")),
        click.Option(
            ["--layer", "settings"],
            multiple=True,
            metavar="zones.KEY=VALUE",
            help=_("What a plan would say of the zones: zones.crs=EPSG:4490."),
        ),
        click.Option(["--bbox"], metavar="W,S,E,N", help=_("Degrees, in place of --zones.")),
        click.Option(
            ["--from", "start"],
            type=day,
            required=True,
            metavar="DATE",
            help=_("First day: 2019-06-01."),
        ),
        click.Option(["--to", "end"], type=day, required=True, metavar="DATE", help=_("Last day.")),
        click.Option(
            ["--out", "out"],
            type=click.Path(path_type=Path),
            required=True,
            metavar="DIR",
            help=_("Folder of scenes; what it holds already is kept and not fetched again."),
        ),
        click.Option(
            ["--max-cloud"],
            type=click.FloatRange(0, 100),
            default=30.0,
            show_default=True,
            help=_("Percent of cloud at most, as the catalogue states it of a day."),
        ),
        click.Option(
            ["--limit"],
            type=click.IntRange(min=1),
            help=_(
                "Days at most, those first that show most of the place without cloud; else all."
            ),
        ),
    ]


def _catalogue_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--stac"],
            default=_EARTH_SEARCH,
            show_default=True,
            metavar="URL",
            help=_("STAC API; {url} is Planetary Computer's.").format(url=_PLANETARY_COMPUTER),
        ),
        click.Option(
            ["--collection"],
            default="sentinel-2-l2a",
            show_default=True,
            help=_("Collection; Planetary Computer has Landsat as landsat-c2-l2."),
        ),
        *(
            click.Option(
                [f"--{role}"],
                metavar="ASSET",
                help=_("Name of that band's asset; else looked for: {names}.").format(names=names),
            )
            for role, names in (
                ("red", "red, B04"),
                ("nir", "nir, B08, nir08"),
                ("quality", "scl, SCL, qa_pixel"),
            )
        ),
    ]


def _fetched(given: dict[str, Any]) -> list[Path]:
    from jxgis.errors import InputError
    from jxgis.sources.stac import Request, fetch_imagery

    if not given["imagery"]:
        raise InputError(_("what is to be fetched is not said"), mend=_("Write --imagery"))
    roles = ("red", "nir", "quality")
    request = Request(
        place=_place(given["zones"], given["settings"], given["bbox"]),
        start=_day(given["start"]),
        end=_day(given["end"]),
        stac=given["stac"].rstrip("/"),
        collection=given["collection"],
        max_cloud=given["max_cloud"],
        limit=given["limit"],
        assets={role: given[role] for role in roles if given[role]},
    )
    return fetch_imagery(request, given["out"], progress())


def _day(moment: dt.datetime) -> dt.date:
    return moment.date()


def _place(zones: str | None, settings: Sequence[str], bbox: str | None) -> Bounds:
    """Return west, south, east and north of what is fetched, degrees."""
    import pyproj

    from jxgis.arguments import layer_specs
    from jxgis.errors import InputError
    from jxgis.reading import read_layers

    if (zones is None) == (bbox is None):
        raise InputError(_("one of --zones and --bbox is given, and not both"))
    if bbox is not None:
        return _sides(bbox)
    layers, _notes = read_layers(layer_specs({"zones": zones}, settings), None, progress())
    data = layers["zones"].data
    degrees = pyproj.Transformer.from_crs(data.crs, "EPSG:4326", always_xy=True)
    left, bottom, right, top = (float(side) for side in data.total_bounds)
    west, south, east, north = degrees.transform_bounds(left, bottom, right, top, densify_pts=21)
    return (west, south, east, north)


def _sides(bbox: str) -> Bounds:
    from jxgis.errors import InputError

    try:
        west, south, east, north = (float(side) for side in bbox.split(","))
    except ValueError:
        raise InputError(
            _("--bbox {text} is not four numbers").format(text=bbox),
            mend=_("Write west, south, east and north in degrees: --bbox 120.2,30.3,121.3,31.1"),
        ) from None
    return (west, south, east, north)
