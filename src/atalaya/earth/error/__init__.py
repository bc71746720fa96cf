"""The error of a ground point: what the inputs may be wrong by, and what that does to the place.

In: lines of sight (`Looks`), the ground (any `Surface`), an `ErrorBudget`. Out: `GroundPoints` with
covariance (shared by the sortie, own to the look), CE90, LE90 and the 90 % region. After Dolloff & Carr,
"Computation of scalar accuracy metrics LE, CE, and SE" (NGA, 2016).
"""

from atalaya.earth.error.budget import TERMS, ErrorBudget, Provenance, Term
from atalaya.earth.error.circular import (
    circular_error_m,
    circular_factor,
    linear_error_m,
    principal_axes,
)
from atalaya.earth.error.coverage import Coverage, bootstrap, coverage, nees, nees_interval, trials_for
from atalaya.earth.error.draws import DEFAULT_SAMPLES, Draws, draw
from atalaya.earth.error.fit import fit_sigmas, inflation
from atalaya.earth.error.ground_point import GroundPoint, GroundPoints, Method, Part
from atalaya.earth.error.locate import MethodName, locate
from atalaya.earth.error.looks import Looks, looks_from_angles, looks_from_pose
from atalaya.earth.error.order import sample_circular_error_m, sample_linear_error_m
from atalaya.earth.error.sensitivity import sensitivity
from atalaya.earth.error.target import with_target_error

__all__ = [
    "DEFAULT_SAMPLES",
    "TERMS",
    "Coverage",
    "Draws",
    "ErrorBudget",
    "GroundPoint",
    "GroundPoints",
    "Looks",
    "Method",
    "MethodName",
    "Part",
    "Provenance",
    "Term",
    "bootstrap",
    "circular_error_m",
    "circular_factor",
    "coverage",
    "draw",
    "fit_sigmas",
    "inflation",
    "linear_error_m",
    "locate",
    "looks_from_angles",
    "looks_from_pose",
    "nees",
    "nees_interval",
    "principal_axes",
    "sample_circular_error_m",
    "sample_linear_error_m",
    "sensitivity",
    "trials_for",
    "with_target_error",
]
