"""Things of the truth placed from a recording as anyone would place them, and how far off they come out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyproj import Transformer

from atalaya.base.errors import AtalayaError
from atalaya.campaign.cameras import image_size
from atalaya.campaign.ground_error import SEED, budget_of, centre_looks
from atalaya.campaign.vector_layers import numbers
from atalaya.earth import pixel_in_camera
from atalaya.earth.ellipsoid import geod
from atalaya.earth.error import Looks, locate
from atalaya.footage.analyse import Analysis, Reading, analyse
from atalaya.footage.clip import Clip

if TYPE_CHECKING:
    from atalaya.earth.terrain import Terrain

MOST_PER_CLIP = 24
"""Places worked out of one clip: their errors are much alike."""

_CHI2_90 = 4.605
_POINT_M = 0.01


@dataclass(frozen=True, slots=True)
class Placed:
    """One thing placed once.

    Args:
        id: of the thing. miss_m: from its true place, along the ground. ce90_m: as stated with the place.
        held: whether the stated 90 % ellipse holds the true place.
    """

    id: str
    miss_m: float
    ce90_m: float
    held: bool


Marks = dict[str, tuple[float, float]]
"""Longitude and latitude, degrees, of the middle of each area painted on the ground, by id."""

Rows = NDArray[np.intp]


def marks_of(things: pa.Table, epsg: int) -> Marks:
    """The middles of the areas of a scene: means of their corners, as sightings have them.

    Args:
        things: of the truth. epsg: of its metres.
    """
    ids, rings = [], []
    for name, east, north in zip(
        *(things[key].to_pylist() for key in ("id", "ring_east_m", "ring_north_m")), strict=True
    ):
        if east:
            ids.append(name)
            rings.append((np.mean(east), np.mean(north)))
    middles = np.array(rings).reshape(-1, 2)
    lon, lat = Transformer.from_crs(epsg, 4326, always_xy=True).transform(middles[:, 0], middles[:, 1])
    return {name: (float(a), float(b)) for name, a, b in zip(ids, lon, lat, strict=True)}


def placed_things(path: Path, sightings: pa.Table, marks: Marks, terrain: "Terrain") -> list[Placed]:
    """Place areas on the ground by a pixel in their middle; none where the clip cannot be read.

    Args:
        sightings: of the clip.
    """
    rows = _chosen(sightings, marks)
    if not len(rows):
        return []
    try:
        with Clip.open(str(path)) as clip:
            analysis = analyse(clip, Reading(surface=terrain))
            looks = _looks(analysis, image_size(clip, analysis), sightings, rows)
            points = locate(terrain, looks, budget_of(analysis, terrain), rng=np.random.default_rng(SEED))
    except AtalayaError:
        return []
    placed = []
    for n, row in enumerate(rows):
        name, point = sightings["id"][int(row)].as_py(), points[n]
        if not np.isfinite(point.lon_deg):
            continue
        azimuth, _, miss = geod().inv(point.lon_deg, point.lat_deg, *marks[name])
        step = float(miss) * np.array([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
        # without any error to speak of the ellipse is a point: then within a centimetre of it
        covariance = point.covariance[:2, :2] + _POINT_M**2 * np.eye(2)
        held = bool(step @ np.linalg.solve(covariance, step) <= _CHI2_90)
        placed.append(Placed(name, float(miss), float(point.ce90_m), held))
    return placed


def _chosen(sightings: pa.Table, marks: Marks) -> Rows:
    """Rows of areas wholly in sight whose middle is in the picture, spread over the clip."""
    on_ground = np.array([name in marks for name in sightings["id"].to_pylist()], np.bool_)
    whole = np.asarray(sightings["visible_px"]) > 0.95 * np.asarray(sightings["outline_px"])
    inside = np.ones(len(whole), np.bool_)
    for name in ("column", "row"):
        middle = np.asarray(sightings[name])
        inside &= middle >= np.asarray(sightings[f"box_{name}_0"])
        inside &= middle <= np.asarray(sightings[f"box_{name}_1"])
    rows = np.flatnonzero(on_ground & whole & inside)
    return rows[np.unique(np.linspace(0, len(rows) - 1, MOST_PER_CLIP).astype(int))] if len(rows) else rows


def _looks(analysis: Analysis, size: tuple[int, int], sightings: pa.Table, rows: Rows) -> Looks:
    frame = np.asarray(sightings["frame"])[rows].astype(np.intp)
    column, line = np.asarray(sightings["column"])[rows], np.asarray(sightings["row"])[rows]
    looks = centre_looks(analysis.frames).take(frame)
    hfov, vfov = numbers(analysis.frames, "hfov_deg")[frame], numbers(analysis.frames, "vfov_deg")[frame]
    direction = pixel_in_camera(column, line, *size, hfov, vfov)
    tangent = 2.0 * np.tan(np.radians(hfov) / 2.0) / size[0]
    return Looks(**{**vars(looks), "direction": direction, "pixel_tangent": tangent})
