"""One list of items over a link: offered and requested one by one, each loss repeated, each refusal named.

A vehicle whose storage is not ready answers NO_SPACE ("Only 0 items are supported"): asked again later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.plan.exports.mavlink.link import OUR_COMPONENT, OUR_SYSTEM, Link, Vehicle
from atalaya.plan.exports.mavlink.wire import RESULTS, item_of, message_of
from atalaya.plan.exports.mission import MissionItem
from atalaya.plan.exports.source import MOST_ITEMS

MISSION, FENCE, RALLY = 0, 1, 2
PART_NAMES = ("mission", "fence", "rally")
ACCEPTED, NO_SPACE = 0, 4


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to repeat.

    Args:
        vehicle_s: for a first heartbeat.
        answer_s: for one answer.
        repeats: of one packet without an answer.
        not_ready: how often a vehicle without space is asked again, `pause_s` apart.
    """

    vehicle_s: float = 20.0
    answer_s: float = 1.5
    repeats: int = 5
    not_ready: int = 20
    pause_s: float = 1.0


PATIENT = Patience()


def send_items(
    link: Link, vehicle: Vehicle, items: Sequence[MissionItem], sort: int, patience: Patience = PATIENT
) -> None:
    """Put a list into the vehicle in place of what it holds; an empty list clears it.

    Args:
        sort: mission type, 0 mission, 1 fence, 2 rally.

    Raises:
        AtalayaError: XPT-020, no answer after all repeats; XPT-019, refused, with the vehicle's reason.
    """
    for _ in range(patience.not_ready + 1):
        result = _offer(link, vehicle, items, sort, patience)
        if result == ACCEPTED:
            return
        if result != NO_SPACE:
            break
        link.receive(lambda _: False, patience.pause_s)
    part = PART_NAMES[sort]
    raise AtalayaError("XPT-019", where=part, part=part, result=RESULTS.get(result, str(result)))


def _offer(link: Link, vehicle: Vehicle, items: Sequence[MissionItem], sort: int, patience: Patience) -> int:
    """One attempt; returns the MAV_MISSION_RESULT."""
    target = (vehicle.system, vehicle.component)
    words = link.words
    last = (
        words.MAVLink_mission_count_message(*target, len(items), sort)
        if items
        else words.MAVLink_mission_clear_all_message(*target, sort)
    )
    wanted = _answers(vehicle, sort, "MISSION_REQUEST_INT", "MISSION_REQUEST", "MISSION_ACK")
    reached, misses = -1, 0
    link.send(last)
    while True:
        answer = link.receive(wanted, patience.answer_s)
        if answer is None:
            misses += 1
            if misses > patience.repeats:
                part = PART_NAMES[sort]
                raise AtalayaError("XPT-020", where=part, part=part, item=reached + 1)
            link.send(last)
            continue
        if answer.get_type() == "MISSION_ACK":
            if answer.type != ACCEPTED or reached == len(items) - 1:
                return int(answer.type)
            continue  # an acceptance repeated from an earlier transfer
        if not 0 <= answer.seq < len(items):
            continue
        misses = 0
        reached = max(reached, answer.seq)
        last = message_of(words, target, answer.seq, items[answer.seq], sort)
        link.send(last)


def receive_items(
    link: Link, vehicle: Vehicle, sort: int, patience: Patience = PATIENT
) -> tuple[MissionItem, ...]:
    """What the vehicle holds of one sort.

    Raises:
        AtalayaError: XPT-020, no answer; XPT-019, refused.
        BadInput: XPT-003, XPT-004, XPT-005, items that cannot be.
    """
    target = (vehicle.system, vehicle.component)
    words, part = link.words, PART_NAMES[sort]
    ask = words.MAVLink_mission_request_list_message(*target, sort)
    count = _asked(link, ask, _answers(vehicle, sort, "MISSION_COUNT", "MISSION_ACK"), part, 0, patience)
    if count.get_type() == "MISSION_ACK":
        raise AtalayaError("XPT-019", where=part, part=part, result=RESULTS.get(count.type, str(count.type)))
    if count.count > MOST_ITEMS:
        raise BadInput("XPT-003", where=part, limit=64)
    items = []
    for sequence in range(count.count):
        ask = words.MAVLink_mission_request_int_message(*target, sequence, sort)
        wanted = _item_answer(vehicle, sort, sequence)
        message = _asked(link, ask, wanted, part, sequence, patience)
        items.append(item_of(message, where=f"{part} item {sequence}"))
    link.send(words.MAVLink_mission_ack_message(*target, ACCEPTED, sort))
    return tuple(items)


def _asked(
    link: Link, question: Any, wanted: Callable[[Any], bool], part: str, item: int, patience: Patience
) -> Any:
    for _ in range(patience.repeats + 1):
        link.send(question)
        if (answer := link.receive(wanted, patience.answer_s)) is not None:
            return answer
    raise AtalayaError("XPT-020", where=part, part=part, item=item)


def _answers(vehicle: Vehicle, sort: int, *kinds: str) -> Callable[[Any], bool]:
    """Messages of some kinds, from this vehicle, to us, about this list."""

    def wanted(message: Any) -> bool:
        return (
            message.get_type() in kinds
            and message.get_srcSystem() == vehicle.system
            and message.target_system in (0, OUR_SYSTEM)
            and message.target_component in (0, OUR_COMPONENT)
            and getattr(message, "mission_type", MISSION) == sort
        )

    return wanted


def _item_answer(vehicle: Vehicle, sort: int, sequence: int) -> Callable[[Any], bool]:
    about = _answers(vehicle, sort, "MISSION_ITEM_INT", "MISSION_ITEM")
    return lambda message: about(message) and message.seq == sequence
