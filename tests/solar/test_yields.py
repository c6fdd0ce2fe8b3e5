"""Yields against pvlib's own chain of models, closed forms, and PVWatts's sum of losses."""

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pvlib.location import Location
from pvlib.modelchain import ModelChain
from pvlib.pvsystem import PVSystem
from pvlib.temperature import TEMPERATURE_MODEL_PARAMETERS

from jxgis import sources
from jxgis.errors import InputError
from jxgis.layers import KINDS, Layer
from jxgis.rules import Rules
from jxgis.solar.losses import Plane, chain, step_titles
from jxgis.solar.resource import Station, check_station, resource_of, station_of
from jxgis.solar.rows import ground_coverage, row_pitch
from jxgis.solar.sun import Site, best_tilt, on_plane, sky_over
from jxgis.solar.yield_rules import SYSTEM_LOSSES
from jxgis.solar.yield_tables import CHAINS, loss_table, yield_table
from jxgis.solar.yields import MOUNTINGS, yield_of
from jxgis.spec import LayerSpec

DATA = Path(pvlib.__file__).parent / "data"
JIAXING = Site(30.75, 120.75)


def station(name):
    raw = sources.read(LayerSpec("weather", "weather", path=str(DATA / name)))
    return station_of(Layer("weather", KINDS["weather"], raw.data, tables=raw.tables))


@pytest.fixture(scope="module")
def greensboro():
    return station("723170TYA.CSV")


@pytest.fixture(scope="module")
def sand_point():
    return station("703165TY.csv")


def model_chain(year, plane, rules):
    """Return a year of pvlib's PVWatts chain, a kilowatt of panels."""
    system = PVSystem(
        surface_tilt=plane.tilt_deg,
        surface_azimuth=plane.azimuth_deg,
        albedo=plane.albedo,
        module_parameters={"pdc0": 1000, "gamma_pdc": -rules["solar.power_loss_per_c"].value},
        inverter_parameters={
            "pdc0": 1000 / rules["solar.dc_ac_ratio"].value / 0.96,
            "eta_inv_nom": 0.96,
        },
        temperature_model_parameters=TEMPERATURE_MODEL_PARAMETERS["sapm"][plane.racking],
    )
    site = year.site
    place = Location(site.latitude, site.longitude, altitude=site.altitude_m)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, at what pvlib asks of it
        return ModelChain.with_pvwatts(system, place).run_model(year.hours).results


PLANES = [
    Plane(32, 180, "open_rack_glass_glass", 0.2),
    Plane(25, 90, "close_mount_glass_glass", 0.2),
    Plane(0, 180, "open_rack_glass_glass", 0.06),
    Plane(60, 300, "open_rack_glass_glass", 0.06),
]


@pytest.mark.parametrize("name", ["greensboro", "sand_point"])
@pytest.mark.parametrize("plane", PLANES, ids=str)
def test_each_step_is_that_of_pvlibs_chain(name, plane, request):
    year, rules = request.getfixturevalue(name), Rules()
    steps = {s.id: s.value for s in chain(sky_over(year.site, year.hours), plane, rules)}
    wanted = model_chain(year, plane, rules)
    assert steps["horizontal"] == pytest.approx(year.hours["ghi"].sum() / 1000)
    assert steps["plane"] == pytest.approx(wanted.total_irrad["poa_global"].sum() / 1000)
    assert steps["reflection"] == pytest.approx(wanted.effective_irradiance.sum() / 1000)
    assert steps["availability"] == pytest.approx(wanted.dc.sum() / 1000)
    assert steps["inverter"] == pytest.approx(wanted.ac.sum() / 1000)


