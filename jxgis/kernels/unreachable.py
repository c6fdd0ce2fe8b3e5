"""What is said where no choice of candidates covers what is asked for."""

from __future__ import annotations


class Unreachable(ValueError):  # noqa: N818 - it says what the reach is
    """All candidates together cover less than was asked for.

    Parameters
    ----------
    reachable
        What they cover.
    says
        What it says, where that is something else.
    """

    def __init__(self, reachable: float, says: str = "") -> None:
        says = says or f"All candidates together cover {reachable:g}, which is not enough"
        super().__init__(says)
        self.reachable = reachable


class FloorUnreachable(Unreachable):
    """A floor that the candidates that may be chosen cannot meet.

    Parameters
    ----------
    floor
        Which one, counted from 0; None where each can be met but not all at once.
    wanted
        The weight it asks for; of all at once the sum.
    reachable
        What no choice covers more of.
    needed
        How many new candidates meeting the floors takes at least, or, where that could not be
        proven in time, at most; None where no number does.
    is_proven
        Whether it is sure; otherwise no choice was found in time.
    """

    def __init__(
        self,
        floor: int | None,
        wanted: float,
        reachable: float,
        needed: int | None = None,
        *,
        is_proven: bool = True,
    ) -> None:
        if not is_proven:
            says = f"No choice that meets all floors was found in time; {needed} candidates would"
        elif floor is None and needed is None:
            says = "All candidates together cannot meet all floors at once"
        elif floor is None:
            says = f"Meeting all floors takes at least {needed} candidates"
        else:
            says = f"Floor {floor} asks for {wanted:g}, but at most {reachable:g} can be covered"
        super().__init__(reachable, says)
        self.floor, self.wanted, self.needed = floor, wanted, needed
        self.is_proven = is_proven
