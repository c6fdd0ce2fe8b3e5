"""The [charging] table: what is read of it, and every fault in one list."""

import pytest

from jxgis.charging_spec import ChargingSettings, DemandSpec, Scenario, Source, StationKind
from jxgis.errors import InputError, InputErrors
from jxgis.plan import read_plan

LAYERS = """
[plan]
targets = "jiaxing-2017-2019"
[layers.population]
path = "people.gpkg"
[layers.parking]
path = "parking.gpkg"
[layers.depots]
kind = "candidates"
path = "depots.gpkg"
[layers.chargers]
path = "chargers.gpkg"
"""

PEOPLE = """
[[charging.demand]]
id = "people"
sources = [{ layer = "population" }]
"""

BUSES = """
[[charging.kinds]]
id = "charging-bus"
demand = "people"
candidates = "depots"
"""

WHOLE = """
[charging]
years = [2017, 2018, 2019]
year_weights = [3, 2.5, 2.5]
by = "streets"
budget = 3000
budget_unit = "万元"

[[charging.demand]]
id = "cars"
title = { en = "Cars", zh_CN = "汽车" }
unit = "vehicles"
cell_m = 250
value = 2
floor = 0.5
floors = { "330401" = 0.25 }
sources = [
  { layer = "population", weight = 0.2 },
  { layer = "parking", column = "spaces", weight = 1 },
]

[[charging.kinds]]
id = "charging-bus"
title = "Bus depots"
demand = "cars"
candidates = "depots"
classes = ["depot"]
existing = "chargers"
existing_classes = ["bus"]
by_year = [1, 2, 2]
radius_m = 800
radius_outside_m = 2000
capacity = 500
cost = 400
power_kw = 600

[[charging.kinds]]
id = "piles"
demand = "cars"
candidates = "parking"
count = 300
least_piles = 3
most_share = 0.2
cost = 1.5

[[charging.scenarios]]
id = "low"
probability = 0.4
growth = { population = 1.1 }

[[charging.scenarios]]
id = "high"
title = "High"
probability = 0.6
growth = { population = 1.3, parking = 2 }
outside = 1.5
"""


def read(tmp_path, text):
    file = tmp_path / "plan.toml"
    file.write_text(LAYERS + text, encoding="utf-8")
    return read_plan(file).charging


def faults(tmp_path, text):
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)
    error = raised.value
    every = error.errors if isinstance(error, InputErrors) else (error,)
    return [one.problem for one in every]


def test_the_whole_table_is_read(tmp_path):
    cars = DemandSpec(
        "cars",
        "Cars",
        "vehicles",
        (Source("population", None, 0.2), Source("parking", "spaces", 1.0)),
        cell_m=250.0,
        value=2.0,
        floor=0.5,
        floors={"330401": 0.25},
    )
    buses = StationKind(
        "charging-bus",
        "Bus depots",
        "cars",
        "depots",
        5,
        (1, 2, 2),
        ("depot",),
        "chargers",
        ("bus",),
        800.0,
        2000.0,
        500.0,
        cost=400.0,
        power_kw=600.0,
    )
    piles = StationKind(
        "piles", "piles", "cars", "parking", 300, least_piles=3, most_share=0.2, cost=1.5
    )
    low = Scenario("low", "low", 0.4, {"population": 1.1})
    high = Scenario("high", "High", 0.6, {"population": 1.3, "parking": 2.0}, 1.5)
    assert read(tmp_path, WHOLE) == ChargingSettings(
        (2017, 2018, 2019),
        (3.0, 2.5, 2.5),
        "streets",
        (cars,),
        (buses, piles),
        (low, high),
        (1000.0, 2000.0, 3000.0),
        "万元",
    )
    assert not buses.is_dispersed
    assert piles.is_dispersed


def test_a_plan_without_the_table_has_no_demand_and_no_kind(tmp_path):
    assert read(tmp_path, "") == ChargingSettings()


