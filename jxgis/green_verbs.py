"""Verbs of green land: words on the command line -> one call -> what is printed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jxgis.i18n import _
from jxgis.options import (
    explained_for_the_command_line,
    file_option,
    measure_one,
    print_result,
    progress,
    run_options,
    verb,
)
from jxgis.spec import LAND_CLASSES

if TYPE_CHECKING:
    from jxgis.plan import Plan


class _Number(click.FloatRange):
    """A number in a range, which "nan" is not, although nothing of it is outside."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(_("{text} is no number").format(text=value), param, ctx)
        return number


def green() -> click.Command:
    """Return ``jxgis green``."""

    @verb(
        "green",
        _("Green cover of an area from red and near-infrared imagery or a land-cover map."),
        *_image_options(),
        *_scene_options("--scene", _("A scene's folder (Sentinel-2 SAFE, Landsat, fetched).")),
        *_place_options(),
        *_map_options(),
        file_option("--landcover", _("Land cover: a raster of codes.")),
        file_option("--canopy", _("Tree crowns: a raster of percent.")),
        file_option("--land", _("Land use: polygons with a column class.")),
        file_option("--pv", _("Sites of photovoltaics, to find what is counted twice.")),
        file_option("--reference", _("A sample of green-sample, filled in: gives intervals.")),
        *run_options(),
    )
    def command(**given: Any) -> None:
        from jxgis import console
        from jxgis.targets import Criterion

        plan = _plan(_("Green cover"), given, _needs_of_cover(given))
        measure_one(plan, "green.cover", [Criterion("green-cover")], given, console.green_text)

    return command


def green_change() -> click.Command:
    """Return ``jxgis green-change``."""

    @verb(
        "green-change",
        _("Green land gained and lost between two dates on one grid."),
        *_image_options(),
        *_image_options("_before", _("of the earlier date")),
        *_scene_options("--scene", _("A scene's folder (Sentinel-2 SAFE, Landsat, fetched).")),
        *_scene_options("--scene-before", _("The same of the earlier date.")),
        *_place_options(),
        *_index_options(),
        file_option("--reference", _("A sample of green-sample, filled in: gives intervals.")),
        *run_options(),
    )
    def command(**given: Any) -> None:
        from jxgis import console
        from jxgis.targets import Criterion

        given["reference_change"] = given.pop("reference")
        plan = _plan(_("Change of green land"), given, _NEEDS["change"])
        criteria = [Criterion(f"green-{of}", unit="ha", of=of) for of in ("gained", "lost", "net")]
        measure_one(plan, "green.change", criteria, given, console.green_text)

    return command


def green_sample() -> click.Command:
    """Return ``jxgis green-sample``.

    Raises
    ------
    InputError
        When it is run with both of ``--points`` and ``--margin``, or with neither.
    """

    @verb(
        "green-sample",
        _("Points at which somebody looks up the truth, drawn from each class of a map."),
        *_image_options(),
        *_image_options("_before", _("of the earlier date")),
        *_scene_options("--scene", _("A scene's folder (Sentinel-2 SAFE, Landsat, fetched).")),
        *_scene_options("--scene-before", _("The same of the earlier date.")),
        file_option("--landcover", _("Land cover: a raster of codes.")),
        file_option("--canopy", _("Tree crowns: a raster of percent.")),
        *_place_options(),
        *_map_options(),
        click.Option(
            ["--of"],
            type=click.Choice(["green", "trees", "change"]),
            default="green",
            show_default=True,
            help=_("The map to draw from."),
        ),
        click.Option(["--points"], type=click.IntRange(min=1), help=_("How many points.")),
        click.Option(
            ["--margin"],
            type=_Number(min=0, max=0.5, min_open=True),
            help=_("Half of the 95 % interval that is wanted instead: 0.01 is ±1 point."),
        ),
        click.Option(
            ["--seed"],
            type=click.IntRange(min=0),
            default=1,
            show_default=True,
            help=_("The same seed draws the same points."),
        ),
        *run_options(),
    )
    def command(**given: Any) -> None:
        from jxgis import console, workflow
        from jxgis.errors import InputError

        if (given["points"] is None) == (given["margin"] is None):
            raise InputError(_("one of --points and --margin is given, and not both"))
        of = given["of"]
        needs = _needs_of_cover(given) if of == "green" else _NEEDS[of]
        plan = _plan(_("Reference sample"), given, needs)
        with explained_for_the_command_line():
            result = workflow.draw_sample(
                plan,
                of,
                given["out"],
                progress(),
                points=given["points"],
                margin=given["margin"],
                seed=given["seed"],
            )
        print_result(result, given, console.sample_text, given["out"] / "sample.gpkg")

    return command


def _image_options(end: str = "", which: str = "") -> list[click.Parameter]:
    helps = {
        "red": _("Red band, FILE or FILE:BAND; repeated for several tiles of one date."),
        "nir": _("Near-infrared band, likewise."),
        "quality": _("Band of clouds: Sentinel-2's SCL, Landsat's QA_PIXEL or a mask."),
    }
    return [
        click.Option(
            [f"--{role}{end}".replace("_", "-"), f"{role}{end}"],
            multiple=True,
            metavar="FILE[:BAND]",
            help=f"{text} ({which})" if which else text,
        )
        for role, text in helps.items()
    ]


