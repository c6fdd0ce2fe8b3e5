"""One rule of siting for photovoltaics, read from its table: of land, an exclusion, a roof."""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Any

from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.solar_spec import FORMS, ROOF_PLACES, Exclusion, LandUse, RoofUse
from jxgis.spec import LAND_CLASSES
from jxgis.toml_reader import TableReader

UNITS = ("m", "deg")
"""Units of an exclusion's value: of a distance, and of a slope."""

# A setback above this is in another unit than metres.
_FARTHEST_M = 50_000.0
_UPRIGHT_DEG = 90.0

# Columns that a rule's classes are of where it does not say; of other kinds it is `class`.
_COLUMNS = {"streets": "highway"}

# Kinds of rasters that rules can be of: classes of land, and slopes.
_RASTERS = ("landcover", "elevation")


def read_use(table: TableReader) -> LandUse:
    """Read one ``[[uses]]`` table; its faults go to the table's list.

    Parameters
    ----------
    table
        The table.
    """
    since, until = _period(table)
    own = table.required_text("id")
    kind = table.choice("kind", ("land", "landcover")) or "land"
    use = LandUse(
        since=since,
        until=until,
        id=own,
        title=table.title("title") or own,
        form=table.choice("form", [form for form in FORMS if form != "roof"]),
        kind=kind,
        classes=_classes(table, kind),
        reason=_said(table, "reason"),
        source=_said(table, "source"),
    )
    table.finish()
    return use


def read_exclusion(table: TableReader) -> Exclusion:
    """Read one ``[[exclusions]]`` table; its faults go to the table's list.

    Parameters
    ----------
    table
        The table.
    """
    since, until = _period(table)
    own = table.required_text("id")
    kind = _kind(table)
    column = table.text("column") or _COLUMNS.get(kind, "class")
    unit = table.choice("unit", UNITS) or ("deg" if kind == "elevation" else "m")
    exclusion = Exclusion(
        since=since,
        until=until,
        id=own,
        title=table.title("title") or own,
        kind=kind,
        column=column,
        classes=_classes(table, kind, column),
        value=_value(table, kind, unit),
        unit=unit,
        forms=_forms(table, kind),
        cuts=_flag(table, "cuts"),
        reason=_said(table, "reason"),
        source=_said(table, "source"),
    )
    table.finish()
    return exclusion


def read_roof(table: TableReader) -> RoofUse:
    """Read one ``[[roofs]]`` table; its faults go to the table's list.

    Parameters
    ----------
    table
        The table.
    """
    own = table.required_text("id")
    share = table.number("share")
    if "share" not in table:
        table.fault(_("{key} is missing").format(key="share"))
    elif share is not None and not 0 <= share <= 1:
        table.fault(
            _("{key} must be {expected}").format(key="share", expected=_("a share from 0 to 1"))
        )
    roof = RoofUse(
        id=own,
        title=table.title("title") or own,
        classes=_listed(table),
        place=table.choice("place", ROOF_PLACES) or "any",
        share=share or 0.0,
        in_park=_flag(table, "in_park"),
        source=_said(table, "source"),
    )
    table.finish()
    return roof


def _period(table: TableReader) -> tuple[dt.date | None, dt.date | None]:
    since, until = table.date("since"), table.date("until")
    if since and until and since >= until:
        table.fault(
            _("it holds from {since} and ends before, on {until}").format(since=since, until=until)
            if since > until
            else _("it begins and ends on {since}, and never holds").format(since=since),
            _("until is the first day on which it holds no more"),
        )
        return since, None
    return since, until


def _kind(table: TableReader) -> str:
    kind = table.text("kind") or "land"
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, 1)
        table.fault(
            _("unknown kind of layer {kind}").format(kind=kind),
            _("Perhaps {name} is meant").format(name=near[0])
            if near
            else _("Known kinds: {kinds}").format(kinds=", ".join(KINDS)),
        )
    elif KINDS[kind].is_raster and kind not in _RASTERS:
        table.fault(
            _("a layer of kind {kind} excludes nothing").format(kind=kind),
            _("Of rasters, rules are of: {names}").format(names=", ".join(_RASTERS)),
        )
    return kind


