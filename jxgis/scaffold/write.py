"""A plan file with comments, as a planner would write it after an hour with the manual."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from jxgis.i18n import _
from jxgis.scaffold.guess import Guess, Left
from jxgis.scaffold.look import Found


def plan_text(title: str, guesses: Sequence[Guess], left: Sequence[Left], base: Path) -> str:
    """Return the text of a plan file.

    Parameters
    ----------
    title
        The plan's title.
    guesses
        Files taken for layers.
    left
        Files taken for nothing, named in a comment.
    base
        The folder the plan is written to; paths in it start from there.
    """
    parts = [_head(title), *(_layer(guess, base) for guess in guesses)]
    if left:
        names = "\n".join(f"#   {_path(it.found, base)} ({it.why})" for it in left)
        parts.append(_comment(_("Not taken for any layer:")) + "\n" + names)
    return "\n\n".join([*parts, *_targets({g.kind: g for g in guesses})]) + "\n"


def _head(title: str) -> str:
    return "\n".join(
        [
            _comment(_("A plan for jxgis. Try it with: jxgis check plan.toml")),
            "",
            "[plan]",
            f"title = {_quoted(title)}",
            _comment(_("The metric CRS to measure in; left out, it is chosen by the place.")),
            '# crs = "EPSG:4549"',
            _comment(_("The date that the figures are of.")),
            "# as_of = 2019-12-31",
        ]
    )


def _layer(guess: Guess, base: Path) -> str:
    found = guess.found
    lines = [
        _comment(_("Taken for {kind}: {why}.").format(kind=guess.kind, why=guess.why)),
        f"[layers.{guess.kind}]",
        f"{found.source} = {_quoted(_path(found, base))}",
    ]
    if found.layer:
        lines.append(f"layer = {_quoted(found.layer)}")
    if guess.lacks_crs:
        lines += [
            _comment(_("FILL IN: the file has no coordinate system. jxgis check lists what fits.")),
            '# crs = "EPSG:…"',
        ]
    lines.append(
        _comment(_('From a web map? Then write datum = "gcj02" (Amap) or "bd09" (Baidu).'))
    )
    # Dotted, so that a column to fill in can stand beside those that were found.
    lines += [f"columns.{ours} = {_quoted(theirs)}" for ours, theirs in guess.columns.items()]
    for column in guess.missing:
        lines += [
            _comment(
                _("FILL IN: which column is {column}? There are: {columns}").format(
                    column=column, columns=", ".join(found.columns)
                )
            ),
            f'# columns.{column} = "..."',
        ]
    return "\n".join(lines)


def _targets(kinds: Mapping[str, Guess]) -> list[str]:
    parts = []
    if "land" in kinds:
        parts.append(
            "\n".join(
                [
                    _comment(_("Land that leaves the denominator, polygons above 1 km² only.")),
                    "# [coverage]",
                    f'# exclude = [ {{ layer = "land", classes = [{_classes(kinds["land"])}] }} ]',
                ]
            )
        )
    if {"stops", "built_up"} <= kinds.keys():
        parts += [_coverage_target(500), _coverage_target(300)]
    return parts


def _classes(land: Guess) -> str:
    """Return the file's own classes where they are few, or an example."""
    own = land.found.classes.get(land.columns.get("class", "class"))
    return ", ".join(_quoted(value) for value in own or ("water", "park"))


def _coverage_target(radius: int) -> str:
    return "\n".join(
        [
            "[[targets]]",
            f'id = "bus-{radius}"',
            f"title = {_quoted(_('Bus stops within {radius} m').format(radius=radius))}",
            'measure = "transit.coverage"',
            f"radius_m = {radius}",
            _comment(_("Your plan's own number, 0.90 for 90 %; without one it is only tracked.")),
            "# at_least = 0.90",
        ]
    )


def _comment(text: str) -> str:
    return f"# {text}"


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _path(found: Found, base: Path) -> str:
    """Return the file's path from the plan's folder, or its whole path on another drive."""
    file = found.folder / found.path
    try:
        return Path(os.path.relpath(file, base)).as_posix()
    except ValueError:
        return file.absolute().as_posix()
