"""Team orienteering: which places to visit, by which vehicle, in which order, for the most prize within the
budgets.

In: an `OrienteeringProblem` (prizes, a cost table per kind of vehicle, budgets, windows). Out: `Routes`,
best so far at any time, and the `Certificate` that `check` makes of them without knowing the solver.
Instances of the literature are read by `read_instance`.
"""

from atalaya.plan.orienteering.chao import Instance, read_instance, read_op, read_top, read_toptw
from atalaya.plan.orienteering.engine import Allowance, Engine, Progress
from atalaya.plan.orienteering.problem import TOLERANCE, OrienteeringProblem
from atalaya.plan.orienteering.routes import Certificate, Routes, check
from atalaya.plan.orienteering.solve import ENGINES, engine_named, solve

__all__ = [
    "ENGINES",
    "TOLERANCE",
    "Allowance",
    "Certificate",
    "Engine",
    "Instance",
    "OrienteeringProblem",
    "Progress",
    "Routes",
    "check",
    "engine_named",
    "read_instance",
    "read_op",
    "read_top",
    "read_toptw",
    "solve",
]
