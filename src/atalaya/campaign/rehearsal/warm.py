"""Compile what a rehearsal needs, once, beside whatever else is being done: `python -m` this module, or with
"look" what searching the recordings needs.

Kernels are compiled when they are first called and kept on disk. A first demo would wait for them one after
the other; a second process has them ready when the first has finished planning.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.errors import AtalayaError
from atalaya.earth.error import locate
from atalaya.footage.analyse import Reading, analyse
from atalaya.footage.clip import Clip
from atalaya.plan.flight import fly
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint
from atalaya.sensing.platforms import platform
from atalaya.sim.camera import CameraLook, Renderer
from atalaya.sim.country import Country, GroundLine
from atalaya.sim.flight import flight_of
from atalaya.sim.record.klv_columns import write_klv
from atalaya.sim.record.metadata import SortieNames
from atalaya.sim.record.video import ClipOrder, record_clip, video_form
from atalaya.sim.scene import Decal, Scene, Solid
from atalaya.sim.weather import Weather

_POSTS, _POST_M = 128, 60.0
_NOON_US = 1_773_165_600_000_000
"""2026-03-10T18:00:00Z."""


def warm() -> None:
    """Fly, record and read back two seconds over a few square kilometres."""
    from atalaya.campaign.ground_error import budget_of, centre_looks

    country, scene = _small()
    aircraft = platform("mq9a")
    lon, lat = country.lonlat(500_000.0 + 600.0, 3_450_000.0 - np.array([6000.0, 1000.0]))
    task = SensorTask("eo", "medium", 90.0, 60.0)
    points = (
        Waypoint(float(lon[0]), float(lat[0]), 5000.0, leg=LegKind.SEARCH, task=task),
        Waypoint(float(lon[1]), float(lat[1]), 5000.0),
    )
    path = fly(points, aircraft, start_us=_NOON_US, fuel=500.0)
    flight = flight_of(path, points, aircraft, terrain=country.terrain)
    renderer = Renderer(country, scene, Weather(), CameraLook("EO"), seed=1)
    start = _NOON_US + round(flight.duration_s * 4e5)
    order = ClipOrder(start, start + 2_000_000, video_form(64, 64, 5.0), SortieNames())
    with tempfile.TemporaryDirectory() as folder:
        clip_path = Path(folder) / "warm.ts"
        record_clip(clip_path, flight, renderer, country.terrain, order)
        write_klv(clip_path.with_suffix(".klv"), flight, country.terrain, SortieNames(), rate_hz=0.2)
        with Clip.open(str(clip_path)) as clip:
            analysis = analyse(clip, Reading(surface=country.terrain))
            looks = centre_looks(analysis.frames)
            locate(country.terrain, looks, budget_of(analysis, country.terrain), rng=np.random.default_rng(1))


def look() -> None:
    """Run the rules for day pictures over noise, and a few looks through the filter of sites."""
    from atalaya.campaign.locating.located import filtered
    from atalaya.detect import Tile
    from atalaya.detect.shape.square_edges import SquareEdges
    from atalaya.detect.shape.track_end import TrackEnd
    from atalaya.detect.table import detection_schema
    from atalaya.earth.ortho.grid import Grid
    from atalaya.locate.area import area_of
    from atalaya.locate.scan import make_scan
    from atalaya.locate.tracklets import kernels, link
    from atalaya.sensing.search_map import SearchMap

    noise = np.random.default_rng(1).integers(0, 255, (240, 320), np.uint8)
    for detector in (SquareEdges(), TrackEnd()):
        detector.detect(Tile(noise, "EO", gsd_m=0.8), None)
    link(detection_schema().empty_table())
    _linked(kernels)
    grid = Grid("EPSG:6933", 0.0, 1000.0, 250.0, 4, 4)
    rate = np.full((4, 4), 0.1)
    prior = SearchMap(rate, np.zeros((4, 4)), grid.crs, (0.0, 250.0, 0.0, 1000.0, 0.0, -250.0))
    area = area_of(prior, split=5)
    cells = np.arange(area.cells)
    scans = [
        make_scan(
            sortie=f"s{number}", t_us=number * 60_000_000, evidence=kind, sensor="EO", cells=cells,
            chance=np.full(area.cells, 0.7, np.float32), clutter_per_m2=1e-6,
            z_m=np.array([(300.0 + number, 400.0), (310.0, 405.0 + number), (800.0, 200.0)]),
            own_m2=np.tile(100.0 * np.eye(2), (3, 1, 1)), shared_m=np.full((3, 2, 20), 2.0),
            llr=np.ones(3),
        )
        for number in range(3)
        for kind in ("roof", "dump")
    ]  # fmt: skip
    filtered(scans, area).sites(0.05)


def _linked(kernels: Any) -> None:
    """Two detections in two frames through the loops that link them."""
    count = 2
    whole, place = np.zeros(count, np.int64), np.zeros((count, 2))
    own = np.tile([1.0, 0.0, 1.0], (count, 1))
    track = kernels.linked(
        whole, np.arange(count) * 33_000, np.arange(count), whole, np.zeros(count), place, own, np.ones(1),
        9.0, 25.0, 2e7, 30.0,
    )  # fmt: skip
    start = np.array([0, count], np.int64)
    kernels.summarised(start, np.arange(count) * 33_000, place, own, np.empty((1, 8)), np.empty(len(track)))


def _small() -> tuple[Country, Scene]:
    row, column = np.mgrid[0:_POSTS, 0:_POSTS]
    heights = (1500.0 + 60.0 * np.sin(row / 5.0) * np.cos(column / 7.0)).astype(np.float32)
    cover = np.full((_POSTS * 4, _POSTS * 4), 2, np.uint8)
    cover[::7] = 4
    west, north = 500_000.0, 3_450_000.0
    middle = (west + 4000.0, north - 4000.0)
    ring = np.array([(0.0, 0.0), (30.0, 0.0), (30.0, 20.0)]) + middle
    line = GroundLine("track", 4.0, "fresh_dirt", np.array([(0.0, 0.0), (500.0, 400.0)]) + middle)
    scene = Scene(
        decals=(Decal("a", "scar", "s", "char", ring),),
        solids=(
            Solid(
                "b", "roof", "s", *middle, 9.0, 6.0, 20.0, 0.0, 3.0, "metal_roof", "adobe", concealment=0.3
            ),
        ),
    )
    return Country("warm", 1, 32612, west, north, _POST_M, heights, cover, 15.0, lines=(line,)), scene


if __name__ == "__main__":
    try:
        (look if sys.argv[1:] == ["look"] else warm)()
    except AtalayaError as error:
        # nothing is lost but time: what is not ready is compiled when it is called
        print(error, file=sys.stderr)
