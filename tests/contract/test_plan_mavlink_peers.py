"""Missions and fences over MAVLink, item for item: our small vehicle with every fault, MAVSDK 4.1.0 at both
ends (mission_raw_server as vehicle, mission_raw as ground station), mavwp of pymavlink 2.4.50 for files.

MAVSDK runs in a process of its own: a native library with threads that must not outlive a test.
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atalaya.base.errors import AtalayaError
from atalaya.plan.exports import Autopilot, Heights, Mission, MissionOptions, export, mission_of, read_mission
from atalaya.plan.exports.fence_items import fence_items, fence_of, rally_items, rally_of
from atalaya.plan.exports.mavlink import Patience, compare, connected, download, endpoint_of, upload
from atalaya.plan.exports.mavlink.vehicle import download_over, upload_over
from atalaya.plan.exports.mission import Frame, MissionItem
from tests.export_sorties import FENCE, HOME, RALLY, foreign_plan, random_fence, random_sortie, worked
from tests.mavlink_items import PEER, assert_same, peer
from tests.mavlink_vehicle import ARDUPILOT, SmallVehicle, free_port

QUICK = Patience(vehicle_s=10.0, answer_s=0.15, repeats=30, not_ready=5, pause_s=0.05)


def planned(**options: Any) -> Mission:
    return mission_of(worked(), HOME, fence=FENCE, rally=RALLY, options=MissionOptions(**options))


@pytest.mark.proves("XPT-006")
@pytest.mark.parametrize(
    "faults",
    [
        {},
        {"lose_every": 3},
        {"not_ready": 3},
        {"noise": True},
        {"old": True},
        {"autopilot": ARDUPILOT, "noise": True, "lose_every": 4},
    ],
    ids=str,
)
def test_what_a_vehicle_holds_is_what_was_planned(faults: dict[str, Any]) -> None:
    mission, port = planned(), free_port()
    with SmallVehicle(port, **faults) as vehicle:
        heard = upload(f"udpin:127.0.0.1:{port}", mission, patience=QUICK)
        held = download(f"udpin:127.0.0.1:{port}", home=HOME, patience=QUICK)
    assert heard.system == 7
    assert compare(mission, held) == []
    home_first = faults.get("autopilot") == ARDUPILOT
    assert len(vehicle.held[0]) == len(mission.items) + home_first
    assert vehicle.held[0][0].command == (16 if home_first else 22)


def test_over_tcp_too() -> None:
    mission, port = planned(), free_port()
    with (
        SmallVehicle(port, kind="tcp"),
        connected(f"tcp:127.0.0.1:{port}", patience=QUICK) as (link, vehicle),
    ):
        upload_over(link, vehicle, mission, patience=QUICK)
        held = download_over(link, vehicle, home=HOME, patience=QUICK)
    assert compare(mission, held) == []


@pytest.mark.proves("XPT-006")
def test_a_changed_item_is_named() -> None:
    mission, port = planned(), free_port()
    with SmallVehicle(port) as vehicle:
        upload(f"udpin:127.0.0.1:{port}", mission, patience=QUICK)
        vehicle.held[0][4].z += 30.0
        vehicle.held[0][4].frame = 3
        vehicle.held[1][1].x += 2
        held = download(f"udpin:127.0.0.1:{port}", home=HOME, patience=QUICK)
    places = [difference.place for difference in compare(mission, held)]
    assert "fence polygon 1 corner 2" in places
    assert any(place.startswith("item 5 ") for place in places)


def test_parts_not_named_and_empty_are_left_and_named_ones_cleared() -> None:
    mission, port = planned(), free_port()
    bare = replace(mission, fence=replace(FENCE, polygons=(), circles=()), rally=())
    with SmallVehicle(port) as vehicle:
        where = f"udpin:127.0.0.1:{port}"
        upload(where, mission, patience=QUICK)
        upload(where, bare, patience=QUICK)
        assert (len(vehicle.held[1]), len(vehicle.held[2])) == (8, 2)
        upload(where, bare, parts=("fence", "rally"), patience=QUICK)
        assert (len(vehicle.held[1]), len(vehicle.held[2])) == (0, 0)


@pytest.mark.parametrize(
    ("faults", "code"),
    [({"refuse": 2}, "XPT-019"), ({"not_ready": 999}, "XPT-019"), ({"lose_every": 1}, "XPT-020")],
)
def test_a_vehicle_that_refuses_or_falls_silent_is_an_error(faults: dict[str, Any], code: str) -> None:
    port = free_port()
    hasty = replace(QUICK, repeats=2, not_ready=1)
    with SmallVehicle(port, **faults), pytest.raises(AtalayaError) as caught:
        upload(f"udpin:127.0.0.1:{port}", planned(), patience=hasty)
    assert caught.value.code == code


def test_only_an_autopilot_counts_as_vehicle() -> None:
    port = free_port()
    with SmallVehicle(port, autopilot=8, noise=True), pytest.raises(AtalayaError) as caught:
        download(f"udpin:127.0.0.1:{port}", patience=replace(QUICK, vehicle_s=0.5))
    assert caught.value.code == "XPT-018"


@pytest.mark.proves("XPT-007")
@pytest.mark.parametrize(
    "text",
    [
        "udpout:192.168.1.5:14550",
        "udpin:0.0.0.0:14550",
        "tcp://vehicle.example:5760",
        "tcp:[2001:db8::1]:5760",
    ],
)
def test_nothing_beyond_this_machine_is_spoken_to_unasked(text: str) -> None:
    with pytest.raises(AtalayaError) as caught:
        upload(text, planned())
    assert caught.value.code == "XPT-016"
    assert endpoint_of(text, allow_remote=True).port in (14550, 5760)


@pytest.mark.parametrize(
    "text", ["", "/dev/ttyUSB0", "udp:127.0.0.1:14550", "udpin:127.0.0.1:0", "tcp:127.0.0.1:99999"]
)
def test_texts_that_are_no_endpoint(text: str) -> None:
    with pytest.raises(AtalayaError) as caught:
        endpoint_of(text)
    assert caught.value.code == "XPT-017"


def test_fence_and_rally_items_mean_the_same_fence_again() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        sortie = random_sortie(rng, most=1)
        fence = random_fence(rng, sortie.waypoints[0])
        items = fence_items(fence)
        again = fence_of(items)
        assert fence_items(again) == items
    assert rally_of(rally_items(RALLY, HOME), HOME) == RALLY
    assert rally_of(rally_items(RALLY)) == RALLY


mavsdk = pytest.importorskip(
    "mavsdk", reason="MAVSDK, a peer of the development environment, is not installed"
)


@pytest.mark.proves("XPT-006")
def test_mavsdk_reads_our_plan_files_item_for_item(tmp_path: Path) -> None:
    missions, paths = [], []
    for heights in Heights:
        options = MissionOptions(heights=heights, ground=lambda lon, lat: 1400.0, autopilot=Autopilot.PX4)
        done = export(
            worked(), tmp_path / f"{heights}.plan", home=HOME, fence=FENCE, rally=RALLY, options=options
        )
        missions.append(read_mission(done.path))
        paths.append(str(done.path))
    for mission, theirs in zip(missions, peer("import-plan", *paths)["files"], strict=True):
        assert_same(mission.items, theirs["mission"])
        assert_same(fence_items(mission.fence), theirs["fence"])
        assert_same(rally_items(mission.rally, mission.home), theirs["rally"])


def test_mavsdk_reads_a_plan_of_qgroundcontrol_as_we_do(tmp_path: Path) -> None:
    path = tmp_path / "survey.plan"
    path.write_text(json.dumps(foreign_plan()))
    mission = read_mission(path)
    (theirs,) = peer("import-plan", str(path))["files"]
    assert_same(mission.items, theirs["mission"])
    assert_same(fence_items(mission.fence), theirs["fence"])
    assert_same(rally_items(mission.rally, mission.home), theirs["rally"])


@pytest.mark.proves("XPT-006")
def test_mavsdk_and_mavwp_read_our_waypoint_file_item_for_item(tmp_path: Path) -> None:
    """MAVSDK leaves the home row out unless the vehicle is an ArduPilot; mavwp keeps it."""
    path = export(worked(), tmp_path / "a.waypoints", home=HOME).path
    mission = read_mission(path)
    home = MissionItem(16, Frame.MSL, (0.0,) * 4, HOME.lat_deg, HOME.lon_deg, HOME.height_msl_m)
    assert_same((home, *mission.items), peer("mavwp", str(path))["files"][0]["mission"])
    theirs = peer("import-wpl", str(path))["files"][0]["mission"]
    assert_same((home, *mission.items)[-len(theirs) :], theirs)
    assert len(theirs) >= len(mission.items)


@pytest.mark.proves("XPT-006")
def test_mavsdk_as_vehicle_receives_what_was_planned() -> None:
    mission, port = planned(), free_port()
    with subprocess.Popen(
        [sys.executable, str(PEER), "vehicle", str(port), "3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as vehicle:
        try:
            where = f"udpin:127.0.0.1:{port}"
            upload(where, mission, patience=Patience(vehicle_s=60.0))
            held = download(where, parts=("mission",), patience=Patience(vehicle_s=60.0))
            out, _ = vehicle.communicate("done\n", timeout=60)
        finally:
            vehicle.kill()
    assert compare(mission, held, parts=("mission",)) == []
    received = json.loads(out.splitlines()[-1])
    assert_same(fence_items(mission.fence), received["1"])
    assert_same(rally_items(mission.rally, HOME), received["2"])
    assert_same(mission.items, received["0"])


@pytest.mark.proves("XPT-006")
def test_mavsdk_as_ground_station_finds_what_we_put_into_a_vehicle() -> None:
    mission, port, other = planned(), free_port(), free_port()
    with SmallVehicle(port) as vehicle:
        upload(f"udpin:127.0.0.1:{port}", mission, patience=QUICK)
        vehicle.port = other
        theirs = peer("download", str(other))
        assert_same(mission.items, theirs["mission"])
        assert_same(fence_items(mission.fence), theirs["fence"])
        assert_same(rally_items(mission.rally, HOME), theirs["rally"])
