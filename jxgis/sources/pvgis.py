"""A typical year of weather at a place, from PVGIS of the European Commission.

The answer is kept in the reader's cache folder as it came, so that a place is asked for once; such
a file can be given as a path too. ``JXGIS_PVGIS_URL`` names another server, ``JXGIS_CACHE`` another
folder.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import requests

from jxgis.cleaning import place
from jxgis.errors import InputError, NetworkError
from jxgis.i18n import _
from jxgis.sources.cache import cache_folder
from jxgis.sources.found import first_sentence, one_line
from jxgis.spec import LayerSpec

URL = "https://re.jrc.ec.europa.eu/api/v5_3/"
"""PVGIS 5.3: radiation of SARAH-3 where that satellite sees, else of ERA5."""

ATTRIBUTION = "PVGIS © European Union"

#: Seconds without an answer after which the server is given up.
TIMEOUT_S = 60

_NO_SUCH_REQUEST = 400
_FIRST_ERROR_STATUS = 400


def fetched(spec: LayerSpec) -> Path:
    """Return the file of a place's typical year, fetched where it is not there yet.

    Parameters
    ----------
    spec
        ``pvgis`` is longitude and latitude, degrees.

    Returns
    -------
    Path
        PVGIS's own JSON.

    Raises
    ------
    NetworkError
        No network, no answer in time, or a server that is busy.
    InputError
        PVGIS has nothing of the place, or the cache folder cannot be used.
    """
    longitude, latitude = spec.pvgis or (0.0, 0.0)
    url = os.environ.get("JXGIS_PVGIS_URL") or URL
    folder = cache_folder("pvgis")
    path = folder / f"tmy_{latitude:.5f}_{longitude:.5f}.json"
    try:
        if path.exists():
            return path
        text = _answer(url, longitude, latitude, spec)
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InputError(
            _("the cache folder {folder} cannot be used ({reason})").format(
                folder=folder, reason=first_sentence(error)
            ),
            mend=_("Empty it, or name another with JXGIS_CACHE"),
            **place(spec),
        ) from error
    return path


def _answer(url: str, longitude: float, latitude: float, spec: LayerSpec) -> str:
    asked = {"lat": f"{latitude:.5f}", "lon": f"{longitude:.5f}", "outputformat": "json"}
    mend = _(
        "Check the network or try again later; or take a file: path = "
        '"weather.epw" under [layers.{layer}]'
    ).format(layer=spec.name)
    try:
        answer = requests.get(url.rstrip("/") + "/tmy", params=asked, timeout=TIMEOUT_S)
    except requests.Timeout as error:
        why = _("PVGIS gave no answer within {n} s").format(n=TIMEOUT_S)
        raise NetworkError(why, mend=mend, **place(spec)) from error
    except requests.RequestException as error:
        raise NetworkError(_("PVGIS cannot be reached"), mend=mend, **place(spec)) from error
    if answer.status_code == _NO_SUCH_REQUEST:
        raise InputError(
            _("PVGIS has no weather there: {reason}").format(reason=_message(answer)),
            mend=_("Check that pvgis = [longitude, latitude], or take a file: path ="),
            **place(spec),
        )
    if answer.status_code >= _FIRST_ERROR_STATUS:
        why = _("PVGIS answered: {reason}").format(
            reason=f"{answer.status_code} {answer.reason}".strip()
        )
        raise NetworkError(why, mend=mend, **place(spec))
    if not _is_year(answer.text):  # a portal of the network's own, before the internet
        raise NetworkError(_("what answered is not PVGIS"), mend=mend, **place(spec))
    return answer.text


def _message(answer: requests.Response) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return one_line(str(answer.json()["message"]))
    return f"{answer.status_code} {answer.reason}".strip()


def _is_year(text: str) -> bool:
    """Return whether an answer is PVGIS's: what is kept must be worth it."""
    try:
        return bool(json.loads(text)["outputs"]["tmy_hourly"])
    except (ValueError, KeyError, TypeError):
        return False
