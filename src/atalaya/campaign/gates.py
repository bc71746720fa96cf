"""Asking the gates with what a workspace knows; every answer is logged."""

from pathlib import Path
from typing import Any

from atalaya.base.clock import iso
from atalaya.campaign.overflights import Assumptions, account_track, overflight
from atalaya.campaign.registers import Registers
from atalaya.campaign.sorties import NewSortie, next_number, one_track
from atalaya.law.gate import Answer, may_fly
from atalaya.law.ledger.on_record import statements_for, withdrawn
from atalaya.law.records.airframe import read_inspection
from atalaya.law.records.payload import read_payload
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Register
from atalaya.law.records.sortie import Sortie, Status, sortie_id
from atalaya.law.records.stated import InForce, exactly

GATE = "gate"
"""Kind of the log entry of an answer."""


def ask_flight(
    registers: Registers,
    source: Path,
    planned: NewSortie,
    known_us: int,
    assumptions: Assumptions,
    aircraft: str | None = None,
) -> Answer:
    """May a planned flight, or a leg of it, be flown? The track's times say when.

    Raises:
        BadInput: LED-010, LED-012; and what reading the file raises.
    """
    registers.verify()
    register = registers.register()
    from atalaya.campaign.planned_track import planned_track

    track = planned_track(one_track(source, aircraft), assumptions.options.containment_m)
    number = planned.number or next_number(register, planned.airframe)
    sortie = Sortie(
        planned.airframe,
        number,
        planned.operator_state,
        planned.sensors,
        planned.purpose,
        planned.call_sign,
        status=Status.PLANNED,
    )
    span = Span(exactly(int(track.t_us[0])), exactly(int(track.t_us[-1])))
    record = Record(sortie_id(planned.airframe, number), "sortie", {}, span)
    workspace = registers.workspace
    account = account_track(track, workspace.root, assumptions)
    found = overflight(record, sortie, account, lambda: track, register, known_us, assumptions, registers)
    assert found.facts is not None
    answer = may_fly(
        found.facts,
        statements_for(register, found.facts, known_us),
        known_us,
        payloads=known_payloads(register, known_us),
        inspected=found_unarmed(register, planned.airframe, found.facts.start_us, known_us),
    )
    registers.act(GATE, _logged(record.id, answer), inputs=[track.sha256], about=record.id)
    return answer


def known_payloads(register: Register, known_us: int) -> tuple[str, ...]:
    """Kinds of sensor that the register knows."""
    rows = [row for row in register.as_known(known_us, "payload") if not withdrawn(row)]
    return tuple(sorted({read_payload(row.body, row.id).sensor for row in rows}))


def found_unarmed(register: Register, airframe: str, t_us: int, known_us: int) -> bool | None:
    """What the newest inspection in force says of an airframe; None where none is on record."""
    newest: tuple[int, bool | None] | None = None
    for row in register.as_known(known_us, "inspection"):
        if withdrawn(row) or row.valid.in_force(t_us) is not InForce.YES:
            continue
        seen = read_inspection(row.body, row.id)
        if seen.airframe.removeprefix("airframe/") == airframe and seen.unarmed is not None:
            start_us = 0 if row.valid.start is None else row.valid.start.latest_us
            if newest is None or start_us >= newest[0]:
                newest = (start_us, seen.unarmed)
    return None if newest is None else newest[1]


def _logged(sortie: str, answer: Answer) -> dict[str, Any]:
    deciding = answer.deciding.as_json()
    counts: dict[str, int] = {}
    for ground in answer.grounds:
        counts[str(ground.verdict)] = counts.get(str(ground.verdict), 0) + 1
    return {
        "sortie": sortie,
        "verdict": str(answer.verdict),
        "as_known": iso(answer.at_us),
        "deciding": deciding,
        "grounds": counts,
    }
