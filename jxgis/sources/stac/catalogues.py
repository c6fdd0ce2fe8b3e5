"""Catalogues of satellite scenes that are known, and what one of them asks for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests

from jxgis.errors import NetworkError
from jxgis.i18n import _

EARTH_SEARCH = "https://earth-search.aws.element84.com/v1"
PLANETARY_COMPUTER = "https://planetarycomputer.microsoft.com/api/stac/v1"

TIMEOUT_S = 60
"""Seconds without an answer after which a server is given up."""

#: Where Planetary Computer gives anyone a token for a collection, and where it keeps files.
_TOKENS = "https://planetarycomputer.microsoft.com/api/sas/v1/token"
_BLOBS = ".blob.core.windows.net"
#: Seconds that a token is used; they hold for about an hour.
_TOKEN_S = 1800.0


def signer(stac: str, collection: str) -> Callable[[str], str]:
    """Return what makes an address that can be opened of one that the catalogue gives.

    Only Planetary Computer asks for it: its files open to those who add a token, which it gives
    to anyone. The token is never written down.

    Parameters
    ----------
    stac, collection
        The catalogue's address and which of its collections.

    Returns
    -------
    callable
        It raises `NetworkError` where it is given no token.
    """
    if urlsplit(stac).netloc != urlsplit(PLANETARY_COMPUTER).netloc:
        return lambda href: href
    held: dict[str, Any] = {"until": 0.0, "token": ""}

    def sign(href: str) -> str:
        if not (urlsplit(href).hostname or "").endswith(_BLOBS):
            return href
        if time.monotonic() >= held["until"]:
            held["token"] = _token(collection)
            held["until"] = time.monotonic() + _TOKEN_S
        return f"{href.partition('?')[0]}?{held['token']}"

    return sign


def _token(collection: str) -> str:
    try:
        answer = requests.get(f"{_TOKENS}/{collection}", timeout=TIMEOUT_S)
        answer.raise_for_status()
        return str(answer.json()["token"])
    except (requests.RequestException, ValueError, KeyError) as error:
        raise NetworkError(
            _("Planetary Computer gives no token for {collection}").format(collection=collection),
            mend=_("Try again later, or take Earth Search: --stac {url}").format(url=EARTH_SEARCH),
        ) from error
