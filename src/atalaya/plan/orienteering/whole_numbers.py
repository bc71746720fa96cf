"""Times as the whole numbers that some solvers count in: needs rounded up, limits down, so that answers
hold."""

import numpy as np

FAR = 1 << 40
"""More than any budget: a way that does not exist, a window that never closes."""


def needed(value: float, scale: float) -> int:
    """A time that something takes, rounded up."""
    return FAR if not np.isfinite(value) else min(FAR, int(np.ceil(value * scale - 1e-6)))


def allowed(value: float, scale: float) -> int:
    """A time that something may take, rounded down, never below 0."""
    return FAR if not np.isfinite(value) else max(0, min(FAR, int(np.floor(value * scale + 1e-6))))
