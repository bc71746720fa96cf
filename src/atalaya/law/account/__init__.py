"""Account of a track against boundary layers: where it stood towards every State, with what remains open.

In: a `Track` (fixes with integrity) and `LayerIndex`es. Out: `Account`: per layer and State a table of
intervals that covers the whole record once, windows of entry and exit, exact geodesic crossings, greatest
depth, heights by datum, and what unbelieved fixes claim. Geometry only: nothing here says whether a flight
was permitted. Chicago Convention Art. 1 and 2 for what an area means; Hägerstrand's space-time prisms for
gaps.

Names that need numba are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.law.account.figures import Deepest, HeightBand, Seconds
from atalaya.law.account.intervals import Intervals, Standing
from atalaya.law.account.options import AccountOptions

if TYPE_CHECKING:
    from atalaya.law.account.compare import Comparison
    from atalaya.law.account.crossing_times import LineCrossings
    from atalaya.law.account.state_account import StateAccount
    from atalaya.law.account.track_account import SCHEMA, Account, account
    from atalaya.law.account.visits import Visits

_HEAVY = {
    "SCHEMA": "track_account",
    "Account": "track_account",
    "account": "track_account",
    "Comparison": "compare",
    "LineCrossings": "crossing_times",
    "StateAccount": "state_account",
    "Visits": "visits",
}

__all__ = [
    "SCHEMA",
    "Account",
    "AccountOptions",
    "Comparison",
    "Deepest",
    "HeightBand",
    "Intervals",
    "LineCrossings",
    "Seconds",
    "Standing",
    "StateAccount",
    "Visits",
    "account",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.law.account.{_HEAVY[name]}"), name)
