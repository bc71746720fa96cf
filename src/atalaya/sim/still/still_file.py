"""Write a picture of the range as a photograph."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atalaya.base.clock import iso, plausible
from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.lens import Pinhole
from atalaya.sim.still.statement import StillCamera, StillStatement, statement_of
from atalaya.sim.still.still_tags import exif_of, xmp_of

if TYPE_CHECKING:
    from atalaya.sim.camera.renderer import Picture, Renderer

Bytes = NDArray[np.uint8]
Planes = tuple[Bytes, Bytes, Bytes]

_MOST_OFFSET_MIN = 14 * 60
_MOST_PIXELS = 65_500
"""Of a side of a JPEG."""


def write_still(
    path: Path | str, picture: "Bytes | Planes | Picture", lens: Pinhole, stated: StillStatement, t_us: int,
    *, camera: StillCamera | None = None, offset_min: int = 0,
) -> Path:  # fmt: skip
    """Write a JPEG with its EXIF and XMP; the same arguments give the same bytes.

    Args:
        picture: (h, w, 3) uint8 RGB, or luma (h, w) and cb, cr (h / 2, w / 2) uint8 of BT.601 in video range,
            or what `Renderer.picture` gave. lens: that took it, without distortion.
        stated: what the file says of its pose. t_us: microseconds UTC, middle of the exposure.
        camera: make, model, chip. offset_min: of the camera's clock from UTC, minutes.

    Raises:
        BadInput: CUB-001 an offset or time out of range, CUB-006 it cannot be written, CUB-008 picture and
            lens do not fit.
    """
    shot = Path(path)
    planes = picture if isinstance(picture, (np.ndarray, tuple)) else (picture.luma, picture.cb, picture.cr)
    if type(lens) is not Pinhole:
        raise BadInput("CUB-008", where=str(shot), detail=type(lens).__name__)
    if not plausible(t_us):
        raise BadInput("CUB-001", name="t_us", value=iso(t_us), allowed="1990 ... 2100")
    if not -_MOST_OFFSET_MIN <= offset_min <= _MOST_OFFSET_MIN:
        raise BadInput("CUB-001", name="offset_min", value=offset_min, allowed=f"+-{_MOST_OFFSET_MIN}")
    image = _image(planes, lens, shot)
    chosen = camera or StillCamera()
    exif, xmp = exif_of(stated, lens, chosen, t_us, offset_min), xmp_of(stated, lens, chosen, t_us)
    try:
        shot.parent.mkdir(parents=True, exist_ok=True)
        image.save(shot, "JPEG", quality=chosen.quality, subsampling="4:2:0", exif=exif, xmp=xmp)
    except OSError as error:
        raise BadInput("CUB-006", where=str(shot), detail=error.strerror or str(error)) from error
    return shot


def take_still(
    renderer: "Renderer", path: Path | str, lens: Pinhole, pose: Pose, t_us: int, number: int, *,
    stated: StillStatement | None = None, camera: StillCamera | None = None, offset_min: int = 0,
) -> "Picture":  # fmt: skip
    """Render a picture from a true pose and write it with what the aircraft states (None for the truth).

    Returns:
        The picture, with the things in sight.

    Raises:
        BadInput: see `write_still`; CUB-009 a pose that is no place.
    """
    told = stated or statement_of(pose)
    picture = renderer.picture(lens, pose, t_us, number)
    write_still(path, picture, lens, told, t_us, camera=camera, offset_min=offset_min)
    return picture


def _image(picture: Bytes | Planes, lens: Pinhole, path: Path) -> Image.Image:
    size = (lens.height, lens.width)
    planes = picture if isinstance(picture, tuple) else (picture,)
    shapes = tuple(np.shape(plane) for plane in planes)
    half = (size[0] // 2, size[1] // 2)
    even = not (size[0] % 2 or size[1] % 2)
    fits = shapes in (((*size, 3),), (size, half, half) if even else ())
    if not fits or max(size) > _MOST_PIXELS or any(np.asarray(p).dtype != np.uint8 for p in planes):
        raise BadInput("CUB-008", where=str(path), detail=f"{shapes}, {size[1]} x {size[0]}")
    if len(planes) == 1:
        return Image.fromarray(planes[0], "RGB")
    luma = _stretched(planes[0], 16.0, 255.0 / 219.0, 0.0)
    chroma = (_stretched(p, 128.0, 255.0 / 224.0, 128.0).repeat(2, 0).repeat(2, 1) for p in planes[1:])
    return Image.merge("YCbCr", [Image.fromarray(plane) for plane in (luma, *chroma)])


def _stretched(plane: Bytes, zero: float, gain: float, onto: float) -> Bytes:
    """From video range to that of a JPEG (ITU-T T.871)."""
    return np.clip(np.rint((plane.astype(np.float64) - zero) * gain + onto), 0, 255).astype(np.uint8)
