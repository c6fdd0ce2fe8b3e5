"""Which scenes of imagery a plan takes: the latest, and an earlier one to compare it with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jxgis.i18n import _
from jxgis.rasters import FloatArray, Grid
from jxgis.scaffold.look import Found

# Grids are one where they differ by less than this share of a cell.
_ALIGNED = 1e-3


@dataclass(frozen=True)
class Scene:
    """A whole scene: its file or folder, its date, and the grids of its tiles."""

    found: Found
    date: dt.date | None
    grids: tuple[Grid, ...]

    def said(self) -> str:
        """Return what speaks for it, in the reader's language."""
        what = _("red and near-infrared bands, by their names")
        if not self.found.bands:
            what = _("the folder of a scene")
        elif len(self.grids) > 1:
            what = _("red and near-infrared bands, in {n} tiles").format(n=len(self.grids))
        when = _("its date is not known") if self.date is None else str(self.date)
        return _("{what}; {when}").format(what=what, when=when)


@dataclass(frozen=True)
class Choice:
    """The scenes that a plan takes, and those that it has as comments."""

    now: Scene | None
    before: Scene | None
    further: tuple[Scene, ...]


def choose(found: Sequence[Found]) -> Choice:
    """Choose among whole scenes: the latest, and one before it on the same grid.

    Parameters
    ----------
    found
        Of geometry ``scene``, with what their bands say.

    Returns
    -------
    Choice
        Of scenes before the latest, the one nearest to it in the season, of another year where
        there is one; of scenes of one date, the one with the smallest cells. Tiles of one date
        are one scene.
    """
    scenes = sorted(_with_tiles([_scene(file) for file in found]), key=_latest_first)
    if not scenes:
        return Choice(None, None, ())
    now = scenes[0]
    before = _nearest(scenes[1:], now)
    return Choice(now, before, tuple(s for s in scenes[1:] if s is not before))


def _nearest(scenes: Sequence[Scene], now: Scene) -> Scene | None:
    """Return the earlier scene on the same grid that is best compared with one."""
    if now.date is None:
        return None
    earlier = [
        (_season(scene.date, now.date), number)
        for number, scene in enumerate(scenes)
        if scene.date is not None and scene.date < now.date and _is_on_its_grid(scene, now)
    ]
    return scenes[min(earlier)[1]] if earlier else None


def _scene(found: Found) -> Scene:
    said = found.scene
    grid = said.grid if said else None
    date = (said.date if said else None) or found.dated_by_name
    return Scene(found, date, () if grid is None else (grid,))


def _latest_first(scene: Scene) -> tuple[int, float, str]:
    date = scene.date or dt.date.min
    side = abs(scene.grids[0].transform[0]) if scene.grids else np.inf
    return -date.toordinal(), side, scene.found.path


def _is_on_its_grid(scene: Scene, now: Scene) -> bool:
    pairs = zip(scene.grids, now.grids, strict=False)
    return len(scene.grids) == len(now.grids) > 0 and all(_same(a, b) for a, b in pairs)


def _season(earlier: dt.date, now: dt.date) -> tuple[bool, int, int]:
    """Return what is least of the date to compare with: another year, the same days of it."""
    from jxgis.green.season import days_apart  # slow to import, and seldom needed

    return earlier.year == now.year, days_apart(earlier, now), -earlier.toordinal()


def _with_tiles(scenes: Sequence[Scene]) -> list[Scene]:
    """Put scenes of one date that lie beside each other on one grid together."""
    whole: list[Scene] = []
    for scene in scenes:
        at = next((n for n, other in enumerate(whole) if _beside(other, scene)), None)
        if at is None:
            whole.append(scene)
        else:
            whole[at] = _joined(whole[at], scene)
    return whole


def _beside(first: Scene, other: Scene) -> bool:
    if first.date is None or first.date != other.date or not (first.grids and other.grids):
        return False
    if not _files(first) or _files(first).keys() != _files(other).keys():
        return False
    grids = [(a, b) for a in first.grids for b in other.grids]
    return all(_one_lattice(a, b) and not _same(a, b) for a, b in grids)


def _joined(first: Scene, other: Scene) -> Scene:
    files, more = _files(first), _files(other)
    bands = {role: (*files[role], *more[role]) for role in files}
    return Scene(replace(first.found, bands=bands), first.date, (*first.grids, *other.grids))


def _files(scene: Scene) -> dict[str, tuple[str, ...]]:
    """Return a scene's bands, also of a folder; nothing of one that needs its description."""
    said = scene.found.scene
    return dict(scene.found.bands or (said.files if said else {}))


def _offset(a: Grid, b: Grid) -> FloatArray:
    """Return where the corners of the second lie among the cells of the first, less its size."""
    ends = np.array([[0.0, 0.0], [b.width, b.height]])
    return np.asarray(a.to_pixels(b.to_ground(ends)) - ends)


def _one_lattice(a: Grid, b: Grid) -> bool:
    if not a.crs.equals(b.crs, ignore_axis_order=True):
        return False
    offset = _offset(a, b)
    return bool(np.abs(offset - np.round(offset[0])).max() < _ALIGNED)


def _same(a: Grid, b: Grid) -> bool:
    if (a.width, a.height) != (b.width, b.height) or not _one_lattice(a, b):
        return False
    return bool(np.abs(_offset(a, b)).max() < _ALIGNED)