def test_the_factors_multiply_to_the_figure_and_the_losses_are_pvwatts(greensboro):
    found = yield_of(greensboro.site, Rules(), station=greensboro)
    assert tuple(found.mountings) == MOUNTINGS
    for each in found.mountings.values():
        assert [s.id for s in each.chain] == list(step_titles())
        product = each.chain[0].value * math.prod(s.factor for s in each.chain)
        assert product == pytest.approx(each.kwh_per_kwp, rel=1e-12)
        system = math.prod(s.factor for s in each.chain if s.id in SYSTEM_LOSSES)
        assert system == pytest.approx(1 - pvlib.pvsystem.pvwatts_losses() / 100)
        assert round(100 * (1 - system), 2) == 14.08
        assert each.full_load_hours == each.kwh_per_kwp
        assert 0.7 < each.performance_ratio < 0.9


def test_greensboros_figures_stay_what_they_are(greensboro):
    found = yield_of(greensboro.site, Rules(), station=greensboro)
    assert found.irradiation_kwh_per_m2 == pytest.approx(1566.203)
    assert found.mountings["ground"].tilt_deg == 32
    assert found.mountings["ground"].kwh_per_kwp == pytest.approx(1381.4, abs=0.1)
    assert found.mountings["pitched_roof"].kwh_per_kwp == pytest.approx(1322.2, abs=0.1)


@pytest.mark.parametrize("name", ["greensboro", "sand_point"])
def test_no_other_tilt_gets_more(name, request):
    year = request.getfixturevalue(name)
    sky = sky_over(year.site, year.hours)
    totals = [on_plane(sky, tilt, 180, 0.2)["poa_global"].sum() for tilt in range(91)]
    for start in (0, 30, 90):
        assert best_tilt(sky, 180, 0.2, start) == int(np.argmax(totals))


def test_the_level_gets_the_global_irradiation():
    light = resource_of(JIAXING, Rules())
    sky = sky_over(JIAXING, light.hours)
    flat = on_plane(sky, 0, 180, 0.2)
    # pvlib's beam is that of the sun as seen through the air, the level's that of the sun itself
    noon = (sky.hours.index.hour == 4) & (sky.sun.zenith < 80).to_numpy()
    level = flat["poa_global"].to_numpy()[noon]
    assert level == pytest.approx(sky.hours["ghi"].to_numpy()[noon], rel=1e-3)
    assert flat["poa_global"].sum() / 1000 == pytest.approx(1333.5, rel=2e-3)


def solstice(latitude, hour):
    """Return the sun's height and its azimuth from the equator's direction, radians."""
    declination, angle = math.radians(-23.45), math.radians(15 * hour)
    phi = math.radians(abs(latitude))
    zenith = pvlib.solarposition.solar_zenith_analytical(phi, angle, declination)
    azimuth = pvlib.solarposition.solar_azimuth_analytical(phi, angle, declination, zenith)
    return math.pi / 2 - float(zenith), float(azimuth) - math.pi


@given(st.floats(-55, 55), st.floats(0, 80), st.floats(0.5, 3))
def test_the_solstice_shadow_just_reaches_the_next_row(latitude, tilt, hour):
    height, azimuth = solstice(latitude, hour)
    rise = math.sin(math.radians(tilt))
    shadow = rise / math.tan(height) * math.cos(azimuth)
    pitch = row_pitch(latitude, tilt, hour)
    assert pitch == pytest.approx(math.cos(math.radians(tilt)) + shadow, rel=1e-9)
    assert ground_coverage(pitch) == pytest.approx(1 / pitch)


@given(st.floats(0, 55), st.floats(0, 60))
def test_three_hours_are_the_formula_of_the_code(latitude, tilt):
    tan, rad = math.tan(math.radians(latitude)), math.radians(tilt)
    wanted = math.cos(rad) + math.sin(rad) * (0.707 * tan + 0.4338) / (0.707 - 0.4338 * tan)
    assert row_pitch(latitude, tilt, 3) == pytest.approx(wanted, rel=2e-2)


def test_rows_lie_flat_or_find_no_distance():
    assert row_pitch(30.75, 0, 3) == 1
    assert row_pitch(66.6, 40, 0) is None
    assert row_pitch(60, 40, 3) is None
    assert ground_coverage(None) is None


