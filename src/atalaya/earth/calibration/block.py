"""The adjustment's input as arrays in one Cartesian frame, and its unknowns."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.calibration.statements import STATES
from atalaya.earth.camera import Lens

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]

SHARED = len(STATES)


@dataclass(frozen=True)
class Block:
    """L looks of P points by N marks and D measured distances. Metres, in any Cartesian frame.

    origin_m: (L, 3) stated camera centres    rotation: (L, 3, 3) camera (forward, right, down) to frame
    enu: (L, 3, 3) columns east, north, up    turn_axes: (L, 3, 3) columns: axes of the yaw, pitch, roll error
    velocity_m_s, turn_rate_deg_s: (L, 3)     hours: (L,) since the sortie's middle time
    position_sd_m, attitude_sd_deg: (L, 3) 1 sigma of each look's own error; 0 = exact, inf = unknown
    point_m: (P, 3) first guess = prior       point_sd_m: (P, 3) along the frame's axes; 0 exact, inf unknown
    lenses, lens_of: distinct lenses, (L,) which of them a look has
    mark_look, mark_point: (N,)               mark_px: (N, 2) column, row      mark_sd_px: (N,)
    range_look, range_point: (D,)             range_m, range_sd_m: (D,)
    shared_sd: (13,) prior 1 sigma of `STATES` (prior mean 0); 0 = fixed
    """

    origin_m: Floats
    rotation: Floats
    enu: Floats
    turn_axes: Floats
    velocity_m_s: Floats
    turn_rate_deg_s: Floats
    hours: Floats
    position_sd_m: Floats
    attitude_sd_deg: Floats
    point_m: Floats
    point_sd_m: Floats
    lenses: tuple[Lens, ...]
    lens_of: Index
    mark_look: Index
    mark_point: Index
    mark_px: Floats
    mark_sd_px: Floats
    range_look: Index
    range_point: Index
    range_m: Floats
    range_sd_m: Floats
    shared_sd: Floats

    @property
    def looks(self) -> int:
        """How many pictures."""
        return len(self.origin_m)

    @property
    def points(self) -> int:
        """How many places."""
        return len(self.point_m)

    @property
    def marks(self) -> int:
        """How many marks."""
        return len(self.mark_look)

    def pose_sd(self) -> Floats:
        """(L, 6) prior 1 sigma: east, north, up (metres), yaw, pitch, roll (degrees)."""
        return np.hstack((self.position_sd_m, self.attitude_sd_deg))

    def start(self) -> "Unknowns":
        """The metadata as they stand."""
        return Unknowns(np.zeros(SHARED), np.zeros((self.looks, 6)), self.point_m.copy())

    def with_marks(self, keep: Flags) -> "Block":
        """The same block with only some of its marks."""
        return replace(
            self,
            mark_look=self.mark_look[keep],
            mark_point=self.mark_point[keep],
            mark_px=self.mark_px[keep],
            mark_sd_px=self.mark_sd_px[keep],
        )


@dataclass(frozen=True)
class Unknowns:
    """What an adjustment finds.

    shared: (13,) as in `STATES`    pose: (L, 6) errors east, north, up, yaw, pitch, roll
    points: (P, 3) metres in the block's frame
    """

    shared: Floats
    pose: Floats
    points: Floats

    def moved(self, camera_step: Floats, point_step: Floats) -> "Unknowns":
        """Unknowns after a step in shared and pose states (13 + 6 L,) and in points (P, 3)."""
        return Unknowns(
            self.shared + camera_step[:SHARED],
            self.pose + camera_step[SHARED:].reshape(-1, 6),
            self.points + point_step,
        )


def complete(rows: Floats) -> Flags:
    """(n,) whether all of a row's numbers are finite."""
    return np.asarray(np.isfinite(rows).all(axis=1))
