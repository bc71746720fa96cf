"""Account of a track against boundary layers: where it stood towards every State, with what remains open.

In: a `Track` (fixes with integrity) and `LayerIndex`es. Out: `Account`: per layer and State a table of
intervals
that covers the whole record once, windows of entry and exit, exact geodesic crossings, greatest depth,
heights
by datum, and what unbelieved fixes claim. Geometry only: nothing here says whether a flight was permitted.
Chicago Convention Art. 1 and 2 for what an area means; Hägerstrand's space-time prisms for gaps.
"""

from atalaya.law.account.account import SCHEMA, Account, account
from atalaya.law.account.compare import Comparison
from atalaya.law.account.crossing_times import LineCrossings
from atalaya.law.account.intervals import Intervals, Standing
from atalaya.law.account.options import AccountOptions
from atalaya.law.account.state_account import Deepest, HeightBand, Seconds, StateAccount
from atalaya.law.account.visits import Visits

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
