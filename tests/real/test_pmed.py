"""The p-medians and p-centers of the OR-Library, whose optima are published.

Twenty graphs with 100 to 400 nodes, each of which is a demand of weight 1 and a candidate (Beasley
1985, "A note on solving large p-median problems"; of an edge that is given twice the last length
holds). The optima of the centers are those of Daskin (2000).
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from jxgis.kernels.centers import center
from jxgis.kernels.medians import median

DATA = os.environ.get("JXGIS_REAL_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="JXGIS_REAL_DATA names no folder")

FOLDER = Path(DATA or ".") / "benchmarks" / "pmed"
NAMES = [f"pmed{k}" for k in range(1, 21)]
LIMIT = 300


@pytest.fixture(scope="module")
def optima():
    with (FOLDER / "optima.csv").open(encoding="utf-8") as file:
        return {row["instance"]: row for row in csv.DictReader(file)}


def read(name):
    """Return the distances between all nodes and how many are to be chosen."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    (n, _edges, count), *rows = ([int(word) for word in line.split()] for line in lines if line)
    edges = {(min(u, v) - 1, max(u, v) - 1): length for u, v, length in rows}
    graph = sparse.csr_array((list(edges.values()), np.transpose(list(edges))), shape=(n, n))
    return shortest_path(graph, directed=False), count


@pytest.mark.parametrize("name", NAMES)
def test_the_published_medians(optima, name):
    distances, count = read(name)
    found = median(distances, np.ones(len(distances)), count, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.objective == found.bound == float(optima[name]["p_median"])
    assert found.objective == distances[:, found.chosen].min(axis=1).sum()
    assert found.lp_bound <= found.bound
    assert len(found.chosen) <= count


@pytest.mark.parametrize("name", NAMES)
def test_the_published_centers(optima, name):
    distances, count = read(name)
    found = center(distances, count, time_limit_s=LIMIT)
    assert found.status == "optimal"
    assert found.objective == found.bound == float(optima[name]["p_center"])
    assert found.objective == distances[:, found.chosen].min(axis=1).max()
    assert found.lp_bound <= found.bound
    assert len(found.chosen) <= count
