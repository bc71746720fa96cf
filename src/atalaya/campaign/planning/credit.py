"""What a sortie finds: the ground its sensor truly passes over, in the flight as expected or as flown."""

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.planning.ground import SearchGround
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.search.evaluate import pieces
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.waypoint import LegKind, Waypoint
from atalaya.sensing.search_map import SearchMap
from atalaya.sensing.update import after_look

Floats = NDArray[np.float64]


def coverage(
    ground: SearchGround,
    lon_deg: Floats,
    lat_deg: Floats,
    on: NDArray[np.bool_],
    sweep_m: float,
    ahead_m: float = 0.0,
) -> Floats:
    """(rows, columns) coverage W L / A of each cell of the areas.

    Args:
        lon_deg, lat_deg: (n,) degrees, where the aircraft was.
        on: (n,) whether the sensor was on from there to the next place.
        sweep_m: sweep width.
        ahead_m: how far before the aircraft the strip lies, as a sensor sees it that looks forward.
    """
    grid = ground.grid.grid
    frame = SearchProblem(
        ground.map.rate, ground.map.hidden, grid.cell_m, (), west_m=grid.west_m, north_m=grid.north_m
    )
    places = np.column_stack(ground.metres(lon_deg, lat_deg))
    ahead = _ahead(places, ahead_m)
    start, end = (places[:-1] + ahead)[on[:-1]], (places[1:] + ahead)[on[:-1]]
    gap = np.full_like(start, np.nan)
    line = frame.grid(np.stack((start, end, gap), axis=1).reshape(-1, 2))
    cells, length = pieces(frame, line, None)
    rows, columns = frame.shape
    inside = (cells >= 0).all(axis=1) & (cells[:, 0] < columns) & (cells[:, 1] < rows)
    index = cells[inside, 1] * columns + cells[inside, 0]
    metres = np.bincount(index, length[inside], rows * columns).reshape(rows, columns)
    return np.where(ground.grid.share > 0.0, metres * sweep_m / grid.cell_m**2, 0.0)


def searched(path: FlightPath, waypoints: tuple[Waypoint, ...]) -> NDArray[np.bool_]:
    """(n,) whether the sensor is on from each row of a path to the next."""
    on = np.array([waypoint.leg is LegKind.SEARCH for waypoint in waypoints], np.bool_)
    return np.asarray(on[np.clip(path.waypoint, 0, len(waypoints) - 1)])


def credited(belief: SearchMap, covered: Floats) -> SearchMap:
    """The map after a sortie of a coverage found nothing: one look of chance 1 - exp(-coverage)."""
    return after_look(belief, -np.expm1(-covered))


def _ahead(places: Floats, ahead_m: float) -> Floats:
    """(n - 1, 2) how far the strip of each piece is moved: along its own course, so it keeps its length."""
    step = np.diff(places, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    return np.asarray(ahead_m * step / np.maximum(length, 1e-9)[:, None])