def test_no_row_shades_another_at_nine_on_the_solstice():
    at = pd.DatetimeIndex(["2019-12-22 01:00"], tz="UTC")  # 9 h by the clock of China
    true = at + pd.Timedelta(minutes=-3 - 1.5)  # 120.75 east, and the equation of time
    sun = pvlib.solarposition.get_solarposition(true, 30.75, 120.75).iloc[0]
    pitch = row_pitch(30.75, 27, 3)
    rise, depth = math.sin(math.radians(27)), math.cos(math.radians(27))
    reach = rise / math.tan(math.radians(sun["elevation"]))
    along = reach * math.cos(math.radians(sun["azimuth"] - 180))
    assert depth + along == pytest.approx(pitch, rel=0.01)


def test_a_year_from_the_rules_has_bounds_and_says_what_it_assumes():
    found = yield_of(JIAXING, Rules())
    assert found.basis == "climate"
    assert found.low_kwh_per_m2 == pytest.approx(1167)
    assert found.high_kwh_per_m2 == pytest.approx(1500)
    for each in found.mountings.values():
        assert each.low < each.kwh_per_kwp < each.high
    assert [row.what for row in found.ledger] == ["assumed"] * 3
    cited = Rules().cite(*found.rules)
    assert len(cited) == len(found.rules)
    assert "solar.irradiation_low" in cited


def test_a_figure_of_the_plan_has_none_and_must_be_kwh():
    found = yield_of(Site(28.1, -15.43), Rules(), irradiation_kwh_per_m2=1900)
    assert found.basis == "figure"
    assert found.low_kwh_per_m2 is None
    assert found.irradiation_kwh_per_m2 == pytest.approx(1900)
    assert found.mountings["ground"].low is None
    with pytest.raises(InputError, match="looks like kWh/m² a day"):
        yield_of(JIAXING, Rules(), irradiation_kwh_per_m2=5.2)
    with pytest.raises(InputError, match=r"no irradiation is known at 28.10, -15.43"):
        yield_of(Site(28.1, -15.43), Rules())


@pytest.mark.parametrize(("name", "most"), [("greensboro", 0.04), ("sand_point", 0.03)])
def test_a_made_year_yields_about_what_the_measured_one_does(name, most, request):
    year = request.getfixturevalue(name)
    rules = Rules({"solar.temperature_mean": float(year.hours["temp_air"].mean())})
    total = float(year.hours["ghi"].sum()) / 1000
    measured = yield_of(year.site, rules, station=year).mountings["ground"].kwh_per_kwp
    made = yield_of(year.site, rules, irradiation_kwh_per_m2=total).mountings["ground"]
    assert made.kwh_per_kwp == pytest.approx(measured, rel=most)


def test_a_weather_file_is_brought_to_the_plans_figure(greensboro):
    plain = yield_of(greensboro.site, Rules(), station=greensboro)
    found = yield_of(
        greensboro.site, Rules(), station=greensboro, irradiation_kwh_per_m2=2 * 783.1015
    )
    own, same = (one.mountings["ground"].kwh_per_kwp for one in (plain, found))
    assert same == pytest.approx(own)
    less = yield_of(greensboro.site, Rules(), station=greensboro, irradiation_kwh_per_m2=1400)
    assert less.irradiation_kwh_per_m2 == pytest.approx(1400)
    (row,) = less.ledger
    assert row.effect == pytest.approx(1400 / 1566.203 - 1)
    # the yield is about proportional to the light
    assert less.mountings["ground"].kwh_per_kwp == pytest.approx(own * 1400 / 1566.203, rel=0.01)


def test_weather_from_afar_and_of_another_zone_is_suspected(greensboro):
    found = yield_of(Site(40.7, -74.0), Rules(), station=greensboro)
    assert [row.what for row in found.ledger] == ["suspected"]
    assert "km away" in found.ledger[0].reason
    found = yield_of(greensboro.site, Rules(), station=shifted(greensboro, 3))
    assert "sun is down" in found.ledger[0].reason


