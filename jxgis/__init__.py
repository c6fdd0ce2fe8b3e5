"""Spatial plans measured from layers, scored against their targets, published as maps.

The names a user imports are these and no others; each is loaded when it is first used, so that
``import jxgis`` costs nothing::

    import jxgis
    from pathlib import Path

    plan = jxgis.read_plan(Path("plan.toml"))
    layers, notes = jxgis.read_layers(plan.layers, plan.crs, print)
    result = jxgis.coverage(layers, [jxgis.Ask("bus-500", 500)], rules=plan.rules)
    print(result.indicators[0].value)

    jxgis.run(plan, Path("site"), print)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jxgis.version import __version__

if TYPE_CHECKING:
    from jxgis.errors import JxgisError
    from jxgis.kernels.discs import covered_area
    from jxgis.layers import Layer
    from jxgis.plan import Plan, read_plan
    from jxgis.reading import read_layers
    from jxgis.results import Result, Scoreboard
    from jxgis.spec import LayerSpec
    from jxgis.transit.additions import additions
    from jxgis.transit.coverage import Ask, Denominator, Exclusion, Service, coverage
    from jxgis.workflow import run

_HOME = {
    "Ask": "transit.coverage",
    "Denominator": "transit.coverage",
    "Exclusion": "transit.coverage",
    "JxgisError": "errors",
    "Layer": "layers",
    "LayerSpec": "spec",
    "Plan": "plan",
    "Result": "results",
    "Scoreboard": "results",
    "Service": "transit.coverage",
    "additions": "transit.additions",
    "coverage": "transit.coverage",
    "covered_area": "kernels.discs",
    "read_layers": "reading",
    "read_plan": "plan",
    "run": "workflow",
}

__all__ = [
    "Ask",
    "Denominator",
    "Exclusion",
    "JxgisError",
    "Layer",
    "LayerSpec",
    "Plan",
    "Result",
    "Scoreboard",
    "Service",
    "__version__",
    "additions",
    "coverage",
    "covered_area",
    "read_layers",
    "read_plan",
    "run",
]


def __getattr__(name: str) -> Any:
    """Load a public name from where it lives."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"jxgis.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
