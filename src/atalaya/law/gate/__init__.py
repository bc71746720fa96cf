"""The gates: before anything is planned, flown, exploited or released, the records are asked.

In: what is about to be done, in the terms authorisations speak of. Out: allowed, refused or indeterminate,
with every reason and the one that decides. The same partition that writes the ledger afterwards answers
beforehand, so a flight that keeps to what was allowed is found within terms when it is accounted for.
"""

from atalaya.law.gate.answer import Answer, Ground, Verdict
from atalaya.law.gate.flight import may_fly
from atalaya.law.gate.release import may_release
from atalaya.law.gate.sensor import may_carry

__all__ = ["Answer", "Ground", "Verdict", "may_carry", "may_fly", "may_release"]
