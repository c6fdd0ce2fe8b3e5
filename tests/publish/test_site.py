from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import examples
import geopandas as gpd
import pandas as pd
import pytest
import shapely

from jxgis.errors import InputError
from jxgis.publish.assets import json_block, leaflet_script, leaflet_style
from jxgis.publish.site import SiteOptions, write_result, write_site
from jxgis.results import Result


class Page(HTMLParser):
    """The tags of a page, and the text of its scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inline, self.words = [], [], []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"]

    def handle_data(self, data):
        tag, attrs = self.tags[-1] if self.tags else ("", {})
        if tag in ("script", "style"):
            self.inline.append((tag, attrs.get("type"), data))
            self.tags.append(("", {}))
        else:
            self.words.append(data)


@pytest.fixture(scope="module")
def board():
    return examples.scoreboard()


@pytest.fixture(scope="module")
def site(board, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    return folder, write_site(folder, board, SiteOptions())


def read(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def test_a_site_has_its_files_and_no_others(site):
    folder, written = site
    assert [p.name for p in written] == [
        "index.html",
        "scoreboard.json",
        "ledger.csv",
        "transit-coverage.html",
        "coverage.gpkg",
        "coverage.csv",
    ]
    assert {p.name for p in folder.iterdir()} == {p.name for p in written}


def test_the_json_is_the_scoreboard(site, board):
    assert json.loads(read(site[0], "scoreboard.json")) == json.loads(json.dumps(board.to_json()))


@pytest.mark.parametrize("name", ["index.html", "transit-coverage.html"])
def test_a_policy_allows_what_is_in_the_page_and_nothing_else(site, name):
    page = Page(read(site[0], name))
    assert page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in page.policy
    assert "http" not in page.policy
    for tag, kind, text in page.inline:
        if kind != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            directive = next(d for d in page.policy.split("; ") if d.startswith(f"{tag}-src"))
            assert f"'sha256-{digest}'" in directive
    assert page.policy.count("sha256-") == sum(k != "application/json" for _, k, _t in page.inline)


@pytest.mark.parametrize("name", ["index.html", "transit-coverage.html"])
def test_a_page_names_no_file_that_it_would_load(site, name):
    page = Page(read(site[0], name))
    assert not [a for _, a in page.tags if "src" in a or "style" in a]
    assert not [a for tag, a in page.tags if tag in ("link", "iframe", "object", "base")]
    styles = " ".join(text for tag, _, text in page.inline if tag == "style")
    assert all(u.startswith("data:") for u in re.findall(r"url\(([^)]*)\)", styles))
    assert "@import" not in styles
    assert "sourceMappingURL" not in read(site[0], name)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_page_has_a_language_a_title_and_one_heading(board, tmp_path, language):
    from jxgis.i18n import set_language

    set_language(language)
    write_site(tmp_path, board, SiteOptions())
    for name in ("index.html", "transit-coverage.html"):
        tags = Page(read(tmp_path, name)).tags
        assert ("html", {"lang": {"en": "en", "zh_CN": "zh-CN"}[language]}) in tags
        assert [t for t, _ in tags if t in ("title", "h1", "main")] == ["title", "h1", "main"] or [
            t for t, _ in tags if t in ("title", "h1", "main")
        ] == ["title", "main", "h1"]


def test_the_board_shows_every_target_its_gap_and_what_it_waits_for(site, board):
    page = Page(read(site[0], "index.html"))
    ids = {a["id"] for tag, a in page.tags if tag == "tbody"}
    assert ids == {f"target-{t.id}" for t in board.targets}
    text = " ".join(page.words)
    assert "6 of 32 targets met" in text
    assert "17.89 %" in text
    assert "a layer of kind service_areas" in text
    assert examples.SCRIPT in text
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert links.count("transit-coverage.html") == 3


def test_text_of_the_data_is_escaped(tmp_path):
    write_site(tmp_path, examples.hostile(), SiteOptions())
    for name in ("index.html", "transit-coverage.html"):
        page = Page(read(tmp_path, name))
        assert not [t for t, _ in page.tags if t == "img"]
        assert not [a for _, a in page.tags if any(k.startswith("on") for k in a)]
        assert len([t for t, _ in page.tags if t == "script"]) == (4 if "coverage" in name else 0)


def test_json_in_a_page_cannot_end_its_element():
    value = {"a": "</script><!--<script>&\u2028\u2029", "b": [1, 0.5, None]}
    text = json_block(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_leaflet_is_whole_and_asks_for_nothing():
    assert "L.version" in leaflet_script() or "1.9.3" in leaflet_script()
    assert "</script" not in leaflet_script()
    assert leaflet_style().count("data:image/png;base64,") == 3


def test_the_same_scoreboard_gives_the_same_bytes(site, board, tmp_path):
    write_site(tmp_path, board, SiteOptions())
    for path in site[1]:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_one_result_has_a_page_of_its_own(board, tmp_path):
    written = write_result(tmp_path, board.results[0], SiteOptions())
    assert [p.name for p in written] == [
        "transit-coverage.html",
        "result.json",
        "coverage.gpkg",
        "coverage.csv",
        "ledger.csv",
    ]
    text = read(tmp_path, "transit-coverage.html")
    assert "Within 500 m of a stop" in text
    assert "index.html" not in text
    assert json.loads(read(tmp_path, "result.json"))["measure"] == "transit.coverage"


def test_results_that_share_a_name_do_not_overwrite_each_other(board, tmp_path):
    first = board.results[0]
    others = (replace(first, measure="walking.coverage"), replace(first))
    written = write_site(tmp_path, replace(board, results=(first, *others)), SiteOptions())
    assert len({p.name for p in written}) == len(written)
    assert {"transit-coverage.gpkg", "walking-coverage.gpkg", "transit-coverage-2.gpkg"} <= {
        p.name for p in written
    }


def test_a_result_with_nothing_but_numbers_is_published(tmp_path):
    bare = Result("sites.count", None, "EPSG:4549", (), pd.DataFrame())
    names = [p.name for p in write_result(tmp_path, bare, SiteOptions())]
    assert names == ["sites-count.html", "result.json", "ledger.csv"]


@pytest.mark.parametrize(
    ("options", "host"),
    [
        (SiteOptions("osm"), "https://tile.openstreetmap.org"),
        (SiteOptions("tianditu", "0123456789abcdef0123456789abcdef"), "https://*.tianditu.gov.cn"),
    ],
)
def test_a_base_map_is_allowed_by_name_and_warned_of(board, tmp_path, options, host):
    write_result(tmp_path, board.results[0], options)
    text = read(tmp_path, "transit-coverage.html")
    directive = next(d for d in Page(text).policy.split("; ") if d.startswith("img-src"))
    assert directive == f"img-src data: {host}"
    assert options.warnings()
    assert (options.token or "openstreetmap") in text
    assert SiteOptions().warnings() == ()


@pytest.mark.parametrize(
    ("name", "token"),
    [("bing", None), ("tianditu", None), ("tianditu", ""), ("tianditu", "a'/><script>")],
)
def test_a_base_map_that_cannot_be_shown_is_refused(name, token):
    with pytest.raises(InputError):
        SiteOptions(name, token)


def test_a_long_list_of_zones_folds_away(board, tmp_path):
    first = board.results[0]
    zones = ", ".join(f"zone {n}" for n in range(30))
    indicators = (replace(first.indicators[0], zone=zones), replace(first.indicators[1], zone="a"))
    write_result(tmp_path, replace(first, indicators=indicators), SiteOptions())
    text = read(tmp_path, "transit-coverage.html")
    assert f"<summary>Zones</summary>{zones}</details>" in text
    assert '<span class="soft">(a)</span>' in text


def map_data(folder):
    text = read(folder, "transit-coverage.html")
    return json.loads(re.search(r'id="map-data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.mark.parametrize(
    ("left_out", "fitted"),
    [((), "zones"), (("zones",), "area"), (("zones", "area", "covered", "uncovered"), "points")],
)
def test_the_map_opens_at_the_city_and_not_at_a_stray_stop(tmp_path, left_out, fitted):
    result = examples.coverage(50)
    stops = result.layers[-1]
    stray = shapely.Point(gpd.GeoSeries.from_xy([2.35], [48.86], crs=4326).to_crs(examples.CRS)[0])
    data = stops.data.copy()
    data.loc[0, "geometry"] = stray
    layers = (*result.layers[:-1], replace(stops, data=data))
    layers = tuple(d for d in layers if d.role not in (*left_out, "excluded"))
    write_result(tmp_path, replace(result, layers=layers), SiteOptions())
    (south, west), (north, east) = map_data(tmp_path)["bounds"]
    shown = next(d for d in layers if d.role == fitted).data.to_crs(4326).total_bounds
    assert [west, south, east, north] == pytest.approx(list(shown), abs=1e-9)


def test_a_figure_against_a_yearbook_says_so(board, tmp_path):
    first = board.results[0]
    own = first.indicators[0]
    printed = replace(
        own,
        id="bus-500-yearbook",
        params={"radius_m": 500, "source": "Yearbook 2020, p. 7"},
        target=None,
        met=None,
    )
    write_site(
        tmp_path,
        replace(board, results=(replace(first, indicators=(own, printed)),)),
        SiteOptions(),
    )
    names = re.findall(r'<p class="name">(.*?)</p>', read(tmp_path, "transit-coverage.html"))
    title = "市区建成区公交站点500米覆盖率"
    assert names == [title, f"{title} · against the built-up area in Yearbook 2020, p. 7"]


def test_without_zones_nothing_asks_to_choose_one(site, board, tmp_path):
    first = board.results[0]
    whole = first.by_zone.head(1).assign(zone_id="", zone="built-up area")
    layers = tuple(d for d in first.layers if d.role != "zones")
    write_result(tmp_path, replace(first, by_zone=whole, layers=layers), SiteOptions())
    help_, zones = "Choose a zone to see it on the map.", '<h2 id="zones">By zone</h2>'
    text = read(tmp_path, "transit-coverage.html")
    assert '<h2 id="zones">Built-up area</h2>' in text
    assert help_ not in text
    with_zones = read(site[0], "transit-coverage.html")
    assert help_ in with_zones
    assert zones in with_zones
