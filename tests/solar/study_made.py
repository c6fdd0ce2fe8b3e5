"""Drawn counties that are studied as a whole, with figures that can be worked out by hand."""

import numpy as np
from land_made import NOW, box, exclusion, layer, line, use, zones

from jxgis.kernels.polygons import polygons_of
from jxgis.rules import Rules
from jxgis.solar.frame import framed
from jxgis.solar.land import LAND_FORMS, Land
from jxgis.solar.landmap import land_map
from jxgis.solar.remains import NONE
from jxgis.solar.siting import sited
from jxgis.solar.study import studied
from jxgis.solar.zones import capacity, zones_of
from jxgis.solar_spec import Density, RoofUse, SolarSettings

ON_ROOFS = ("roof", "ground", "pond", "composite")
DENSITY = {"roof": 137.5, "ground": 86.0, "pond": 36.0, "composite": 50.0}
USES = (
    use("bare", "ground", ["bare"]),
    use("ponds", "pond", ["fish_pond"]),
    use("crops", "composite", ["cropland"]),
)
ROOFS = (
    RoofUse("works", "Works", ("industrial",), "any", 0.5, in_park=True, source="test"),
    RoofUse("homes", "Homes", ("house",), "any", 0.2, in_park=False, source="test"),
)
RIVER = exclusion("river", "land", ["river"], 50.0, cuts=True)


def county():
    """A field left of a river, a pond and a works right of it, all in one county of 2 x 1 km."""
    return {
        "zones": zones(box(0, 0, 2000, 1000)),
        "land": layer(
            "land",
            [box(0, 0, 1000, 1000), box(1000, 0, 1100, 1000), box(1200, 200, 1700, 600)],
            **{"class": ["bare", "river", "fish_pond"]},
        ),
        "buildings": layer("buildings", [box(1300, 620, 1400, 680)], **{"class": ["industrial"]}),
    }


# By hand, MW: the field less 50 m of setback; the pond; half of a roof of 100 x 60 m.
FIELD_MW = 0.95 * 1.0 * 86
POND_MW = 0.5 * 0.4 * 36
ROOF_MW = 100 * 60 * 0.5 * 137.5 / 1e6


def field(*shapes):
    return layer("land", shapes, **{"class": ["bare"] * len(shapes)})


def road(x, kind="residential"):
    return layer("streets", [line((x, -10), (x, 1010))], highway=[kind])


def made(rules, *, density=None, roofs=ROOFS, **given):
    return SolarSettings(
        uses=tuple(rule for rule in rules if hasattr(rule, "form")),
        exclusions=tuple(rule for rule in rules if hasattr(rule, "forms")),
        roofs=roofs,
        density={form: Density(own, "test") for form, own in (density or DENSITY).items()},
        is_asked=True,
        **given,
    )


def study(kinds, rules=(*USES, RIVER), *, days=(NOW,), cell=10.0, **given):
    return studied(kinds, made(rules, **given), days=days, rules=Rules({"solar.cell_m": cell}))


def land_of(kinds, rules=(*USES, RIVER), *, days=(NOW,), cell=10.0, roofs=NONE):
    """What decides over a county's land, roofs left out but for what they hold together."""
    siting = sited(kinds, made(rules))
    return Land(framed(kinds["zones"], cell), siting, kinds, days, polygons_of(roofs), 50.0)


def zoned(kinds, rules=(*USES, RIVER), *, need_mw, density=DENSITY, cell=10.0):
    """The capacity of all land, and each county's zones: a study without roofs and yields."""
    land = land_of(kinds, rules, cell=cell)
    (day,) = land_map(land).days
    each = np.array([density[form] for form in LAND_FORMS])
    found = capacity(day, land.frame, each, np.array([], dtype=object), np.zeros(0))
    counties = range(len(land.frame.zones))
    return found, [zones_of(found, county, need_mw) for county in counties]
