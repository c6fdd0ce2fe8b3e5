"""Dated defaults: every number that is not in the data or the plan, with its source.

`defaults.toml` holds them; a plan overrides one under ``[rules]``, and a result prints those it
used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jxgis.errors import InputError
from jxgis.i18n import _


@dataclass(frozen=True)
class Rule:
    """A default: its value, unit, source and the date from which it holds."""

    value: float
    unit: str
    source: str
    date: str = ""


@cache
def defaults() -> Mapping[str, Rule]:
    """Return the shipped rules by name (``coverage.exclude_min_area_m2``)."""
    text = files(__package__).joinpath("defaults.toml").read_text(encoding="utf-8")
    return {
        f"{group}.{name}": Rule(**rule)
        for group, rules in tomllib.loads(text).items()
        for name, rule in rules.items()
    }


class Rules:
    """The rules of one run: the defaults, with the plan's own values over them."""

    def __init__(self, overrides: Mapping[str, float] | None = None) -> None:
        self._rules = dict(defaults())
        for name, value in (overrides or {}).items():
            if name not in self._rules:
                raise InputError(
                    _("there is no rule {name}").format(name=name),
                    mend=_("Known rules: {names}").format(names=", ".join(self._rules)),
                )
            self._rules[name] = Rule(value, self._rules[name].unit, _("given for this run"))

    @property
    def overrides(self) -> dict[str, float]:
        """The values that are not the defaults', by name."""
        return {n: r.value for n, r in self._rules.items() if r is not defaults()[n]}

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name]

    def cite(self, *names: str) -> dict[str, dict[str, Any]]:
        """Return value and source of the named rules, as a result prints them."""
        return {n: {"value": self[n].value, "source": _(self[n].source)} for n in names}
