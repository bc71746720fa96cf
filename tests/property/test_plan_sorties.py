"""No sortie exceeds its fuel, leaves a keep-in, enters a keep-out or clips the ground: random work, dense
oracle.

`make soak` looks at 10,000 cases; here is a sample. Each case is made from its seed alone.
"""

import os

import numpy as np
import pytest

from atalaya.plan.airspace import Infeasible, RoutedSortie, check_path, route_sortie
from atalaya.plan.waypoint import LegKind, WaypointKind
from tests.plan_cases import Case, case
from tests.plan_oracle import faults

CASES = int(os.environ.get("ATALAYA_SORTIE_CASES", 48))


def routed(one: Case) -> RoutedSortie | Infeasible:
    return route_sortie(
        one.legs, one.base, one.base, one.platform, one.volumes, one.terrain, one.wind, one.start_us,
        one.fuel, one.clearance_m, explain=False,
    )  # fmt: skip


@pytest.mark.proves("FLT-102", "FLT-103", "FLT-104", "FLT-105")
@pytest.mark.parametrize("block", range(6))
def test_no_plan_does_what_it_must_not(block: int) -> None:
    flown = 0
    for seed in range(50_000 + block, 50_000 + CASES, 6):
        one = case(seed)
        found = routed(one)
        if isinstance(found, RoutedSortie):
            flown += 1
            assert not list(faults(found.path, one.volumes, one.terrain, one.platform, one.clearance_m)), seed
    assert flown > 0


@pytest.mark.proves("FLT-106")
def test_every_search_leg_is_flown_or_left_out_with_a_reason() -> None:
    for seed in range(51_000, 51_012):
        one = case(seed)
        found = routed(one)
        missing = {out.leg for out in found.left_out}
        flown = set(found.flown) if isinstance(found, RoutedSortie) else set()
        assert flown | missing == set(range(len(one.legs))), seed
        assert not flown & missing, seed
        assert all(out.message and out.as_json()["why"] for out in found.left_out)
        if isinstance(found, RoutedSortie):
            searching = [p for p in found.waypoints if p.leg is LegKind.SEARCH]
            assert len(searching) == len(flown)
            assert all(p.task is not None for p in searching)
            assert found.waypoints[0].kind is WaypointKind.TAKEOFF
            assert found.waypoints[-1].kind is WaypointKind.LAND


def test_time_never_runs_backwards_and_fuel_never_rises() -> None:
    for seed in range(52_000, 52_010):
        found = routed(case(seed))
        if isinstance(found, RoutedSortie):
            assert (np.diff(found.path.t_us) > 0).all()
            assert (np.diff(found.path.fuel) < 0).all()
            assert (np.diff(found.path.waypoint) >= 0).all()


def test_the_oracle_finds_what_is_wrong() -> None:
    """A sortie routed without volumes and ground meets them: oracle and check both say so."""
    seen = 0
    for seed in range(53_000, 53_010):
        one = case(seed)
        blind = route_sortie(
            one.legs, one.base, one.base, one.platform, (), None, one.wind, one.start_us,
            one.platform.tank.capacity, explain=False,
        )  # fmt: skip
        if isinstance(blind, Infeasible):
            continue
        wrong = list(faults(blind.path, one.volumes, one.terrain, one.platform, one.clearance_m))
        said = check_path(blind.path, one.volumes, one.terrain, one.platform, clearance_m=one.clearance_m)
        seen += bool(wrong)
        assert not wrong or said, (seed, wrong)
    assert seen > 2
