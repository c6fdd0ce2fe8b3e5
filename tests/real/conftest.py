"""The folder with real inputs, which the environment names."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data():
    folder = os.environ.get("JXGIS_REAL_DATA")
    if not folder:
        pytest.skip("JXGIS_REAL_DATA names no folder with real inputs")
    return Path(folder)
