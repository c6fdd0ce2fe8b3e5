"""What names and columns say about sides: 上海方向, northbound, both, 否."""

from __future__ import annotations

import re

from jxgis.charging.carriageways import COMPASS, Carriageway

BOTH = ("both", "双侧", "两侧", "双向")
SIDES = {
    **dict.fromkeys(("left", "左", "左侧"), "left"),
    **dict.fromkeys(("right", "右", "右侧"), "right"),
}
MAIN = {
    **dict.fromkeys(("", "yes", "true", "1", "1.0", "是"), True),
    **dict.fromkeys(("no", "false", "0", "0.0", "否"), False),
}

_HEADS = {
    "north": ("northbound", "北行", "北向", "向北", "往北"),
    "east": ("eastbound", "东行", "东向", "向东", "往东"),
    "south": ("southbound", "南行", "南向", "向南", "往南"),
    "west": ("westbound", "西行", "西向", "向西", "往西"),
}
_SHORT = {"north": ("n", "北"), "east": ("e", "东"), "south": ("s", "南"), "west": ("w", "西")}

_BRACKET = re.compile(r"\s*[（(【\[]([^（()）【\[\]】]*)[）)】\]]\s*$")


def says_both(name: str) -> bool:
    """Return whether a name has a bracket that says that both sides are meant."""
    bracket = _BRACKET.search(name)
    return bracket is not None and bracket.group(1).strip().lower() in BOTH


def leads(name: str, way: Carriageway) -> bool:
    """Return whether a name says that one drives the way of a carriageway.

    In a bracket at its end the place is enough (``（上海）``), elsewhere it needs a word for
    direction (``上海方向``), or else a service area near Shanghai would lead there.
    """
    bracket = _BRACKET.search(name)
    text = (bracket.group(1) if bracket else name).casefold()
    return _said(text, way, enough=bracket is not None)


def is_named(text: str, way: Carriageway) -> bool:
    """Return whether a direction, as a column has it, is that of a carriageway."""
    said = text.strip().casefold()
    short = any(said in (name, *_SHORT[name]) for name in _headed(way))
    return short or _said(said, way, enough=True)


def _said(text: str, way: Carriageway, *, enough: bool) -> bool:
    place = way.leads_to.casefold()
    if place:
        forms = (f"{place}方向", f"towards {place}", f"to {place}", f"{place} direction")
        plain = enough and "方向" not in text and place in text
        if plain or any(form in text for form in forms):
            return True
    return any(word in text for name in _headed(way) for word in _HEADS[name])


def _headed(way: Carriageway) -> list[str]:
    """Return the compass directions that a carriageway has a good part of."""
    (x0, y0), (x1, y1) = (way.line.coords[i][:2] for i in (0, -1))
    east, north = x1 - x0, y1 - y0
    length = (east * east + north * north) ** 0.5
    return [
        name for name, (x, y) in COMPASS.items() if length and (x * east + y * north) > 0.3 * length
    ]


def without_direction(name: str, ways: tuple[Carriageway, ...]) -> str:
    """Return a service area's name without what tells its two sides apart."""
    bare = _BRACKET.sub("", name)
    ends = [f"{way.leads_to}方向" for way in ways if way.leads_to]
    ends += [word for words in _HEADS.values() for form in words for word in (f"{form}方向", form)]
    for end in ends:
        if bare.casefold().endswith(end.casefold()):
            bare = bare[: -len(end)].rstrip(" ,-，、")
            break
    return bare or name
