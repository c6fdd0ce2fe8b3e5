"""The scoreboard as a page: every target of the plan, met or not and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jxgis import i18n
from jxgis.i18n import _
from jxgis.publish import assets
from jxgis.publish.numbers import Printed, print_criterion
from jxgis.publish.phrases import page_words
from jxgis.publish.words import kind_title, measure_title, status_title
from jxgis.results import CriterionStatus, Scoreboard, TargetStatus

ORDER = ("not_met", "met", "tracked", "no_data")


@dataclass(frozen=True)
class Line:
    """A condition of a target: one line of the table."""

    title: str
    status: str
    status_title: str
    printed: Printed
    date: str
    source: str


@dataclass(frozen=True)
class Entry:
    """A target: one line where it has one condition, else a heading and a line for each."""

    id: str
    clause: str
    title: str
    kind: str
    status: str
    status_title: str
    waits_for: str
    page: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Group:
    """The targets of one status."""

    status: str
    title: str
    entries: tuple[Entry, ...]


def board_page(scoreboard: Scoreboard, pages: Mapping[str, str]) -> str:
    """Return the scoreboard's page: one file without any script.

    Parameters
    ----------
    scoreboard
        The plan's targets and results.
    pages
        Measure to the address of its page, relative to this one.
    """
    style = "\n".join([assets.static("base.css"), assets.static("board.css")])
    groups = _groups(scoreboard, pages)
    return assets.template("board.html").render(
        date=scoreboard.as_of.isoformat() if scoreboard.as_of else "",
        downloads=("scoreboard.json",),
        groups=groups,
        lang="zh-CN" if i18n.language() == "zh_CN" else "en",
        maps=[(measure_title(m), pages[m]) for m in _in_order_of_targets(scoreboard, pages)],
        notice=scoreboard.notice,
        policy=assets.policy([], [style]),
        strip=_strip(groups),
        style=style,
        summary=_("{met} of {n} targets met").format(
            met=sum(t.status == "met" for t in scoreboard.targets), n=len(scoreboard.targets)
        ),
        title=scoreboard.plan,
        w=page_words(),
    )


def _in_order_of_targets(scoreboard: Scoreboard, pages: Mapping[str, str]) -> list[str]:
    asked = dict.fromkeys(t.measure for t in scoreboard.targets if t.measure in pages)
    return [m for m in dict.fromkeys([*asked, *pages]) if m is not None]


def _groups(scoreboard: Scoreboard, pages: Mapping[str, str]) -> list[Group]:
    return [
        Group(
            status,
            status_title(status),
            tuple(_entry(t, pages) for t in scoreboard.targets if t.status == status),
        )
        for status in ORDER
    ]


def _entry(target: TargetStatus, pages: Mapping[str, str]) -> Entry:
    return Entry(
        id=target.id,
        clause=target.clause,
        title=target.title,
        kind=kind_title(target.kind),
        status=target.status,
        status_title=status_title(target.status),
        waits_for=target.waits_for,
        page=pages.get(target.measure or "", ""),
        lines=tuple(_line(c) for c in target.criteria),
    )


def _line(criterion: CriterionStatus) -> Line:
    c = criterion
    return Line(
        title=c.title,
        status=c.status,
        status_title=status_title(c.status),
        printed=print_criterion(c.value, c.target, c.sense, c.unit),
        date=c.as_of.isoformat() if c.as_of else "",
        source=c.source,
    )


def _strip(groups: list[Group]) -> list[tuple[str, int, int]]:
    """Return status, first target and number of targets of each part of the summary's strip."""
    parts, start = [], 0
    for group in groups:
        parts.append((group.status, start, len(group.entries)))
        start += len(group.entries)
    return parts
