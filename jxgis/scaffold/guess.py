"""Which file is which layer, and why: by names, geometry and columns, and never in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.scaffold.look import Found
from jxgis.scaffold.rasters import has_word
from jxgis.scaffold.scenes import Scene, choose

# What a file of a kind is called, the more special kinds first: the first word found decides.
# A word of `_ALONE` has no letter before or behind it.
NAME_WORDS: Mapping[str, tuple[str, ...]] = {
    "planned_green": ("planned_green", "规划绿地"),
    "pv": ("pv", "photovolt", "solar", "光伏"),
    "enterprises": ("enterprise", "企业", "用能单位"),
    "estates": ("estate", "industrial_park", "工业园", "产业园", "园区"),
    "parcels": ("parcel", "cadastr", "宗地"),
    "service_areas": ("service_area", "服务区"),
    "expressways": ("expressway", "motorway", "高速"),
    "candidates": ("candidate", "候选", "备选"),
    "demand": ("demand", "需求"),
    "substations": ("substation", "变电"),
    "chargers": ("charg", "充电"),
    "parking": ("parking", "停车"),
    "buildings": ("building", "建筑"),
    "population": ("popul", "census", "人口"),
    "jobs": ("jobs", "employ", "就业", "岗位"),
    "traffic": ("aadt", "traffic_count", "traffic_volume", "车流量", "交通量"),
    "vehicles": ("vehicle", "车辆", "汽车保有量"),
    "pois": ("poi", "pois", "兴趣点"),
    "sites": ("project", "sites", "项目"),
    "stops": ("stop", "bus", "gtfs", "公交", "站点", "站台"),
    "built_up": ("built", "urban", "建成区", "城区"),
    "streets": ("street", "road", "道路", "路网"),
    "land": ("land", "用地", "地类", "土地"),
    "townships": ("township", "town", "towns", "乡镇", "街道"),
    "zones": ("zone", "county", "counties", "district", "admin", "boundar",
              "区县", "行政", "区划", "县界"),
}  # fmt: skip
_ALONE = ("pv", "poi", "pois", "town", "towns")

# Points of a sample have all of these; the words of their strata tell what they are a sample of.
REFERENCE_COLUMNS = ("point_id", "reference")
REFERENCE_WORDS: Mapping[str, tuple[str, ...]] = {
    "reference_change": ("gained", "lost", "新增", "减少"),
    "reference_trees": ("tree", "林木"),
}

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
    "vehicles": ("vehicles", "汽车保有量", "车辆数", "保有量"),
    "vehicles_per_day": ("vehicles_per_day", "aadt", "日均车流量", "车流量", "交通量"),
    "weight": ("weight", "权重", "需求"),
    "tce": ("tce", "综合能耗", "能耗", "标煤"),
    "target": ("target", "目标"),
    "point_id": ("point_id",),
}  # fmt: skip

# The same of optional columns: only a column of exactly this name is one, in any case of letters.
OPTIONAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "名称", "站名", "站点名称", "stop_name"),
    "spaces": ("spaces", "泊位", "泊位数", "车位", "车位数"),
    "posts": ("posts", "桩数", "充电桩", "充电桩数"),
    "amount": ("amount", "数量", "规模"),
    "class": ("class", "类别", "类型"),
    "power_kw": ("power_kw", "功率", "功率kw"),
    "spare_kw": ("spare_kw", "可开放容量", "可开放容量kw"),
    "cost": ("cost", "造价", "费用"),
    "owner": ("owner", "业主", "权利人"),
    "height_m": ("height_m", "高度", "建筑高度"),
    "storeys": ("storeys", "floors", "层数"),
    "electricity_mwh": ("electricity_mwh", "用电量mwh"),
    "vehicles_per_day": ("vehicles_per_day", "aadt", "日均车流量", "车流量", "交通量"),
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
    further
        Whether the plan has it only as a comment, since another one is taken.
    """

    kind: str
    found: Found
    why: str
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    further: bool = False

    @property
    def lacks_crs(self) -> bool:
        """Whether the file says nothing of its coordinate system."""
        return self.found.source == "path" and self.found.crs is None

    @property
    def lacks_legend(self) -> bool:
        """Whether it is land cover whose codes nothing explains."""
        return self.kind == "landcover" and self.found.legend is None

    @property
    def unknown(self) -> str:
        """Why the offset of imagery is not known; empty where it is."""
        return self.found.scene.unknown if self.found.scene else ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to fill in."""
        return not (self.missing or self.lacks_crs or self.lacks_legend or self.unknown)


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
        In the order of `jxgis.layers.KINDS`; scenes that are only comments are last.
    left : list of Left
        Files that were taken for nothing.
    """
    candidates: dict[str, list[Guess]] = {}
    for file in found:
        guess = _guess(file)
        if guess is not None:
            candidates.setdefault(guess.kind, []).append(guess)
    if "zones" not in candidates and "townships" in candidates:
        townships = candidates.pop("townships")
        candidates["zones"] = [replace(guess, kind="zones") for guess in townships]
    best = {kind: _best(guesses) for kind, guesses in candidates.items()}
    for extract in (file for file in found if file.source == "osm"):
        for kind in FROM_OSM:
            why = _("an OpenStreetMap extract, asked for the usual tags")
            best.setdefault(kind, Guess(kind, extract, why))
    scenes = [file for file in found if file.scene is not None]
    chosen, further = _imagery(scenes)
    best.update(chosen)
    taken = {id(file) for file in (*scenes, *(guess.found for guess in best.values()))}
    left = [Left(file, _why_left(file, candidates)) for file in found if id(file) not in taken]
    return [*(best[kind] for kind in KINDS if kind in best), *further], left


