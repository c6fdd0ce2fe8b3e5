"""The fixed words of the pages."""

from __future__ import annotations

from collections.abc import Mapping

from jxgis.i18n import _


def page_words() -> Mapping[str, str]:
    """Return the fixed words of the pages, by the names that the templates use."""
    return {
        "as_of": _("Data as of"),
        "ask_help": _("Choose any place on the map to see what holds there."),
        "ask_keys": _("Enter says what holds at its middle."),
        "board": _("Scoreboard"),
        "close": _("Close"),
        "count": _("Count"),
        "downloads": _("Beside this page"),
        "effect": _("Effect"),
        "features": _("Features"),
        "figures": _("Figures"),
        "gap": _("Missing"),
        "groups": _("Groups"),
        "how": _("How"),
        "inputs": _("Inputs"),
        "jump_target": _("Skip to the targets"),
        "jump_zones": _("Skip to the zones"),
        "layer": _("Layer"),
        "layers": _("Layers"),
        "ledger": _("What was excluded, repaired or assumed"),
        "map": _("Map"),
        "map_help": _("Arrow keys move the map, + and \N{MINUS SIGN} zoom it."),
        "map_needs_script": _("The map needs JavaScript; the tables do not."),
        "met": _("Met"),
        "no_layer": _("none"),
        "not_met": _("Not met"),
        "not_looked_at": _("This place was not looked at."),
        "notes": _("How the map is drawn"),
        "old_browser": _("This browser is too old to say what holds at a place."),
        "pictures": _("Rasters"),
        "reason": _("Reason"),
        "required": _("Required"),
        "rule": _("Rule"),
        "rules": _("Rules used"),
        "share": _("Share"),
        "shade_by": _("Shade the zones by"),
        "source": _("Source"),
        "stopped": _(
            "The search for places was stopped by the clock: what is proposed is the best that was"
            " found, and there may be better."
        ),
        "strips": _("Expressways"),
        "table_help": _("Choose a number to see its place on the map."),
        "target": _("Target"),
        "value": _("Value"),
        "waits_for": _("Waits for"),
        "what": _("What"),
        "zone": _("Zone"),
        "zone_help": _("Choose a zone to see it on the map."),
        "zones": _("By zone"),
        "zones_named": _("Zones"),
        "zoom_in": _("Zoom in"),
        "zoom_out": _("Zoom out"),
    }
