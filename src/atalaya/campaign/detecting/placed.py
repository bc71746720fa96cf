"""Claims in pictures as rows of the table of detections: each with its place, and the error of that place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.campaign.detecting.examine import Examined
from atalaya.campaign.ground_error import SEED, budget_of, centre_looks
from atalaya.campaign.vector_layers import numbers
from atalaya.detect.candidates import Candidates
from atalaya.detect.card import ModelCard
from atalaya.detect.table import SHARED_TERMS, detection_schema
from atalaya.earth import pixel_in_camera
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis
from atalaya.earth.error import ErrorBudget, GroundPoints, Looks, Term, locate
from atalaya.earth.surface import HitStatus, Surface
from atalaya.footage.analyse import Analysis

Floats = NDArray[np.float64]

MARK_SHARE = 0.15
"""One sigma of where in its box a thing lies, as a share of the box."""


@dataclass(frozen=True)
class ClipOnGround:
    """What claims of a clip are placed with.

    Args:
        sha256: of the clip. sortie: whose errors it shares. kind: of its sensor.
        analysis: of its metadata. surface: the ground. size: width and height of its pictures.
    """

    sha256: str
    sortie: str
    kind: str
    analysis: Analysis
    surface: Surface
    size: tuple[int, int]


def detection_table(clip: ClipOnGround, examined: list[Examined]) -> pa.Table:
    """All claims of a clip, by detector and frame; without a place where their line meets no ground."""
    return pa.concat_tables([_rows_of(clip, one) for one in examined] or [detection_schema().empty_table()])


def _rows_of(clip: ClipOnGround, one: Examined) -> pa.Table:
    frames = clip.analysis.frames
    looks = pixel_looks(frames, one.frame, one.claims.middle.astype(np.float64), clip.size)
    t_us = frames["t_us"].fill_null(-1).to_numpy()[one.frame]
    of = Origin(clip.sha256, clip.sortie, clip.kind)
    budget = budget_of(clip.analysis, clip.surface)
    return claim_rows(of, one.task.detector.card, one.claims, one.frame, t_us, looks, clip.surface, budget)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where claims come from: sha256 of the recording, the sortie whose errors it shares, kind of sensor."""

    clip: str
    sortie: str
    sensor: str


def claim_rows(
    of: Origin,
    card: ModelCard,
    claims: Candidates,
    frame: NDArray[np.int32],
    t_us: NDArray[np.int64],
    looks: Looks,
    surface: Surface,
    budget: ErrorBudget,
) -> pa.Table:
    """Claims as rows of the table.

    Args:
        frame, t_us: (n,) picture of each claim, and when. looks: (n) through the middles of their boxes.
        budget: of the recording, without the doubt of where in its box a thing lies.
    """
    n = len(claims)
    if not n:
        return detection_schema().empty_table()
    marked = _marked(budget, claims.box)
    points = locate(surface, looks, marked, rng=np.random.default_rng(SEED), method="first-order")
    columns = {**claim_columns(of, card, claims, frame, t_us), **_place(points, looks)}
    return pa.table(columns, schema=detection_schema())


def claim_columns(
    of: Origin,
    card: ModelCard,
    claims: Candidates,
    frame: NDArray[np.int32],
    t_us: NDArray[np.int64],
) -> dict[str, Any]:
    """The columns of the table that say what was claimed, not where on the ground.

    Args:
        frame, t_us: (n,) picture of each claim, and when.
    """
    n, middle = len(claims), claims.middle.astype(np.float64)
    return {
        "clip": [of.clip] * n,
        "sortie": [of.sortie] * n,
        "frame": frame,
        "t_us": t_us,
        "sensor": [of.sensor] * n,
        "detector": [card.id] * n,
        "card": [card.sha256] * n,
        "evidence": [card.classes[label].evidence for label in claims.label.tolist()],
        "label": [card.classes[label].name for label in claims.label.tolist()],
        "score": claims.score,
        "p": or_null(card.probability(claims.score.astype(np.float64)), pa.float32()),
        "column": middle[:, 0].astype(np.float32),
        "row": middle[:, 1].astype(np.float32),
        **{
            name: claims.box[:, k]
            for k, name in enumerate(("box_column_0", "box_row_0", "box_column_1", "box_row_1"))
        },
    }


