"""What parties said: listed with speaker, date and words, grouped by contradiction, never resolved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.about import NOTHING, About, read_about
from atalaya.law.records.fields import Fields
from atalaya.law.records.record import Record

STANCES = frozenset({"affirms", "denies", "contests", "states"})
"""How words stand to their subject: it is so; it is not so; it is disputed; neither, something is stated."""

STANDINGS = frozenset({"flying", "host", "partner", "authority", "press", "other"})
"""Whose words: the State flying, the State flown over, a partner, a court or supervisor, press, others."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """One statement of one party.

    Args:
        speaker: the party: a ministry, an agency, "source of CNN". Offices, not names of persons.
        office: the office of who spoke.
        wording: the words as reported, or as quoted.
        quoted: whether `wording` is verbatim.
        language, medium: of the words; where they were said or printed.
        stance: one of `STANCES`.
        standing: one of `STANDINGS`; "" where not stated.
        about: what it speaks of; statements on one subject and State are grouped.
    """

    speaker: str
    wording: str
    office: str = ""
    quoted: bool = False
    language: str = ""
    medium: str = ""
    stance: str = "states"
    standing: str = ""
    about: About = NOTHING
    sources: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """The statements on one subject, by stance, each in the order of their dates; no verdict among them."""

    subject: str
    state: str
    by_stance: Mapping[str, tuple[tuple[Record, Attestation], ...]] = field(default_factory=dict)

    @property
    def contradictory(self) -> bool:
        """Whether somebody affirms what somebody else denies or contests."""
        return "affirms" in self.by_stance and bool({"denies", "contests"} & self.by_stance.keys())


def read_attestation(body: Mapping[str, Any], where: str) -> Attestation:
    """Read and check the body of a statement.

    Raises:
        BadInput: REC-023 it says not what it is about; REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    attestation = Attestation(
        fields.text("speaker", most=1000),
        fields.text("wording"),
        fields.text("office", "", most=1000),
        bool(fields.flag("quoted")),
        fields.text("language", "", most=16),
        fields.text("medium", "", most=400),
        fields.choice("stance", STANCES, "states"),
        fields.choice("standing", STANDINGS, ""),
        read_about(fields),
        fields.texts("sources"),
        fields.text("note", ""),
    )
    fields.close()
    if not attestation.about.names_something():
        raise BadInput("REC-023", where=where)
    return attestation


def matters(rows: Iterable[Record]) -> list[Matter]:
    """Statements grouped by subject and State; the rows are those that stood at one instant (`as_known`)."""
    groups: dict[tuple[str, str], dict[str, list[tuple[Record, Attestation]]]] = {}
    for row in sorted(rows, key=_when):
        if row.kind == "attestation" and "withdrawn" not in row.body:
            said = read_attestation(row.body, row.id)
            stances = groups.setdefault((said.about.subject, said.about.state), {})
            stances.setdefault(said.stance, []).append((row, said))
    return [
        Matter(subject, state, {stance: tuple(said) for stance, said in sorted(stances.items())})
        for (subject, state), stances in sorted(groups.items())
    ]


def _when(row: Record) -> tuple[int, int]:
    return (0 if row.issued is None else row.issued.earliest_us), row.row
