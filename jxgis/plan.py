"""The plan file, read and checked: its layers, its targets and its rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jxgis.charging_spec import ChargingSettings
from jxgis.charging_table import layer_faults, read_charging
from jxgis.errors import InputError, InputErrors, JxgisError
from jxgis.i18n import _
from jxgis.layer_tables import read_layer
from jxgis.rules import Rules
from jxgis.solar_spec import SolarSettings
from jxgis.solar_table import read_solar
from jxgis.spec import LAND_CLASSES, LayerSpec
from jxgis.targets import Target, merge, read_target, shipped_targets
from jxgis.toml_reader import TableReader, parse_toml, raise_faults

_LEAST_CITY_M2 = 1e4
GREEN_BY = ("ndvi", "fraction", "landcover")
GREEN_COMPOSITES = ("median", "max")
ZONES = "solar.zones"
BASEMAPS = ("none", "osm", "tianditu")


@dataclass(frozen=True)
class ExclusionSettings:
    """Land that leaves the denominator: classes of a layer, from a least area."""

    layer: str
    classes: tuple[str, ...]
    min_area_m2: float | None = None


@dataclass(frozen=True)
class CoverageSettings:
    """The ``[coverage]`` table."""

    exclude: tuple[ExclusionSettings, ...] = ()
    built_up_area_m2: float | None = None
    built_up_source: str = ""
    day: str = "weekday"
    window: str = "06:00-20:00"
    count: int | None = None


@dataclass(frozen=True)
class GreenSettings:
    """The ``[green]`` table: how green land is told, in `jxgis.green.asking.Settings`' words.

    What is None or empty has that class's default.
    """

    by: str | None = None
    composite: str | None = None
    classes: tuple[str, ...] = ()
    park_classes: tuple[str, ...] = ()
    green_land_classes: tuple[str, ...] = ()
    wetland_classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishSettings:
    """The ``[publish]`` table."""

    basemap: str = "none"
    token: str | None = None


@dataclass(frozen=True)
class Reported:
    """A figure that a department hands in."""

    value: float
    date: dt.date | None
    source: str


@dataclass(frozen=True)
class Plan:
    """A plan file, checked for form; nothing of it is read from disk yet."""

    file: Path
    title: str
    crs: str | None = None
    as_of: dt.date | None = None
    notice: str = ""
    layers: Mapping[str, LayerSpec] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    reported: Mapping[str, Reported] = field(default_factory=dict)
    coverage: CoverageSettings = field(default_factory=CoverageSettings)
    green: GreenSettings = field(default_factory=GreenSettings)
    charging: ChargingSettings = field(default_factory=ChargingSettings)
    solar: SolarSettings = field(default_factory=SolarSettings)
    publish: PublishSettings = field(default_factory=PublishSettings)
    rules: Rules = field(default_factory=Rules)


def read_plan(file: Path) -> Plan:
    """Read a plan file.

    Parameters
    ----------
    file
        A TOML file in UTF-8, with or without a BOM.

    Raises
    ------
    InputError
        If the file cannot be read or is no TOML.
    InputErrors
        All other faults of the file, in one list.
    """
    reader_faults: list[InputError] = []
    document = TableReader(parse_toml(_read_text(file), file), "", file, reader_faults)
    head = document.table("plan")
    title = head.title("title") or file.stem
    base = _shipped(head, reader_faults)
    own = [read_target(t) for t in _with_distinct_ids(document.tables("targets"))]
    targets = merge(base, own)
    plan = Plan(
        file=file,
        title=title,
        crs=head.text("crs"),
        as_of=head.date("as_of"),
        notice=head.title("notice") or "",
        layers=_read_layers(document.table("layers"), file.parent),
        targets=targets,
        coverage=_read_coverage(document.table("coverage")),
        green=_read_green(document.table("green")),
        charging=read_charging(document.table("charging"), _counts(targets)),
        solar=read_solar(document.table("solar"), _zone_mw(targets)),
        publish=_read_publish(document.table("publish")),
    )
    head.finish()
    plan = replace(
        plan,
        reported=_read_reported(document, plan.targets),
        rules=_read_rules(document.table("rules")),
    )
    document.finish()
    _check_references(plan, reader_faults)
    raise_faults(reader_faults)
    return plan


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(_("there is no such plan file"), file=file) from None
    except IsADirectoryError:
        raise InputError(_("this is a folder, not a plan file"), file=file) from None
    except UnicodeDecodeError:
        raise InputError(
            _("the plan file is not UTF-8"), file=file, mend=_("Save it again as UTF-8")
        ) from None
    except OSError as error:
        raise InputError(str(error.strerror), file=file) from None


def _shipped(head: TableReader, faults: list[InputError]) -> tuple[Target, ...]:
    name = head.text("targets")
    if name is None:
        return ()
    try:
        return shipped_targets(name, faults)
    except InputError as error:
        head.fault(error.problem, error.mend)
        return ()


def _with_distinct_ids(tables: list[TableReader]) -> list[TableReader]:
    """Return the tables, with a fault at each whose id an earlier one has."""
    seen: set[str] = set()
    for table in tables:
        own = table.text("id")
        if own is not None and own in seen:
            table.fault(_("there is another one with this id"))
        seen.add(own or "")
    return tables


def _read_layers(tables: TableReader, base: Path) -> dict[str, LayerSpec]:
    return {name: read_layer(name, tables.table(name), base) for name in tables}


def _read_coverage(table: TableReader) -> CoverageSettings:
    settings = CoverageSettings(
        exclude=tuple(_read_exclusion(t) for t in table.tables("exclude")),
        built_up_area_m2=table.positive("built_up_area_m2"),
        built_up_source=table.text("built_up_source") or "",
        day=_day(table),
        window=table.text("window") or CoverageSettings.window,
    )
    if settings.built_up_area_m2 and settings.built_up_area_m2 < _LEAST_CITY_M2:
        table.fault(
            _("built_up_area_m2 is {area:g} m²").format(area=settings.built_up_area_m2),
            _("Write it in square metres: 129 km² is 129e6"),
        )
    if settings.built_up_area_m2 and not settings.built_up_source:
        table.fault(
            _("built_up_area_m2 has no source"),
            _("Add built_up_source = with the yearbook and page it is from"),
        )
    table.finish()
    return settings


def _day(table: TableReader) -> str:
    """Return the day of service: a kind of day, or a date, which TOML writes without quotes."""
    if "day" in table and isinstance(table.raw("day"), dt.date):
        return str(table.date("day"))
    return table.text("day") or CoverageSettings.day


def _read_exclusion(table: TableReader) -> ExclusionSettings:
    settings = ExclusionSettings(
        layer=table.required_text("layer"),
        classes=table.texts("classes"),
        min_area_m2=table.number("min_area_m2"),
    )
    if not settings.classes:
        table.fault(_("classes is missing"))
    table.finish()
    return settings


def _read_green(table: TableReader) -> GreenSettings:
    classes = table.texts("classes")
    unknown = [word for word in classes if word not in LAND_CLASSES]
    if unknown:
        table.fault(
            _("{name} is no class of land").format(name=unknown[0]),
            _("Known are: {names}").format(names=", ".join(LAND_CLASSES)),
        )
    settings = GreenSettings(
        by=table.choice("by", GREEN_BY),
        composite=table.choice("composite", GREEN_COMPOSITES),
        classes=classes,
        park_classes=table.texts("park_classes"),
        green_land_classes=table.texts("green_land_classes"),
        wetland_classes=table.texts("wetland_classes"),
    )
    table.finish()
    return settings


def _read_publish(table: TableReader) -> PublishSettings:
    settings = PublishSettings(
        basemap=table.choice("basemap", BASEMAPS) or "none", token=table.text("token")
    )
    if settings.basemap == "tianditu" and not settings.token:
        table.fault(_("the Tianditu base map needs a token"), _("Add token = with your own"))
    table.finish()
    return settings


def _counts(targets: tuple[Target, ...]) -> dict[str, float]:
    """Return how many of something the targets ask for, by their ids."""
    criteria = (criterion for target in targets for criterion in target.criteria)
    return {
        c.id: c.threshold
        for c in criteria
        if c.threshold is not None and c.unit != "1" and c.sense == "at_least"
    }


def _zone_mw(targets: tuple[Target, ...]) -> float | None:
    """Return the capacity that the targets ask of a zone in every county, if they do."""
    asked = (c for target in targets if target.measure == ZONES for c in target.criteria)
    return next((c.each_zone_at_least for c in asked if c.each_zone_at_least), None)


def _read_reported(document: TableReader, targets: tuple[Target, ...]) -> dict[str, Reported]:
    known = {criterion.id for target in targets for criterion in target.criteria}
    reported = {}
    for table in _with_distinct_ids(document.tables("reported")):
        figure = table.required_text("id")
        if figure and figure not in known:
            table.fault(_("there is no target {name}").format(name=figure))
        if "value" not in table:
            table.fault(_("{key} is missing").format(key="value"))
        reported[figure] = Reported(
            table.number("value") or 0.0, table.date("date"), _source(table)
        )
        table.finish()
    return reported


def _source(table: TableReader) -> str:
    if "source" not in table:
        table.fault(_("{key} is missing").format(key="source"))
    return table.title("source") or ""


def _read_rules(table: TableReader) -> Rules:
    values: dict[str, float] = {}
    _take_rules(table, "", values)
    try:
        return Rules(values)
    except InputError as error:
        table.fault(error.problem, error.mend)
        return Rules()


def _take_rules(table: TableReader, group: str, values: dict[str, float]) -> None:
    """Add the rules of a table; TOML makes nested ones of a dotted name without quotes."""
    for key in table:
        name = group + key
        if isinstance(table.raw(key), dict):
            _take_rules(table.table(key), f"{name}.", values)
            continue
        value = table.number(key)
        if name in values:
            table.fault(_("{key} is given twice").format(key=name))
        if value is not None and value < 0:
            table.fault(_("{key} is below zero").format(key=name))
        elif value is not None:
            values[name] = value


def _check_references(plan: Plan, faults: list[InputError]) -> None:
    def fault(problem: str, mend: str = "") -> None:
        faults.append(InputError(problem, file=plan.file, mend=mend))

    for exclusion in plan.coverage.exclude:
        if not exclusion.layer:
            continue  # it is missing, which was said
        if exclusion.layer not in plan.layers:
            fault(
                _(
                    "[coverage] excludes classes of a layer {name} that the plan does not have"
                ).format(name=exclusion.layer),
                _("Add [layers.{name}]").format(name=exclusion.layer),
            )
        elif plan.layers[exclusion.layer].kind != "land":
            fault(
                _("[coverage] excludes classes of {name}, which is of kind {kind}").format(
                    name=exclusion.layer, kind=plan.layers[exclusion.layer].kind
                ),
                _("Give a layer of kind land, with a column class"),
            )
    kinds = {name: layer.kind for name, layer in plan.layers.items()}
    for problem, mend in layer_faults(plan.charging, kinds):
        fault(problem, mend)
    if not plan.layers and not plan.targets:
        fault(_("the plan has neither layers nor targets"))


def all_errors(error: JxgisError) -> tuple[JxgisError, ...]:
    """Return the single errors that an error stands for."""
    return error.errors if isinstance(error, InputErrors) else (error,)
