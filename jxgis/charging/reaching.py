"""How far demand is from stations: straight, along streets, or ahead on the same carriageway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from jxgis.charging.roads import driving_network, linked, linking_rows
from jxgis.charging.where import FloatArray
from jxgis.errors import InputError
from jxgis.i18n import _
from jxgis.kernels.reach import Csr, along_streets, within
from jxgis.layers import Layer
from jxgis.results import LedgerRow
from jxgis.ways import Network


class Places(Protocol):
    """Points that reach so far: (n, 2) and (n,) metres."""

    @property
    def points(self) -> FloatArray:
        """Return (n, 2) metres."""

    @property
    def radius_m(self) -> FloatArray:
        """Return (n,) metres."""


@dataclass(frozen=True)
class Roads:
    """How distance is measured: along a network of streets, or straight where there is none."""

    network: Network | None = None

    @classmethod
    def of(cls, by: str, layers: Mapping[str, Layer]) -> Roads:
        """Return the streets of a plan whose distances are along them.

        Parameters
        ----------
        by
            ``straight`` or ``streets``.
        layers
            By kind.

        Raises
        ------
        InputError
            Distances are wanted along streets, and none are there or none can be driven.
        """
        if by != "streets":
            return cls()
        if "streets" not in layers:
            raise InputError(
                _("distances are along streets, and there is no layer of streets"),
                mend=_('Add [layers.streets], or write by = "straight"'),
            )
        return cls(driving_network(layers["streets"]))

    @property
    def ledger(self) -> tuple[LedgerRow, ...]:
        """What was left out of the streets and taken for granted."""
        return () if self.network is None else self.network.ledger

    def reach(self, demand: FloatArray, places: Places) -> Csr:
        """Return the distances between demand and the places that reach it, (m, n) sparse, metres.

        Parameters
        ----------
        demand
            (m, 2) metres.
        places
            n candidates or stations.
        """
        if self.network is None:
            return within(demand, places.points, places.radius_m)
        own = linked(self.network, places.points)
        return along_streets(
            self.network.streets, linked(self.network, demand), own, places.radius_m
        )

    def linking(self, named: Mapping[str, FloatArray]) -> list[LedgerRow]:
        """Say which places, by what they are called, are on streets apart from the others."""
        if self.network is None:
            return []
        links = {name: linked(self.network, points) for name, points in named.items()}
        return linking_rows(self.network, links)


def times_reached(reach: Csr, columns: np.ndarray | None = None) -> np.ndarray:
    """Return by how many places, or by how many of some of them, each demand is reached, (m,)."""
    own = reach if columns is None else reach[:, columns]
    return np.diff(own.indptr).astype(np.intp)
