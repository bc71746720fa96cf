"""Photographs located with the calibration of their sortie: pose, lens, and the budget that then holds."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.calibrations import photograph_look
from atalaya.earth.calibration import Calibration, calibration_from_json
from atalaya.earth.error import ErrorBudget, Looks, Term, looks_from_pose
from atalaya.footage.stills import Still

_BORESIGHT = {
    "boresight_azimuth_deg": "boresight_yaw_deg",
    "boresight_elevation_deg": "boresight_pitch_deg",
    "boresight_roll_deg": "boresight_roll_deg",
}
_POSITION = {"position_east_m": "east_m", "position_north_m": "north_m", "position_up_m": "height_m"}
_ABSORBED = (
    *("heading_deg", "pitch_deg", "roll_deg"),
    *("gimbal_azimuth_deg", "gimbal_elevation_deg", "gimbal_roll_deg"),
)


def read_calibration(path: Path) -> Calibration:
    """A calibration written by `atalaya calibrate`.

    Raises:
        NotFound: FTG-001. BadInput: EAR-053, it is none; EXP-020, it was not accepted.
    """
    try:
        found = calibration_from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound("FTG-001", where=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("EAR-053", where=str(path), reason=str(error)) from error
    if not found.accepted:
        raise BadInput("EXP-020", where=str(path))
    return found


def calibrated_look(still: Still, pixel: tuple[float, float], calibration: Calibration) -> Looks:
    """The line of sight of a pixel of a photograph, corrected.

    Raises:
        BadInput: EXP-012, the photograph does not say where the camera was or which way it looked.
    """
    stated = photograph_look(still.path.name, still)
    lens = calibration.apply_lens(stated.lens)
    pose = calibration.apply_pose(stated.pose, stated.t_us)
    direction: NDArray[np.float64] = lens.directions(np.array([pixel[0]]), np.array([pixel[1]]))
    return looks_from_pose(pose, direction, 1.0 / still.focal_px)


def budget_calibrated(budget: ErrorBudget, calibration: Calibration) -> ErrorBudget:
    """What a calibrated photograph errs by.

    What the sortie shared in its angles is in the calibration now, with its own sigma; what each photograph
    errs by itself stays.
    """
    sigma = {state.name: state.sd for state in calibration.states if state.status == "estimated"}
    terms = {
        name: Term(sigma[state], 0.0, "calibrated") for name, state in _BORESIGHT.items() if state in sigma
    }
    if len(terms) == len(_BORESIGHT):
        terms |= {name: _own_only(budget.term(name)) for name in _ABSORBED}
    terms |= {
        name: Term(sigma[state], budget.term(name).own, "calibrated")
        for name, state in _POSITION.items()
        if state in sigma
    }
    if "focal_change" in sigma:
        terms["focal_relative"] = Term(sigma["focal_change"], 0.0, "calibrated")
    return budget.with_terms(**terms)


def _own_only(term: Term) -> Term:
    return Term(0.0, term.own, term.provenance)
