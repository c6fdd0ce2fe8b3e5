"""Sentinel-2's processing baselines, and what its bands store by them.

From baseline 04.00 on, 1000 is added to what is stored, so that noise over dark water stays above
zero. It was new on 2022-01-25, but imagery since 2015 has been processed again: when a scene was
taken does not tell its baseline.
"""

from __future__ import annotations

import re
from fractions import Fraction

Baseline = tuple[int, int]
"""``(5, 9)`` is baseline 05.09."""

SCALE = Fraction(1, 10_000)
"""Of reflectance, where nothing else is said."""

_OFFSET = -1000
_OFFSET_SINCE: Baseline = (4, 0)

_ALONE = re.compile(r"N?(\d{1,2})\.?(\d{2})")
_IN_NAME = re.compile(r"_N(\d\d)(\d\d)_")


def parsed(text: str | None) -> Baseline | None:
    """Return the baseline that is written ``05.09``, ``0509`` or ``N0509``, or None."""
    match = _ALONE.fullmatch((text or "").strip())
    return (int(match[1]), int(match[2])) if match else None


def in_name(name: str) -> Baseline | None:
    """Return the baseline in a product's name (``_N0509_``), or None."""
    match = _IN_NAME.search(name.upper())
    return (int(match[1]), int(match[2])) if match else None


def written(baseline: Baseline) -> str:
    """Return a baseline as its metadata write it, ``05.09``."""
    return "{:02}.{:02}".format(*baseline)


def has_offset(baseline: Baseline) -> bool:
    """Return whether its bands store more than reflectance."""
    return baseline >= _OFFSET_SINCE


def offset_of(baseline: Baseline) -> int:
    """Return what is to be added to what its bands store, before the division."""
    return _OFFSET if has_offset(baseline) else 0
