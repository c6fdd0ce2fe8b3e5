"""Figures side by side, gaps and proposed stops, in a browser."""

from __future__ import annotations

import companions
import pytest
from axe_playwright_python.sync_playwright import Axe

from jxgis.publish.site import SiteOptions, write_site

PHONE = (360, 780)
DESKTOP = (1440, 900)
GAPS = "section[aria-labelledby='table-gaps_500']"
PROPOSED = "section[aria-labelledby='table-proposed_500']"
INSIDE = """
([selector, frame]) => {
  const a = document.querySelector(selector).getBoundingClientRect();
  const b = document.querySelector(frame).getBoundingClientRect();
  return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}
"""


@pytest.fixture(scope="module")
def page_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("actions")
    write_site(folder, companions.scoreboard(), SiteOptions())
    return folder / "transit-coverage.html"


@pytest.fixture(scope="module")
def hostile_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile-actions")
    write_site(folder, companions.hostile(), SiteOptions())
    return folder / "transit-coverage.html"


@pytest.mark.parametrize("size", [PHONE, (768, 1024), DESKTOP])
def test_the_page_never_scrolls_sideways_and_complains_of_nothing(visit, page_path, size):
    seen = visit(page_path, size)
    page = seen.page
    for summary in page.locator(".listed summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert seen.complaints == []
    assert [u for u in seen.requests if not u.startswith("data:")] == [page_path.as_uri()]


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_axe_finds_nothing(chromium, page_path, size):
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        bypass_csp=True,  # so that axe itself may run in the page
    )
    page = context.new_page()
    page.goto(page_path.as_uri())
    page.wait_for_timeout(300)
    for summary in page.locator(".listed summary").all():
        summary.click()
    page.locator(f"{GAPS} button").first.click()
    page.wait_for_timeout(400)
    found = Axe().run(page)
    context.close()
    assert [v["id"] for v in found.response["violations"]] == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize(
    ("section", "row", "layer", "value"),
    [(GAPS, 3, "Gaps within 500 m, by people", "8,125"),
     (PROPOSED, 4, "Proposed stops, 500 m", "96.08 %")],
)  # fmt: skip
def test_a_number_takes_the_map_to_its_place(visit, page_path, size, section, row, layer, value):
    page = visit(page_path, size).page
    wide = page.inner_text(".leaflet-control-scale-line")
    button = page.locator(f"{section} button").nth(row)
    assert button.bounding_box()["height"] >= 24
    button.click()
    page.wait_for_timeout(600)
    text = page.inner_text(".leaflet-popup-content")
    assert layer in text
    assert value in text
    assert page.inner_text(".leaflet-control-scale-line") != wide
    assert page.get_by_label(layer).is_checked()
    assert page.evaluate(INSIDE, [".leaflet-popup", ".folium-map"])
    box = page.locator(".leaflet-popup").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size[1]


def test_the_rest_of_a_table_unfolds_with_the_keyboard(visit, page_path):
    page = visit(page_path).page
    last = page.get_by_role("button", name=str(companions.GAPS), exact=True).first
    assert not last.is_visible()
    page.locator(f"{GAPS} summary").focus()
    page.keyboard.press("Enter")
    assert last.is_visible()
    last.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert "—" in page.inner_text(".leaflet-popup-content")


def test_proposed_stops_are_numbered_and_no_two_numbers_overlap(visit, page_path):
    page = visit(page_path).page
    assert page.locator(".number-label").count() == companions.PROPOSED
    page.locator("button[data-zone='330402']").click()
    page.wait_for_timeout(600)
    boxes = [b.bounding_box() for b in page.locator(".number-label:not(.hidden)").all()]
    assert len(boxes) > 8
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = abs(a["x"] - b["x"]) > 8 or abs(a["y"] - b["y"]) > 8
            assert apart
    page.get_by_label("Proposed stops, 500 m").uncheck()
    page.wait_for_timeout(400)
    assert page.locator(".number-label").count() == 0


def test_shading_by_another_radius_switches_on_nothing_that_was_off(visit, page_path):
    page = visit(page_path).page
    names = ["Gaps within 500 m, by people", "Streets within 500 m on foot"]
    page.get_by_label("Share within 300 m").check()
    page.get_by_label("Share within 500 m").check()
    for name in names:
        assert not page.get_by_label(name).is_checked()
    assert page.get_by_label("Proposed stops, 500 m").is_checked()
    assert page.get_by_label("Not covered within 500 m").is_checked()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_each_dot_stands_on_its_track_and_each_text_in_its_card(visit, page_path, size):
    page = visit(page_path, size).page
    places = page.evaluate(
        """() => [...document.querySelectorAll(".compare .main")].map((row) => {
          const track = row.querySelector(".rail").getBoundingClientRect();
          const dot = row.querySelector("circle").getBoundingClientRect();
          return ((dot.left + dot.right) / 2 - track.left) / track.width;
        })"""
    )
    assert places == pytest.approx([(0.9512 - 0.6) / 0.4, (0.7911 - 0.6) / 0.4], abs=0.01)
    spilt = page.evaluate(
        """() => [...document.querySelectorAll(".compare span, .compare text")].filter((e) => {
          const card = e.closest("li.compared").getBoundingClientRect();
          const own = e.getBoundingClientRect();
          return own.right > card.right || own.left < card.left;
        }).map((e) => e.textContent)"""
    )
    assert spilt == []


def test_no_script_from_a_table_runs(visit, hostile_path):
    seen = visit(hostile_path)
    page = seen.page
    for section in (GAPS, PROPOSED):
        page.locator(f"{section} button").first.click()
        page.wait_for_timeout(300)
        assert "<img src=x" in page.inner_text(".leaflet-popup-content")
    for box in page.locator("input[type=checkbox]").all():
        box.check()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0
    assert seen.complaints == []
