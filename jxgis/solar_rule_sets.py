"""Sets of siting rules: those that come with the program, a plan's own, and what both miss."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any, TypeVar

from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.solar_rules import read_exclusion, read_roof, read_use
from jxgis.solar_spec import Dated, Exclusion, LandUse, RoofUse, SolarSettings
from jxgis.toml_reader import TableReader

PREFIX = "siting-"
"""What the names of the shipped sets of rules begin with."""

_M2_PER_HA = 1e4

Rule = TypeVar("Rule", LandUse, Exclusion, RoofUse)


@dataclass(frozen=True)
class RuleSet:
    """Rules of siting, in their order."""

    uses: tuple[LandUse, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    roofs: tuple[RoofUse, ...] = ()

    @property
    def ids(self) -> set[str]:
        """The rules' names."""
        uses = {rule.id for rule in self.uses}
        return uses | {rule.id for rule in self.exclusions} | {rule.id for rule in self.roofs}

    def without(self, ids: Iterable[str]) -> RuleSet:
        """Return the rules whose names are not among these."""
        gone = set(ids)
        return RuleSet(
            tuple(rule for rule in self.uses if rule.id not in gone),
            tuple(rule for rule in self.exclusions if rule.id not in gone),
            tuple(rule for rule in self.roofs if rule.id not in gone),
        )


def shipped_rule_sets() -> list[str]:
    """Return the names of the sets of siting rules that come with the program."""
    names = (Path(str(f)).stem for f in files("jxgis.rules").iterdir() if str(f).endswith(".toml"))
    return sorted(name for name in names if name.startswith(PREFIX))


def shipped_rules(name: str, faults: list[InputError]) -> RuleSet:
    """Return the siting rules of a set that comes with the program, in the reader's language.

    Parameters
    ----------
    name
        ``siting-cn``.
    faults
        The list that every fault of the set is added to.

    Raises
    ------
    InputError
        If there is no set of that name.
    """
    if name not in shipped_rule_sets():
        raise InputError(
            _("there is no set of siting rules called {name}").format(name=name),
            mend=_("There are: {names}").format(names=", ".join(shipped_rule_sets())),
        )
    reader = TableReader(_document(name), "", Path(f"{name}.toml"), faults)
    rules = read_rules(reader)
    reader.finish()
    return rules


@cache
def _document(name: str) -> dict[str, Any]:
    text = files("jxgis.rules").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def read_rules(table: TableReader, parent: str = "") -> RuleSet:
    """Read the tables ``uses``, ``exclusions`` and ``roofs``; faults go to the table's list.

    Parameters
    ----------
    table
        What they stand in.
    parent
        Its name with a dot (``solar.``), for the faults' places; empty for a file of rules.
    """
    rules = RuleSet(
        tuple(read_use(row) for row in _rows(table, "uses", parent)),
        tuple(read_exclusion(row) for row in _rows(table, "exclusions", parent)),
        tuple(read_roof(row) for row in _rows(table, "roofs", parent)),
    )
    _check_periods(table, f"[[{parent}uses]]", rules.uses)
    _check_periods(table, f"[[{parent}exclusions]]", rules.exclusions)
    ids = [rule.id for rule in rules.roofs]
    for own in sorted({own for own in ids if own and ids.count(own) > 1}):
        table.fault(_("{name} is there twice").format(name=f"[[{parent}roofs]] {own}"))
    return rules


def merged(base: RuleSet, own: RuleSet) -> RuleSet:
    """Return a base set with a plan's own rules in place of those with the same id.

    Parameters
    ----------
    base
        The shipped rules.
    own
        The plan's; those whose ids the base has not stand before its rules.
    """
    return RuleSet(
        _merged(base.uses, own.uses),
        _merged(base.exclusions, own.exclusions),
        _merged(base.roofs, own.roofs),
    )


