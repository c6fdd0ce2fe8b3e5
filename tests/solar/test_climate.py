"""A year's irradiation: figures in other units, made years against measured ones, and the box."""

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jxgis.errors import InputError
from jxgis.irradiation_units import check_irradiation
from jxgis.rules import Rules
from jxgis.solar.climate import completed, dark_share, default_range, made_year
from jxgis.solar.sun import Site, sun_over

JIAXING = Site(30.75, 120.75)
LAS_PALMAS = Site(28.1, -15.43)


@given(st.floats(500, 2800))
def test_a_year_in_kwh_is_taken(value):
    check_irradiation(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (4700, "4,700 looks like MJ/m² a year: that is 1,306 kWh/m² a year"),
        (3.6, "3.6 looks like kWh/m² a day: that is 1,314 kWh/m² a year"),
        (13.1, "13.1 looks like MJ/m² a day: that is 1,328 kWh/m² a year"),
        (8, "8 looks like MJ/m² a day: that is 811 kWh/m² a year"),
        (150, "150 looks like a mean in W/m²: that is 1,314 kWh/m² a year"),
        (1_313_000, "1.313e+06 looks like Wh/m² a year: that is 1,313 kWh/m² a year"),
        (0, "0 kWh/m² a year falls nowhere where people live"),
        (400, "400 kWh/m² a year falls nowhere where people live"),
        (-1300, "-1,300 kWh/m² a year falls nowhere where people live"),
        (float("nan"), "nan kWh/m² a year falls nowhere"),
        (float("inf"), "inf kWh/m² a year falls nowhere"),
    ],
)
def test_another_unit_is_named_with_what_it_would_be(value, said):
    with pytest.raises(InputError) as caught:
        check_irradiation(value)
    assert str(caught.value).startswith(said)


@given(st.floats(500, 2800), st.sampled_from([1 / 365, 3.6 / 365, 3.6, 1000.0]))
def test_what_is_proposed_is_always_a_possible_year(right, factor):
    value = right * factor
    if 500 <= value <= 2800:  # a low sum in MJ cannot be told from a high one in kWh
        check_irradiation(value)
        return
    with pytest.raises(InputError) as caught:
        check_irradiation(value)
    proposed = float(str(caught.value).split("= ")[1].split(",")[0])
    assert 499 <= proposed <= 2801


def test_a_plan_is_mended_by_its_key_and_a_raster_by_its_scale():
    with pytest.raises(InputError, match=r"Write irradiation_kwh_per_m2 = 1314, or"):
        check_irradiation(3.6, file="plan.toml")
    with pytest.raises(InputError, match=r"scale = 365 under \[layers.sunshine\]") as caught:
        check_irradiation(3.6, layer="sunshine")
    assert caught.value.layer == "sunshine"


def test_the_shipped_climate_is_of_the_class_and_of_its_box_only():
    known = default_range(JIAXING, Rules())
    assert (known.low, known.middle, known.high) == (1167, 1333.5, 1500)
    for site in (LAS_PALMAS, Site(30.75, 110), Site(-30.75, 120.75), Site(34, 120.75)):
        with pytest.raises(InputError, match=r"irradiation_kwh_per_m2 under \[solar\]"):
            default_range(site, Rules())
    wider = Rules({"solar.climate_west": -20, "solar.climate_south": 28})
    assert default_range(LAS_PALMAS, wider) == known


@pytest.mark.parametrize("site", [JIAXING, LAS_PALMAS, Site(-33, 18.4), Site(69.6, 18.9)])
@pytest.mark.parametrize("total", [500, 1333.5, 2800])
def test_a_made_year_adds_up_and_is_closed(site, total):
    hours = made_year(site, total, Rules())
    assert len(hours) == 8760
    assert hours["ghi"].sum() / 1000 == pytest.approx(total, rel=1e-12)
    assert hours.notna().all(axis=None)
    assert (hours[["ghi", "dni", "dhi"]] >= 0).all(axis=None)
    # beam and diffuse light make up the global: Erbs gives no beam where the sun is below 3 degrees
    sun = sun_over(site, hours.index)
    up = sun.zenith < 87
    level = hours["dni"] * np.cos(np.radians(sun.zenith)) + hours["dhi"]
    assert level[up].to_numpy() == pytest.approx(hours["ghi"][up].to_numpy(), abs=1e-6)
    assert dark_share(site, hours) == pytest.approx(0, abs=1e-4)


def test_it_is_as_often_clear_as_angstrom_has_it():
    clear = pvlib.clearsky.haurwitz(
        sun_over(JIAXING, made_year(JIAXING, 1000, Rules()).index).apparent_zenith
    )["ghi"]
    full = clear.sum() / 1000
    cloudless = made_year(JIAXING, full, Rules())
    assert cloudless["ghi"].to_numpy() == pytest.approx(clear.to_numpy())
    overcast = made_year(JIAXING, full * Rules()["solar.overcast_share"].value, Rules())
    assert overcast["dni"].sum() == pytest.approx(0, abs=1e-6)
    half = made_year(JIAXING, full * (1 + 0.3333) / 2, Rules())
    assert half["dni"].sum() == pytest.approx(cloudless["dni"].sum() / 2)


def test_warmth_follows_the_hemisphere_and_the_sun():
    north = made_year(JIAXING, 1300, Rules())["temp_air"]
    south = made_year(Site(-30.75, 120.75), 1300, Rules())["temp_air"]
    assert north.mean() == pytest.approx(16.5, abs=0.01)
    assert north.groupby(north.index.month).mean().idxmax() == 7
    assert south.groupby(south.index.month).mean().idxmax() == 1
    # 15 h of true solar time at 120.75 east is about 7 h UTC
    assert north.groupby(north.index.hour).mean().idxmax() in (6, 7)


def test_missing_beam_is_split_from_the_global():
    hours = made_year(JIAXING, 1300, Rules())
    whole, filled = completed(JIAXING, hours)
    assert filled == 0
    assert whole is hours
    gap = hours.assign(dni=np.nan, dhi=np.nan)
    made, filled = completed(JIAXING, gap)
    assert filled == (hours["ghi"] > 0).sum()
    day_of_year = hours.index.day_of_year.to_numpy()
    wanted = pvlib.irradiance.erbs(hours["ghi"], sun_over(JIAXING, hours.index).zenith, day_of_year)
    assert made["dhi"].to_numpy() == pytest.approx(wanted["dhi"])
    one = hours.copy()
    one.iloc[4000, one.columns.get_loc("dni")] = np.nan
    made, _filled = completed(JIAXING, one)
    assert made.drop(one.index[4000]).equals(hours.drop(one.index[4000]))
    assert made.notna().all(axis=None)


def test_a_wrong_time_zone_shows_as_light_at_night():
    hours = made_year(JIAXING, 1300, Rules())
    local = hours.set_axis(hours.index + pd.Timedelta(hours=8))
    assert dark_share(JIAXING, local) > 0.3