def test_what_is_left_out_has_its_default(tmp_path):
    settings = read(tmp_path, f"[charging]\nyears = [2017, 2018, 2019]\n{PEOPLE}{BUSES}")
    assert settings.year_weights == (3.0, 2.0, 1.0)
    assert settings.by == "straight"
    assert settings.budget == ()
    assert settings.demands[0].sources == (Source("population", None, None),)
    assert not settings.demands[0].as_points
    assert settings.kinds[0].count == 5  # as the target of its id asks


def test_a_budget_may_be_given_year_by_year(tmp_path):
    text = f"[charging]\nyears = [2017, 2018]\nbudget = [50, 70]\n{PEOPLE}"
    assert read(tmp_path, text).budget == (50.0, 70.0)


def test_one_given_limit_of_piles_makes_a_kind_of_piles(tmp_path):
    text = f"[charging]\nyears = [2017]\n{PEOPLE}{BUSES}"
    assert read(tmp_path, f"{text}most_share = 0.1\n").kinds[0].is_dispersed
    assert read(tmp_path, f"{text}least_piles = 1\n").kinds[0].is_dispersed


def test_demand_may_be_taken_as_points(tmp_path):
    text = f'[charging]\nyears = [2017]\n{PEOPLE}onto = "points"\n'
    assert read(tmp_path, text).demands[0].as_points


CHARGING = "[charging]\nyears = [2017, 2018]\n"

