"""Numbers as they were written, before a file rounded them to what it stores."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

# A number of single precision holds any decimal of six digits; many of seven come back as well.
_DIGITS = 7

# GDAL prints single precision with ten digits.
_PRINTED = 5e-10


def shortest(number: float) -> str:
    """Return the shortest decimal that a number can have been written as.

    Parameters
    ----------
    number
        Perhaps of single precision, or such a one as GDAL prints it: 9.999999747e-05 is 0.0001.

    Returns
    -------
    str
        With an exponent where it is small; ``nan`` or ``inf`` of what is no number.
    """
    text = repr(float(number))
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(number)
    if not np.isfinite(single) or abs(float(single) - number) > _PRINTED * abs(number):
        return text
    short = str(single)
    return short if _digits(short) <= min(_DIGITS, _digits(text) - 1) else text


def _digits(text: str) -> int:
    return len(Decimal(text).normalize().as_tuple().digits)
