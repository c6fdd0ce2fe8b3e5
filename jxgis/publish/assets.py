"""What a page carries inside itself: Leaflet, our scripts and styles, data, and its policy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
from xstatic.pkg import leaflet

from jxgis.publish.numbers import NOTHING

_LEAFLET = Path(leaflet.BASE_DIR)
_MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


@cache
def leaflet_script() -> str:
    """Return Leaflet's script, without the pointer to its source map (a request)."""
    text = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE).strip()


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet with its images inside it."""

    def inlined(found: re.Match[str]) -> str:
        image = _LEAFLET / found.group(1)
        data = base64.b64encode(image.read_bytes()).decode("ascii")
        return f"url(data:{_MEDIA_TYPES[image.suffix]};base64,{data})"

    text = (_LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    text = re.sub(r"^\s*behavior:.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"url\((images/[\w.-]+)\)", inlined, text).strip()


@cache
def static(name: str) -> str:
    """Return one of our own scripts or style sheets."""
    return files("jxgis.publish").joinpath("static", name).read_text(encoding="utf-8").strip()


@cache
def template(name: str) -> jinja2.Template:
    """Return a page's template.

    Every value in it is escaped, but for what it marks ``safe``: scripts and styles, which the
    page's policy names by their hashes, Folium's element, and JSON from `json_block`.
    """
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.PackageLoader("jxgis.publish"),
    )
    environment.globals["nothing"] = NOTHING
    environment.filters["days"] = days
    return environment.get_template(name)


def days(text: str) -> markupsafe.Markup:
    """Return a text, escaped, whose dates (2019-12-31) never break at the end of a line."""
    parts = re.split(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)", text)
    day = markupsafe.Markup('<span class="day">{}</span>')
    whole = (day.format(part) if n % 2 else markupsafe.escape(part) for n, part in enumerate(parts))
    return markupsafe.Markup("").join(whole)


def json_block(value: Any) -> str:
    """Return JSON that can stand in a ``<script type="application/json">`` element.

    No text in it can end the element or begin another: ``<``, ``>`` and ``&`` are written as
    escapes, and so are the two line separators that JSON allows and JavaScript did not.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def policy(scripts: Sequence[str], styles: Sequence[str], hosts: Sequence[str] = ()) -> str:
    """Return a Content-Security-Policy that allows these scripts and styles and nothing else.

    Parameters
    ----------
    scripts, styles
        The exact text of every inline element.
    hosts
        Where images may come from, for an online base map.
    """
    parts = {
        "default-src": ["'none'"],
        "script-src": [_source(s) for s in scripts] or ["'none'"],
        "style-src": [_source(s) for s in styles],
        "img-src": ["data:", *hosts],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in parts.items())


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
