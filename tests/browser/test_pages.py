from __future__ import annotations

from dataclasses import replace

import examples
import pytest
from axe_playwright_python.sync_playwright import Axe

from jxgis.publish.site import SiteOptions, write_site

PHONE = (360, 780)
DESKTOP = (1440, 900)
PAGES = ["index.html", "transit-coverage.html"]

# Counts the map's pixels of about one colour.
COUNT_PIXELS = """
([r, g, b]) => {
  const canvas = document.querySelector(".leaflet-overlay-pane canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    const near = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
    if (data[i + 3] > 200 && near < 60) n += 1;
  }
  return n;
}
"""
ORANGE, NAVY = [213, 110, 40], [20, 50, 74]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, examples.scoreboard(), SiteOptions())
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_site(folder, examples.hostile(), SiteOptions())
    return folder


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_but_itself_and_complains_of_nothing(visit, site, name, size):
    seen = visit(site / name, size)
    asked = [u for u in seen.requests if not u.startswith("data:")]
    assert asked == [(site / name).as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("size", [PHONE, (390, 844), (768, 1024), DESKTOP])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_never_scrolls_sideways(visit, site, name, size):
    page = visit(site / name, size).page
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_figures_zones_and_ledger_are_on_the_page(visit, site):
    page = visit(site / "transit-coverage.html").page
    text = page.inner_text("main")
    assert "63.97 %" in text
    assert "≥ 96 %" in text.replace("\N{SLANTED EQUAL TO OR GREATER-THAN}", "≥")
    for name in examples.NAMES:
        assert name in text
    assert "+0.42 pp" in text
    assert "abababababab" in text
    assert page.locator(".leaflet-control-scale-line").count() == 1
    assert "km" in page.inner_text(".leaflet-control-scale-line")
    assert "data as of 2019-12-31" in page.inner_text(".leaflet-control-attribution")


def test_every_zone_is_labelled_at_the_width_of_a_desktop(visit, site):
    page = visit(site / "transit-coverage.html").page
    shown = page.locator(".zone-label:not(.hidden)")
    assert shown.count() == len(examples.NAMES)
    assert "南湖区" in " ".join(shown.all_inner_texts())


def test_layers_toggle(visit, site):
    page = visit(site / "transit-coverage.html").page
    page.locator("button[data-zone='330402']").click()
    page.wait_for_timeout(600)
    for label, colour in (("Not covered within 500 m", ORANGE), ("Bus stops", NAVY)):
        before = page.evaluate(COUNT_PIXELS, colour)
        page.get_by_label(label).uncheck()
        page.wait_for_timeout(200)
        without = page.evaluate(COUNT_PIXELS, colour)
        page.get_by_label(label).check()
        page.wait_for_timeout(200)
        after = page.evaluate(COUNT_PIXELS, colour)
        assert before > 500
        assert without < before / 3
        assert after == before


def test_shading_by_another_radius_brings_its_areas(visit, site):
    page = visit(site / "transit-coverage.html").page
    before = page.evaluate(COUNT_PIXELS, ORANGE)
    page.get_by_label("Share within 300 m").check()
    page.wait_for_timeout(200)
    assert page.evaluate(COUNT_PIXELS, ORANGE) > before
    assert page.get_by_label("Not covered within 300 m").is_checked()
    assert not page.get_by_label("Covered within 500 m", exact=True).is_checked()
    labels = " ".join(page.locator(".zone-label").all_inner_texts())
    assert "33.01 %" in labels
    assert "59.70 %" not in labels
    page.get_by_label("none").check()
    page.wait_for_timeout(400)
    assert page.locator(".zone-label").count() == 0


def test_a_zone_is_reached_with_the_keyboard(visit, site):
    page = visit(site / "transit-coverage.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#zones"
    wide = page.inner_text(".leaflet-control-scale-line")
    page.locator("button[data-zone='330481']").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert "海宁市" in page.inner_text(".leaflet-popup-content")
    assert page.inner_text(".leaflet-control-scale-line") != wide
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_map_is_reached_and_moved_with_the_keyboard(visit, site):
    page = visit(site / "transit-coverage.html").page
    page.focus(".folium-map")
    before = page.locator(".zone-label").first.bounding_box()["x"]
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert page.locator(".zone-label").first.bounding_box()["x"] != before


def test_a_stop_says_its_name(visit, site):
    page = visit(site / "transit-coverage.html").page
    page.locator("button[data-zone='330402']").click()
    page.wait_for_timeout(600)
    page.keyboard.press("Escape")
    box = page.locator(".folium-map").bounding_box()
    found = ""
    for step in range(60):
        page.mouse.click(box["x"] + 250 + 7 * step, box["y"] + 400)
        page.wait_for_timeout(20)
        found = page.locator(".leaflet-popup-content").all_inner_texts()
        if found and "Bus stops" in found[-1]:
            break
    assert "站点" in found[-1]


@pytest.mark.parametrize("name", PAGES)
def test_no_script_from_the_data_runs(visit, hostile, name):
    seen = visit(hostile / name)
    page = seen.page
    if name != "index.html":
        for button in page.locator("button[data-zone]").all():
            button.click()
            page.wait_for_timeout(100)
            assert "<img src=x" in page.inner_text(".leaflet-popup-content")
        for box in page.locator("input[type=checkbox]").all():
            box.uncheck()
            box.check()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0
    assert examples.IMAGE in page.inner_text("body")
    assert seen.complaints == []
    assert len([u for u in seen.requests if not u.startswith("data:")]) == 1


def test_the_board_leads_to_the_map_and_back(visit, site):
    page = visit(site / "index.html").page
    page.get_by_role("link", name="Bus-stop coverage of the built-up area").click()
    assert page.url.endswith("transit-coverage.html")
    page.get_by_role("link", name="Scoreboard", exact=True).click()
    assert page.url.endswith("index.html")
    assert page.get_by_role("row").count() > 32


def test_the_board_works_without_script(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert "32.03 pp" in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(chromium, site, name, size):
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        bypass_csp=True,  # so that axe itself may run in the page
    )
    page = context.new_page()
    page.goto((site / name).as_uri())
    page.wait_for_timeout(300)
    found = Axe().run(page)
    context.close()
    assert [v["id"] for v in found.response["violations"]] == []


def test_twenty_thousand_stops_are_drawn(visit, tmp_path):
    board = examples.scoreboard(20)
    result = board.results[0]
    many = replace(result.layers[-1], data=examples.stops(20_000))
    result = replace(result, layers=(*result.layers[:-1], many))
    write_site(tmp_path, replace(board, results=(result,)), SiteOptions())
    seen = visit(tmp_path / "transit-coverage.html")
    assert seen.complaints == []
    assert seen.page.evaluate(COUNT_PIXELS, NAVY) > 5_000
    assert (tmp_path / "transit-coverage.html").stat().st_size < 3_000_000
