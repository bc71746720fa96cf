"""What was expected before the first look: the map of the plan, a map given, or the same everywhere."""

import json
from pathlib import Path

import numpy as np
import shapely

from atalaya.base.errors import BadInput
from atalaya.campaign.locating.gathered import known_of
from atalaya.campaign.rehearsal.marker import MARKER
from atalaya.earth.cells import middles_of
from atalaya.sensing.map_geotiff import read_search_map
from atalaya.sensing.map_grid import make_grid
from atalaya.sensing.search_map import SearchMap

PER_KM2 = 0.02
"""Facilities expected per square kilometre where nobody says: one in fifty."""

CELL_M, MARGIN_DEG = 500.0, 0.005
MOST_KM = 350
"""Recordings farther apart than this are of different searches: one map of both would be empty and vast."""
MAP = Path("maps") / "before.tif"


def prior_of(root: Path, file: Path | None = None, per_km2: float | None = None) -> SearchMap:
    """The search map before all looks.

    Args:
        root: of the workspace. file: a search map; else the one of the plan a rehearsal was flown from, else
            the one used before, else the same expectation over all ground that was covered.
        per_km2: take the same expectation everywhere, this one.

    Raises:
        BadInput: SIT-003, no recording shows ground; SIT-013, they lie too far apart; SNS-0xx, the file is
            no search map.
        NotFound: SIT-001, nothing was looked at; SNS-0xx, no such file.
    """
    if file is not None:
        return read_search_map(file)
    if per_km2 is None:
        for known in (_planned(root), root / MAP):
            if known is not None and known.is_file():
                return read_search_map(known)
    return _even(root, PER_KM2 if per_km2 is None else per_km2)


def source_of(root: Path, file: Path | None = None, per_km2: float | None = None) -> str:
    """Where `prior_of` takes its map from: "given", "planned", "kept" or "even"."""
    if file is not None:
        return "given"
    planned = _planned(root)
    if per_km2 is None and planned is not None and planned.is_file():
        return "planned"
    return "kept" if per_km2 is None and (root / MAP).is_file() else "even"


def _planned(root: Path) -> Path | None:
    """The map a rehearsal was planned with, beside its flights."""
    try:
        flown = str(json.loads((root / MARKER).read_text(encoding="utf-8"))["flown"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return root / flown / ".." / "plan" / "before.tif"


def _even(root: Path, per_km2: float) -> SearchMap:
    known, _ = known_of(root)
    cells = np.unique(np.concatenate([np.asarray(one.coverage["cell"]) for one in known] or [np.empty(0)]))
    if not len(cells):
        raise BadInput("SIT-003", where=str(root))
    lon, lat = middles_of(cells.astype(np.int64))
    lon = lon[0] + (lon - lon[0] + 180.0) % 360.0 - 180.0
    wide_km = 111.2 * float(np.ptp(lon)) * float(np.cos(np.radians(lat).min())), 111.2 * float(np.ptp(lat))
    if max(wide_km) > MOST_KM:
        raise BadInput("SIT-013", where=str(root), wide=f"{wide_km[0]:.0f} x {wide_km[1]:.0f}", most=MOST_KM)
    around = shapely.box(lon.min(), lat.min(), lon.max(), lat.max()).buffer(MARGIN_DEG)
    grid = make_grid(around, CELL_M).grid
    rate = np.full((grid.height, grid.width), per_km2 * (CELL_M / 1000.0) ** 2)
    affine = (grid.west_m, CELL_M, 0.0, grid.north_m, 0.0, -CELL_M)
    return SearchMap(rate, np.zeros_like(rate), grid.crs, affine)
