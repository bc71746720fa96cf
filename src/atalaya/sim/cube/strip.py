"""A strip to record: where a spectrometer is and how it is turned, line by line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso, plausible
from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_LINES = 10_000_000


@dataclass(frozen=True)
class Strip:
    """Lines to record. poses: (n, 3) and (n, 3, 3), camera axes: forward, right along the line, down.

    t_us: (n,) rising, middle of each line's exposure.

    Raises:
        BadInput: CUB-002, shapes that do not fit, times that do not rise or are no numbers.
    """

    poses: Pose
    t_us: Ints

    def __post_init__(self) -> None:
        origin, turn = self.poses.origin_m, self.poses.camera_to_ecef
        lines = len(self.t_us) if np.ndim(self.t_us) == 1 else 0
        if not 1 <= lines <= _MOST_LINES:
            raise BadInput("CUB-002", detail=f"t_us {np.shape(self.t_us)}")
        if np.shape(origin) != (lines, 3) or np.shape(turn) != (lines, 3, 3):
            raise BadInput("CUB-002", detail=f"{lines} times, poses {np.shape(origin)}, {np.shape(turn)}")
        if np.asarray(self.t_us).dtype.kind not in "iu" or (np.diff(self.t_us) <= 0).any():
            raise BadInput("CUB-002", detail="t_us")
        if not (plausible(int(self.t_us[0])) and plausible(int(self.t_us[-1]))):
            raise BadInput("CUB-002", detail=f"{iso(int(self.t_us[0]))} ... {iso(int(self.t_us[-1]))}")
        if not (np.isfinite(origin).all() and np.isfinite(turn).all()):
            raise BadInput("CUB-002", detail="NaN")
        square = np.einsum("nij,nik->njk", turn, turn)
        if np.abs(square - np.eye(3)).max() > 1e-6:
            raise BadInput("CUB-002", detail="camera_to_ecef")

    def travel_m(self, exposed: float) -> Floats:
        """(n, 3) way of the camera while each line is exposed, ECEF."""
        if len(self.t_us) < 2:
            return np.zeros((len(self.t_us), 3))
        step = np.gradient(np.asarray(self.poses.origin_m, np.float64), axis=0)
        return np.asarray(step * exposed)