def _merged(base: Sequence[Rule], own: Sequence[Rule]) -> tuple[Rule, ...]:
    mine: dict[str, list[Rule]] = {}
    for rule in own:
        mine.setdefault(rule.id, []).append(rule)
    shipped = {rule.id for rule in base}
    found = [rule for rule in own if rule.id not in shipped]
    for rule in base:
        if rule.id not in mine:
            found.append(rule)
        else:  # all of the plan's at the place of the first, and none at the others'
            found += mine[rule.id]
            mine[rule.id] = []
    return tuple(found)


def check_uses(table: TableReader, uses: Sequence[LandUse]) -> None:
    """Add a fault for each class of land that two rules say different things of on one day.

    Parameters
    ----------
    table
        What the faults are of.
    uses
        All rules, the shipped and the plan's own.
    """
    for first, second in combinations(uses, 2):
        shared = [word for word in first.classes if word in second.classes]
        # those of one id were compared where they were read
        if first.id == second.id or first.kind != second.kind or not shared:
            continue
        if first.form != second.form and _overlap(first, second):
            table.fault(
                _("the rules {first} and {second} say different things of {name}").format(
                    first=said(first), second=said(second), name=shared[0]
                ),
                _('Give yours the id "{first}", or leave that one out: off = ["{first}"]').format(
                    first=second.id
                ),
            )


def said(rule: LandUse | Exclusion) -> str:
    """Return a rule's name with the days that it holds.

    Parameters
    ----------
    rule
        Which.
    """
    if rule.since and rule.until:
        days = _("from {since} until {until}").format(since=rule.since, until=rule.until)
    elif rule.since:
        days = _("from {since}").format(since=rule.since)
    elif rule.until:
        days = _("until {until}").format(until=rule.until)
    else:
        days = _("always")
    return _("{name} ({days})").format(name=rule.id, days=days)


def unnamed(
    settings: SolarSettings, areas: Mapping[str, float], *, kind: str = "land", layer: str = "land"
) -> InputError | None:
    """Find classes that no rule names, at any date: nobody has said whether they carry panels.

    Parameters
    ----------
    settings
        The rules.
    areas
        Class to its area in square metres.
    kind
        Of the layer: ``land`` or ``landcover``.
    layer
        The layer's name in the plan, for the error.

    Returns
    -------
    InputError or None
        One sentence with all of them, the largest first; None where every class is named.
    """
    named: set[str] = set()
    for use in settings.uses:
        named.update(use.classes if use.kind == kind else ())
    for exclusion in settings.exclusions:
        if exclusion.kind == kind and not exclusion.classes:
            return None  # it is of all of them
        of_class = exclusion.kind == kind and exclusion.column == "class"
        named.update(exclusion.classes if of_class else ())
    missing = sorted(set(areas) - named, key=lambda word: (-areas[word], word))
    if not missing:
        return None
    rows = [
        _("{name} ({area} ha)").format(
            name=word or _("without a class"), area=f"{areas[word] / _M2_PER_HA:,.2f}"
        )
        for word in missing
    ]
    return InputError(
        _("no rule of siting names these classes: {names}").format(names=_(", ").join(rows)),
        layer=layer,
        mend=_(
            "Name each in [[solar.uses]], with its form, or without one where it carries none; "
            "or in [[solar.exclusions]]"
        ),
    )


def _rows(table: TableReader, key: str, parent: str) -> list[TableReader]:
    rows = table.tables(key)
    for row in rows:
        row.place = f"[[{parent}{row.place.removeprefix('[[')}"
    return rows


def _check_periods(table: TableReader, place: str, rules: Sequence[LandUse | Exclusion]) -> None:
    """Add a fault for each two rules of one id that hold on the same day."""
    by_id: dict[str, list[LandUse | Exclusion]] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
    for own, of_id in by_id.items():
        for first, second in combinations(sorted(of_id, key=_start), 2):
            if own and _overlap(first, second):
                table.fault(
                    _("{place}: {first} and {second} hold on the same days").format(
                        place=place, first=said(first), second=said(second)
                    ),
                    _("End the earlier one on the day from which the later one holds: until ="),
                )


def _start(rule: Dated) -> dt.date:
    return rule.since or dt.date.min


def _overlap(first: Dated, second: Dated) -> bool:
    latest = max(_start(first), _start(second))
    return first.holds(latest) and second.holds(latest)
