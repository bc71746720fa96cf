"""A whole mission to a vehicle and back, home, fence and rally points included, and what differs.

ArduPilot takes item 0 of a mission as home and hands it back; others do not.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from atalaya.base.errors import BadInput, Usage
from atalaya.plan.exports.compare import EXACT, Difference, Tolerance, differences
from atalaya.plan.exports.fence_items import fence_items, fence_of, rally_items, rally_of
from atalaya.plan.exports.mavlink.endpoint import endpoint_of
from atalaya.plan.exports.mavlink.link import Link, Vehicle
from atalaya.plan.exports.mavlink.transfer import (
    FENCE,
    MISSION,
    PART_NAMES,
    PATIENT,
    RALLY,
    Patience,
    receive_items,
    send_items,
)
from atalaya.plan.exports.mission import Autopilot, Command, Frame, Home, Mission, MissionItem, checked_item


@contextmanager
def connected(
    endpoint: str, *, allow_remote: bool = False, patience: Patience = PATIENT
) -> Iterator[tuple[Link, Vehicle]]:
    """A link to the first autopilot heard at an endpoint.

    Raises:
        Usage: XPT-017. NotAuthorised: XPT-016, not on this machine. NotFound: XPT-018, nobody answers.
    """
    with Link(endpoint_of(endpoint, allow_remote=allow_remote)) as link:
        yield link, link.vehicle(patience.vehicle_s)


def upload(
    endpoint: str,
    mission: Mission,
    *,
    parts: Sequence[str] | None = None,
    allow_remote: bool = False,
    patience: Patience = PATIENT,
) -> Vehicle:
    """Put a mission into a vehicle: fence and rally points first, so that they guard it from the start.

    Args:
        parts: of "mission", "fence", "rally"; None sends the mission and what of the others is not empty.
            A part that is named and empty is cleared in the vehicle.

    Raises:
        AtalayaError: XPT-019, refused; XPT-020, broken off; and as `connected`.
        BadInput: XPT-025, ArduPilot needs a home and the mission has none.
    """
    with connected(endpoint, allow_remote=allow_remote, patience=patience) as (link, vehicle):
        upload_over(link, vehicle, mission, parts=parts, patience=patience)
        return vehicle


def upload_over(
    link: Link,
    vehicle: Vehicle,
    mission: Mission,
    *,
    parts: Sequence[str] | None = None,
    patience: Patience = PATIENT,
) -> None:
    """The same over a link that is open already.

    Raises:
        as `upload`.
    """
    lists = {
        "fence": (FENCE, fence_items(mission.fence)),
        "rally": (RALLY, rally_items(mission.rally, mission.home)),
        "mission": (MISSION, _with_home(mission, vehicle)),
    }
    if parts is None:
        parts = [name for name, (_, items) in lists.items() if items or name == "mission"]
    for name in parts:
        if name not in lists:
            raise Usage("XPT-008", where="parts", given=name, known=", ".join(PART_NAMES))
    for name, (sort, items) in lists.items():
        if name in parts:
            send_items(link, vehicle, items, sort, patience)


def _with_home(mission: Mission, vehicle: Vehicle) -> tuple[MissionItem, ...]:
    items = tuple(checked_item(item, where=f"item {n}") for n, item in enumerate(mission.items, 1))
    if vehicle.autopilot != Autopilot.ARDUPILOT or not items:
        return items
    home = mission.home
    if home is None:
        raise BadInput("XPT-025", where="home", count=len(items))
    first = MissionItem(
        Command.WAYPOINT, Frame.MSL, (0.0,) * 4, home.lat_deg, home.lon_deg, home.height_msl_m
    )
    return (first, *items)


def download(
    endpoint: str,
    *,
    parts: Sequence[str] = PART_NAMES,
    allow_remote: bool = False,
    home: Home | None = None,
    patience: Patience = PATIENT,
) -> Mission:
    """What a vehicle holds.

    Args:
        parts: of "mission", "fence", "rally".
        home: zero of the rally points' heights, where the vehicle does not tell it (ArduPilot does).

    Raises:
        AtalayaError: XPT-019, XPT-020; and as `connected`. BadInput, DatumError: items that cannot be.
    """
    with connected(endpoint, allow_remote=allow_remote, patience=patience) as (link, vehicle):
        return download_over(link, vehicle, parts=parts, home=home, patience=patience)


def download_over(
    link: Link,
    vehicle: Vehicle,
    *,
    parts: Sequence[str] = PART_NAMES,
    home: Home | None = None,
    patience: Patience = PATIENT,
) -> Mission:
    """The same over a link that is open already.

    Raises:
        as `download`.
    """
    autopilot = Autopilot(vehicle.autopilot) if vehicle.autopilot in set(Autopilot) else Autopilot.GENERIC
    held = Mission((), home, autopilot=autopilot)
    if "mission" in parts:
        items = receive_items(link, vehicle, MISSION, patience)
        if vehicle.autopilot == Autopilot.ARDUPILOT and items:
            first = items[0]
            held = replace(held, home=Home(first.lon_deg, first.lat_deg, first.height_m))
            items = items[1:]
        held = replace(held, items=items)
    if "fence" in parts:
        held = replace(held, fence=fence_of(receive_items(link, vehicle, FENCE, patience), where="fence"))
    if "rally" in parts:
        points = receive_items(link, vehicle, RALLY, patience)
        held = replace(held, rally=rally_of(points, held.home, where="rally"))
    return held


def compare(
    planned: Mission, held: Mission, *, tolerance: Tolerance = EXACT, parts: Sequence[str] = PART_NAMES
) -> list[Difference]:
    """Where two missions differ, item by item; an empty list when they are the same flight."""
    return list(differences(planned, held, tolerance=tolerance, parts=" ".join(parts)))
