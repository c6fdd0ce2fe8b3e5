"""What a click on a place says, and the page of photovoltaics, in a browser."""

from __future__ import annotations

import base64

import examples
import numpy as np
import pyproj
import pytest
import solar_examples
import solar_tables
from axe_playwright_python.sync_playwright import Axe
from rasterio.io import MemoryFile

from jxgis.publish.pictures import overlay
from jxgis.publish.site import SiteOptions, write_site
from jxgis.publish.theme import PICTURE_COLOURS

PHONE = (360, 780)
DESKTOP = (1440, 900)
CELL = 250.0
MAP = "Object.values(window).find((value) => value instanceof L.Map)"
POPUP = ".leaflet-popup-content"
NOT_LOOKED_AT = "This place was not looked at."

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


@pytest.fixture(scope="module")
def page_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("solar")
    write_site(folder, solar_examples.scoreboard(CELL), SiteOptions())
    return folder / "solar-zones.html"


@pytest.fixture(scope="module")
def seen_codes():
    """The codes of the newer picture as the page shows them, and longitude and latitude of each."""
    own = overlay(solar_examples.picture(CELL))
    with (
        MemoryFile(base64.b64decode(own.image.partition(",")[2])) as memory,
        memory.open() as file,
    ):
        codes = file.read(1)
    west, south, east, north = own.bounds
    to_metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    (x0, x1), (y0, y1) = to_metres.transform([west, east], [south, north])
    rows, columns = codes.shape
    x = x0 + (x1 - x0) * (np.arange(columns) + 0.5) / columns
    y = y1 - (y1 - y0) * (np.arange(rows) + 0.5) / rows
    lon, lat = to_metres.transform(*np.meshgrid(x, y), direction="INVERSE")
    return codes, lon, lat


def look_at(page, lon, lat, zoom=14):
    turn = f"([at, zoom]) => {{ {MAP}.closePopup().setView(at, zoom, {{ animate: false }}); }}"
    page.evaluate(turn, [[lat, lon], zoom])
    page.wait_for_selector(POPUP, state="detached")


def middle(page):
    page.locator(".folium-map").scroll_into_view_if_needed()
    frame = page.locator(".folium-map").bounding_box()
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2


def ask(page, lon, lat):
    """Click on a place in the middle of the map; return what the first answer says."""
    look_at(page, lon, lat)
    page.mouse.click(*middle(page))
    page.wait_for_selector(f"{POPUP} .answer")
    return answer(page)


def answer(page, number=0):
    own = page.locator(f"{POPUP} .answer").nth(number)
    return (own.locator(".verdict").inner_text(), *own.locator("li").all_inner_texts())


def switch(page, title):
    return page.get_by_role("checkbox", name=title, exact=True)


def only_counties(page):
    for title in ("Zones of 100 MW", "Enterprises"):
        switch(page, title).uncheck()


@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP])
def test_the_page_asks_for_nothing_complains_of_nothing_and_never_scrolls_sideways(
    visit, page_path, size
):
    seen = visit(page_path, size)
    for box in seen.page.locator("input[type=checkbox]").all():
        box.check()
    seen.page.wait_for_timeout(300)
    x, y = middle(seen.page)
    seen.page.mouse.click(x, y)
    seen.page.wait_for_selector(POPUP)
    assert [u for u in seen.requests if not u.startswith("data:")] == [page_path.as_uri()]
    assert seen.complaints == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_a_click_says_what_the_cell_that_is_seen_there_says(visit, page_path, seen_codes, size):
    page = visit(page_path, size).page
    only_counties(page)
    codes, lon, lat = seen_codes
    random = np.random.default_rng(1)
    for code in solar_examples.ANSWERS:
        said = solar_examples.answer(code)
        row, column = random.choice(np.argwhere(codes == code))
        assert ask(page, lon[row, column], lat[row, column]) == said
        fill = page.locator(f"{POPUP} .answer rect").first.get_attribute("fill")
        assert fill == PICTURE_COLOURS[solar_examples.LEGEND[code][0]]


def test_neighbouring_cells_are_told_apart_to_the_edge(visit, page_path, seen_codes):
    page = visit(page_path).page
    only_counties(page)
    codes, lon, lat = seen_codes
    differs = (codes[:, :-1] != codes[:, 1:]) & (codes[:, :-1] > 0) & (codes[:, 1:] > 0)
    for row, column in np.argwhere(differs)[::1200]:
        edge = (lon[row, column] + lon[row, column + 1]) / 2
        step = (lon[row, column + 1] - lon[row, column]) * 0.1
        for way, own in ((-1, column), (1, column + 1)):
            look_at(page, edge + way * step, lat[row, column], 16)
            page.mouse.click(*middle(page))
            page.wait_for_selector(f"{POPUP} .answer")
            assert answer(page) == solar_examples.answer(codes[row, own])


def test_both_days_answer_once_where_they_agree_and_apart_where_they_differ(
    visit, page_path, seen_codes
):
    page = visit(page_path).page
    only_counties(page)
    codes, lon, lat = seen_codes
    row, column = np.argwhere(codes == 7)[50]
    ask(page, lon[row, column], lat[row, column])
    assert page.locator(f"{POPUP} .answer").count() == 2
    assert answer(page, 0) == ("Forbidden", solar_examples.FARMLAND)
    assert answer(page, 1) == solar_examples.answer(1)
    assert "2017-12-31" in page.locator(f"{POPUP} .answer").nth(1).inner_text()
    row, column = np.argwhere(codes == 2)[50]
    ask(page, lon[row, column], lat[row, column])
    assert page.locator(f"{POPUP} .answer").count() == 1
    assert page.locator(f"{POPUP} .answer .popup-layer").count() == 2


