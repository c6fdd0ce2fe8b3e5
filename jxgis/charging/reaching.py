"""How far demand is from stations: straight, along streets, or ahead on the same carriageway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from scipy import sparse

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

    def reach(self, demand: FloatArray, places: Places, limit_m: FloatArray | None = None) -> Csr:
        """Return the distances between demand and the places that reach it, (m, n) sparse, metres.

        Parameters
        ----------
        demand
            (m, 2) metres.
        places
            n candidates or stations.
        limit_m
            (m,) how far a station may be from each demand, whatever its own radius: the one just
            outside the built-up area does not serve inside it as far as outside.
        """
        if self.network is None:
            found = within(demand, places.points, places.radius_m)
        else:
            own = linked(self.network, places.points)
            found = along_streets(
                self.network.streets, linked(self.network, demand), own, places.radius_m
            )
        return found if limit_m is None else _no_farther(found, limit_m)

    def linking(self, named: Mapping[str, FloatArray]) -> list[LedgerRow]:
        """Say which places, by what they are called, are on streets apart from the others."""
        if self.network is None:
            return []
        links = {name: linked(self.network, points) for name, points in named.items()}
        return linking_rows(self.network, links)


def _no_farther(reach: Csr, limit_m: FloatArray) -> Csr:
    """Return the pairs of a demand and a place that is within the demand's limit."""
    pairs = reach.tocoo()
    near = pairs.data <= limit_m[pairs.row]
    kept = (pairs.data[near], (pairs.row[near], pairs.col[near]))
    return sparse.csr_array(kept, shape=reach.shape)
