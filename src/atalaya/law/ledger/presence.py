"""Over whose territory a track was, as one table from one table per State."""

from collections.abc import Mapping

import numpy as np

from atalaya.law.account import Intervals, Standing
from atalaya.law.ledger.facts import Presence

_DOUBTFUL = (Standing.INDETERMINATE, Standing.POSSIBLE, Standing.NOT_CREDIBLE)


def presence_of(states: Mapping[str, Intervals], start_us: int, end_us: int) -> Presence:
    """One table over the whole track from one table per State.

    A State whose line is nearer than the errors, that only a gap leaves possible, or that only fixes
    without credit name, is a candidate: the piece is not certain.

    Args:
        states: State to its intervals; a State that is not named was certainly not entered.
        start_us, end_us: first and last instant of the track.
    """
    starts = [intervals.start_us for intervals in states.values()]
    cuts = np.unique(np.concatenate([np.array([start_us, end_us], np.int64), *starts]))
    first = cuts[:-1]
    standing = {
        state: intervals.standing[np.searchsorted(intervals.start_us, first, side="right") - 1]
        for state, intervals in sorted(states.items())
    }
    pieces: list[tuple[tuple[str, ...], bool]] = []
    for number in range(len(first)):
        at = {state: Standing(int(values[number])) for state, values in standing.items()}
        inside = tuple(state for state, where in at.items() if where is Standing.CERTAIN_INSIDE)
        doubtful = tuple(state for state, where in at.items() if where in _DOUBTFUL)
        pieces.append((inside, True) if len(inside) == 1 else (inside + doubtful, not (inside or doubtful)))
    return Presence(
        cuts, tuple(piece[0] for piece in pieces), np.array([piece[1] for piece in pieces], np.bool_)
    )


def earliest_entries_us(presence: Presence) -> dict[str, int]:
    """State to the first instant the track may have been in it."""
    first: dict[str, int] = {}
    for start_us, states in zip(presence.start_us.tolist(), presence.states, strict=False):
        for state in states:
            first.setdefault(state, start_us)
    return first
