"""A plan file with comments, as a planner would write it after an hour with the manual."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from jxgis.i18n import _
from jxgis.layers import KINDS
from jxgis.scaffold.guess import Guess, Left
from jxgis.scaffold.look import Found
from jxgis.scaffold.rasters import proposed_legend
from jxgis.spec import BAND_ROLES, LEGENDS


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
    taken = {guess.kind: guess for guess in guesses if not guess.further}
    return "\n\n".join([*parts, *_targets(taken)]) + "\n"


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
    lines = [f"[layers.{guess.kind}]", *_source(found, base)]
    if found.layer:
        lines.append(f"layer = {_quoted(found.layer)}")
    if guess.lacks_crs:
        lines += [
            _comment(_("FILL IN: the file has no coordinate system. jxgis check lists what fits.")),
            '# crs = "EPSG:…"',
        ]
    lines += _of_raster(guess) if KINDS[guess.kind].is_raster else _of_features(guess)
    if guess.further:
        why = _("Further imagery, {why}:").format(why=guess.why)
        return "\n".join(map(_comment, [why, *lines]))
    why = _("Taken for {kind}: {why}.").format(kind=guess.kind, why=guess.why)
    return "\n".join([_comment(why), *lines])


def _source(found: Found, base: Path) -> list[str]:
    """Return the lines that name the file, or those of a scene's bands; a list has tiles."""
    if not found.bands:
        return [f"{found.source} = {_quoted(_path(found, base))}"]
    lines = []
    for role in BAND_ROLES:
        files = [
            _quoted(_relative(found.folder / file, base)) for file in found.bands.get(role, ())
        ]
        if len(files) == 1:
            lines.append(f"{role} = {files[0]}")
        elif files:
            lines += [f"{role} = [", *(f"  {file}," for file in files), "]"]
    return lines


def _of_features(guess: Guess) -> list[str]:
    lines = [_comment(_('From a web map? Then write datum = "gcj02" (Amap) or "bd09" (Baidu).'))]
    # Dotted, so that a column to fill in can stand beside those that were found.
    lines += [f"columns.{ours} = {_quoted(theirs)}" for ours, theirs in guess.columns.items()]
    for column in guess.missing:
        lines += [
            _comment(
                _("FILL IN: which column is {column}? There are: {columns}").format(
                    column=column, columns=", ".join(guess.found.columns)
                )
            ),
            f'# columns.{column} = "..."',
        ]
    return lines


def _of_raster(guess: Guess) -> list[str]:
    found, lines = guess.found, []
    if found.legend and guess.kind == "landcover":
        lines.append(f"legend = {_quoted(found.legend)}")
    if guess.lacks_legend:
        lines += [
            _comment(
                _("FILL IN: what do its codes mean? Choose {legends}, or write codes.").format(
                    legends=", ".join(LEGENDS)
                )
            ),
            f"# legend = {_quoted(proposed_legend(found.path))}",
            "# codes = { tree = [1], grass = [2], crop = [3], built = [4], water = [5] }",
        ]
    if found.dated_by_name:
        lines.append(f"as_of = {found.dated_by_name}")
    if guess.unknown:
        lines += [
            _comment(_("FILL IN: {problem}.").format(problem=guess.unknown)),
            '# baseline = "04.00"',
        ]
    if found.scene and found.scene.assumed:
        lines += [_comment(f"{found.scene.assumed}:"), "# scale = 0.0001", "# offset = -0.1"]
    return lines


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
    if kinds.keys() & {"imagery", "landcover"} and kinds.keys() & {"zones", "built_up"}:
        parts.append(_green_target())
    if "zones" in kinds and kinds.keys() & {"land", "buildings"}:
        parts.append(_solar_table())
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


def _solar_table() -> str:
    """Return the table of photovoltaics as a comment: its densities are for the plan to give."""
    return "\n".join(
        [
            _comment(_("Zones for photovoltaics; densities decide the answer: cite each.")),
            "# [solar]",
            '# rules = "siting-cn"',
            "# [solar.density]",
            '# ground = { mw_per_km2 = 86, source = "LBNL" }',
            '# roof = { w_per_m2 = 137.5, source = "Gagnon 2018" }',
        ]
    )


def _green_target() -> str:
    return "\n".join(
        [
            "[[targets]]",
            'id = "green-cover"',
            f"title = {_quoted(_('Green cover'))}",
            'measure = "green.cover"',
            _comment(_("Your plan's own number, 0.90 for 90 %; without one it is only tracked.")),
            "# at_least = 0.41",
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
    return _relative(found.folder / found.path, base)


def _relative(file: Path, base: Path) -> str:
    try:
        return Path(os.path.relpath(file, base)).as_posix()
    except ValueError:
        return file.absolute().as_posix()
