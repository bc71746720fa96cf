"""Self-calibration of a sortie from ground control, ties, repeated sights and measured ranges.

In: looks with stated pose and lens, points, marks, priors. Out: `Calibration`: boresight, focal length, clock
and shared position with their covariance, wrong looks flagged, whether it helps on marks without a say.
Bundle adjustment after Triggs et al. (2000), consider covariance after Schmidt (1966), data snooping after
Baarda (1968).

    found = calibrate_sortie(looks, control.points, control.marks, priors=Priors(position_m=(0.2, 0.2, 0.2)))
    pose, lens = found.apply_pose(pose), found.apply_lens(lens)
"""

from atalaya.earth.calibration.corrected_lens import CorrectedLens
from atalaya.earth.calibration.gcp_list import ControlList, read_gcp_list
from atalaya.earth.calibration.json_form import calibration_from_json, calibration_json
from atalaya.earth.calibration.result import (
    Calibration,
    FlaggedLook,
    HeldOut,
    PlacedPoint,
    RejectedMark,
    Spread,
    State,
)
from atalaya.earth.calibration.sortie import calibrate_sortie
from atalaya.earth.calibration.statements import (
    STATES,
    CalibrationLook,
    CalibrationPoint,
    Mark,
    Priors,
    SlantRange,
)

__all__ = [
    "STATES",
    "Calibration",
    "CalibrationLook",
    "CalibrationPoint",
    "ControlList",
    "CorrectedLens",
    "FlaggedLook",
    "HeldOut",
    "Mark",
    "PlacedPoint",
    "Priors",
    "RejectedMark",
    "SlantRange",
    "Spread",
    "State",
    "calibrate_sortie",
    "calibration_from_json",
    "calibration_json",
    "read_gcp_list",
]