def shifted(year, hours):
    """A year of weather whose clock is wrong."""
    times = year.hours.index + pd.Timedelta(hours=hours)
    return Station("weather", year.site, year.hours.set_axis(times))


@pytest.mark.parametrize("hours", [8, -10, 12])
def test_weather_of_the_night_is_refused(greensboro, hours):
    with pytest.raises(InputError, match=r"% of its light falls while the sun is down") as caught:
        yield_of(greensboro.site, Rules(), station=shifted(greensboro, hours))
    assert caught.value.layer == "weather"
    assert "Correct the time zone" in str(caught.value)


def test_weather_from_beyond_2000_km_is_refused(greensboro):
    with pytest.raises(InputError, match=r"36\.10, -79\.95 .*12,\d{3} km away\. Give the file of"):
        yield_of(JIAXING, Rules(), station=greensboro)
    # along the meridian a degree is 111 km
    for away, is_refused in ((17, False), (19, True)):
        site = Site(greensboro.site.latitude - away, greensboro.site.longitude)
        if is_refused:
            with pytest.raises(InputError, match=r"2,\d{3} km away"):
                check_station(site, greensboro)
        else:
            check_station(site, greensboro)


def test_two_stations_are_one_too_many(greensboro):
    tables = {"station": pd.DataFrame({"name": ["a", "b"]}), "hours": greensboro.hours}
    data = pd.DataFrame()
    with pytest.raises(InputError, match="2 stations"):
        station_of(Layer("a + b", KINDS["weather"], data, tables=tables))


def test_south_of_the_equator_panels_face_north():
    north = yield_of(Site(30.75, 120.75), Rules(), irradiation_kwh_per_m2=1333.5)
    south = yield_of(Site(-30.75, 120.75), Rules(), irradiation_kwh_per_m2=1333.5)
    here, there = north.mountings["ground"], south.mountings["ground"]
    assert (here.azimuth_deg, there.azimuth_deg) == (180, 0)
    assert there.row_pitch == row_pitch(30.75, there.tilt_deg, 3)
    assert there.kwh_per_kwp == pytest.approx(here.kwh_per_kwp, rel=0.03)


def test_tables_hold_every_mounting_and_every_step(greensboro):
    measured = yield_of(greensboro.site, Rules(), station=greensboro)
    table = yield_table(measured, Rules())
    assert list(table.fields) == list(table.data.columns)
    assert len(table.data) == len(MOUNTINGS)
    assert "from 9 to 15 h" in table.note
    assert "low_kwh_per_kwp" in yield_table(yield_of(JIAXING, Rules()), Rules()).data
    for mounting in CHAINS:
        losses = loss_table(measured, mounting)
        assert list(losses.fields) == list(losses.data.columns)
        assert losses.data["kwh_per_kwp"].iloc[-1] == measured.mountings[mounting].kwh_per_kwp
    assert [loss_table(measured, m).name for m in CHAINS[:2]] == ["losses", "losses_pitched_roof"]
    own = {m: [s.value for s in measured.mountings[m].chain] for m in MOUNTINGS}
    assert own["ground"] == own["flat_roof"] == own["composite"]


def test_rules_that_cannot_be():
    wrong = Rules({"solar.loss_soiling": 2, "solar.dc_ac_ratio": 0, "solar.roof_pitch": 120})
    with pytest.raises(InputError) as caught:
        yield_of(JIAXING, wrong)
    assert str(caught.value).splitlines() == [
        "the rule solar.loss_soiling is 2. Give from 0 to 0.9.",
        "the rule solar.dc_ac_ratio is 0. Give from 0.5 to 3.",
        "the rule solar.roof_pitch is 120. Give from 0 to 90.",
    ]
    with pytest.raises(InputError, match="is more than solar"):
        yield_of(JIAXING, Rules({"solar.irradiation_low": 1600}))
