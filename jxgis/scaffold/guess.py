"""Which file is which layer, and why: by names, geometry and columns, and never in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.scaffold.look import Found

# What a file of a kind is called, the more special kinds first: the first word found decides.
NAME_WORDS: Mapping[str, tuple[str, ...]] = {
    "service_areas": ("service_area", "服务区"),
    "expressways": ("expressway", "motorway", "高速"),
    "substations": ("substation", "变电"),
    "chargers": ("charg", "充电"),
    "parking": ("parking", "停车"),
    "buildings": ("building", "建筑"),
    "population": ("popul", "census", "人口"),
    "jobs": ("jobs", "employ", "就业", "岗位"),
    "candidates": ("candidate", "候选", "备选"),
    "sites": ("project", "sites", "项目"),
    "stops": ("stop", "bus", "gtfs", "公交", "站点", "站台"),
    "built_up": ("built", "urban", "建成区", "城区"),
    "streets": ("street", "road", "道路", "路网"),
    "land": ("land", "用地", "地类", "土地"),
    "zones": ("zone", "county", "counties", "district", "admin", "township", "boundar",
              "区县", "行政", "区划", "县界", "街道", "乡镇"),
}  # fmt: skip

# Columns that only a layer of this kind has.
TELLING_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "stops": ("stop_id", "stop_name", "站名", "站点名称"),
    "zones": ("zone_id", "adcode", "xzqdm", "区划代码", "行政区划代码"),
    "population": ("population", "人口", "常住人口"),
    "land": ("dlmc", "地类名称"),
    "streets": ("highway",),
}

# What a required column is called in other people's files, the surest first.
COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "zone_id": ("zone_id", "adcode", "xzqdm", "区划代码", "行政区划代码", "代码", "编码", "code",
                "codigo", "id"),
    "zone": ("zone", "name", "xzqmc", "名称", "区县", "县区", "乡镇", "街道", "nameunit", "nombre"),
    "class": ("class", "dlmc", "地类名称", "类别", "类型", "fclass", "landuse", "type"),
    "population": ("population", "常住人口", "人口", "pop"),
    "jobs": ("jobs", "岗位", "就业"),
    "target": ("target", "目标"),
}  # fmt: skip

# The same of optional columns: only a column of exactly this name is one, in any case of letters.
OPTIONAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "名称", "站名", "站点名称", "stop_name"),
    "spaces": ("spaces", "泊位", "泊位数", "车位", "车位数"),
    "posts": ("posts", "桩数", "充电桩", "充电桩数"),
    "amount": ("amount", "数量", "规模"),
}

# What an OpenStreetMap extract is asked for when no file of the kind is there.
FROM_OSM = ("stops", "built_up", "streets")


@dataclass(frozen=True)
class Guess:
    """A file taken for a layer.

    Attributes
    ----------
    kind
        The kind of layer it is taken for.
    found
        The file (and the layer in it).
    why
        What speaks for it, in the reader's language.
    columns
        The kind's column to the name it has in the file, where they differ; optional ones too.
    missing
        Required columns that nothing in the file looks like.
    """

    kind: str
    found: Found
    why: str
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def lacks_crs(self) -> bool:
        """Whether the file says nothing of its coordinate system."""
        return self.found.source == "path" and self.found.crs is None


@dataclass(frozen=True)
class Left:
    """A file taken for nothing, and why, in the reader's language."""

    found: Found
    why: str


def guess_layers(found: Sequence[Found]) -> tuple[list[Guess], list[Left]]:
    """Take files for layers: the best file for each kind, and what is left over.

    Returns
    -------
    guesses : list of Guess
        In the order of `jxgis.layers.KINDS`.
    left : list of Left
        Files that were taken for nothing.
    """
    candidates: dict[str, list[Guess]] = {}
    for file in found:
        guess = _guess(file)
        if guess is not None:
            candidates.setdefault(guess.kind, []).append(guess)
    best = {kind: _best(guesses) for kind, guesses in candidates.items()}
    for extract in (file for file in found if file.source == "osm"):
        for kind in FROM_OSM:
            why = _("an OpenStreetMap extract, asked for the usual tags")
            best.setdefault(kind, Guess(kind, extract, why))
    taken = [guess.found for guess in best.values()]
    left = [Left(file, _why_left(file, candidates)) for file in found if file not in taken]
    return [best[kind] for kind in KINDS if kind in best], left


def _why_left(file: Found, candidates: Mapping[str, Sequence[Guess]]) -> str:
    for kind, guesses in candidates.items():
        if any(guess.found is file for guess in guesses):
            return _("another file fits {kind} better").format(kind=kind)
    if file.source == "osm":
        return _("all that it could give is in other files")
    return _("its name and columns say nothing of a kind")


def _best(guesses: Iterable[Guess]) -> Guess:
    """Prefer the file that lacks no column, then the one with most features."""
    return min(guesses, key=lambda g: (len(g.missing), -g.found.features, g.found.path))


def _guess(file: Found) -> Guess | None:
    if file.source == "gtfs":
        return Guess("stops", file, _("a GTFS feed"))
    if file.source == "osm":
        return None
    if file.geometry == "cells":
        return Guess("population", file, _("a raster, by its name of people in each cell"))
    reasons = _by_name(file) or _by_columns(file)
    if reasons is None:
        return None
    kind, why = reasons
    columns, missing = match_columns(kind, file.columns)
    why = _("{why}; {count} {geometry}").format(
        why=why, count=file.features, geometry=_geometry_name(file.geometry)
    )
    return Guess(kind, file, why, columns, missing)


def _geometry_name(geometry: str) -> str:
    names = {"point": _("points"), "line": _("lines"), "polygon": _("polygons")}
    return names[geometry]


def _by_name(file: Found) -> tuple[str, str] | None:
    name = f"{file.path}/{file.layer or ''}".lower()
    for kind, words in NAME_WORDS.items():
        word = next((word for word in words if word in name), None)
        if word is not None and file.geometry in KINDS[kind].geometry:
            return kind, _("its name has “{word}”").format(word=word)
    return None


def _by_columns(file: Found) -> tuple[str, str] | None:
    lower = {column.lower(): column for column in file.columns}
    for kind, names in TELLING_COLUMNS.items():
        column = next((lower[name] for name in names if name in lower), None)
        if column is not None and file.geometry in KINDS[kind].geometry:
            return kind, _("it has a column “{column}”").format(column=column)
    return None


def match_columns(kind: str, there: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Find a kind's columns among those of a file.

    Parameters
    ----------
    kind
        A kind of layer.
    there
        The file's column names.

    Returns
    -------
    columns : dict
        Required or optional column to its name in the file, where that is another.
    missing : tuple of str
        Required columns that nothing looks like.
    """
    columns, missing = {}, []
    for ours in KINDS[kind].required:
        theirs = _like(ours, there)
        if theirs is None:
            missing.append(ours)
        elif theirs != ours:
            columns[ours] = theirs
    lower = {column.lower(): column for column in there}
    for ours in KINDS[kind].optional:
        name = next((name for name in OPTIONAL_NAMES.get(ours, ()) if name in lower), ours)
        if name != ours:
            columns[ours] = lower[name]
    return columns, tuple(missing)


def _like(ours: str, there: Sequence[str]) -> str | None:
    names = COLUMN_NAMES.get(ours, (ours,))
    for same in (str.__eq__, str.__contains__):
        for name in names:
            found = next((column for column in there if same(column.lower(), name)), None)
            if found is not None:
                return found
    return None