HALF = """
[[targets]]
id = "half"
kind = "counted"
count = "sites"
at_least = 2.5
"""
ONE = 'sources = [{ layer = "population" }'
DEMAND = '[[charging.demand]]\nid = "a"\n'
SCENARIO = "[[charging.scenarios]]\nid = 'low'\nprobability = 1\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[charging]\nby = "straight"\n', "[charging]: years is missing"),
        ("[charging]\nyears = [2018, 2017]\n", "[charging]: years do not ascend"),
        ("[charging]\nyears = [2017, 2017]\n", "[charging]: years do not ascend"),
        (
            "[charging]\nyears = [2017.5]\n",
            "[charging]: years must be a list of whole numbers, none below zero",
        ),
        ('[charging]\nyears = ["2017"]\n', "[charging]: years must be a list of numbers"),
        (f'{CHARGING}by = "walking"\n', "[charging]: by is walking"),
        (f"{CHARGING}speed = 1\n", "[charging]: speed is not known here"),
        (
            f"{CHARGING}year_weights = [1, 2]\n",
            "[charging]: year_weights must be above zero, and no later year may count more",
        ),
        (
            f"{CHARGING}year_weights = [1, 0]\n",
            "[charging]: year_weights must be above zero, and no later year may count more",
        ),
        (
            f"{CHARGING}year_weights = [1]\n",
            "[charging]: year_weights has 1 numbers, and years has 2",
        ),
        (f"{CHARGING}budget = -1\n", "[charging]: budget must be a number above zero"),
        (f"{CHARGING}budget = [1]\n", "[charging]: budget has 1 numbers, and years has 2"),
        (
            f"{CHARGING}budget = [2, 1]\n",
            "[charging]: budget falls from one year to the next",
        ),
        (f"{CHARGING}budget = [true, 2]\n", "[charging]: budget must be a list of numbers"),
        (
            f"{CHARGING}budget = 9\nbudget_unit = '万元'\n{PEOPLE}{BUSES}",
            "[charging]: there is a budget, and charging-bus has no cost",
        ),
        (f"{CHARGING}demand = 1\n", "[charging]: demand must be a list of tables"),
        (
            f"{CHARGING}{PEOPLE}{PEOPLE}",
            "[[charging.demand]] people: there is another one with this id",
        ),
        (
            f'{CHARGING}[[charging.demand]]\nid = "people"\n',
            "[[charging.demand]] people: sources is missing",
        ),
        (
            f'{CHARGING}[[charging.demand]]\nid = "people"\nsources = [{{ weight = 1 }}]\n',
            "[[charging.demand]] people: sources #1: layer is missing",
        ),
        (
            f"{CHARGING}{DEMAND}{ONE.replace(' }', ', weight = 0 }')}]\n",
            "[[charging.demand]] a: sources #1: weight must be a number above zero",
        ),
        (
            f'{CHARGING}{DEMAND}{ONE}, {{ layer = "population", weight = 2 }}]\n',
            "[[charging.demand]] a: population is counted twice",
        ),
        (
            f"{CHARGING}{PEOPLE}floor = 1.5\n",
            "[[charging.demand]] people: floor must be a share from 0 to 1",
        ),
        (
            f"{CHARGING}{PEOPLE}floors = {{ '1' = -0.1 }}\n",
            "[[charging.demand]] people.floors: 1 must be a share from 0 to 1",
        ),
        (
            f"{CHARGING}{PEOPLE}cell_m = 250\nonto = 'points'\n",
            "[[charging.demand]] people: points have no cell_m",
        ),
        (
            f"{CHARGING}{BUSES}",
            "[charging]: charging-bus serves a demand people that is not there",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}by_year = [5]\n",
            "[[charging.kinds]] charging-bus: by_year has 1 numbers, and years has 2",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}by_year = [5, 1]\n",
            "[[charging.kinds]] charging-bus: by_year adds up to 6, and count is 5",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}count = 2.5\n",
            "[[charging.kinds]] charging-bus: count must be a whole number from 1 on",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES.replace('charging-bus', 'bus')}",
            "[[charging.kinds]] bus: count is missing",
        ),
        (  # its target asks for a share of 1, which is not one station
            f"{CHARGING}{PEOPLE}{BUSES.replace('charging-bus', 'service-area-charging')}",
            "[[charging.kinds]] service-area-charging: count is missing",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES.replace('charging-bus', 'half')}{HALF}",
            "[[charging.kinds]] half: the target asks for 2.5, no number of stations",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}least_piles = 0\n",
            "[[charging.kinds]] charging-bus: least_piles must be a whole number from 1 on",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}most_share = 0\n",
            "[[charging.kinds]] charging-bus: most_share is zero: no place could have a pile",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}existing_classes = ['bus']\n",
            "[[charging.kinds]] charging-bus: existing_classes is given without existing",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}radius_m = -1\n",
            "[[charging.kinds]] charging-bus: radius_m must be a number above zero",
        ),
        (
            f"{CHARGING}{PEOPLE}{SCENARIO.replace('= 1', '= 0.9')}",
            "[charging]: the scenarios' probabilities add up to 0.9, not 1",
        ),
        (
            f"{CHARGING}{PEOPLE}{SCENARIO}growth = {{ jobs = 2 }}\n",
            "[charging]: in scenario low jobs grows, which no demand counts",
        ),
        (
            f"{CHARGING}{PEOPLE}{SCENARIO}growth = {{ population = 0 }}\n",
            "[[charging.scenarios]] low.growth: population must be a number above zero",
        ),
        (
            f"{CHARGING}{PEOPLE.replace('population', 'jobs')}",
            "[charging] names a layer jobs that the plan does not have",
        ),
        (
            f"{CHARGING}{PEOPLE}{BUSES}existing = 'land'\n[layers.land]\npath = 'land.gpkg'\n",
            "[charging] names land, which is of kind land",
        ),
        (
            f"{CHARGING}{PEOPLE.replace('population', 'canopy')}[layers.canopy]\npath = 'a.tif'\n",
            "[charging] names canopy, which is of kind canopy",
        ),
    ],
)
def test_a_fault_names_the_table_and_what_is_wrong(tmp_path, text, problem):
    assert faults(tmp_path, text) == [problem]


def test_all_faults_are_named_at_once(tmp_path):
    found = faults(tmp_path, f"[charging]\nyears = []\nspeed = 1\n{BUSES}cost = 0\n")
    assert len(found) == 4
