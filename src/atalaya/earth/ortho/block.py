"""Geometry of one block of cells, exact at the nodes of a lattice and linear between (below a millimetre)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import SEMI_MAJOR_M, ecef_to_geodetic, geodetic_to_ecef, up_vector
from atalaya.earth.ortho.grid import Grid
from atalaya.earth.ortho.relief import Relief, ReliefSource

Floats = NDArray[np.float64]

_NODE_STEP_M = 200.0
_NODE_STEP_CELLS = 64
_TILE_CELLS = 8
_CORRIDOR = np.linspace(0.0, 1.0, 9)[1:]
_DEPTH_ROOM_M = 1.0


@dataclass(frozen=True)
class Nodes:
    """Lattice over a block.

    step: cells between nodes      lon_deg, lat_deg: (n, m)
    base_m: (n, m, 3) ECEF of the ellipsoid there      up: (n, m, 3) its normal
    """

    step: int
    lon_deg: Floats
    lat_deg: Floats
    base_m: Floats
    up: Floats


@dataclass(frozen=True)
class Sightlines:
    """From the ellipsoid under the nodes to the camera.

    chord_m: (n, m, 3) ECEF      climb_m: (n, m) its part along the local up
    fall_m: (n, m) how much the ellipsoid, seen along light's way, falls away below the whole chord
    lift_m: (n, m) how much refraction raises the place as the camera sees it
    """

    chord_m: Floats
    climb_m: Floats
    fall_m: Floats
    lift_m: Floats


def nodes_of(block: Grid) -> Nodes:
    """The lattice of a block: its first cell is a node, its last cell lies within."""
    step = int(np.clip(_NODE_STEP_M / block.cell_m, _TILE_CELLS, _NODE_STEP_CELLS))
    rows = np.arange(max(2, -(-(block.height - 1) // step) + 1)) * step
    columns = np.arange(max(2, -(-(block.width - 1) // step) + 1)) * step
    column, row = np.meshgrid(columns, rows)
    lon, lat = block.lon_lat(column, row)
    return Nodes(step, lon, lat, geodetic_to_ecef(lon, lat, 0.0), up_vector(lon, lat))


def sightlines(nodes: Nodes, pose: Pose, refraction: float) -> Sightlines:
    """Chords from the nodes to a camera."""
    chord = pose.origin_m - nodes.base_m
    climb = np.einsum("...k,...k->...", chord, nodes.up)
    level = np.einsum("...k,...k->...", chord, chord) - climb**2
    fall = np.maximum(level, 0.0) / (2.0 * SEMI_MAJOR_M)
    return Sightlines(chord, climb, (1.0 - refraction) * fall, refraction * fall)


def relief_of(
    source: ReliefSource, nodes: Nodes, lines: Sightlines, top_m: float, *, corridor: bool
) -> Relief:
    """Posts under a block and, for the occlusion test, on the way to the camera until above everything.

    Args:
        top_m: no ground is higher.
    """
    ground = source.around(nodes.lon_deg, nodes.lat_deg)
    known = np.isfinite(ground.posts)
    if not corridor or not known.any():
        return ground
    lowest = float(ground.posts[known].min()) - _DEPTH_ROOM_M
    share = _share_to(top_m, lowest, lines)
    lon, lat = [nodes.lon_deg], [nodes.lat_deg]
    for part in _CORRIDOR:
        beyond = nodes.base_m + lowest * nodes.up
        way = lines.chord_m - lowest * nodes.up
        place = ecef_to_geodetic(beyond + (part * share)[..., None] * way)
        lon.append(place[0])
        lat.append(place[1])
    return source.around(np.stack(lon), np.stack(lat))


def render_nodes(nodes: Nodes, lines: Sightlines, relief: Relief, pose: Pose) -> Floats:
    """(n, m, 8) for `kernels.render`."""
    lifted = lines.lift_m[..., None] * nodes.up - lines.chord_m
    turn = pose.camera_to_ecef
    places = np.stack(relief.locate(nodes.lon_deg, nodes.lat_deg), axis=-1)
    return np.concatenate((lifted @ turn, nodes.up @ turn, places), axis=-1)


def sight_nodes(nodes: Nodes, lines: Sightlines, relief: Relief, top_m: float) -> Floats:
    """(n, m, 6) for `occlusion.kernels.hide`."""
    known = relief.posts[np.isfinite(relief.posts)]
    middle = float(np.median(known)) if known.size else 0.0
    row, column = relief.locate(nodes.lon_deg, nodes.lat_deg)
    share = np.maximum(0.5 * _share_to(top_m, middle, lines), 1e-4)
    start = nodes.base_m + middle * nodes.up
    way = lines.chord_m - middle * nodes.up
    lon, lat, _ = ecef_to_geodetic(start + share[..., None] * way)
    far_row, far_column = relief.locate(lon, lat)
    climb = lines.climb_m + lines.lift_m  # light bends back: it leaves the ground a little steeper
    return np.stack(
        (row, column, (far_row - row) / share, (far_column - column) / share, climb, lines.fall_m),
        axis=-1,
    )


def _share_to(top_m: float, from_m: float, lines: Sightlines) -> Floats:
    """Which share of the way to the camera a line needs to climb above everything; at most all of it."""
    climb, rise = lines.climb_m - from_m, max(top_m - from_m, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(climb**2 + 4.0 * lines.fall_m * rise)
        share = 2.0 * rise / (climb + root)
    return np.where(climb + root > 0.0, np.clip(share, 0.0, 1.0), 1.0)
