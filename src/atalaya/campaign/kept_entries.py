"""Ledger entries of a sortie, kept while the registers stay as they are: a cache, like kept accounts."""

import json
from typing import Any

from atalaya.base.hashing import sha256_bytes
from atalaya.campaign.build import build_identity
from atalaya.campaign.registers import Registers
from atalaya.law.ledger.entry import LedgerEntry, LegalClass, Reason
from atalaya.law.records.record import Record
from atalaya.law.records.register import Register
from atalaya.store.workspace import written_whole

FOLDER = "accounts"


def entries_name(account: str, record: Record, register: Register) -> str:
    """The name of a sortie's entries: a hash over its account, its row, the registers' state, the build."""
    inputs = [
        account,
        record.id,
        record.row,
        len(register),
        register.last_recorded_us,
        build_identity()["sha256"],
    ]
    return sha256_bytes(json.dumps(inputs).encode())


def lasting(register: Register, known_us: int, end_us: int) -> bool:
    """Whether an answer as known at `known_us` holds for every later instant of knowledge too.

    It does once everything recorded is known and the flight is over.
    """
    return known_us >= max(register.last_recorded_us, end_us)


def read_entries(registers: Registers, name: str, sortie: str) -> tuple[LedgerEntry, ...] | None:
    """Entries kept in a workspace; None where there are none that the log vouches for."""
    try:
        content = (registers.workspace.root / FOLDER / f"{name}.entries.json").read_bytes()
        if not registers.vouched(name, content):
            return None
        return tuple(_read(row, sortie) for row in json.loads(content))
    except (OSError, ValueError, KeyError, TypeError):  # made anew: it is only a cache
        return None


def keep_entries(registers: Registers, name: str, entries: tuple[LedgerEntry, ...]) -> None:
    """Keep entries in a workspace, with their hash in the log.

    Raises:
        AtalayaError: STO-005.
    """
    rows = [
        [
            list(entry.states),
            entry.start_us,
            entry.end_us,
            str(entry.legal_class),
            [[reason.record, reason.term, reason.row] for reason in entry.reasons],
        ]
        for entry in entries
    ]
    content = json.dumps(rows).encode()
    with written_whole(registers.workspace.root / FOLDER / f"{name}.entries.json") as partial:
        partial.write_bytes(content)
    registers.vouch(name, content)


def _read(row: list[Any], sortie: str) -> LedgerEntry:
    states, start_us, end_us, legal_class, reasons = row
    return LedgerEntry(
        sortie,
        tuple(states),
        start_us,
        end_us,
        LegalClass(legal_class),
        tuple(Reason(*reason) for reason in reasons),
    )
