# ruff: noqa: E501, PLR0913, PLR0917 - a table of targets is read by its columns
"""A made-up city: seven zones, 800 stops, two radii, and a scoreboard of 32 rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jxgis.results import (
    CriterionStatus,
    Drawing,
    Indicator,
    InputFile,
    LedgerRow,
    Result,
    Scoreboard,
    TargetStatus,
)

CRS = "EPSG:4549"
DATE = dt.date(2019, 12, 31)
SCRIPT = "<script>window.hacked = 1</script>"
QUOTE = '"onmouseover="window.hacked=2'
IMAGE = "<img src=x onerror=window.hacked=3>"
END = "</script><script>window.hacked=4</script>"

NAMES = ["南湖区", "秀洲区", "嘉善县", "海盐县", "海宁市", "平湖市", "桐乡市"]
CODES = ["330402", "330411", "330421", "330424", "330481", "330482", "330483"]
SEATS = np.array(
    [
        [576000, 3403000],
        [565000, 3410000],
        [588000, 3413000],
        [590000, 3377000],
        [560000, 3376000],
        [598000, 3396000],
        [543000, 3390000],
    ],
    float,
)


def zones() -> gpd.GeoDataFrame:
    """Seven zones that share their borders."""
    box = shapely.box(528000, 3362000, 612000, 3427000).segmentize(4000)
    seats = shapely.MultiPoint(SEATS)
    cells = list(shapely.voronoi_polygons(seats, extend_to=box).geoms)
    outline = shapely.intersection(shapely.Point(570000, 3394000).buffer(40000), box)
    owned = [next(c for c in cells if c.contains(shapely.Point(s))) for s in SEATS]
    shapes = [shapely.intersection(c, outline) for c in owned]
    return gpd.GeoDataFrame({"zone_id": CODES, "zone": NAMES}, geometry=shapes, crs=CRS)


def stops(n: int = 800, seed: int = 7) -> gpd.GeoDataFrame:
    """Stops around the seats of the zones."""
    random = np.random.default_rng(seed)
    weights = np.array([6, 4, 2, 2, 3, 2, 3], float)
    seat = random.choice(len(SEATS), n, p=weights / weights.sum())
    places = SEATS[seat] + random.normal(0, 2300, (n, 2))
    names = [f"站点{i}号" for i in range(n)]
    names[0], names[1], names[2], names[3] = SCRIPT, QUOTE, IMAGE, END
    return gpd.GeoDataFrame(
        {"stop_id": [f"S{i:04d}" for i in range(n)], "name": names},
        geometry=gpd.points_from_xy(*places.T),
        crs=CRS,
    )


def coverage(n: int = 800) -> Result:
    """A result like that of transit.coverage."""
    z, s = zones(), stops(n)
    sizes = np.array([6200, 4800, 3600, 3400, 4200, 3300, 4400])
    built = shapely.union_all(shapely.buffer(shapely.points(SEATS), sizes, quad_segs=6))
    lake = shapely.Point(578500, 3401000).buffer(900)
    net = shapely.difference(built, lake)
    drawings, rows, indicators = [], [], []
    shares: dict[int, list[float]] = {}
    for radius, target in ((500, 0.96), (300, 0.77)):
        discs = shapely.union_all(shapely.buffer(s.geometry.to_numpy(), radius, quad_segs=16))
        covered, uncovered = shapely.intersection(net, discs), shapely.difference(net, discs)
        shares[radius] = []
        for code, name, shape in zip(CODES, NAMES, z.geometry, strict=True):
            area = shapely.area(shapely.intersection(net, shape))
            part = shapely.area(shapely.intersection(covered, shape))
            shares[radius].append(part / area)
            rows.append((code, name, radius, area, part, part / area))
        for role, title, shape in (
            ("covered", f"Covered within {radius} m", covered),
            ("uncovered", f"Not covered within {radius} m", uncovered),
        ):
            frame = gpd.GeoDataFrame(geometry=[shape], crs=CRS)
            drawings.append(
                Drawing(
                    f"{role}_{radius}", title, role, frame, shown=radius == 500, tolerance_m=0.6
                )
            )
        value = shapely.area(covered) / shapely.area(net)
        indicators.append(
            Indicator(
                f"bus-{radius}",
                value,
                "1",
                numerator=shapely.area(covered),
                denominator=shapely.area(net),
                params={"radius_m": radius},
                target=target,
                met=value >= target,
            )
        )
    drawings.append(
        Drawing(
            "zones",
            "Zones",
            "zones",
            z.assign(share_500=shares[500], share_300=shares[300]),
            {
                "zone": "Zone",
                "share_500": "Share within 500 m",
                "share_300": "Share within 300 m",
            },
            shade="share_500",
        )
    )
    drawings += [
        Drawing("built_up", "Built-up area", "area", gpd.GeoDataFrame(geometry=[net], crs=CRS)),
        Drawing(
            "excluded",
            "Excluded: water, parks, schools",
            "excluded",
            gpd.GeoDataFrame({"class": ["water"], "effect": [0.0042]}, geometry=[lake], crs=CRS),
            {"class": "Class", "effect": "Effect on the share"},
        ),
        Drawing("stops", "Bus stops", "points", s, {"name": "Name", "stop_id": "Code"}),
    ]
    return Result(
        "transit.coverage",
        DATE,
        CRS,
        tuple(indicators),
        pd.DataFrame(
            rows, columns=["zone_id", "zone", "radius_m", "area_m2", "covered_area_m2", "share"]
        ),
        tuple(drawings),
        (
            LedgerRow("excluded", "land", 1, "water 南湖, 2.54 km²", 0.0042),
            LedgerRow("repaired", "built_up", 2, "self-intersections repaired, +12 m²", 0.00001),
            LedgerRow("dropped", "stops", 3, f"coordinates are not finite {SCRIPT}", None),
            LedgerRow("assumed", "stops", 800, "no datum is given: read as WGS84", None),
            LedgerRow("outside", "stops", 31, "stops outside every zone, used where they reach in"),
        ),
        (
            InputFile(
                "shapefiles/stops.shp", "ab" * 32, n, "EPSG:4490", "stops", DATE, "© 嘉兴 & Co"
            ),
            InputFile("shapefiles/built_up.shp", "cd" * 32, 7, "EPSG:4549", "built_up"),
            InputFile("shapefiles/zones.shp", "ef" * 32, 7, "EPSG:4490", "zones"),
        ),
        {
            "coverage.exclude_min_area_m2": {
                "value": 1e6,
                "source": "national transit-city evaluation system, as transcribed",
            }
        },
    )


def _single(
    name: str,
    clause: str,
    title: str,
    kind: str,
    value: float | None,
    target: float | None,
    unit: str,
    waits: str = "",
    source: str = "",
) -> TargetStatus:
    gap = None if value is None or target is None else target - value
    status = "no_data" if value is None else "tracked"
    if gap is not None:
        status = "met" if gap <= 0 else "not_met"
    criterion = CriterionStatus(
        name,
        "",
        status,
        value,
        target,
        "at_least",
        unit,
        gap,
        as_of=DATE if value is not None else None,
        source=source,
    )
    measure = "transit.coverage" if name.startswith("bus-") else None
    return TargetStatus(name, clause, title, kind, status, (criterion,), measure, waits)


def targets(result: Result) -> tuple[TargetStatus, ...]:
    """32 rows: met, not met, tracked and without data."""
    value = {i.id: i.value for i in result.indicators}
    wait = "a layer of kind service_areas"
    rows = [
        _single(
            "bus-500",
            "二(二)2",
            "市区建成区公交站点500米覆盖率",
            "computed",
            value["bus-500"],
            0.96,
            "1",
        ),
        _single(
            "bus-300",
            "二(二)2",
            "市区建成区公交站点300米覆盖率",
            "computed",
            value["bus-300"],
            0.77,
            "1",
        ),
        _single(
            "service-area-charging",
            "二(二)2",
            "主要高速公路服务区快充站全覆盖",
            "computed",
            None,
            1.0,
            "1",
            wait,
        ),
        _single("charging-bus", "二(二)2", "公交等专用充换电站", "sited+counted", 5, 5, "station"),
        _single("charging-city", "二(二)2", "城市公用充换电站", "sited+counted", 3, 4, "station"),
        _single(
            "charging-intercity",
            "二(二)2",
            "城际公用(高速)充换电站扩建",
            "sited+counted",
            2,
            2,
            "station",
        ),
        _single("charging-piles", "二(二)2", "公用分散充电桩", "sited+counted", 268, 300, "pile"),
        _single(
            "pv-zone",
            "二(一)2",
            "各县(市、区)创建国家级光伏发电示范区",
            "computed+counted",
            4,
            7,
            "zone",
        ),
        _single("pv-new", "二(一)2", "新增光伏发电装机", "counted", 612.5, 500, "MW"),
        _single(
            "green-built-up",
            "一.4",
            "建成区绿化覆盖率",
            "computed",
            None,
            0.41,
            "1",
            "a layer of kind imagery",
        ),
        _single("tree-cover", "二(二)3", "林木覆盖率", "computed", 0.2012, 0.20, "1"),
        _single("plain-greening", "一.4", "平原绿化", "computed+counted", 41250.0, 45000, "mu"),
        _single("wetland", "二(二)3", "湿地保护与湿地公园建设", "computed", 15823400.0, None, "m2"),
        _single(
            "prefab",
            "二(一)1",
            "装配式建筑",
            "reported",
            5200000,
            5000000,
            "m2",
            source="嘉兴市建设局",
        ),
        _single(
            "non-fossil",
            "一.2",
            "非化石能源占一次能源比重",
            "reported",
            0.17896,
            0.179,
            "1",
            source="嘉兴市统计局",
        ),
        _single(
            "clean-capacity",
            "一.2",
            "清洁能源发电装机容量",
            "reported",
            9.31,
            9.30,
            "GW",
            source="嘉兴市发改委",
        ),
    ]
    two = TargetStatus(
        "forest-city",
        "一.4",
        "省级森林城市与森林城镇",
        "counted",
        "not_met",
        (
            CriterionStatus(
                "forest-city.cities", "省级森林城市", "met", 2, 2, "at_least", "city", 0, as_of=DATE
            ),
            CriterionStatus(
                "forest-city.towns",
                "省级森林城镇",
                "not_met",
                4,
                5,
                "at_least",
                "town",
                1,
                as_of=DATE,
            ),
        ),
        "sites.count",
    )
    rows.append(two)
    rows += [
        _single(f"reported-{i}", "二(一)2", title, "reported", None, 100, "project", "a reported figure: [[reported]]")
        for i, title in enumerate(
            [
                "绿色示范产品", "清洁生产审核企业", "绿色化改造项目", "再制造示范项目", "碳核查试点",
                "近零碳排放试点", "分项计量", "新能源汽车推广", "公共机构节能", "公共交通出行分担率",
                "海绵城市试点", "船舶岸电布点", "杭海城际铁路", "新增公园绿地",
            ]
        )
    ]  # fmt: skip
    rows.append(
        _single(
            "long",
            "二(一)2",
            f"Distributed PV at eligible enterprises that use 5,000 tce/year {SCRIPT}",
            "counted",
            None,
            1.0,
            "1",
            IMAGE,
        )
    )
    return tuple(rows)


def scoreboard(n: int = 800, notice: str = "") -> Scoreboard:
    """The whole board."""
    result = coverage(n)
    text = notice or "演示数据: boundaries are real, everything else is generated."
    return Scoreboard(
        "嘉兴市低碳城市试点建设三年行动计划 2017-2019", DATE, targets(result), (result,), text
    )


def hostile() -> Scoreboard:
    """A board whose every text tries to be a script."""
    board = scoreboard()
    result = board.results[0]
    layers = tuple(
        replace(
            d,
            title=f"{d.title} {IMAGE}",
            fields={c: f"{t} {IMAGE}" for c, t in d.fields.items()},
            data=d.data.assign(zone=[f"{IMAGE} {END}"] * len(d.data))
            if "zone" in d.data
            else d.data,
        )
        for d in result.layers
    )
    result = replace(
        result,
        layers=layers,
        by_zone=result.by_zone.assign(zone=lambda f: [f"{n}{END}{QUOTE}" for n in f["zone"]]),
        ledger=(LedgerRow("excluded", IMAGE, 1, f"{QUOTE}>{END}", 0.01),),
        inputs=(InputFile(END, "00", 1, IMAGE, QUOTE, None, f"{IMAGE}{SCRIPT}"),),
        rules={SCRIPT: {"value": 1, "source": IMAGE}},
    )
    return replace(board, plan=f"{SCRIPT}{QUOTE}", notice=IMAGE, results=(result,))
