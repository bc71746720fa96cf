"""Plans in the files of ground stations: how many random sorties are equal when read again, also by peers.

`ATALAYA_BENCH_EXPORTS` sets how many sorties (default 200).
"""

import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import process_time

import numpy as np

from atalaya.base.errors import AtalayaError
from atalaya.plan.exports import Mission, export, mission_of, read_mission
from atalaya.plan.exports.fence_items import fence_items
from atalaya.plan.exports.formats import MAP_FORMATS, MISSION_FORMATS
from atalaya.plan.exports.mavlink import Patience, compare
from atalaya.plan.exports.mavlink.endpoint import endpoint_of
from atalaya.plan.exports.mavlink.link import Link
from atalaya.plan.exports.mavlink.vehicle import download_over, upload_over
from atalaya.plan.exports.mission import Home
from atalaya.plan.sortie import Sortie
from bench.measure import Measure
from tests.export_sorties import FIELDS, RALLY, named_corridors, random_fence, random_sortie
from tests.mavlink_items import peer, unlike
from tests.mavlink_vehicle import SmallVehicle, free_port

ROOM = "exports"
SORTIES = int(os.environ.get("ATALAYA_BENCH_EXPORTS", "200"))
PATIENT = Patience(answer_s=0.3, repeats=40)


def sorties() -> list[Sortie]:
    rng = np.random.default_rng(20)
    return [random_sortie(rng, f"S{n}") for n in range(SORTIES)]


def measures() -> Iterator[Measure]:
    """Every measure of exports."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (*MISSION_FORMATS, *MAP_FORMATS, "fpl"):
            yield from formats(name, Path(folder))
        yield from peers(Path(folder))
    yield over_mavlink()


def formats(name: str, folder: Path) -> Iterator[Measure]:
    """Share of sorties found equal when their file was read again, and files per second of processor time."""
    rng, equal, refused = np.random.default_rng(21), 0, 0
    start = process_time()
    for sortie in sorties():
        fence = random_fence(rng, sortie.waypoints[0])
        try:
            export(
                sortie,
                folder / f"{sortie.id}.{name}",
                format=name,
                fence=fence,
                rally=RALLY,
                swaths=named_corridors(sortie),
                flight_plan=FIELDS,
            )
            equal += 1
        except AtalayaError as error:
            refused += error.code == "XPT-014"  # a route too long for one message is refused by design
    seconds = process_time() - start
    note = f"{SORTIES} sorties" + (f", {refused} too long for one message and refused" if refused else "")
    share = equal / max(SORTIES - refused, 1)
    yield Measure(ROOM, f"{name}: equal when read again", share, "of sorties", 1.0, note=note)
    yield Measure(ROOM, f"{name}: written, read, compared", SORTIES / seconds, "files/s")


def peers(folder: Path) -> Iterator[Measure]:
    """Share of files that other programs read item for item as we do."""
    for name, verb, package in (
        ("plan", "import-plan", "mavsdk"),
        ("wpl", "mavwp", "pymavlink"),
        ("wpl", "import-wpl", "mavsdk"),
    ):
        measure = f"{name}: read equal by {package}"
        try:
            label = f"{package} {version(package)}"
        except PackageNotFoundError:
            yield Measure(ROOM, measure, None, "of files", 1.0, note=f"{package} is not installed")
            continue
        paths = [folder / f"S{n}.{name}" for n in range(SORTIES)]
        files = peer(verb, *map(str, paths))["files"]
        same = sum(
            equal_to(read_mission(path, name), theirs) for path, theirs in zip(paths, files, strict=True)
        )
        yield Measure(ROOM, measure, same / SORTIES, "of files", 1.0, peer=label, note=f"{SORTIES} files")


def equal_to(mission: Mission, theirs: dict[str, list[list[float]]]) -> bool:
    """Items and fence; a home row that a peer keeps in front is passed over."""
    items = theirs["mission"][-len(mission.items) :]
    fence = theirs.get("fence", [])
    return not unlike(mission.items, items) and not unlike(fence_items(mission.fence), fence)


def over_mavlink() -> Measure:
    """Missions sent to a vehicle on the loopback that loses packets, and read back."""
    rng, equal, count, port = np.random.default_rng(22), 0, 30, free_port()
    with SmallVehicle(port, lose_every=97), Link(endpoint_of(f"udpin:127.0.0.1:{port}")) as link:
        vehicle = link.vehicle(20.0)
        for _ in range(count):
            sortie = random_sortie(rng)
            first = sortie.waypoints[0]
            home = Home(first.lon_deg, first.lat_deg, first.height_msl_m)
            mission = mission_of(sortie, home, fence=random_fence(rng, first), rally=RALLY)
            upload_over(link, vehicle, mission, parts=("fence", "rally", "mission"), patience=PATIENT)
            held = download_over(link, vehicle, home=mission.home, patience=PATIENT)
            equal += not compare(mission, held)
    note = f"{count} missions, one packet in 97 lost"
    return Measure(ROOM, "MAVLink upload and download equal", equal / count, "of missions", 1.0, note=note)
