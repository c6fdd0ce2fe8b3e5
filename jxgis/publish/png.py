"""Rasters as PNG: codes with a palette, packed as many to a byte as fit, or colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURED, _PALETTED = 2, 3
_BITS = (1, 2, 4, 8)


def png(pixels: npt.NDArray[np.uint8], colours: Mapping[int, str]) -> bytes:
    """Return a paletted PNG; the same pixels give the same bytes.

    Parameters
    ----------
    pixels : (rows, columns) array
        A code for each pixel.
    colours
        Code to ``#rrggbb``. Every other code is transparent.
    """
    rows, columns = pixels.shape
    codes = 1 + max([int(pixels.max(initial=0)), *colours])
    bits = next(b for b in _BITS if 2**b >= codes)
    palette = b"".join(bytes.fromhex(colours.get(c, "#000000")[1:]) for c in range(codes))
    opaque = bytes(255 if c in colours else 0 for c in range(codes))
    # Each row begins with the number of its filter: none, which suits few colours best.
    lines = np.pad(_packed(pixels, bits), ((0, 0), (1, 0)))
    return _SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, bits, _PALETTED, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"tRNS", opaque),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def coloured_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG of red, green and blue; the same pixels give the same bytes.

    Parameters
    ----------
    pixels : (rows, columns, 3) array
        A colour for each pixel.
    """
    rows, columns, _three = pixels.shape
    lines = np.pad(pixels.reshape(rows, -1), ((0, 0), (1, 0)))
    return _SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, _COLOURED, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _packed(pixels: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.uint8]:
    """Return each row's codes side by side in bytes, the leftmost in the highest bits."""
    each = 8 // bits
    spare = -pixels.shape[1] % each
    parts = np.pad(pixels, ((0, 0), (0, spare))).reshape(len(pixels), -1, each)
    packed = np.zeros(parts.shape[:2], np.uint8)
    for n in range(each):
        packed |= parts[:, :, n] << np.uint8(8 - bits * (n + 1))
    return packed


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
