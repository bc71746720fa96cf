"""From the registers and the tracks to the ledger: each sortie accounted for, each second in one class."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from atalaya.base.errors import AtalayaError, NotFound
from atalaya.campaign.airspace import indexes_at, principal
from atalaya.campaign.registers import Registers
from atalaya.campaign.sorties import flown, kept_track, sorties_of
from atalaya.earth.track import Track
from atalaya.law.account import Account, AccountOptions, StateAccount, account
from atalaya.law.boundary import LayerIndex
from atalaya.law.ledger.entry import LedgerEntry
from atalaya.law.ledger.facts import SortieFacts
from atalaya.law.ledger.on_record import statements_for
from atalaya.law.ledger.partition import partition
from atalaya.law.ledger.presence import (
    area_over_time,
    band_over_time,
    distance_over_time,
    earliest_entries_us,
    presence_of,
)
from atalaya.law.records.record import Record
from atalaya.law.records.register import Register
from atalaya.law.records.sortie import Sortie


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
    account: Account | None = None
    states: dict[str, StateAccount] | None = None
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
    for record, sortie in flown(sorties_of(register, known_us=known_us)):
        if only not in ("", record.id, record.id.partition("/")[2]):
            continue
        try:
            if not sortie.tracks:
                raise NotFound("LED-013", where=record.id)
            track = kept_track(registers.workspace, sortie.tracks[0])
            indexes = indexes_at(registers.workspace.root, assumptions.layers, int(track.t_us[0]))
            yield overflight(record, sortie, track, indexes, register, known_us, assumptions.options)
        except AtalayaError as error:
            yield Overflight(record, sortie, error=error)


def overflight(
    record: Record,
    sortie: Sortie,
    track: Track,
    indexes: Sequence[LayerIndex],
    register: Register,
    known_us: int,
    options: AccountOptions,
) -> Overflight:
    """The account and the ledger of one sortie, flown or planned.

    Raises:
        BadInput: ACC-002, no fix of the track can be believed.
    """
    found = account(track, indexes, options)
    states = principal(found.states, indexes)
    start_us, end_us = found.path.start_us, found.path.end_us
    presence = presence_of({state: each.intervals for state, each in states.items()}, start_us, end_us)
    facts = SortieFacts(
        sortie=record.id,
        airframe=sortie.airframe,
        operator_state=sortie.operator_state,
        presence=presence,
        sensors=sortie.sensors,
        purpose=sortie.purpose,
        within=area_over_time(track, options),
        near=distance_over_time(track, indexes),
        in_band=band_over_time(track),
        entries_us=earliest_entries_us(presence),
    )
    entries = partition(facts, statements_for(register, facts, known_us))
    return Overflight(record, sortie, facts, found, states, tuple(entries))


def only_state(found: Overflight, state: str) -> Overflight:
    """The same sortie, of which only what concerns one State is shown."""
    entries = tuple(entry for entry in found.entries if state in entry.states)
    states = {name: each for name, each in (found.states or {}).items() if name == state}
    return replace(found, entries=entries, states=states)
