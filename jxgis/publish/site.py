"""The folder of a site: pages, tables and JSON, from a scoreboard or a single result."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jxgis.publish.basemaps import SiteOptions
from jxgis.publish.board import board_page
from jxgis.publish.geopackage import write_geopackage
from jxgis.publish.geotiff import write_geotiff
from jxgis.publish.maps import map_page
from jxgis.publish.tables import write_frame, write_ledger
from jxgis.results import Result, Scoreboard

__all__ = ["SiteOptions", "write_result", "write_site"]


def write_site(folder: Path, scoreboard: Scoreboard, options: SiteOptions) -> list[Path]:
    """Write a plan's site into an empty folder.

    Parameters
    ----------
    folder
        An existing, empty folder.
    scoreboard
        The plan's targets and results.
    options
        The base map.

    Returns
    -------
    list of pathlib.Path
        What was written: ``index.html`` first, then ``scoreboard.json``, ``ledger.csv``, and
        for each result its page, GeoPackage, CSV tables and pictures (GeoTIFF).
    """
    results = scoreboard.results
    pages, stems = _page_names(results), _stems(results)
    titles = _titles(scoreboard)
    by_measure = {r.measure: page for r, page in reversed(list(zip(results, pages, strict=True)))}
    written = [
        _write(folder / "index.html", board_page(scoreboard, by_measure)),
        _write_json(folder / "scoreboard.json", scoreboard.to_json()),
        _write_ledger(folder, results),
    ]
    for result, page, stem in zip(results, pages, stems, strict=True):
        tables = _write_tables(folder, result, stem)
        text = map_page(
            result,
            options,
            titles=titles,
            plan=scoreboard.plan,
            notice=scoreboard.notice,
            board="index.html",
            downloads=[t.name for t in tables] + ["ledger.csv", "scoreboard.json"],
        )
        written += [_write(folder / page, text), *tables]
    return written


def write_result(
    folder: Path,
    result: Result,
    options: SiteOptions,
    titles: Mapping[str, str] | None = None,
    beside: Sequence[str] = (),
) -> list[Path]:
    """Write one result into an empty folder: its page, ``result.json``, tables and pictures.

    Parameters
    ----------
    folder
        An existing, empty folder.
    result
        Any measure's result.
    options
        The base map.
    titles
        Indicator's id to a title, where the caller has a better one than the measure's own.
    beside
        Names of files that the caller writes into the folder, for the page to link to.

    Returns
    -------
    list of pathlib.Path
        What was written, the page first.
    """
    tables = _write_tables(folder, result, _stems([result])[0])
    ledger = _write_ledger(folder, [result])
    names = [*beside, *(t.name for t in tables), ledger.name, "result.json"]
    page = map_page(result, options, titles=titles or {}, downloads=names)
    return [
        _write(folder / _page_names([result])[0], page),
        _write_json(folder / "result.json", result.to_json()),
        *tables,
        ledger,
    ]


def _titles(scoreboard: Scoreboard) -> dict[str, str]:
    """Return a title for each target and for each of its conditions."""
    targets = {t.id: t.title for t in scoreboard.targets}
    return targets | {c.id: c.title or t.title for t in scoreboard.targets for c in t.criteria}


def _page_names(results: Sequence[Result]) -> list[str]:
    """Return a file name for each page: ``transit.coverage`` becomes ``transit-coverage.html``."""
    return [f"{n}.html" for n in _numbered([r.measure.replace(".", "-") for r in results])]


def _stems(results: Sequence[Result]) -> list[str]:
    """Return a name for each result's tables: the last part of the measure, or all of it.

    ``coverage`` and ``count`` are known by themselves; ``cover`` or ``change`` could be anything's.
    """
    short = [_stem(r.measure) for r in results]
    times = Counter(short)
    return _numbered(
        [
            s if times[s] == 1 else r.measure.replace(".", "-")
            for s, r in zip(short, results, strict=True)
        ]
    )


# Rooms without which the names of their measures say little: ``cover``, ``plan``.
_ROOMS = ("green", "charging", "solar")


def _stem(measure: str) -> str:
    room, _dot, name = measure.rpartition(".")
    return measure.replace(".", "-") if room in _ROOMS else name


def _numbered(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return unique


def _write_tables(folder: Path, result: Result, stem: str) -> list[Path]:
    written = []
    if result.layers or not result.by_zone.empty:
        written.append(folder / f"{stem}.gpkg")
        write_geopackage(written[-1], result)
    if len(result.by_zone.columns):
        written.append(folder / f"{stem}.csv")
        write_frame(written[-1], result.by_zone)
    for table in result.tables:
        written.append(folder / f"{stem}-{table.name}.csv")
        write_frame(written[-1], table.data)
    for picture in result.pictures:
        written.append(folder / f"{stem}-{picture.name}.tif")
        write_geotiff(written[-1], picture)
    return written


def _write_ledger(folder: Path, results: Sequence[Result]) -> Path:
    path = folder / "ledger.csv"
    write_ledger(path, results)
    return path


def _write_json(path: Path, value: Mapping[str, Any]) -> Path:
    return _write(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
