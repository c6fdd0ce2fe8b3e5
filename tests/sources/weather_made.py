"""Files of weather as each format has it, made of hours by the time of their sun."""

from pathlib import Path

import pandas as pd
import pvlib

TMY3 = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"


def epw(hours, zone=-5, **station):
    """Return an EPW of hours by their middle, as its dictionary of fields has it."""
    about = {"city": "Greensboro", "lat": 36.1, "lon": -79.95, "altitude": 273, **station}
    where = f"{about['lat']},{about['lon']},{zone},{about['altitude']}"
    lines = [
        f"LOCATION,{about['city']},NC,USA,TMY3,723170,{where}",
        *("DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"),
        *("HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made", "COMMENTS 2,made"),
        "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
    ]
    for time, row in zip(hours.index + pd.Timedelta(hours=zone), hours.itertuples(), strict=True):
        numbers = [row.temp_air, 5, 70, 99300, 0, 0, 300, row.ghi, row.dni, row.dhi]
        after = [
            0,
            0,
            0,
            0,
            200,
            row.wind_speed,
            5,
            5,
            16,
            7777,
            9,
            999999999,
            15,
            0,
            0,
            0,
            0,
            0,
            0,
        ]
        stamp = [time.year, time.month, time.day, time.hour + 1, 60, "A7A7"]
        lines.append(",".join(str(value) for value in [*stamp, *numbers, *after]))
    return "\n".join(lines) + "\n"


def pvgis(hours, offset=0.5, elevation=273.0):
    """Return PVGIS's JSON of hours by the time of their sun."""
    at = hours.index - pd.Timedelta(hours=offset)
    rows = [
        {
            "time(UTC)": f"{time:%Y%m%d:%H%M}",
            "T2m": row.temp_air,
            "RH": 70.0,
            "G(h)": row.ghi,
            "Gb(n)": row.dni,
            "Gd(h)": row.dhi,
            "IR(h)": 300.0,
            "WS10m": row.wind_speed,
            "WD10m": 200.0,
            "SP": 99300.0,
        }
        for time, row in zip(at, hours.itertuples(), strict=True)
    ]
    where = {"latitude": 36.1, "longitude": -79.95, "elevation": elevation}
    months = [{"month": month, "year": 2010} for month in range(1, 13)]
    return {
        "inputs": {"location": {**where, "irradiance_time_offset": offset}},
        "outputs": {"months_selected": months, "tmy_hourly": rows},
        "meta": {"inputs": {}, "outputs": {}},
    }


def pvgis_csv(answer):
    """Return PVGIS's CSV of the same."""
    where = answer["inputs"]["location"]
    rows = answer["outputs"]["tmy_hourly"]
    lines = [
        f"Latitude (decimal degrees): {where['latitude']}",
        f"Longitude (decimal degrees): {where['longitude']}",
        f"Elevation (m): {where['elevation']}",
        f"Irradiance Time Offset (h): {where['irradiance_time_offset']}",
        "month,year",
        *(f"{month},2010" for month in range(1, 13)),
        ",".join(rows[0]),
        *(",".join(str(value) for value in row.values()) for row in rows),
        "",
        "T2m: 2-m air temperature (degree Celsius)",
    ]
    return "\r\n".join(lines) + "\r\n"
