"""Pictures of imagery, to be looked at before it is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jxgis.publish.png import coloured_png

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Look(Protocol):
    """A scene's name and its picture, (rows, columns, 3)."""

    @property
    def name(self) -> str:
        """Its name, of which the file's is made."""

    @property
    def picture(self) -> npt.NDArray[np.uint8]:
        """Red, green and blue of each pixel."""


def write_previews(folder: Path, looks: Sequence[Look]) -> list[Path]:
    """Write a PNG for each scene, numbered in their order.

    Parameters
    ----------
    folder
        That is there.
    looks
        The scenes.
    """
    written = []
    for number, look in enumerate(looks, 1):
        name = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(look.name).stem)
        path = folder / f"{number}-{name}.png"
        path.write_bytes(coloured_png(look.picture))
        written.append(path)
    return written
