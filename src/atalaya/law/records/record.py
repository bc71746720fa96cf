"""One statement as the register keeps it: what it says, and four clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.law.records.stated import InForce, Stated, in_force

KINDS = frozenset(
    {
        "organisation",  # a body that designations speak of; never a person
        "alias",  # one spelling of an organisation's name, with validity
        "designation",  # the status of an organisation under one regime
        "authorisation",  # who allowed what over whose territory, in which terms
        "revocation",  # an authorisation ended early
        "notification",  # one step of the chain composed, sent, delivered, acknowledged
        "attestation",  # what a party stated
        "request",  # permission asked for: granted, denied, cancelled
        "airframe",  # an aircraft: registration, State of registry, sensors carried
        "payload",  # a sensor that may be carried; nothing else can be
        "inspection",  # who looked at an airframe and found it unarmed, with which software build
        "sortie",  # one flight, under its gap-free number
        "counter",  # hours, minutes or flights counted by somebody else
        "reading",  # a party's reading of a rule, such as "from 00:00 local"
    }
)
"""What a register can hold."""


@dataclass(frozen=True, slots=True)
class Span:
    """When something holds in the world; None is open on that side."""

    start: Stated | None = None
    end: Stated | None = None

    def in_force(self, t_us: int) -> InForce:
        """Whether it holds at an instant (microseconds UTC)."""
        return in_force(self.start, self.end, t_us)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a register. Rows are added, never changed; only `superseded_us` closes one, once.

    Args:
        id: what it speaks of, stable over corrections: "authorisation/MX-2025-014".
        kind: one of `KINDS`.
        body: the statement itself, JSON values only; its form is that of the kind.
        valid: when it holds in the world.
        issued: when the party stated or decided it; None where that is not known.
        received_us: when this organisation had it; None where that is not known.
        recorded_us: when it entered the register.
        superseded_us: when a later row took its place; None while it stands.
        evidence: SHA-256 of the document it rests on; "" for none.
        row: its place in the register, from 1; 0 before it is stored.
    """

    id: str
    kind: str
    body: Mapping[str, Any]
    valid: Span = Span()
    issued: Stated | None = None
    received_us: int | None = None
    recorded_us: int = 0
    superseded_us: int | None = None
    evidence: str = ""
    row: int = 0

    def known(self, known_us: int) -> bool:
        """Whether the register held this row at an instant."""
        return self.recorded_us <= known_us and (self.superseded_us is None or known_us < self.superseded_us)
