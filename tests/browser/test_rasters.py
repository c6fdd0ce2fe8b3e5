"""Rasters on the map, in a browser: where they lie, how they look, and when they show."""

from __future__ import annotations

import green_examples
import numpy as np
import pyproj
import pytest
from axe_playwright_python.sync_playwright import Axe
from rasterio.io import MemoryFile

from jxgis.publish.site import SiteOptions, write_site
from jxgis.publish.theme import PICTURE_COLOURS

PHONE = (360, 780)
DESKTOP = (1440, 900)
CELL = 60.0
MAP = "Object.values(window).find((value) => value instanceof L.Map)"

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


@pytest.fixture(scope="module")
def page_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("green")
    write_site(folder, green_examples.scoreboard(CELL), SiteOptions())
    return folder / "green-cover.html"


def colours(page, spots):
    """The colours of a screenshot at places of the window."""
    with MemoryFile(page.screenshot()) as memory, memory.open() as file:
        image = file.read()
    return ["#" + bytes(image[:3, round(y), round(x)].tolist()).hex() for x, y in spots]


def cells_of(page, rows, columns):
    """Where the centres of cells of the picture stand in the window."""
    a, _b, c, _d, e, f = green_examples.picture(CELL).transform
    x, y = c + a * (columns + 0.5), f + e * (rows + 0.5)
    to_degrees = pyproj.Transformer.from_crs(green_examples.UTM, 4326, always_xy=True)
    lonlat = np.column_stack(to_degrees.transform(x, y))
    return page.evaluate(
        f"""(places) => {{
          const frame = document.querySelector(".folium-map").getBoundingClientRect();
          return places.map(([lon, lat]) => {{
            const at = {MAP}.latLngToContainerPoint([lat, lon]);
            return [at.x + frame.left, at.y + frame.top];
          }});
        }}""",
        lonlat.tolist(),
    )


def near_a_seat():
    """Rows and columns of 64 cells of the picture around the middle of its first zone."""
    picture = green_examples.picture(CELL)
    seats = green_examples.built_up().explode().to_crs(green_examples.UTM).centroid
    a, _b, c, _d, e, f = picture.transform
    row, column = int((seats.y.iloc[0] - f) / e), int((seats.x.iloc[0] - c) / a)
    rows, columns = (n.ravel() for n in np.mgrid[row : row + 24 : 3, column : column + 24 : 3])
    wanted = [PICTURE_COLOURS[picture.legend[k][0]] for k in picture.pixels[rows, columns]]
    return rows, columns, wanted, seats.to_crs(4326).iloc[0]


def holds(box, x, y, edge=2):
    return (
        box["x"] - edge < x < box["x"] + box["width"] + edge
        and box["y"] - edge < y < box["y"] + box["height"] + edge
    )


def look_at(page, place, zoom):
    turn = f"([at, zoom]) => {MAP}.setView(at, zoom, {{ animate: false }})"
    page.evaluate(turn, [[place.y, place.x], zoom])
    page.wait_for_timeout(500)


@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP])
def test_the_page_asks_for_nothing_complains_of_nothing_and_never_scrolls_sideways(
    visit, page_path, size
):
    seen = visit(page_path, size)
    for box in seen.page.locator("input[data-picture]").all():
        box.check()
    seen.page.wait_for_timeout(300)
    assert [u for u in seen.requests if not u.startswith("data:")] == [page_path.as_uri()]
    assert seen.complaints == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("zoom", [13, 16])
def test_each_cell_stands_in_its_place_in_the_colour_of_the_legend(visit, page_path, zoom):
    page = visit(page_path).page
    rows, columns, wanted, place = near_a_seat()
    look_at(page, place, zoom)
    spots = cells_of(page, rows, columns)
    hiding = [".leaflet-control", ".legend", ".zone-label:not(.hidden)"]
    boxes = [b.bounding_box() for hider in hiding for b in page.locator(hider).all()]
    frame = page.locator(".folium-map").bounding_box()
    kept = [
        (spot, colour)
        for spot, colour in zip(spots, wanted, strict=True)
        if holds(frame, *spot, edge=-2) and not any(holds(box, *spot) for box in boxes)
    ]
    found = colours(page, [spot for spot, _colour in kept])
    assert len(kept) > 8
    assert len({colour for _spot, colour in kept}) > 1
    assert found == [colour for _spot, colour in kept]


def test_a_picture_keeps_its_edges_lies_under_outlines_and_toggles(visit, page_path):
    page = visit(page_path).page
    image = page.locator(".leaflet-pictures-pane img")
    assert image.count() == 1
    assert image.evaluate("(e) => getComputedStyle(e).imageRendering") == "pixelated"
    assert image.get_attribute("alt") == "Green cover"
    order = [".leaflet-ground-pane", ".leaflet-pictures-pane", ".leaflet-overlay-pane"]
    heights = [
        page.locator(pane).evaluate("(e) => Number(getComputedStyle(e).zIndex)") for pane in order
    ]
    assert heights == sorted(heights)
    codes = page.locator("[data-codes='0']")
    assert codes.is_visible()
    assert not page.locator("[data-codes='1']").is_visible()
    page.get_by_role("checkbox", name="Green cover").uncheck()
    assert not codes.is_visible()
    assert image.count() == 0
    page.get_by_role("checkbox", name="Green gained and lost").check()
    assert page.locator("[data-codes='1']").is_visible()
    assert image.get_attribute("alt") == "Green gained and lost"


def test_a_zone_answers_a_click_through_a_picture(visit, page_path):
    page = visit(page_path).page
    _rows, _columns, _wanted, place = near_a_seat()
    look_at(page, place, 13)
    frame = page.locator(".folium-map").bounding_box()
    page.mouse.click(frame["x"] + frame["width"] / 2 + 150, frame["y"] + frame["height"] / 2 + 120)
    page.wait_for_timeout(300)
    text = page.inner_text(".leaflet-popup-content")
    assert "Green share" in text
    assert "mu" in text


def test_zones_are_shaded_around_a_picture_and_not_over_it(visit, page_path):
    page = visit(page_path).page
    inked = """(pane) => {
      const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
      const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      let n = 0;
      for (let i = 3; i < data.length; i += 4) n += data[i] > 250;
      return n / (canvas.width * canvas.height);
    }"""
    assert page.evaluate(inked, "ground") > 0.1
    assert page.evaluate(inked, "overlay") < 0.02
    page.get_by_label("Zones by green share").uncheck()
    page.wait_for_timeout(300)
    assert page.evaluate(inked, "ground") < 0.1


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_axe_finds_nothing(chromium, page_path, size):
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        bypass_csp=True,  # so that axe itself may run in the page
    )
    page = context.new_page()
    page.goto(page_path.as_uri())
    for box in page.locator("input[data-picture]").all():
        box.check()
    page.wait_for_timeout(300)
    found = Axe().run(page)
    context.close()
    assert [v["id"] for v in found.response["violations"]] == []


def test_tables_of_words_and_numbers_are_aligned_and_stay_in_their_box(visit, page_path):
    page = visit(page_path, PHONE).page
    for name in ("table-rates", "table-confusion", "zones"):
        section = page.locator(f"section[aria-labelledby='{name}']")
        aligned = section.locator("tbody td").evaluate_all(
            "(cells) => cells.map((c) => [c.className, getComputedStyle(c).textAlign])"
        )
        sides = {"number": ("right",), "words": ("left", "start")}
        assert all(side in sides[kind.split()[0]] for kind, side in aligned)
        box = section.locator(".scroll").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
