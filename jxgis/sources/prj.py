"""The coordinate system of a source: its own, the plan's, or an error that says what would fit."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import NDArray

from jxgis.cleaning import place
from jxgis.cleaning.candidates import candidates
from jxgis.crs import parse_crs
from jxgis.errors import InputError, NoCrsError
from jxgis.i18n import _
from jxgis.results import LedgerRow
from jxgis.spec import LayerSpec


def settle(
    own: pyproj.CRS | None,
    spec: LayerSpec,
    points: NDArray[np.float64],
    *,
    lacks: str = "",
) -> tuple[pyproj.CRS, list[LedgerRow]]:
    """Return the CRS to read coordinates in; never a guess.

    Parameters
    ----------
    own
        What the source says, or None.
    spec
        Its ``crs`` wins over the source's own.
    points : (n, 2) array
        Coordinates, to name candidates by.
    lacks
        What the source has not got: ``no .prj``.

    Returns
    -------
    crs : pyproj.CRS
    ledger : list of LedgerRow
        A row where the plan and the source contradict each other.

    Raises
    ------
    NoCrsError
        If neither says, or the source has only a local engineering system.
    InputError
        If the plan's CRS is none.
    """
    given = given_crs(spec)
    if given is not None:
        if own is None or given.equals(own, ignore_axis_order=True):
            return given, []
        reason = _("the file says {own} and the plan says {given}: read as {given}").format(
            own=own.name, given=given.name
        )
        return given, [LedgerRow("assumed", spec.name, len(points), reason)]
    if own is None:
        problem = _("has no coordinate system")
    elif not placed(own):
        problem = _(
            "has only a local coordinate system, {name}, that lies nowhere on Earth"
        ).format(name=own.name)
        lacks = ""
    else:
        return own, []
    raise NoCrsError(
        f"{problem} ({lacks})" if lacks else problem,
        mend=_what_to_write(spec, points),
        **place(spec),
    )


def given_crs(spec: LayerSpec) -> pyproj.CRS | None:
    """Return the CRS that the plan gives the layer.

    Raises
    ------
    InputError
        If there is no such CRS, or it is not one of horizontal coordinates.
    """
    if spec.crs is None:
        return None
    try:
        crs = parse_crs(spec.crs)
    except InputError as error:
        raise InputError(error.problem, mend=error.mend, **place(spec)) from error
    if not placed(crs):
        raise InputError(
            _("{crs} is no system of horizontal coordinates").format(crs=spec.crs),
            mend=_('Write one like crs = "EPSG:4490" under [layers.{layer}]').format(
                layer=spec.name
            ),
            **place(spec),
        )
    return crs


def placed(crs: pyproj.CRS) -> bool:
    """Tell whether a CRS says where on Earth a point is."""
    return (crs.is_geographic or crs.is_projected) and not crs.name.startswith("Undefined")


def crs_name(crs: pyproj.CRS) -> str:
    """Return ``EPSG:4490`` where the CRS is a registered one, else its own name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _what_to_write(spec: LayerSpec, points: NDArray[np.float64]) -> str:
    fitting = candidates(points)
    if not fitting:
        return _('Write crs = "EPSG:…" under [layers.{layer}]').format(layer=spec.name)
    code = fitting[0].split(" ")[0]
    if "…" not in code:
        return _(
            'Write crs = "{code}" under [layers.{layer}] if that is what it is; '
            "by the coordinates these fit: {names}"
        ).format(code=code, layer=spec.name, names="; ".join(fitting))
    return _(
        'Write crs = "EPSG:…" under [layers.{layer}]; the coordinates do not tell the zone, and '
        "these fit: {names}"
    ).format(layer=spec.name, names="; ".join(fitting))
