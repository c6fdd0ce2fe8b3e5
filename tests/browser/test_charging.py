"""Strips and sited stations, in a browser."""

from __future__ import annotations

import charging_examples
import pytest
from axe_playwright_python.sync_playwright import Axe

from jxgis.publish.site import SiteOptions, write_site

PHONE = (360, 780)
DESKTOP = (1440, 900)
STATIONS = "section[aria-labelledby='table-stations']"

# Colour of the map's canvas at a point of the window.
PIXEL = """
([x, y]) => [...document.querySelectorAll(".leaflet-overlay-pane canvas")].map((canvas) => {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  const pen = canvas.getContext("2d");
  return [...pen.getImageData((x - box.left) * scale, (y - box.top) * scale, 1, 1).data];
})[0]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("charging")
    write_site(made, charging_examples.scoreboard(), SiteOptions())
    return made


@pytest.fixture(scope="module")
def corridors_path(folder):
    return folder / "charging-corridors.html"


@pytest.fixture(scope="module")
def plan_path(folder):
    return folder / "charging-plan.html"


@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP])
@pytest.mark.parametrize("name", ["corridors", "plan"])
def test_the_pages_never_scroll_sideways_and_complain_of_nothing(visit, folder, name, size):
    path = folder / f"charging-{name}.html"
    seen = visit(path, size)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert seen.complaints == []
    assert [u for u in seen.requests if not u.startswith("data:")] == [path.as_uri()]


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("name", ["corridors", "plan"])
def test_axe_finds_nothing(chromium, folder, name, size):
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        bypass_csp=True,  # so that axe itself may run in the page
    )
    page = context.new_page()
    page.goto((folder / f"charging-{name}.html").as_uri())
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []


def visit_station(page, number):
    """Choose a station's number in the table; return where it stands in the window."""
    page.locator(f"{STATIONS} button[data-feature='{number - 1}']").click()
    page.wait_for_timeout(500)
    page.locator(".leaflet-popup-close-button").click()
    page.wait_for_timeout(400)
    label = page.locator(".number-label:not(.hidden)").get_by_text(str(number), exact=True)
    box = label.first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("number", [1, 8])
def test_a_station_is_in_its_colour_and_answers_a_click(visit, plan_path, size, number):
    page = visit(plan_path, size).page
    assert page.locator(".number-label").count() == charging_examples.SITED
    x, y = visit_station(page, number)
    station = charging_examples.sited().iloc[number - 1]
    look = page.evaluate(
        """(n) => {
          const d = JSON.parse(document.getElementById("map-data").textContent).drawings
            .find((e) => e.role === "sited");
          return d.groups.looks[d.groups.of[n]];
        }""",
        number - 1,
    )
    red, green, blue, _opacity = page.evaluate(PIXEL, [x - 5, y])
    assert f"#{red:02x}{green:02x}{blue:02x}" == look["fill"]
    page.mouse.click(x, y)
    page.wait_for_timeout(400)
    said = page.inner_text(".leaflet-popup-content")
    assert station["name"] in said
    assert station["kind"] in said
    assert str(station["year"]) in said


def test_a_square_has_corners_that_a_disc_has_not(visit, plan_path):
    page = visit(plan_path).page
    for number, is_square in ((1, False), (8, True)):
        x, y = visit_station(page, number)
        page.wait_for_timeout(200)
        outside = page.evaluate(PIXEL, [x - 8.3, y - 8.3])
        inside = page.evaluate(PIXEL, [x - 5, y])
        is_drawn = abs(sum(outside[:3]) - sum(inside[:3])) < abs(sum(outside[:3]) - 3 * 245)
        assert is_drawn == is_square


def test_switching_the_stations_off_takes_their_numbers_and_legend(visit, plan_path):
    page = visit(plan_path).page
    legend = page.locator("ul.grouped")
    assert legend.locator("li").count() == 12
    assert legend.is_visible()
    page.get_by_label("Stations by kind and year").uncheck()
    page.wait_for_timeout(300)
    assert page.locator(".number-label").count() == 0
    assert not legend.is_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_no_text_of_a_strip_lies_over_another_or_out_of_its_picture(visit, corridors_path, size):
    page = visit(corridors_path, size).page
    assert page.locator("svg.strip").count() == 4
    faults = page.evaluate(
        """() => [...document.querySelectorAll("svg.strip")].flatMap((svg) => {
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


def test_strips_have_one_scale(visit, corridors_path):
    page = visit(corridors_path).page
    widths = page.evaluate(
        """() => [...document.querySelectorAll("svg.strip")].map((svg) => {
          const bars = [...svg.querySelectorAll("rect")].map((r) => r.getBoundingClientRect());
          return Math.max(...bars.map((b) => b.right)) - Math.min(...bars.map((b) => b.left));
        })"""
    )
    lengths = [s.length_m for s in charging_examples.strips()]
    assert [w / max(widths) for w in widths] == pytest.approx(
        [n / max(lengths) for n in lengths], abs=0.01
    )
