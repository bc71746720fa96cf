"""One pixel of one frame on the ground, with its error: the number a partner acts on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput, NotFound, Usage
from atalaya.campaign.calibrated import budget_calibrated, calibrated_look
from atalaya.campaign.cameras import frame_cameras, image_size
from atalaya.campaign.ground_error import SEED, budget_of, centre_looks
from atalaya.campaign.registering import ReferencePicture, budget_after, registered
from atalaya.campaign.vector_layers import numbers
from atalaya.earth import pixel_in_camera, undulation_m
from atalaya.earth.calibration import Calibration
from atalaya.earth.error import TERMS, ErrorBudget, GroundPoint, Looks, Method, locate, looks_from_pose
from atalaya.earth.registration import Registration
from atalaya.earth.surface import HitStatus, LevelSurface, Surface
from atalaya.footage.analyse import Analysis, Reading, analyse
from atalaya.footage.clip import Clip

SCHEMA = "atalaya.locate-pixel/1"


@dataclass(frozen=True)
class PixelPlace:
    """Where one pixel lies.

    Args:
        frame, column, row: which pixel of which frame. t_us: when, microseconds UTC, None where unknown.
        point: the place and its error. ground: what it was placed on. budget: what the error rests on.
        registration: what the comparison with a reference picture gave, where one was given.
    """

    frame: int
    column: float
    row: float
    t_us: int | None
    point: GroundPoint
    ground: str
    budget: ErrorBudget
    registration: Registration | None = None

    @property
    def found(self) -> bool:
        """Whether the undisturbed line of sight meets known ground; else no place is claimed."""
        return bool(np.isfinite(self.point.lon_deg)) and self.point.status <= HitStatus.GRAZING

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.locate-pixel/1` object; angles degrees, lengths metres, WGS 84."""
        point = self.point
        placed = self.found
        shown: dict[str, Any] = {
            "schema": SCHEMA,
            "frame": self.frame,
            "px": [self.column, self.row],
            "time": None if self.t_us is None else iso(self.t_us),
            "status": point.status.name.lower().replace("_", "-"),
            "ground": self.ground,
            "place": _place(point.lon_deg, point.lat_deg, point.height_hae_m) if placed else None,
        }
        if placed:
            shown |= {"ce90_m": round(point.ce90_m, 2), "le90_m": round(point.le90_m, 2)}
            shown["parts"] = [
                {
                    "weight": round(part.weight, 4),
                    **_place(part.lon_deg, part.lat_deg, part.height_hae_m),
                    "semi_major_m": round(part.semi_major_m, 2),
                    "semi_minor_m": round(part.semi_minor_m, 2),
                    "azimuth_deg": round(part.azimuth_deg, 1),
                }
                for part in point.parts
            ]
            shown["covariance_enu_m2"] = np.round(point.covariance, 4).tolist()
            shown["shared_by_the_sortie_enu_m2"] = np.round(point.shared, 4).tolist()
        method = Method(point.method).name.lower().replace("_", "-")
        left = {"to_sky": round(point.sky, 4), "outside": round(point.outside, 4)}
        return shown | {
            "method": method,
            **left,
            "assumed": list(point.assumed),
            "budget": self.budget.source,
            "sigmas": {
                name: {"value": round(term.total, 6), "provenance": term.provenance}
                for name in TERMS
                for term in (self.budget.term(name),)
                if term.total > 0.0
            },
            "registration": _registration(self.registration),
        }


def _registration(found: Registration | None) -> dict[str, Any] | None:
    if found is None:
        return None
    reason = None if found.reason is None else found.reason.as_json()
    return {"accepted": found.accepted, "ties": found.statistics.used, "reason": reason}


def _place(lon_deg: float, lat_deg: float, height_hae_m: float) -> dict[str, float]:
    msl = height_hae_m - float(undulation_m(lon_deg, lat_deg))
    return {
        "lon_deg": round(lon_deg, 8),
        "lat_deg": round(lat_deg, 8),
        "height_hae_m": round(height_hae_m, 2),
        "height_msl_m": round(msl, 2),
    }


