"""MAVSDK and mavwp in a process of their own: what they read or receive, as JSON on the last line of stdout.

python mavsdk_peer.py (import-plan | import-wpl | mavwp) FILE... | vehicle PORT COUNT | download PORT
"""

import json
import sys
import threading
import warnings
from typing import Any


def row(item: Any) -> list[float]:
    params = (item.param1, item.param2, item.param3, item.param4)
    return [item.frame, item.command, item.autocontinue, *params, item.x, item.y, item.z]


def rows(items: Any) -> list[list[float]]:
    return [row(item) for item in items]


def say(**found: Any) -> None:
    print(json.dumps(found), flush=True)


def started(component: str) -> Any:
    import mavsdk

    kind = mavsdk.ComponentType.AUTOPILOT if component == "vehicle" else mavsdk.ComponentType.GROUND_STATION
    return mavsdk.Mavsdk(mavsdk.Configuration.create_with_component_type(kind))


def connected(port: int) -> tuple[Any, Any]:
    """A ground station that listens at the port and the autopilot it hears."""
    ground = started("ground")
    ground.add_any_connection(f"udpin://127.0.0.1:{port}")
    system = ground.first_autopilot(60.0)
    assert system is not None, "no autopilot heard"
    return ground, system


def imported(paths: list[str], kind: str) -> None:
    """Imports need a system, though not its help: a vehicle of MAVSDK's own beside it."""
    from mavsdk.plugins.mission_raw import MissionRaw
    from mavsdk.plugins.mission_raw_server import MissionRawServer

    from tests.mavlink_vehicle import free_port

    port = free_port()
    vehicle = started("vehicle")
    vehicle.add_any_connection(f"udpout://127.0.0.1:{port}")
    server = MissionRawServer(vehicle.server_component(0))
    ground, system = connected(port)
    raw = MissionRaw(system)
    read = raw.import_qgroundcontrol_mission if kind == "plan" else raw.import_mission_planner_mission
    files = []
    for path in paths:
        found = read(path)
        parts = {"mission": found.mission_items, "fence": found.geofence_items, "rally": found.rally_items}
        files.append({name: rows(items) for name, items in parts.items()})
    say(files=files)
    server.destroy()
    ground.destroy()
    vehicle.destroy()


def mavwp(paths: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pymavlink import mavwp as reader
    files = []
    for path in paths:
        loader = reader.MAVWPLoader()
        loader.load(path)
        files.append({"mission": [in_degrees(loader.wp(n)) for n in range(loader.count())]})
    say(files=files)


def in_degrees(item: Any) -> list[float]:
    """A MISSION_ITEM, whose position is in degrees, as the row of a MISSION_ITEM_INT."""
    params = (item.param1, item.param2, item.param3, item.param4)
    scale = 1 if item.frame == 2 else 10_000_000
    place = (round(item.x * scale), round(item.y * scale), item.z)
    return [item.frame, item.command, item.autocontinue, *params, *place]


def as_vehicle(port: int, count: int) -> None:
    """Receive so many uploads, then say them by mission type."""
    from mavsdk.plugins.mission_raw_server import MissionRawServer

    vehicle = started("vehicle")
    server = MissionRawServer(vehicle.server_component(0))
    received: dict[int, Any] = {}
    enough = threading.Event()

    def heard(_result: Any, plan: Any, _user: Any) -> None:
        items = plan.mission_items
        received[items[0].mission_type if items else 0] = rows(items)
        if len(received) >= count:
            enough.set()

    server.subscribe_incoming_mission(heard)
    vehicle.add_any_connection(f"udpout://127.0.0.1:{port}")
    enough.wait(90.0)
    sys.stdin.readline()  # the ground station has read back what it wants
    say(**{str(sort): items for sort, items in received.items()})
    vehicle.destroy()


def downloaded(port: int) -> None:
    from mavsdk.plugins.mission_raw import MissionRaw

    ground, system = connected(port)
    raw = MissionRaw(system)
    results: dict[str, Any] = {}
    for name, ask in (
        ("mission", raw.download_mission_async),
        ("fence", raw.download_geofence_async),
        ("rally", raw.download_rallypoints_async),
    ):
        done = threading.Event()

        def answered(result: Any, items: Any, _user: Any, name: str = name, done: Any = done) -> None:
            results[name] = rows(items) if result == 1 else str(result)
            done.set()

        ask(answered)
        assert done.wait(60.0), name
    say(**results)
    ground.destroy()


if __name__ == "__main__":
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    verb, *given = sys.argv[1:]
    if verb.startswith("import-"):
        imported(given, verb.removeprefix("import-"))
    elif verb == "mavwp":
        mavwp(given)
    elif verb == "vehicle":
        as_vehicle(int(given[0]), int(given[1]))
    else:
        downloaded(int(given[0]))