def test_a_county_is_said_after_what_holds_and_a_zone_before_it(visit, page_path, seen_codes):
    page = visit(page_path).page
    codes, lon, lat = seen_codes
    switch(page, "Enterprises").uncheck()
    zone = solar_examples.best().to_crs(4326)
    place = zone.geometry[0].representative_point()
    nearest = np.argmin((lon - place.x) ** 2 + (lat - place.y) ** 2)
    said = ask(page, place.x, place.y)
    assert said == solar_examples.answer(codes.flat[nearest])
    text = page.inner_text(POPUP)
    assert text.index("131.2 MW") < text.index(said[0])
    assert text.index("73.12 %") < text.index(said[0])
    switch(page, "Zones of 100 MW").uncheck()
    said = ask(page, place.x, place.y)
    text = page.inner_text(POPUP)
    assert text.index(said[0]) < text.index("Legal capacity")


def test_beyond_the_picture_nothing_is_known(visit, page_path):
    page = visit(page_path).page
    assert ask(page, 118.0, 29.0) == (NOT_LOOKED_AT,)
    assert page.locator(f"{POPUP} .answer rect").count() == 0


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_keys_ask_for_the_middle_of_the_map(visit, page_path, seen_codes, size):
    page = visit(page_path, size).page
    codes, lon, lat = seen_codes
    row, column = np.argwhere(codes == 8)[-1]
    look_at(page, lon[row, column], lat[row, column])
    crosshair = page.locator(".crosshair")
    assert not crosshair.is_visible()
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{POPUP} .answer")
    assert answer(page) == solar_examples.answer(8)
    assert crosshair.is_visible()
    heard = page.get_by_role("status")
    assert solar_examples.RIVER in heard.inner_text()
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    assert page.locator(POPUP).count() == 0
    page.keyboard.press("Enter")
    page.wait_for_selector(POPUP)
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(400)
    assert page.locator(POPUP).count() == 0
    page.mouse.click(*middle(page))
    assert not crosshair.is_visible()


def test_enter_on_a_button_of_the_map_asks_for_nothing(visit, page_path):
    page = visit(page_path).page
    page.locator(".leaflet-control-zoom-in").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.locator(POPUP).count() == 0


def test_a_tap_is_a_click(chromium, page_path, seen_codes):
    context = chromium.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(page_path.as_uri())
    codes, lon, lat = seen_codes
    only_counties(page)
    row, column = np.argwhere(codes == 6)[9]
    look_at(page, lon[row, column], lat[row, column])
    page.touchscreen.tap(*middle(page))
    page.wait_for_selector(f"{POPUP} .answer")
    assert answer(page) == solar_examples.answer(6)
    frame, box = (page.locator(s).bounding_box() for s in (".folium-map", ".leaflet-popup"))
    assert box["x"] >= frame["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_axe_finds_nothing(chromium, page_path, size):
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        bypass_csp=True,  # so that axe itself may run in the page
    )
    page = context.new_page()
    page.goto(page_path.as_uri())
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(POPUP)
    page.wait_for_timeout(400)
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []


def test_each_best_zone_has_its_number_and_its_row_leads_to_it(visit, page_path):
    page = visit(page_path).page
    plates = page.locator(".plate-label").all_inner_texts()
    assert plates == [str(n) for n in solar_tables.zones()["rank"]]
    seen = page.locator(".plate-label:not(.hidden)").all_inner_texts()
    assert seen.count("1") == 5
    page.locator("section[aria-labelledby='table-zones'] button").first.click()
    page.wait_for_timeout(500)
    assert "131.2 MW" in page.inner_text(POPUP)
    assert page.locator(f"{POPUP} .answer").count() == 0


def test_a_roof_says_its_power(visit, page_path):
    page = visit(page_path).page
    only_counties(page)
    switch(page, "Roofs").check()
    roofs = solar_examples.roofs()
    largest = roofs.loc[roofs["mw"].idxmax()]
    place = roofs.geometry.to_crs(4326)[largest.name].centroid
    ask(page, place.x, place.y)
    assert f"{largest['mw']:.1f} MW" in page.inner_text(POPUP)
    assert page.locator(f"{POPUP} .answer").count() >= 1


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_no_text_of_a_picture_lies_over_another_or_out_of_it(visit, page_path, size):
    page = visit(page_path, size).page
    pictures = page.locator("svg.curve")
    assert pictures.count() == 2
    faults = page.evaluate(
        """() => [...document.querySelectorAll("svg.curve")].flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll("text")];
          const boxes = texts.map((t) => t.getBoundingClientRect());
          const out = texts.filter((_, i) =>
            boxes[i].left < frame.left - 1 || boxes[i].right > frame.right + 1);
          const over = texts.filter((_, i) => boxes.some((b, j) => j < i
            && b.left < boxes[i].right && boxes[i].left < b.right
            && b.top + b.height / 3 < boxes[i].bottom && boxes[i].top + b.height / 3 < b.bottom));
          return [...out, ...over].map((t) => t.textContent);
        })"""
    )
    assert faults == []


def test_an_old_browser_says_that_it_is_too_old(chromium, page_path):
    page = chromium.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    page.add_init_script("delete window.DecompressionStream")
    page.goto(page_path.as_uri())
    page.mouse.click(*middle(page))
    page.wait_for_selector(POPUP)
    assert "too old" in page.inner_text(POPUP)
    assert any(name in page.inner_text(POPUP) for name in examples.NAMES)
    page.close()