def locate_pixel(
    clip: Clip,
    frame: int,
    pixel: tuple[float, float] | None,
    surface: Surface | None,
    reading: Reading,
    reference: ReferencePicture | None = None,
    calibration: Calibration | None = None,
) -> PixelPlace:
    """Place one pixel.

    Args:
        frame: number, from 0. pixel: column and row, from 0; None for the middle of the image.
        surface: model of the ground; None for the level the recording states.
        reference: picture of known place that corrects the frame's pose; the metadata's pose stays where the
            comparison is not conclusive.
        calibration: of the sortie the photograph belongs to.

    Raises:
        NotFound: EXP-010, there is no such frame. Usage: EXP-011, the pixel lies outside the image.
        BadInput: EXP-012, the recording does not say where the camera was or looked in that frame; EXP-013,
            nor on which ground.
    """
    analysis = analyse(clip, replace(reading, surface=surface))
    row = analysis.frames.slice(frame, 1) if 0 <= frame < analysis.frames.num_rows else None
    if row is None or row["frame"][0].as_py() != frame:
        raise NotFound("EXP-010", where=clip.source, frame=frame, frames=analysis.frames.num_rows)
    size = image_size(clip, analysis)
    column, line = pixel or ((size[0] - 1) / 2.0, (size[1] - 1) / 2.0)
    if not (-0.5 <= column <= size[0] - 0.5 and -0.5 <= line <= size[1] - 0.5):
        raise Usage("EXP-011", where="--px", column=column, row=line, width=size[0], height=size[1])
    if calibration is not None:
        return _by_calibration(clip, analysis, (column, line), surface, calibration)
    look = _look(analysis.frames, frame, (column, line), size)
    if look is None:
        raise BadInput("EXP-012", where=f"{clip.source}, frame {frame}")
    ground = surface or _level(row, clip, frame)
    budget = budget_of(analysis, ground)
    found = None
    if reference is not None:
        camera = frame_cameras(clip, analysis, np.array([frame]))[0]
        if camera is None:
            raise BadInput("EXP-012", where=f"{clip.source}, frame {frame}")
        found = registered(clip, analysis, camera, ground, reference, budget)
        if found.accepted:
            budget = budget_after(budget, found)
            look = looks_from_pose(found.pose, look.direction, look.pixel_tangent)
    point = locate(ground, look, budget, rng=np.random.default_rng(SEED))[0]
    t_us = row["t_us"][0].as_py()
    return PixelPlace(frame, column, line, t_us, point, ground.source, budget, found)


def _by_calibration(
    clip: Clip,
    analysis: Analysis,
    pixel: tuple[float, float],
    surface: Surface | None,
    calibration: Calibration,
) -> PixelPlace:
    """Place a pixel of a photograph by the calibration of its sortie."""
    if analysis.still is None:
        raise BadInput("EXP-021", where=clip.source)
    if surface is None:
        raise BadInput("EXP-013", where=clip.source)
    look = calibrated_look(analysis.still, pixel, calibration)
    budget = budget_calibrated(budget_of(analysis, surface), calibration)
    point = locate(surface, look, budget, rng=np.random.default_rng(SEED))[0]
    t_us = analysis.still.t_us if analysis.still.t_us >= 0 else None
    return PixelPlace(0, *pixel, t_us, point, surface.source, budget)


def _look(frames: pa.Table, frame: int, pixel: tuple[float, float], size: tuple[int, int]) -> Looks | None:
    """The line of sight of a pixel; None where place, attitude or field of view is not known."""
    around = slice(max(0, frame - 2), frame + 3)
    near = frames.slice(around.start, around.stop - around.start)
    here = frame - around.start
    hfov, vfov = numbers(near, "hfov_deg")[here], numbers(near, "vfov_deg")[here]
    if not np.isfinite(vfov):
        vfov = np.degrees(2.0 * np.arctan(np.tan(np.radians(hfov) / 2.0) * size[1] / size[0]))
    looks = centre_looks(near).take(np.array([here]))
    direction = pixel_in_camera(np.array([pixel[0]]), np.array([pixel[1]]), *size, hfov, vfov)
    tangent = np.array([2.0 * np.tan(np.radians(hfov) / 2.0) / size[0]])
    if not (np.isfinite(looks.toward).all() and np.isfinite(direction).all()):
        return None
    return Looks(**{**vars(looks), "direction": direction, "pixel_tangent": tangent})


def _level(row: pa.Table, clip: Clip, frame: int) -> LevelSurface:
    """Level ground through the frame's centre as the recording gives it."""
    height = row["centre_height_hae_m"][0].as_py()
    if height is None:
        raise BadInput("EXP-013", where=f"{clip.source}, frame {frame}")
    return LevelSurface(height)