def _listed(table: TableReader) -> tuple[str, ...]:
    classes = table.texts("classes")
    if not classes and not table.raw("classes"):
        table.fault(_("classes is missing"))
    return classes


def _classes(table: TableReader, kind: str, column: str | None = None) -> tuple[str, ...]:
    """Return a rule's classes; ``column`` is given where it may be of all features."""
    classes = _listed(table) if column is None or kind == "landcover" else table.texts("classes")
    unknown = [word for word in classes if word not in LAND_CLASSES]
    own = KINDS.get(kind)
    if kind == "landcover" and unknown:
        table.fault(
            _("{name} is no class of land").format(name=unknown[0]),
            _("Known are: {names}").format(names=", ".join(LAND_CLASSES)),
        )
    elif kind != "landcover" and column and classes and own is not None:
        columns = [*own.required, *own.optional]
        if column not in columns:
            table.fault(
                _("a layer of kind {kind} has no column {column}").format(kind=kind, column=column),
                _("Known are: {names}").format(names=", ".join(columns) or _("none")),
            )
    return classes


def _value(table: TableReader, kind: str, unit: str) -> float:
    value = table.number("value")
    if (unit == "deg") != (kind == "elevation"):
        table.fault(
            _("unit is {unit}, and kind is {kind}").format(unit=unit, kind=kind),
            _("Slopes of elevation are in deg, distances from all others in m"),
        )
    if "value" not in table:
        table.fault(
            _("{key} is missing").format(key="value"),
            _("Write value = 0 for the feature alone, or the distance that is kept from it"),
        )
    elif value is not None and value < 0:
        table.fault(_("{key} is below zero").format(key="value"))
    elif unit == "deg" and (value or 0) >= _UPRIGHT_DEG:
        table.fault(
            _("a slope of {value:g} degrees is no slope").format(value=value),
            _("Write degrees: a rise of 100 % is 45"),
        )
    elif unit == "m" and (value or 0) > _FARTHEST_M:
        table.fault(
            _("a distance of {value:g} m is kept").format(value=value),
            _("Write metres, {most:g} at most").format(most=_FARTHEST_M),
        )
    return value or 0.0


def _forms(table: TableReader, kind: str) -> tuple[str, ...]:
    on_land = tuple(form for form in FORMS if form != "roof")
    if "forms" not in table:
        table.texts("forms")  # it is known, so that a misspelt one is told
        return on_land
    forms = table.texts("forms")
    unknown = [form for form in forms if form not in FORMS]
    if unknown:
        table.fault(
            _("{name} is no form of panels").format(name=unknown[0]),
            _("Known are: {names}").format(names=", ".join(FORMS)),
        )
    elif not forms:
        table.fault(_("{key} is empty").format(key="forms"))
    elif "roof" in forms and kind in _RASTERS:
        table.fault(
            _("rules of {kind} do not hold for roofs, and forms names roof").format(kind=kind),
            _("Leave roof out, or forms as a whole: then it is {names}").format(
                names=", ".join(on_land)
            ),
        )
    return tuple(form for form in FORMS if form in forms)


def _flag(table: TableReader, key: str) -> bool:
    value: Any = table.raw(key)
    if value is not None and not isinstance(value, bool):
        table.fault(_("{key} must be {expected}").format(key=key, expected=_("true or false")))
    return value is True


def _said(table: TableReader, key: str) -> str:
    """Return what a rule must say to the reader."""
    text = table.title(key)
    if key not in table:
        table.fault(_("{key} is missing").format(key=key))
    elif text is not None and not text.strip():
        table.fault(_("{key} is empty").format(key=key))
    return text or ""
