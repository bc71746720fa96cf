"""One picture with its camera: what orthophotos and mosaics are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Lens, Pose


@dataclass(frozen=True)
class Frame:
    """A picture and how it was taken.

    Args:
        image: (h, w) or (h, w, bands) uint8; bands in the order red, green, blue.
        lens: of the image's size.
        pose: one place and one attitude.
        t_us: UTC, microseconds since 1970; None where unknown.
        frame_id: what it is called in the metadata of products.

    Raises:
        BadInput: EAR-084, image, lens and pose do not fit each other.
    """

    image: NDArray[np.uint8]
    lens: Lens
    pose: Pose
    t_us: int | None = None
    frame_id: str = ""

    def __post_init__(self) -> None:
        shape = self.image.shape
        if self.image.dtype != np.uint8 or self.image.ndim not in (2, 3) or min(shape[:2], default=0) < 2:
            raise BadInput("EAR-084", where=self.frame_id, detail=f"image {self.image.dtype} {shape}")
        if shape[:2] != (self.lens.height, self.lens.width):
            stated = (self.lens.height, self.lens.width)
            raise BadInput("EAR-084", where=self.frame_id, detail=f"image {shape[:2]}, lens {stated}")
        place, turn = self.pose.origin_m, self.pose.camera_to_ecef
        if np.shape(place) != (3,) or np.shape(turn) != (3, 3):
            raise BadInput("EAR-084", where=self.frame_id, detail=f"pose {np.shape(place)} {np.shape(turn)}")
        if not (np.isfinite(place).all() and np.isfinite(turn).all()):
            raise BadInput("EAR-084", where=self.frame_id, detail="pose is not finite")

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """(h, w, bands)."""
        return np.ascontiguousarray(self.image if self.image.ndim == 3 else self.image[..., None])
