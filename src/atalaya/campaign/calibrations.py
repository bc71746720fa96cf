"""Self-calibration of a sortie of photographs: their own statements, and marks of surveyed points."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth import HeightDatum, camera_to_ned, converted_height_m, geodetic_to_ecef, ned_basis
from atalaya.earth.calibration import (
    Calibration,
    CalibrationLook,
    Priors,
    calibrate_sortie,
    calibration_json,
    read_gcp_list,
)
from atalaya.earth.camera import Pose
from atalaya.earth.lens import Pinhole
from atalaya.footage.stills import StatedHeight, Still, read_still
from atalaya.store.workspace import written_whole

OWN_POSITION_M = (1.0, 1.0, 1.0)
OWN_ATTITUDE_DEG = (1.0, 0.5, 0.5)
"""One sigma of each photograph's own errors, beside what the sortie shares."""

PRIORS = Priors(boresight_deg=(5.0, 15.0, 5.0), focal_change=0.05, k1=0.1, position_m=(5.0, 5.0, 60.0))
"""What the sortie may share: the height of a maker's photograph may count from anywhere."""

RTK_POSITION_M = (0.3, 0.3, 0.5)
"""The same where every photograph states an RTK fix: what its base station may be off from the control."""


@dataclass(frozen=True)
class SortieCalibration:
    """The result, and what of the input was left out and why."""

    calibration: Calibration
    left_out: tuple[Finding, ...]


def calibrate_photographs(
    images: Sequence[str], gcp_list: Path, height_datum: HeightDatum = "unknown"
) -> SortieCalibration:
    """Calibrate from photographs with position and camera angles, and the marks in them.

    Raises:
        BadInput: EAR-04x, the list cannot be used; EXP-017, no photograph that it marks can be used.
    """
    control = read_gcp_list(gcp_list, height_datum=height_datum)
    marked = {mark.look for mark in control.marks}
    looks: list[CalibrationLook] = []
    left_out = list(control.findings)
    for image in images:
        name = Path(image).name
        if name not in marked:
            left_out.append(Finding("EXP-019", Severity.INFO, where=name))
            continue
        try:
            looks.append(photograph_look(name, read_still(image)))
        except AtalayaError as error:
            left_out.append(
                Finding("EXP-018", Severity.WARNING, where=name, details={"reason": error.text.what})
            )
    if not looks:
        raise BadInput("EXP-017", where=str(gcp_list), marked=len(marked), given=len(images))
    surveyed = all(look.position_sd_m != OWN_POSITION_M for look in looks)
    priors = replace(PRIORS, position_m=RTK_POSITION_M) if surveyed else PRIORS
    found = calibrate_sortie(looks, control.points, control.marks, priors=priors)
    if not found.looks:
        raise BadInput("EXP-017", where=str(gcp_list), marked=len(marked), given=len(images))
    return SortieCalibration(found, tuple(left_out))


def write_calibration(calibration: Calibration, target: Path) -> None:
    """Write the `atalaya.calibration/1` document, whole or not at all.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    with written_whole(target) as partial:
        partial.write_text(calibration_json(calibration) + "\n", encoding="utf-8")


def photograph_look(name: str, still: Still) -> CalibrationLook:
    """One photograph as the adjustment wants it.

    Raises:
        BadInput: EXP-012, it does not say where the camera was, or which way it looked, or its focal length.
    """
    height = _height_hae_m(still)
    if not (math.isfinite(still.lon_deg + height) and still.camera.known and still.focal_px > 0.0):
        raise BadInput("EXP-012", where=name)
    middle = ((still.width - 1) / 2.0, (still.height - 1) / 2.0)
    centre = tuple(m if math.isnan(c) else c for c, m in zip(still.centre_px, middle, strict=True))
    lens = Pinhole(still.width, still.height, still.focal_px, still.focal_px, centre[0], centre[1])
    roll = still.camera.roll_deg
    attitude = (still.camera.yaw_deg, still.camera.pitch_deg, 0.0 if math.isnan(roll) else roll)
    turn = ned_basis(still.lon_deg, still.lat_deg) @ camera_to_ned(0.0, 0.0, 0.0, *attitude)
    origin = geodetic_to_ecef(still.lon_deg, still.lat_deg, height)
    return CalibrationLook(
        name, lens, Pose(origin, turn), max(still.t_us, 0), _own_position(still), OWN_ATTITUDE_DEG
    )


def _height_hae_m(still: Still) -> float:
    """The best stated height; one without datum counts as ellipsoidal: the shared height mends it."""
    order = {"hae": 0, "msl": 1, "unknown": 2}
    usable = sorted((h for h in still.heights if h.datum in order), key=lambda h: order[h.datum])
    if not usable:
        return math.nan
    best: StatedHeight = usable[0]
    if best.datum != "msl":
        return best.metres
    place = (np.array([still.lon_deg]), np.array([still.lat_deg]))
    return float(converted_height_m(np.array([best.metres]), *place, have="msl", want="hae")[0])


def _own_position(still: Still) -> tuple[float, float, float]:
    east, north, up = (
        default if math.isnan(stated) else stated
        for stated, default in zip(still.position_sd_m, OWN_POSITION_M, strict=True)
    )
    return east, north, up
