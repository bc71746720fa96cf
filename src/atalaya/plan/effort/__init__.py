"""Where search hours should go: optimal allocations, exact where exactness is known, and proofs of how good
they are.

In: what each cell is worth (expected facilities that looks can show), how fast each resource detects there,
hours.
Out: hours per cell and resource, expected finds, the price of one more hour, and a bound no allocation can
beat.
"""

from atalaya.plan.effort.allocation import Allocation, Problem, problem
from atalaya.plan.effort.bound import bound_for, dual_bound, kkt_violation, prices_of
from atalaya.plan.effort.charnes_cooper import allocate
from atalaya.plan.effort.inverse_cube import allocate_inverse_cube
from atalaya.plan.effort.looks import best_looks, least_cost_looks, least_expected_cost
from atalaya.plan.effort.tabulated import PodTable, allocate_tabulated, pod_table
from atalaya.plan.effort.washburn import allocate_resources

__all__ = [
    "Allocation",
    "PodTable",
    "Problem",
    "allocate",
    "allocate_inverse_cube",
    "allocate_resources",
    "allocate_tabulated",
    "best_looks",
    "bound_for",
    "dual_bound",
    "kkt_violation",
    "least_cost_looks",
    "least_expected_cost",
    "pod_table",
    "prices_of",
    "problem",
]
