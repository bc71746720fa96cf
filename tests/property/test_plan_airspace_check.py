"""Random paths against random volumes: what `check_path` says of every place and time; a dense oracle."""

import numpy as np
import pytest
import shapely

from atalaya.plan.airspace import ConflictTerm, Limit, Volume, VolumeKind, check_path
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import TangentPlane
from tests.plan_cases import START_US, hills, platform, star
from tests.plan_oracle import Samples, _depth, _in_time, _limit

LEG_S = 500


def random_path(rng: np.random.Generator, plane: TangentPlane) -> FlightPath:
    lon, lat = plane.to_lonlat(rng.uniform(-60e3, 60e3, (8, 2)))
    t_us = START_US + np.arange(8) * LEG_S * 1_000_000
    return FlightPath(t_us, lon, lat, rng.uniform(0, 7000, 8), np.full(8, 900.0), np.arange(8))


def random_volumes(rng: np.random.Generator, plane: TangentPlane) -> list[Volume]:
    found = []
    for k in range(3):
        begin = START_US + int(rng.uniform(0, 2000e6))
        found.append(
            star(
                rng, plane, rng.uniform(2e3, 20e3), rng.uniform(-40e3, 40e3, 2), int(rng.integers(5, 30)),
                name=str(k),
                kind=VolumeKind.KEEP_OUT, buffer_m=float(rng.choice([0.0, 500.0, 3000.0])),
                floor=Limit(rng.uniform(0, 3000)), ceiling=Limit(rng.uniform(3000, 6000)),
                valid=() if rng.random() < 0.5 else ((begin, begin + int(rng.uniform(300e6, 3000e6))),),
            )
        )  # fmt: skip
    return found


@pytest.mark.proves("FLT-104")
@pytest.mark.parametrize("seed", range(12))
def test_every_stretch_in_a_keep_out_is_named_and_no_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plane = TangentPlane(rng.uniform(-180, 180), rng.uniform(-70, 70))
    path, volumes = random_path(rng, plane), random_volumes(rng, plane)
    said = check_path(path, volumes, None, platform(ceiling_msl_m=9e3))
    seen = Samples(path, None, 25.0)
    for volume in volumes:
        depth = _depth(volume, seen) + volume.buffer_m
        over, under = (
            seen.height - _limit(volume.floor, seen, 0.0),
            _limit(volume.ceiling, seen, 0.0) - seen.height,
        )
        inside = (depth > 0.0) & (over > 0.0) & (under > 0.0) & _in_time(volume, seen.t_us)
        named = np.zeros(len(inside), bool)
        for one in said:
            if one.subject == volume.name:
                named |= (seen.t_us >= one.start.t_us) & (seen.t_us <= one.end.t_us)
        edge = (np.abs(depth) < 40.0) | (np.abs(over) < 5.0) | (np.abs(under) < 5.0)
        bounds = [bound for pair in volume.valid for bound in pair]
        edge |= np.any([np.abs(seen.t_us - bound) < 1e6 for bound in bounds], axis=0) if bounds else False
        assert not ((inside != named) & ~edge).any(), volume.name


@pytest.mark.proves("FLT-103")
@pytest.mark.parametrize("seed", range(8))
def test_two_keep_ins_side_by_side_hold_what_either_holds(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    plane = TangentPlane(rng.uniform(-180, 180), rng.uniform(-70, 70))
    path = random_path(rng, plane)
    both = [
        star(rng, plane, 60e3, np.array([side * 15e3, 0.0]), 11, name=str(side), kind=VolumeKind.KEEP_IN)
        for side in (-1, 1)
    ]
    said = check_path(path, both, None, platform(ceiling_msl_m=9e3))
    seen = Samples(path, None, 25.0)
    depth = np.maximum(_depth(both[0], seen), _depth(both[1], seen))
    named = np.zeros(len(depth), bool)
    for one in said:
        assert one.term is ConflictTerm.KEEP_IN
        named |= (seen.t_us >= one.start.t_us) & (seen.t_us <= one.end.t_us)
    assert not (((depth < 0.0) != named) & (np.abs(depth) > 30.0)).any()


@pytest.mark.proves("FLT-105")
def test_ground_between_samples_is_not_missed() -> None:
    rng = np.random.default_rng(7)
    plane = TangentPlane(12.0, 46.0)
    ground = hills(rng, plane, 2.0)
    for _ in range(15):
        xy = rng.uniform(-50e3, 50e3, (2, 2))
        lon, lat = plane.to_lonlat(xy)
        height = rng.uniform(200, 2500)
        path = FlightPath(
            np.array([START_US, START_US + 10**9]),
            lon,
            lat,
            np.full(2, height),
            np.full(2, 900.0),
            np.array([0, 1]),
        )
        said = check_path(path, [], ground, platform(), clearance_m=100.0, runways=(False, False))
        seen = Samples(path, ground)
        low = np.nanmin(seen.height - seen.ground)
        assert bool(said) or low >= 100.0
        if said:
            # the highest post of a cell bounds its ground: never too low, by no more than its relief
            least = min(one.least for one in said)
            assert low - 600.0 <= least <= low + 0.5


def test_a_prism_keeps_its_sides_on_the_ellipsoid() -> None:
    """An edge of 8 degrees is a geodesic: a flight along the parallel through its ends stays clear of it."""
    ring = np.array([(0.0, 60.0), (8.0, 60.0), (8.0, 62.0), (0.0, 62.0)])
    volume = Volume("cap", VolumeKind.KEEP_OUT, (ring,))
    lon = np.linspace(1.3, 6.7, 200)
    south = FlightPath(
        np.arange(200) * 10**7, lon, np.full(200, 60.03), np.full(200, 1e3), np.ones(200), np.arange(200)
    )
    assert not check_path(south, [volume], None, platform())
    assert shapely.Polygon(ring).contains(shapely.Point(4.0, 60.03))
    assert not volume.polygon_on(volume.plane).contains(shapely.Point(volume.plane.to_plane(4.0, 60.03)))