def pixel_looks(frames: pa.Table, rows: NDArray[np.int32], pixel: Floats, size: tuple[int, int]) -> Looks:
    """Lines of sight through pixels of frames; NaN where place, attitude or field of view is not known.

    Args:
        rows: (n,) of the frame table. pixel: (n, 2) column and row. size: width and height.
    """
    row = rows.astype(np.intp)
    looks = centre_looks(frames).take(row)
    hfov, vfov = (numbers(frames, name)[row] for name in ("hfov_deg", "vfov_deg"))
    tall = np.degrees(2.0 * np.arctan(np.tan(np.radians(hfov) / 2.0) * size[1] / size[0]))
    direction = pixel_in_camera(
        pixel[:, 0], pixel[:, 1], *size, hfov, np.where(np.isfinite(vfov), vfov, tall)
    )
    tangent = 2.0 * np.tan(np.radians(hfov) / 2.0) / size[0]
    return Looks(**{**vars(looks), "direction": direction, "pixel_tangent": tangent})


def _marked(budget: ErrorBudget, box: NDArray[np.float32]) -> ErrorBudget:
    """The budget with the doubt of where in its box a thing lies, of the middling box."""
    wide, tall = (MARK_SHARE * float(np.median(box[:, k + 2] - box[:, k])) for k in (0, 1))
    terms = {"pixel_column_px": wide, "pixel_row_px": tall}
    joint = {name: budget.term(name) for name in terms}
    return budget.with_terms(
        **{
            name: Term(joint[name].shared, float(np.hypot(joint[name].own, more)), joint[name].provenance)
            for name, more in terms.items()
        }
    )


def _place(points: GroundPoints, looks: Looks) -> dict[str, pa.Array]:
    met = (points.status <= HitStatus.GRAZING) & np.isfinite(points.lon_deg)
    own, whole = points.own[:, :2, :2], points.covariance[:, :2, :2]
    gsd, slant, depression, azimuth = _geometry(points, looks)
    real = {
        "lon_deg": points.lon_deg,
        "lat_deg": points.lat_deg,
        "height_hae_m": points.height_hae_m,
        **{f"cov_{name}": whole[:, i, j] for name, i, j in _PARTS},
        **{f"own_{name}": own[:, i, j] for name, i, j in _PARTS},
    }
    shown = {name: or_null(np.where(met, values, np.nan), pa.float64()) for name, values in real.items()}
    for k, name in enumerate(("shared_east", "shared_north")):
        shared = np.where(met[:, None], points.shared_factor[:, k], 0.0)
        shown[name] = pa.FixedSizeListArray.from_arrays(shared.ravel(), SHARED_TERMS)
    small = {"gsd_m": gsd, "slant_m": slant, "depression_deg": depression, "azimuth_true_deg": azimuth}
    return shown | {name: or_null(np.where(met, part, np.nan), pa.float32()) for name, part in small.items()}


_PARTS = (("ee", 0, 0), ("en", 0, 1), ("nn", 1, 1))


def _geometry(points: GroundPoints, looks: Looks) -> tuple[Floats, Floats, Floats, Floats]:
    """GSD (level ground, geometric mean of both axes), slant, depression and azimuth at each place."""
    from atalaya.earth import geodetic_to_ecef

    place = geodetic_to_ecef(points.lon_deg, points.lat_deg, points.height_hae_m)
    slant = np.linalg.norm(place - looks.origin_m, axis=1)
    lon, lat, _ = ecef_to_geodetic(place)
    unit = np.einsum("nji,nj->ni", enu_basis(lon, lat), looks.toward)
    steep = np.clip(-unit[:, 2], 1e-3, 1.0)
    gsd = slant * looks.pixel_tangent / np.sqrt(steep)
    azimuth = np.degrees(np.arctan2(unit[:, 0], unit[:, 1])) % 360.0
    return gsd, slant, np.degrees(np.arcsin(steep)), azimuth


def or_null(values: Floats, kind: pa.DataType) -> pa.Array:
    """A column of the table, null where a value is not finite."""
    return pa.array(values, mask=~np.isfinite(values)).cast(kind)
