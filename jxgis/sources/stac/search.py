"""A STAC API asked for the scenes of a place between two days, and what it gives fetched."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jxgis.crs import Bounds
from jxgis.errors import InputError, JxgisError, NetworkError
from jxgis.i18n import _
from jxgis.sources.stac.catalogues import EARTH_SEARCH, TIMEOUT_S, signer
from jxgis.sources.stac.coverage import share_of
from jxgis.sources.stac.scenes import Scene, cloud_of, days, scenes_of

if TYPE_CHECKING:
    import pystac
    from pystac_client import Client

COLLECTION = "sentinel-2-l2a"

_PAGE = 100
_NOT_FOUND = 404
_MOST_NAMES = 12
_DECIMALS = 6

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What is asked of a catalogue.

    Attributes
    ----------
    place
        West, south, east and north, degrees.
    start, end
        First and last day, by the sun at the place.
    stac, collection
        The catalogue's address and which of its collections.
    max_cloud
        Percent of cloud at most, as the mean of a day's items states it.
    limit
        How many days at most, those first that show most of the place without cloud; None takes
        all.
    assets
        ``red``, ``nir`` and ``quality`` to the names of assets, where they are not the usual ones.
    """

    place: Bounds
    start: dt.date
    end: dt.date
    stac: str = EARTH_SEARCH
    collection: str = COLLECTION
    max_cloud: float = 30.0
    limit: int | None = None
    assets: Mapping[str, str] = field(default_factory=dict)


def fetch_imagery(request: Request, out: Path, progress: Progress) -> list[Path]:
    """Fetch the scenes that are asked for.

    Parameters
    ----------
    request
        Place, dates and catalogue.
    out
        The folder of scenes; each gets one of its own, named by day and satellite.
    progress
        Called with a line for the reader at each step.

    Returns
    -------
    list of pathlib.Path
        The scenes' folders, in order of days.

    Raises
    ------
    InputError
        If the request cannot be right, nothing was taken there and then, or a scene cannot be
        used.
    NetworkError
        If the catalogue or its files do not answer.
    OutputError
        If the folder cannot be written.
    """
    from jxgis.sources.stac.scene_files import fetch_scene

    scenes = find_scenes(request, progress)
    sign = signer(request.stac, request.collection)
    folders = []
    for scene in scenes:
        folders.append(out / scene.name)
        fetch_scene(scene, request.place, folders[-1], request.stac, sign, progress)
    return folders


def find_scenes(request: Request, progress: Progress) -> list[Scene]:
    """Return the scenes of a place between two days, without fetching a cell of them.

    Raises
    ------
    InputError
        If there are none, or one lacks a band or does not say what its numbers mean.
    NetworkError
        If the catalogue does not answer.
    """
    _check(request)
    west, _south, east, _north = request.place
    found = days(_search(request), (west + east) / 2)
    within = {key: items for key, items in found.items() if request.start <= key[0] <= request.end}
    if not within:
        raise InputError(
            _("no scene of {collection} was taken there from {start} to {end}").format(
                collection=request.collection, start=request.start, end=request.end
            ),
            mend=_("Widen --from and --to, or check the place"),
            file=request.stac,
        )
    clouds = {key: cloud_of(items) for key, items in within.items()}
    clear = [key for key in within if (clouds[key] or 0) <= request.max_cloud]
    if not clear:
        raise InputError(
            _(
                "all {n} scenes found are cloudier than {most:g} % (the clearest has {least:.1f} %)"
            ).format(
                n=len(within),
                most=request.max_cloud,
                least=min(cloud for cloud in clouds.values() if cloud is not None),
            ),
            mend=_("Raise --max-cloud, or widen --from and --to"),
            file=request.stac,
        )

    shares = {key: share_of(within[key], request.place) for key in clear}

    def by_sight(key: tuple[dt.date, str]) -> tuple[bool, float]:
        cloud = clouds[key]
        # A day that states none is kept, and comes last.
        return (cloud is None, -round(shares[key] * (1 - (cloud or 0.0) / 100), _DECIMALS))

    chosen = sorted(sorted(clear, key=by_sight)[: request.limit])
    progress(
        _("{n} scenes found, {clear} with at most {most:g} % of cloud, {chosen} to fetch").format(
            n=len(within), clear=len(clear), most=request.max_cloud, chosen=len(chosen)
        )
    )
    for day, platform in chosen:
        progress(
            _("{day}, {satellite}: images of {share:.0%} of the place").format(
                day=day, satellite=platform, share=shares[day, platform]
            )
        )
    return [
        scene
        for day, platform in chosen
        for scene in scenes_of(day, platform, within[day, platform], request.assets)
    ]


def _check(request: Request) -> None:
    west, south, east, north = request.place
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
        raise InputError(
            _("{bounds} are not west, south, east and north in degrees").format(
                bounds=",".join(f"{side:g}" for side in request.place)
            ),
            mend=_("Write them like --bbox 120.2,30.3,121.3,31.1"),
        )
    if request.start > request.end:
        raise InputError(
            _("{start} is after {end}").format(start=request.start, end=request.end),
            mend=_("Exchange --from and --to"),
        )
    if urlsplit(request.stac).scheme not in {"http", "https"}:
        raise InputError(
            _("{url} is not the address of a STAC API").format(url=request.stac),
            mend=_("Write it like --stac {url}").format(url=EARTH_SEARCH),
        )


def _search(request: Request) -> list[pystac.Item]:
    one = dt.timedelta(days=1)  # days of the sun are not those of Greenwich
    span = f"{request.start - one}T00:00:00Z/{request.end + one}T23:59:59Z"
    with _asking(request.stac):
        from pystac_client import Client
        from pystac_client.stac_api_io import StacApiIO

        client = Client.open(request.stac, stac_io=StacApiIO(timeout=TIMEOUT_S, max_retries=2))
        if not client.conforms_to("ITEM_SEARCH"):
            raise _no_api(request.stac)
        search = client.search(
            collections=[request.collection], bbox=request.place, datetime=span, limit=_PAGE
        )
        items = list(search.items())
        if not items:
            _check_collection(client, request)
        return items


def _check_collection(client: Client, request: Request) -> None:
    names = sorted(collection.id for collection in client.get_collections())
    if names and request.collection not in names:
        shown = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
        raise InputError(
            _("it has no collection {name}").format(name=request.collection),
            mend=_("Name one with --collection: {names}").format(names=shown),
            file=request.stac,
        )


@contextmanager
def _asking(url: str) -> Iterator[None]:
    """Ask a catalogue, and say in one sentence what goes wrong."""
    from pystac.errors import STACError
    from pystac_client.exceptions import APIError

    from jxgis.sources.found import first_sentence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a catalogue that does not say all that it can
            yield
    except JxgisError:
        raise
    except APIError as error:
        status = getattr(error, "status_code", None)
        if status == _NOT_FOUND:
            raise _no_api(url) from error
        if status is None:
            reason = _("the server cannot be reached, or gave no answer in time")
        else:
            reason = _("the server answered: {status} {reason}").format(
                status=status, reason=first_sentence(error)
            )
        raise NetworkError(
            reason, mend=_("Check the network and the address, or try again later"), file=url
        ) from error
    except (
        STACError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        NotImplementedError,
    ) as error:
        raise _no_api(url) from error


def _no_api(url: str) -> InputError:
    return InputError(
        _("there is no STAC API with a search at this address"),
        mend=_("Give its root with --stac, such as {url}").format(url=EARTH_SEARCH),
        file=url,
    )
