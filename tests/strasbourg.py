"""Five aerial frames of a town with surveyed poses (dbat-sxb): frames, ground, disturbed poses, ground error.

Conventions of the block: a = R (X - C), column = (26.577 - c a0/a2) / 0.006, row (38.811 + c a1/a2) / 0.006.
Its local Cartesian system is put on the ellipsoid as a local east-north-up frame; over 1 km that bends 8 cm.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import enu_basis, geodetic_to_ecef
from atalaya.earth.lens import Pinhole
from atalaya.earth.ortho import Frame, Orthophoto, grid_of_frame, orthophoto
from atalaya.earth.registration import OrthophotoReference, Registration, changed, pose_covariance, register
from atalaya.earth.surface import LevelSurface

Floats = NDArray[np.float64]

REDUCED = 8
"""The pictures are strongly compressed; the note asks for a 1 m grid, an eighth of the pixels is 0.7 m."""

POSITION_SD_M, ATTITUDE_SD_DEG = 2.0, 0.3
BLUR_M = 2.0

_WIDTH_PX, _HEIGHT_PX, _PIXEL_MM, _FOCAL_MM = 8858, 12996, 0.006, 123.9392
_CENTRE_MM = (26.577, 38.811)
_LON, _LAT = 7.75, 48.58
_ORIGIN = np.array([1_000_060.0, 112_400.0])
_PHOTO = re.compile(r"Photo \d: (\d+)\.jpg(.*?)(?=Photo \d:|\Z)", re.DOTALL)
_VALUE = re.compile(r"(Omega|Phi|Kappa|Xc|Yc|Zc):\s+Value:\s+(-?[\d.]+)")


@dataclass(frozen=True)
class Town:
    """frames: with surveyed poses      references: their orthophotos      surface: mean control height"""

    frames: list[Frame]
    references: list[Orthophoto]
    surface: LevelSurface


@dataclass(frozen=True)
class Trial:
    """Median error of the ground in common, before and after, metres."""

    before_m: float
    after_m: float
    result: Registration


def load(folder: Path) -> Town:
    """Everything from the folder `dbat-sxb`."""
    control = np.genfromtxt(
        folder / "data/script/sxb/reference/sxb-control.txt", delimiter=",", skip_header=1
    )
    surface = LevelSurface(float(control[:, 4].mean()))
    report = (folder / "data/script/sxb/result/report.txt").read_text()
    frames = []
    for name, text in _PHOTO.findall(report):
        values = {key: float(value) for key, value in _VALUE.findall(text)}
        if len(values) == 6:
            frames.append(_frame(folder / f"data/prague2016/sxb/images/{name}.jpg", values))
    grids = [grid_of_frame(frame.lens, frame.pose, surface, cell_m=1.0) for frame in frames]
    laid = [orthophoto(frame, surface, grid) for frame, grid in zip(frames, grids, strict=True)]
    return Town(frames, laid, surface)


def _frame(path: Path, values: dict[str, float]) -> Frame:
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, _WIDTH_PX * _HEIGHT_PX
    try:
        with Image.open(path) as file:
            file.draft("L", (_WIDTH_PX // REDUCED, _HEIGHT_PX // REDUCED))
            picture = np.asarray(file.convert("L"))
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    focal = _FOCAL_MM / _PIXEL_MM / REDUCED
    centre = [(mm / _PIXEL_MM + 0.5) / REDUCED - 0.5 for mm in _CENTRE_MM]
    lens = Pinhole(picture.shape[1], picture.shape[0], focal, focal, *centre)
    return Frame(picture, lens, _pose(values), frame_id=path.stem)


def _pose(values: dict[str, float]) -> Pose:
    (so, sp, sk), (co, cp, ck) = (
        f(np.radians([values["Omega"], values["Phi"], values["Kappa"]])) for f in (np.sin, np.cos)
    )
    turn = np.array(
        [
            [cp * ck, co * sk + so * sp * ck, so * sk - co * sp * ck],
            [-cp * sk, co * ck - so * sp * sk, so * ck + co * sp * sk],
            [sp, -so * cp, co * cp],
        ]
    )
    basis = enu_basis(_LON, _LAT)
    place = np.array([values["Xc"] - _ORIGIN[0], values["Yc"] - _ORIGIN[1], values["Zc"]])
    camera = np.stack((-turn[2], turn[0], -turn[1]), axis=1)
    return Pose(geodetic_to_ecef(_LON, _LAT, 0.0) + basis @ place, basis @ camera)


def inverted(reference: Orthophoto) -> Orthophoto:
    """Light and dark exchanged, and blurred: the same ground as another sensor may show it."""
    soft = ndimage.gaussian_filter(reference.image[0], BLUR_M / reference.grid.cell_m)
    return replace(reference, image=(255 - soft)[None])


def moved(reference: Orthophoto, east_m: float, north_m: float) -> Orthophoto:
    """The same picture said to lie elsewhere."""
    grid = reference.grid
    return replace(reference, grid=replace(grid, west_m=grid.west_m + east_m, north_m=grid.north_m + north_m))


def trial(town: Town, first: int, reference: Orthophoto, generator: np.random.Generator) -> Trial:
    """Disturb the pose of a frame and register it."""
    frame = town.frames[first]
    disturbance = np.concatenate(
        (generator.normal(0.0, POSITION_SD_M, 3), generator.normal(0.0, ATTITUDE_SD_DEG, 3))
    )
    wrong = changed(frame.pose, disturbance)
    result = register(
        frame.image, frame.lens, wrong, pose_covariance(POSITION_SD_M, ATTITUDE_SD_DEG),
        OrthophotoReference(reference), town.surface, cell_m=1.0,
    )  # fmt: skip
    return Trial(
        ground_error_m(town, frame, wrong, reference),
        ground_error_m(town, frame, result.pose, reference),
        result,
    )


def ground_error_m(town: Town, frame: Frame, pose: Pose, reference: Orthophoto) -> float:
    """Median distance of where pixels truly meet the ground and where a pose says, over common ground."""
    lens = frame.lens
    column, row = np.meshgrid(np.linspace(0, lens.width - 1, 15), np.linspace(0, lens.height - 1, 15))
    rays = lens.directions(column.ravel(), row.ravel())
    places = []
    for one in (frame.pose, pose):
        hits = town.surface.hits(one.origin_m, rays @ one.camera_to_ecef.T)
        places.append((hits.lon_deg, hits.lat_deg, hits.height_hae_m))
    cells = [np.round(part).astype(int) for part in reference.grid.cells(*places[0][:2])]
    tall, wide = reference.state.shape
    common = (cells[0] >= 0) & (cells[1] >= 0) & (cells[0] < wide) & (cells[1] < tall)
    common[common] = reference.seen[cells[1][common], cells[0][common]]
    apart = geodetic_to_ecef(*places[0]) - geodetic_to_ecef(*places[1])
    return float(np.median(np.linalg.norm(apart, axis=1)[common]))
