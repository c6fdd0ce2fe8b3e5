"""What an audit of expressways found, and questions that its tables and drawings put to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jxgis.charging.carriageways import Carriageway, Carriageways
from jxgis.charging.corridor_additions import (
    Addition,
    Stretch,
    all_stretches,
    equipped,
    fewest_additions,
)
from jxgis.charging.corridor_sides import Sides
from jxgis.charging.corridor_stations import Posts
from jxgis.i18n import _
from jxgis.rules import Rules

SPACING_RULE = "corridors.spacing_m"
AFIR_RULE = "corridors.afir_spacing_m"
POSTS_RULE = "corridors.posts"


@dataclass(frozen=True)
class Audit:
    """Everything that was found.

    Attributes
    ----------
    ways, sides, posts
        Carriageways, the sides of service areas on them, and what stands there.
    spacing_m, afir_m, least_posts
        The rules.
    stretches
        Without charging, by carriageway and along it.
    additions
        The fewest that equip every main side and keep to ``spacing_m``.
    spacing, afir
        The fewest that keep to one limit, and nothing more.
    """

    ways: Carriageways
    sides: Sides
    posts: Posts
    spacing_m: float
    afir_m: float
    least_posts: float
    stretches: tuple[Stretch, ...]
    additions: tuple[Addition, ...]
    spacing: tuple[Addition, ...]
    afir: tuple[Addition, ...]

    def way(self, index: int) -> Carriageway:
        """Return a carriageway."""
        return self.ways.ways[index]

    def area(self, side: int | None) -> str:
        """Return the name of a side's service area."""
        return "" if side is None else str(self.sides.data["area"].iloc[side])

    def is_main(self, side: int | None) -> bool:
        """Return whether a side is of a main service area."""
        return side is not None and bool(self.main[side])

    @property
    def main(self) -> NDArray[np.bool_]:
        """Whether each side is of a main service area."""
        return np.asarray(self.sides.data["main"], dtype=bool)

    @property
    def order(self) -> NDArray[np.intp]:
        """The sides in the order of reading: by carriageway, and along it."""
        return np.lexsort((self.sides.data["at_m"], self.sides.data["way"]))

    @property
    def missing_posts(self) -> NDArray[np.float64]:
        """Fast posts that each side lacks; those of no main service area lack none."""
        lacks = np.maximum(self.least_posts - self.posts.fast, 0.0)
        return np.where(self.main, lacks, 0.0)

    def of_way(self, index: int) -> list[Stretch]:
        """Return the stretches of a carriageway."""
        return [stretch for stretch in self.stretches if stretch.way == index]

    def longest(self, index: int) -> Stretch:
        """Return a carriageway's longest stretch, the first of several."""
        return max(self.of_way(index), key=lambda stretch: stretch.length_m)

    def stretch_at(self, index: int, at_m: float) -> Stretch:
        """Return the stretch of a carriageway in which a place is."""
        own = self.of_way(index)
        return next((s for s in own if s.from_m <= at_m <= s.to_m), own[-1])

    def stations(self, index: int) -> int:
        """Return how many sides of a carriageway have charging."""
        return int((self.posts.charging & (self.sides.data["way"].to_numpy() == index)).sum())

    def ends(self, stretch: Stretch) -> tuple[str, str]:
        """Return what is at the two ends of a stretch."""
        after = _("where the data begin") if stretch.after is None else self.area(stretch.after)
        before = _("where the data end") if stretch.before is None else self.area(stretch.before)
        return after, before


def audited(ways: Carriageways, sides: Sides, posts: Posts, rules: Rules) -> Audit:
    """Find the stretches without charging, and the fewest additions.

    Parameters
    ----------
    ways, sides, posts
        Carriageways, the sides of service areas on them, and what stands there.
    rules
        The greatest distances, and how many posts a side must have.
    """
    spacing, afir, least = (rules[name].value for name in (SPACING_RULE, AFIR_RULE, POSTS_RULE))
    charging, main = posts.charging, np.asarray(sides.data["main"], dtype=bool)
    bare = [equipped(sides, row) for row in np.flatnonzero(main & ~charging).tolist()]
    both = [*bare, *fewest_additions(ways, sides, main | charging, spacing)]
    return Audit(
        ways,
        sides,
        posts,
        spacing,
        afir,
        least,
        tuple(all_stretches(ways, sides, charging)),
        tuple(sorted(both, key=lambda a: (a.way, a.at_m))),
        tuple(fewest_additions(ways, sides, charging, spacing)),
        tuple(fewest_additions(ways, sides, charging, afir)),
    )