def _imagery(scenes: Sequence[Found]) -> tuple[dict[str, Guess], list[Guess]]:
    choice = choose(scenes)
    chosen = {}
    if choice.now is not None:
        chosen["imagery"] = _of_scene("imagery", choice.now)
    if choice.before is not None:
        why = _("{why}; the same grid, the season nearest to that of imagery")
        chosen["imagery_before"] = _of_scene("imagery_before", choice.before, why)
    why = _("{why}; another scene is taken")
    return chosen, [_of_scene("imagery", it, why, further=True) for it in choice.further]


def _of_scene(kind: str, scene: Scene, why: str = "{why}", *, further: bool = False) -> Guess:
    return Guess(kind, scene.found, why.format(why=scene.said()), further=further)


def _why_left(file: Found, candidates: Mapping[str, Sequence[Guess]]) -> str:
    for kind, guesses in candidates.items():
        if any(guess.found is file for guess in guesses):
            return _("another file fits {kind} better").format(kind=kind)
    if file.source == "osm":
        return _("all that it could give is in other files")
    if file.geometry == "bands":
        return _(
            'several bands, and nothing tells which are red and near infrared: give red = "FILE:'
            'BAND" and nir = "FILE:BAND"; jxgis check PLAN --preview DIR shows them'
        )
    if file.geometry == "scene":
        problem = _("it has no near-infrared band beside {file}")
        if "red" not in file.bands:
            problem = _("it has no red band beside {file}")
        return problem.format(file=PurePosixPath(file.path).name)
    if _is_unfilled(file):
        return _("nothing is filled in under its column reference")
    return _("its name and columns say nothing of a kind")


def _best(guesses: Iterable[Guess]) -> Guess:
    """Prefer the file that lacks nothing, then the one with most features, then the latest."""
    return min(guesses, key=_rank)


def _rank(guess: Guess) -> tuple[int, int, bool, int, str]:
    found = guess.found
    year = 0
    if found.geometry == "cells":
        year = max(map(int, re.findall(r"(?<!\d)(?:19|20)\d\d", found.path)), default=0)
    return len(guess.missing), -found.features, guess.lacks_legend, -year, found.path


def _guess(file: Found) -> Guess | None:
    if file.source == "gtfs":
        return Guess("stops", file, _("a GTFS feed"))
    if file.source == "osm" or file.geometry in ("scene", "bands"):
        return None
    if file.geometry == "cells":
        return Guess(file.raster, file, _raster_reason(file))
    if _is_unfilled(file):
        return None
    reasons = _as_sample(file) or _by_name(file) or _by_columns(file)
    if reasons is None:
        return None
    kind, why = reasons
    columns, missing = match_columns(kind, file.columns)
    why = _("{why}; {count} {geometry}").format(
        why=why, count=file.features, geometry=_geometry_name(file.geometry)
    )
    return Guess(kind, file, why, columns, missing)


def _raster_reason(file: Found) -> str:
    if file.raster == "population":
        return _("a raster, by its name of people in each cell")
    whys = {
        "canopy": _("a raster of tree crowns, by “{word}” in its name or tags"),
        "landcover": _("a raster of land cover, by “{word}” in its name or tags"),
        "elevation": _("a raster of elevation, by “{word}” in its name or tags"),
        "irradiance": _("a raster of irradiation, by “{word}” in its name or tags"),
    }
    return whys[file.raster].format(word=file.word)


def _is_sample(file: Found) -> bool:
    columns = {column.lower() for column in file.columns}
    return file.geometry == "point" and columns.issuperset(REFERENCE_COLUMNS)


def _is_unfilled(file: Found) -> bool:
    empty = {column.lower() for column, values in file.classes.items() if not values}
    return _is_sample(file) and "reference" in empty


def _as_sample(file: Found) -> tuple[str, str] | None:
    if not _is_sample(file):
        return None
    words = {
        value.strip().casefold()
        for column, values in file.classes.items()
        if column.lower() == "reference"
        for value in values
    }
    kinds = (kind for kind, telling in REFERENCE_WORDS.items() if words.intersection(telling))
    why = _("it has the columns {columns}").format(columns=", ".join(REFERENCE_COLUMNS))
    return next(kinds, "reference"), why


def _geometry_name(geometry: str) -> str:
    names = {"point": _("points"), "line": _("lines"), "polygon": _("polygons")}
    return names[geometry]


def _by_name(file: Found) -> tuple[str, str] | None:
    """Look at its own name, and only then at those of its folders."""
    whole = f"{file.path}/{file.layer or ''}".lower()
    own = f"{PurePosixPath(file.path).name}/{file.layer or ''}".lower()
    for name in (own, whole):
        for kind, words in NAME_WORDS.items():
            fits = (word for word in words if has_word(name, word, alone=word in _ALONE))
            word = next(fits, None)
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
