"""Where answers from outside are kept, so that each is asked for once."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder(name: str) -> Path:
    """Return a folder in ``JXGIS_CACHE``, else in the platform's own folder for that.

    Parameters
    ----------
    name
        Of the folder: whose answers they are.
    """
    if named := os.environ.get("JXGIS_CACHE"):
        return Path(named).expanduser() / name
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "jxgis" / name
