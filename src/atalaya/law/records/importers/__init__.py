"""Reading registers of others: lists of designations issue by issue, and records in JSON or CSV.

In: files of the OFAC SDN list, of FollowTheMoney entities (OpenSanctions), of this register's own form. Out:
rows to be added, with every difference from what the register held named; persons are left out on the way.
"""

from atalaya.law.records.importers.entry import Entry, Issue, Status
from atalaya.law.records.importers.issue import Holding, Plan, plan_issue

__all__ = ["Entry", "Holding", "Issue", "Plan", "Status", "plan_issue"]
