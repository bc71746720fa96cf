"""Claims in a cube as rows of the table of detections, and the ground its pixels showed as cells."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.campaign.detecting.coverage import coverage_schema
from atalaya.campaign.detecting.cubes.georeference import Georeference
from atalaya.campaign.detecting.placed import MARK_SHARE, Origin, claim_columns, or_null
from atalaya.detect.candidates import Candidates
from atalaya.detect.card import ModelCard
from atalaya.detect.table import SHARED_TERMS, detection_schema
from atalaya.earth.cells import areas_m2, cells_of
from atalaya.earth.error import TERMS

Floats = NDArray[np.float64]

_DOWN_DEG = 90.0
"""A push-broom imager is taken as looking straight down: its cube does not say otherwise."""

_LEAST_SHARE = 0.5
"""Part of a cell that must have been seen."""

_REAL = ("lon_deg", "lat_deg", "height_hae_m", "cov_ee", "cov_en", "cov_nn", "own_ee", "own_en", "own_nn")
_SMALL = ("gsd_m", "slant_m", "depression_deg", "azimuth_true_deg")


def cube_rows(
    of: Origin,
    card: ModelCard,
    claims: Candidates,
    t_us: int,
    where: Georeference | None,
    gsd_m: float,
    error_m: float,
) -> pa.Table:
    """Claims in pixels of the whole strip as rows; without places where nothing lays the strip down.

    Args:
        gsd_m: of the strip. error_m: one sigma of the georeferencing, east and north, shared by the sortie.
    """
    n = len(claims)
    if not n:
        return detection_schema().empty_table()
    told = claim_columns(of, card, claims, np.zeros(n, np.int32), np.full(n, t_us, np.int64))
    placed = dict.fromkeys(_REAL, pa.nulls(n, pa.float64())) | dict.fromkeys(
        _SMALL, pa.nulls(n, pa.float32())
    )
    shared = {name: _shared(n, -1, 0.0) for name in ("shared_east", "shared_north")}
    if where is not None:
        placed |= _placed(claims, where, gsd_m, error_m)
        shared = {
            "shared_east": _shared(n, TERMS.index("position_east_m"), error_m),
            "shared_north": _shared(n, TERMS.index("position_north_m"), error_m),
        }
    return pa.table({**told, **placed, **shared}, schema=detection_schema())


def _placed(claims: Candidates, where: Georeference, gsd_m: float, error_m: float) -> dict[str, pa.Array]:
    middle = claims.middle.astype(np.float64)
    lon, lat, height = where.places(middle[:, 0], middle[:, 1])
    known = np.isfinite(lon) & np.isfinite(lat)
    size = (claims.box[:, 2:] - claims.box[:, :2]).max(axis=1).astype(np.float64)
    # where in its box a thing lies, and where in its pixel the table was read
    own = np.square(MARK_SHARE * size * gsd_m) + gsd_m**2 / 12.0
    none = np.zeros(len(own))
    values = (lon, lat, height, own + error_m**2, none, own + error_m**2, own, none, own)
    real = {name: or_null(np.where(known, value, np.nan), pa.float64())
            for name, value in zip(_REAL, values, strict=True)}  # fmt: skip
    look = (gsd_m, np.nan, _DOWN_DEG, 0.0)
    small = {name: or_null(np.where(known, value, np.nan), pa.float32())
             for name, value in zip(_SMALL, look, strict=True)}  # fmt: skip
    return real | small


def _shared(n: int, term: int, sigma_m: float) -> pa.Array:
    values = np.zeros((n, SHARED_TERMS))
    if term >= 0:
        values[:, term] = sigma_m
    return pa.FixedSizeListArray.from_arrays(values.ravel(), SHARED_TERMS)


def cells_seen(where: Georeference, valid: NDArray[np.bool_], first: int) -> NDArray[np.int64]:
    """(m, 2) cells that hold pixels with data, and how many.

    Args:
        valid: (lines, columns). first: line of the strip that it begins with.
    """
    row, column = np.nonzero(valid)
    lon, lat, _ = where.places(column.astype(np.float64), (row + first).astype(np.float64))
    number = cells_of(lon, lat)
    cell, count = np.unique(number[number >= 0], return_counts=True)
    return np.stack((cell, count), axis=1)


def cube_coverage(parts: list[NDArray[np.int64]], gsd_m: float, t_us: int) -> pa.Table:
    """Cells of which at least half was seen, in the columns of `coverage_schema`."""
    both = np.concatenate(parts) if parts else np.empty((0, 2), np.int64)
    cell, place = np.unique(both[:, 0], return_inverse=True)
    count = np.bincount(place, both[:, 1], len(cell))
    cell = cell[count * gsd_m**2 >= _LEAST_SHARE * areas_m2(cell)] if len(cell) else cell
    n = len(cell)
    same = {"gsd_m": gsd_m, "depression_deg": _DOWN_DEG, "slant_m": np.nan, "azimuth_true_deg": 0.0}
    return pa.table(
        {
            "cell": cell,
            "t_us": np.full(n, t_us, np.int64),
            "frames": np.ones(n, np.int32),
            "seen_s": np.ones(n, np.float32),
            **{name: np.full(n, value, np.float32) for name, value in same.items()},
        },
        schema=coverage_schema(),
    )