def _scene_options(name: str, text: str) -> list[click.Parameter]:
    words = f"{text} " + _("May be repeated: several dates become one.")
    return [click.Option([name], multiple=True, metavar="DIR", help=words)]


def _place_options() -> list[click.Parameter]:
    return [
        file_option("--zones", _("Zones with columns zone_id and zone.")),
        file_option("--area", _("Built-up area: polygons.")),
        file_option("--townships", _("A second level of zones.")),
    ]


def _index_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--threshold"],
            type=_Number(min=0, max=1, min_open=True, max_open=True),
            help=_("NDVI above which a cell is green."),
        ),
        click.Option(
            ["--composite"],
            type=click.Choice(["median", "max"]),
            help=_("How several dates become one."),
        ),
    ]


def _map_options() -> list[click.Parameter]:
    return [
        *_index_options(),
        click.Option(
            ["--by"],
            type=click.Choice(["ndvi", "fraction", "landcover"]),
            help=_("How green is told: an index, a share of each cell, or classes."),
        ),
        click.Option(
            ["--class", "classes"],
            type=click.Choice(LAND_CLASSES),
            multiple=True,
            metavar="CLASS",
            help=_("Class of land cover that is green (tree, shrub, grass); may be repeated."),
        ),
    ]


_LAYERS = (
    *("zones", "townships", "landcover", "canopy", "land", "pv"),
    *("reference", "reference_change"),
)
"""Options that are called as the layers are."""

_GIVEN_AS = {
    "imagery": "--red + --nir, --scene",
    "imagery_before": "--red-before + --nir-before, --scene-before",
    "landcover": "--landcover",
    "canopy": "--canopy",
    "zones": "--zones",
    "built_up": "--area",
}
"""How the layers are given without which there is no answer."""

_PLACE = ("zones", "built_up")

_NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "trees": (("landcover", "canopy"), _PLACE),
    "change": (("imagery",), ("imagery_before",), _PLACE),
}
"""What is drawn or measured, to what it needs: one layer of each group."""


def _needs_of_cover(given: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    by = {"landcover": ("landcover",), None: ("imagery", "landcover")}
    return (by.get(given["by"], ("imagery",)), _PLACE)


def _plan(title: str, given: Mapping[str, Any], needs: Sequence[Sequence[str]]) -> Plan:
    """Return the plan that a verb's options stand for.

    Raises
    ------
    InputError
        Options that are missing, that do not go together, or with values that do not fit.
    """
    from jxgis.arguments import layer_specs, rule_values
    from jxgis.errors import InputError
    from jxgis.plan import GreenSettings, Plan
    from jxgis.rules import Rules

    files: dict[str, str | Mapping[str, Any] | None] = {
        **_imagery("imagery", given, ""),
        **_imagery("imagery_before", given, "_before"),
        "built_up": given["area"],
        **{name: given.get(name) for name in _LAYERS},
    }
    whole_zones = needs in _NEEDS.values()
    if whole_zones and given["area"] and given["zones"]:
        raise InputError(
            _("--area and --zones are both given, and this is of all land of the zones"),
            mend=_("Keep one of them"),
        )
    for kinds in needs:
        if not any(files.get(kind) for kind in kinds):
            options = ", ".join(_GIVEN_AS[kind] for kind in kinds)
            raise InputError(
                _("nothing of this is given: {options}").format(options=options),
                mend=_("Add what you have of it"),
            )
    values = rule_values(given["rules"])
    if given.get("threshold") is not None:
        values["green.ndvi_threshold"] = given["threshold"]
    return Plan(
        file=Path(),
        title=title,
        crs=given["crs"],
        as_of=given["as_of"].date() if given["as_of"] else None,
        layers=layer_specs(files, given["settings"]),
        green=GreenSettings(
            by=given.get("by"), composite=given.get("composite"), classes=given.get("classes", ())
        ),
        rules=Rules(values),
    )


def _imagery(name: str, given: Mapping[str, Any], end: str) -> dict[str, Mapping[str, Any]]:
    """Return the imagery of one side: bands file by file, or a layer for each scene's folder."""
    from jxgis.errors import InputError

    bands = {role: list(given.get(role + end, ())) for role in ("red", "nir", "quality")}
    bands = {role: files for role, files in bands.items() if files}
    scenes = given.get("scene" + end, ())
    if bands and scenes:
        raise InputError(_("imagery is given as bands and as scenes"), mend=_("Keep one of them"))
    if bands and not bands.keys() >= {"red", "nir"}:
        raise InputError(
            _("{given} is given without {missing}").format(
                given=_options(bands, end), missing=_options({"red", "nir"} - bands.keys(), end)
            ),
            mend=_("Imagery needs a red and a near-infrared band"),
        )
    if bands:
        return {name: bands}
    return {
        name if number == 1 else f"{name}_{number}": {"path": scene, "kind": name}
        for number, scene in enumerate(scenes, 1)
    }


def _options(roles: Iterable[str], end: str) -> str:
    return ", ".join(f"--{role}{end}".replace("_", "-") for role in sorted(roles, reverse=True))
