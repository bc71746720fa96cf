"""Sorties as missions: what an autopilot is told, in which frame, with what sensor; and after a break."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.base.errors import AtalayaError, DatumError
from atalaya.plan.exports import (
    Autopilot,
    Camera,
    Command,
    Frame,
    Heights,
    Home,
    Mission,
    MissionItem,
    MissionOptions,
    mission_of,
    resumed,
)
from atalaya.plan.exports.heights import (
    density_ratio,
    equivalent_airspeed_ms,
    hae_of_msl,
    height_from_frame,
    height_in_frame,
)
from atalaya.plan.waypoint import LegKind, Waypoint
from tests.export_sorties import HOME, STILLS, VIDEO, sortie_of, worked

ARMING = {Command.TRIGGER_DISTANCE, Command.VIDEO_START}


def commands(mission: Mission) -> list[int]:
    return [item.command for item in mission.items]


def after(items: tuple[MissionItem, ...], at: int) -> list[MissionItem]:
    """What is told when the place of item `at` is reached: the commands up to the next place."""
    found = []
    for item in items[at + 1 :]:
        if item.flies:
            break
        found.append(item)
    return found


def test_the_worked_sortie_as_an_autopilot_is_told_it() -> None:
    told = [22, 178, 16, 178, 1000, 2500, 16, 2501, 16, 178, 1000, 206, 16, 1000, 206, 19, 178, 1000, 206, 16]
    got = commands(mission_of(worked(), HOME))
    assert got[: len(told) - 4] == told[: len(told) - 4]
    assert got[-3:] == [Command.TRIGGER_DISTANCE, Command.LAND_START, Command.LAND]


@pytest.mark.proves("XPT-003")
def test_every_search_leg_arms_its_sensor_and_none_runs_on_without_a_task() -> None:
    points = [Waypoint(0.0, 0.0, 100.0)]
    for n in range(8):
        task = (VIDEO, STILLS)[n % 3 == 0]
        points.append(Waypoint(0.01 * n, 0.02, 900.0, leg=LegKind.SEARCH, task=task))
        if n % 2:
            points.append(Waypoint(0.01 * n, 0.03, 900.0, leg=LegKind.TURN))
    sortie = sortie_of((*points, Waypoint(0.0, 0.0, 100.0)))
    items = mission_of(sortie).items
    places = [n for n, item in enumerate(items) if item.flies]
    for waypoint, at in zip(sortie.waypoints[:-1], places, strict=False):
        told = {item.command for item in after(items, at)}
        assert (
            bool(told & ARMING - {Command.TRIGGER_DISTANCE})
            or Command.TRIGGER_DISTANCE in told
            or (waypoint.leg != LegKind.SEARCH)
        )
        if waypoint.leg == LegKind.SEARCH:
            assert Command.GIMBAL in told
    running: set[str] = set()
    for item in items:
        if item.command == Command.TRIGGER_DISTANCE:
            running = running | {"stills"} if item.params[0] else running - {"stills"}
        elif item.command == Command.VIDEO_START:
            running = running | {"video"}
        elif item.command == Command.VIDEO_STOP:
            running = running - {"video"}
        assert len(running) < 2
    assert not running


@pytest.mark.proves("XPT-003")
def test_a_resumed_mission_flies_the_broken_leg_with_its_sensor_armed() -> None:
    mission = mission_of(worked(), HOME)
    places = [n for n, item in enumerate(mission.items) if item.flies]
    leg_end = places[4]  # the leg of stills
    rest = resumed(mission, leg_end)
    assert [item.command for item in rest.items[:5]] == [22, 16, 178, 1000, 206]
    assert (rest.items[1].lat_deg, rest.items[1].lon_deg) == (31.52, -110.05)
    assert rest.items[4].params[0] == 120.0
    assert rest.items[5:] == mission.items[leg_end:]
    from_there = resumed(mission, leg_end, airborne=True, stopped_at=(-110.15, 31.52))
    assert (from_there.items[0].lon_deg, from_there.items[0].height_m) == (-110.15, 6000.0)
    video = resumed(mission, places[2])
    assert [item.command for item in video.items[:5]] == [22, 16, 178, 1000, 2500]
    transit = resumed(mission, places[3])
    assert not {item.command for item in transit.items[:4]} & ARMING


@pytest.mark.parametrize("at", [-1, 1, 999])
def test_a_mission_resumes_only_at_a_place(at: int) -> None:
    with pytest.raises(AtalayaError) as caught:
        resumed(mission_of(worked(), HOME), at)
    assert caught.value.code == "XPT-013"


@pytest.mark.proves("XPT-001")
def test_the_same_height_in_every_frame() -> None:
    def ground(lon: float, lat: float) -> float:
        return 1400.0 + 100.0 * (lon + 110.0)

    found = {}
    for heights in Heights:
        items = mission_of(worked(), HOME, options=MissionOptions(heights=heights, ground=ground)).items
        flown = [item for item in items if item.flies]
        assert {item.frame for item in flown} == {
            {"msl": Frame.MSL, "relative": Frame.RELATIVE, "terrain": Frame.TERRAIN}[heights]
        }
        found[heights] = [
            height_from_frame(item.lon_deg, item.lat_deg, item.height_m, item.frame, HOME, ground)
            for item in flown
        ]
    assert found[Heights.MSL] == pytest.approx(found[Heights.RELATIVE], abs=0.011)
    assert found[Heights.MSL] == pytest.approx(found[Heights.TERRAIN], abs=0.011)
    assert found[Heights.MSL][1] == 6000.0


@pytest.mark.proves("XPT-001")
@pytest.mark.parametrize("ground", [None, lambda lon, lat: float("nan")])
def test_a_height_above_unknown_ground_is_refused(ground: object) -> None:
    with pytest.raises(DatumError) as caught:
        mission_of(worked(), HOME, options=MissionOptions(heights=Heights.TERRAIN, ground=ground))  # type: ignore[arg-type]
    assert caught.value.code == "XPT-007"
    with pytest.raises(DatumError):
        height_from_frame(0.0, 0.0, 10.0, Frame.RELATIVE, None)


def test_ellipsoidal_heights_use_egm96() -> None:
    """EGM96 at 31.42 N 110.35 W: -28.57 m (PROJ 9.5 with us_nga_egm96_15, 1440 -> 1411.432)."""
    assert hae_of_msl(-110.35, 31.42, 1440.0) == pytest.approx(1411.432, abs=0.02)
    assert height_in_frame(0.0, 0.0, 500.0, Frame.RELATIVE, Home(0.0, 0.0, 120.0), None) == 380.0


def test_airspeeds_are_what_the_instrument_shows() -> None:
    """Standard atmosphere, ICAO Doc 7488 (geopotential): density ratio 0.6009, 0.2971, 0.1581."""
    assert density_ratio(5000.0) == pytest.approx(0.6009, abs=1e-4)
    assert density_ratio(11_000.0) == pytest.approx(0.2971, abs=1e-4)
    assert density_ratio(15_000.0) == pytest.approx(0.1581, abs=1e-4)
    assert equivalent_airspeed_ms(100.0, 5000.0) == pytest.approx(77.52, abs=0.01)
    level = sortie_of(
        (
            Waypoint(0.0, 0.0, 5000.0, airspeed_ms=100.0),
            Waypoint(0.1, 0.0, 5000.0, airspeed_ms=100.0),
            Waypoint(0.2, 0.0, 5000.0),
        )
    )
    speeds = [i.params[1] for i in mission_of(level).items if i.command == Command.CHANGE_SPEED]
    assert speeds == [pytest.approx(77.52, abs=0.01)]
    true = mission_of(level, options=MissionOptions(equivalent_airspeed=False))
    assert [i.params[1] for i in true.items if i.command == Command.CHANGE_SPEED] == [100.0]


def test_cameras_landings_and_loiters_by_option() -> None:
    options = MissionOptions(
        camera=Camera("mount"), landing="return", loiter="turns", cruise_ms=80.0, autopilot=Autopilot.PX4
    )
    items = mission_of(worked(), HOME, options=options).items
    told = [item.command for item in items]
    assert Command.GIMBAL not in told
    assert Command.MOUNT_CONTROL in told
    assert told[-1] == Command.RETURN
    turns = next(item for item in items if item.command == Command.LOITER_TURNS)
    assert turns.params[0] == np.ceil(1800.0 * 80.0 / (2.0 * np.pi * 1500.0))
    assert turns.params[2] == -1500.0
    assert np.isnan(next(item for item in items if item.command == Command.WAYPOINT).params[3])
    fixed = mission_of(worked(), HOME, options=MissionOptions(camera=Camera("none"))).items
    assert Command.GIMBAL not in [item.command for item in fixed]


def test_the_take_off_climbs_clear_of_home() -> None:
    assert mission_of(worked(), HOME).items[0].height_m == 1485.0
    assert mission_of(worked()).home == HOME


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lon_deg": 181.0}, "XPT-004"),
        ({"lat_deg": float("nan")}, "XPT-004"),
        ({"height_msl_m": float("inf")}, "XPT-004"),
        ({"height_msl_m": 2e5}, "XPT-004"),
    ],
)
def test_what_no_aircraft_can_fly_is_refused(change: dict[str, float], code: str) -> None:
    sortie = worked()
    points = list(sortie.waypoints)
    points[2] = replace(points[2], **change)  # type: ignore[arg-type]
    with pytest.raises(AtalayaError) as caught:
        mission_of(replace(sortie, waypoints=tuple(points)), HOME)
    assert caught.value.code == code
    with pytest.raises(AtalayaError):
        mission_of(replace(sortie, waypoints=tuple(points[:1])), HOME)
