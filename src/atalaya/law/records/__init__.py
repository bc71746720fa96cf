"""What was allowed, said, notified and decided: statements with four clocks, kept for ever.

In: statements of parties (authorisations, revocations, notices, attestations, designations ...), each with
the time it is valid in the world, the time it was issued, received and recorded. Out: what was in force at
one instant as known at another, with "indeterminate" where a stated time is not precise enough to tell.
"""

from atalaya.law.records.record import KINDS, Record, Span
from atalaya.law.records.register import Draft, Of, Register, Standing
from atalaya.law.records.stated import InForce, Precision, Stated, parse_stated

__all__ = [
    "KINDS",
    "Draft",
    "InForce",
    "Of",
    "Precision",
    "Record",
    "Register",
    "Span",
    "Standing",
    "Stated",
    "parse_stated",
]
