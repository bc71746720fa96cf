"""From the registers and the tracks to the ledger: each sortie accounted for, each second in one class."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.errors import AtalayaError, NotFound
from atalaya.campaign.airspace import indexes_at, principal, records_at
from atalaya.campaign.kept_account import KeptAccount, KeptState, account_name, keep, kept, read_kept
from atalaya.campaign.kept_entries import entries_name, keep_entries, lasting, read_entries
from atalaya.campaign.registers import Registers
from atalaya.campaign.sorties import check_track, flown, kept_track, sorties_of
from atalaya.law.account import AccountOptions
from atalaya.law.boundary.shelf import layer_identity
from atalaya.law.ledger.entry import LedgerEntry
from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.on_record import statements_for
from atalaya.law.ledger.partition import partition
from atalaya.law.ledger.presence import earliest_entries_us, presence_of
from atalaya.law.ledger.steps import Steps
from atalaya.law.records.altitude_band import AltitudeBand
from atalaya.law.records.record import Record
from atalaya.law.records.register import Register
from atalaya.law.records.sortie import Sortie

if TYPE_CHECKING:
    from atalaya.earth.track import Track


@dataclass(frozen=True)
class Assumptions:
    """What an account of sorties rests on beside the records.

    layers: names of boundary layers, the first that has a State answers for it; () for the default.
    options: of the account of a track.
    """

    layers: tuple[str, ...] = ()
    options: AccountOptions = field(default_factory=AccountOptions)


@dataclass(frozen=True)
class Overflight:
    """One sortie with its account; or, where its track cannot be used, with the error that says why.

    states: State to the account of the layer that answers for it.
    """

    record: Record
    sortie: Sortie
    facts: SortieFacts | None = None
    account: KeptAccount | None = None
    states: Mapping[str, KeptState] = field(default_factory=dict)
    entries: tuple[LedgerEntry, ...] = ()
    error: AtalayaError | None = None

    def about(self, state: str) -> bool:
        """Whether the sortie certainly or possibly entered a State's airspace."""
        return any(state in entry.states for entry in self.entries)


def overflights(
    registers: Registers, register: Register, known_us: int, assumptions: Assumptions, only: str = ""
) -> Iterator[Overflight]:
    """Every sortie flown, as known at an instant, in order of airframe and number; or `only` one, by id.

    A sortie whose track is missing, changed or unreadable is yielded with its error; the rest goes on.
    """
    records_at(
        registers.workspace.root, assumptions.layers, known_us
    )  # a wrong layer is one error, not one each
    for record, sortie in flown(sorties_of(register, known_us=known_us)):
        if only not in ("", record.id, record.id.partition("/")[2]):
            continue
        try:
            name, found = _known_account(registers, record, sortie, assumptions)
            track = _once(lambda name=sortie.tracks[0]: kept_track(registers.workspace, name))  # type: ignore[misc]
            yield overflight(record, sortie, found, track, register, known_us, assumptions, registers, name)
        except AtalayaError as error:
            yield Overflight(record, sortie, error=error)


def overflight(
    record: Record,
    sortie: Sortie,
    account: KeptAccount,
    track: "Callable[[], Track]",
    register: Register,
    known_us: int,
    assumptions: Assumptions,
    registers: Registers,
    account_name: str = "",
) -> Overflight:
    """The ledger of one sortie, flown or planned, from the account of its track.

    Args:
        track: gives the track, where a term of an authorisation asks for it.
        account_name: name the account is kept under; "" for one that is not kept.
    """
    facts = sortie_facts(record.id, sortie, account, track, assumptions, registers.workspace.root)
    entries = _entries(registers, account_name, record, register, facts, known_us)
    return Overflight(record, sortie, facts, account, account.answering, entries)


def sortie_facts(
    record_id: str,
    sortie: Sortie,
    account: KeptAccount,
    track: "Callable[[], Track]",
    assumptions: Assumptions,
    root: Path | None,
) -> SortieFacts:
    """One sortie in the terms authorisations speak of, from the account of its track.

    Args:
        root: workspace whose boundary layers are known too; None for none.
    """
    tables = {state: each.intervals for state, each in account.answering.items()}
    presence = presence_of(tables, account.start_us, account.end_us)
    return SortieFacts(
        sortie=record_id,
        airframe=sortie.airframe,
        operator_state=sortie.operator_state,
        presence=presence,
        sensors=sortie.sensors,
        purpose=sortie.purpose,
        entries_us=earliest_entries_us(presence),
        **_geometry(track, assumptions, root, account.start_us),
    )


def _entries(
    registers: Registers, account: str, record: Record, register: Register, facts: SortieFacts, known_us: int
) -> tuple[LedgerEntry, ...]:
    """The partition, or what was kept of it while nothing was recorded since."""
    if not account or not lasting(register, known_us, facts.end_us):
        return tuple(partition(facts, statements_for(register, facts, known_us)))
    name = entries_name(account, record, register)
    found = read_entries(registers, name, record.id)
    if found is None:
        found = tuple(partition(facts, statements_for(register, facts, known_us)))
        keep_entries(registers, name, found)
    return found


def account_track(track: "Track", root: Path | None, assumptions: Assumptions) -> KeptAccount:
    """Hold a track against the boundary layers, those of the workspace at `root` among them.

    Raises:
        BadInput: ACC-002, no fix of the track can be believed.
    """
    from atalaya.law.account import account

    indexes = indexes_at(root, assumptions.layers, int(track.t_us[0]))
    found = account(track, indexes, assumptions.options)
    return kept(found, principal(found.states, indexes))


def only_state(found: Overflight, state: str) -> Overflight:
    """The same sortie, of which only what concerns one State is shown."""
    entries = tuple(entry for entry in found.entries if state in entry.states)
    states = {name: each for name, each in found.states.items() if name == state}
    return replace(found, entries=entries, states=states)


def _known_account(
    registers: Registers, record: Record, sortie: Sortie, assumptions: Assumptions
) -> tuple[str, KeptAccount]:
    """Name and account, kept in the workspace or made now and kept; the track must be as recorded."""
    if not sortie.tracks:
        raise NotFound("LED-013", where=record.id)
    workspace = registers.workspace
    check_track(workspace, sortie.tracks[0])
    start = record.valid.start
    layers = records_at(workspace.root, assumptions.layers, 0 if start is None else start.earliest_us)
    identity = [layer_identity(place) for place in layers]
    name = account_name(sortie.tracks[0], identity, assumptions.options.as_json())
    found = read_kept(registers, name)
    if found is None:
        found = account_track(kept_track(workspace, sortie.tracks[0]), workspace.root, assumptions)
        keep(registers, name, found)
    return name, found


def _geometry(
    track: "Callable[[], Track]", assumptions: Assumptions, root: Path | None, start_us: int
) -> dict[str, Any]:
    """What the terms may ask of the track; nothing is read before one does."""

    def within(area: Mapping[str, Any]) -> Steps:
        from atalaya.law.ledger.geometry import area_over_time

        return area_over_time(track(), assumptions.options)(area)

    def near(state: str, within_m: float) -> Steps:
        from atalaya.law.ledger.geometry import distance_over_time

        indexes = indexes_at(root, assumptions.layers, start_us)
        return distance_over_time(track(), indexes)(state, within_m)

    def in_band(band: AltitudeBand) -> Steps:
        from atalaya.law.ledger.geometry import band_over_time

        return band_over_time(track())(band)

    return {"within": within, "near": near, "in_band": in_band}


def _once(load: "Callable[[], Track]") -> "Callable[[], Track]":
    return cache(load)
