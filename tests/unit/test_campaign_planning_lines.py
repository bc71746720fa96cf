"""What an autopilot is told: gentle corners about the same turn, climbs in circles as climbs in circles."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.routed import rounded
from atalaya.campaign.planning.sortie_files import MOST_CORNERS, _around
from atalaya.campaign.planning.stated_law import asked_register, read_statements
from atalaya.law.records.register import Register
from atalaya.plan.exports import mission_of
from atalaya.plan.flight.flying import fly
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import Waypoint, WaypointKind
from atalaya.sensing.platforms import platform

RADIUS_M = 2000.0
RAGGED = [(0.02 * k, 0.02 * row) for k in range(20) for row in range(3 + k * k % 5)]
LOITER_TO_HEIGHT = 31


@given(turn_deg=st.floats(-150.0, 150.0), gentle_deg=st.sampled_from([45.0, 20.0]))
def test_corners_keep_to_the_turn_they_stand_for(turn_deg: float, gentle_deg: float) -> None:
    turn = np.radians(turn_deg)
    after = np.array([0.0, 30_000.0]) + 30_000.0 * np.array([np.sin(turn), np.cos(turn)])
    path = np.array([[0.0, 0.0], [0.0, 30_000.0], after])
    found = rounded(path, RADIUS_M, gentle_deg)
    assert np.array_equal(found[[0, -1]], path[[0, -1]])
    legs = np.diff(found, axis=0)
    course = np.arctan2(legs[:, 0], legs[:, 1])
    turns = np.degrees((np.diff(course) + np.pi) % (2 * np.pi) - np.pi)
    assert turns.sum() == pytest.approx(turn_deg, abs=1e-6)
    if abs(turn_deg) > gentle_deg:
        assert np.abs(turns).max() <= gentle_deg + 1e-6
        reach = RADIUS_M * np.tan(abs(turn) / 2)
        side = np.sign(turn_deg)
        middle = np.array([side * RADIUS_M, 30_000.0 - reach])
        off = np.hypot(*(found[1:-1] - middle).T) - RADIUS_M
        assert off.max() <= RADIUS_M * (1 / np.cos(np.radians(gentle_deg) / 2) - 1) + 1e-6
        assert off.min() >= -1e-6


def test_a_climb_in_circles_is_told_as_one() -> None:
    points = (
        Waypoint(-110.0, 31.0, 1000.0, WaypointKind.TAKEOFF),
        Waypoint(-109.95, 31.0, 6000.0),
        Waypoint(-109.95, 31.1, 6000.0),
        Waypoint(-110.0, 31.0, 1000.0, WaypointKind.LAND),
    )
    path = fly(points, platform("mq9a"), start_us=1_790_000_000_000_000, fuel=1000.0)
    items = mission_of(Sortie("S1", "mq9a", "X", "B", "B", points, path)).items
    circles = [(number, item) for number, item in enumerate(items) if int(item.command) == LOITER_TO_HEIGHT]
    (climb_at, climb), (descent_at, descent) = circles
    assert climb_at == 1
    assert climb.lon_deg == descent.lon_deg == -110.0
    assert 4000.0 < climb.height_m < 6000.0
    assert descent_at > climb_at
    assert descent.height_m == pytest.approx(1060.0)


def statements(named: str) -> dict[str, object]:
    paper = {
        "id": "A1", "airspace_of": "MEX", "granted_by": "an office", "instrument": "1", "basis": "bilateral"
    }  # fmt: skip
    return {"authorisation": [paper], "revocation": [{"id": "R1", "authorisation": named, "by": "an office"}]}


@pytest.mark.parametrize("named", ["A1", "authorisation/A1"])
def test_a_revocation_finds_its_paper_by_short_and_long_id(named: str) -> None:
    register = asked_register(Register(), read_statements(statements(named), "file"), 10)
    assert register.history("revocation/R1")[0].body["authorisation"] == "authorisation/A1"


def test_a_revocation_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        asked_register(Register(), read_statements(statements("A77"), "file"), 10)
    assert caught.value.code == "PLN-016"


def test_a_fence_keeps_all_of_closed_ground_out_and_all_that_is_flown_in() -> None:
    ragged = shapely.union_all([shapely.box(x, y, x + 0.02, y + 0.02) for x, y in RAGGED])
    flown = shapely.LineString([(-1.0, -0.5), (1.0, -0.5), (1.0, 0.6)])
    kept_out = shapely.Polygon(_around(ragged, flown))
    assert kept_out.covers(ragged)
    assert not kept_out.intersects(flown)
    assert len(kept_out.exterior.coords) <= MOST_CORNERS + 1
