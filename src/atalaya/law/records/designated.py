"""Was an organisation designated at an instant, as known at another: an answer per regime, with dates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atalaya.law.records.as_json import record_as_json
from atalaya.law.records.designation import Designation, Listing, read_designation
from atalaya.law.records.reading import Reading, read_reading
from atalaya.law.records.record import Record
from atalaya.law.records.register import Of, Register
from atalaya.law.records.stated import ALWAYS_US, InForce, in_force_during


@dataclass(frozen=True, slots=True)
class Statement:
    """One row that speaks of the regime, and what it says of the instant."""

    record: Record
    designation: Designation
    status: InForce


@dataclass(frozen=True, slots=True)
class RegimeAnswer:
    """What the register holds of one organisation under one regime.

    Args:
        regime: its code.
        in_force: whether it held at the instant. Rows with legal dates decide; rows that only show that a
            list carried the entry decide where there are no others.
        by_dates: whether legal dates decided.
        listed: whether the issues we hold show the entry at the instant; None where no list is on record.
        statements: the rows, in the order of recording.
        readings: how parties read them; they decide nothing.
    """

    regime: str
    in_force: InForce
    by_dates: bool
    listed: InForce | None
    statements: tuple[Statement, ...]
    readings: tuple[tuple[Record, Reading], ...] = ()


def designated(
    register: Register, organisation: str, t_us: int, known_us: int, *, until_us: int | None = None
) -> list[RegimeAnswer]:
    """Every regime on record for an organisation, by code; a regime that is not there is not on record.

    Args:
        organisation: id of the organisation.
        t_us: the instant asked about; known_us: what the register held at that instant; microseconds UTC.
        until_us: end of the time asked about, where it is longer than an instant: "yes" then means all of it.
    """
    asked = (t_us, t_us if until_us is None else until_us)
    by_regime: dict[str, list[Statement]] = {}
    for row in register.as_known(known_us, Of("designation", "organisation", organisation)):
        if "withdrawn" in row.body:
            continue
        said = read_designation(row.body, row.id)
        status = in_force_during(row.valid.start, row.valid.end, *asked)
        by_regime.setdefault(said.regime, []).append(Statement(row, said, status))
    return [
        _answer(register, regime, statements, asked, known_us)
        for regime, statements in sorted(by_regime.items())
    ]


def as_json(answer: RegimeAnswer) -> dict[str, object]:
    """An answer as `--json` prints it."""
    return {
        "regime": answer.regime,
        "in_force": answer.in_force,
        "by_dates": answer.by_dates,
        "listed": answer.listed,
        "statements": [{"in_force": one.status, **record_as_json(one.record)} for one in answer.statements],
        "readings": [record_as_json(row) for row, _ in answer.readings],
    }


def _answer(
    register: Register, regime: str, statements: Sequence[Statement], asked: tuple[int, int], known_us: int
) -> RegimeAnswer:
    dated = [one for one in statements if one.designation.dates.known()]
    readings = [
        (row, read_reading(row.body, row.id))
        for statement in statements
        for row in register.as_known(known_us, Of("reading", "of", statement.record.id))
        if "withdrawn" not in row.body
    ]
    listings = [
        _listed(one.designation.listed, _last_seen(register, one.designation.listed, known_us), asked)
        for one in statements
        if one.designation.listed is not None
    ]
    return RegimeAnswer(
        regime,
        _strongest(one.status for one in dated or statements),
        bool(dated),
        _strongest(listings) if listings else None,
        tuple(statements),
        tuple(readings),
    )


def _strongest(statuses: Iterable[InForce]) -> InForce:
    rank = [InForce.NO, InForce.INDETERMINATE, InForce.YES]
    return max(statuses, key=rank.index, default=InForce.NO)


def _listed(listing: Listing, last_us: int, asked: tuple[int, int]) -> InForce:
    """Whether the issues of the list show the entry; between two issues, or after the last, none can tell."""
    if listing.first_seen is None:
        return InForce.INDETERMINATE
    from_us, to_us = asked
    absent_us = ALWAYS_US if listing.not_in is None else listing.not_in.earliest_us
    if to_us <= absent_us:
        return InForce.NO
    if from_us < listing.first_seen.latest_us or (listing.gone is None and to_us > last_us):
        return InForce.INDETERMINATE
    return in_force_during(None, listing.gone, from_us, to_us)


def _last_seen(register: Register, listing: Listing, known_us: int) -> int:
    """The last issue on record that carries a running entry: of the list, or as the row itself says."""
    if listing.last_seen is not None:
        return listing.last_seen.latest_us
    rows = register.of(Of("designation", "listed.source", listing.source))
    issued = (row.issued.latest_us for row in rows if row.issued and row.recorded_us <= known_us)
    return max(issued, default=ALWAYS_US)
