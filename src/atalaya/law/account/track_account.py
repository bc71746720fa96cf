"""The account of a track against several boundary layers at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from atalaya.base.clock import iso
from atalaya.earth.track import Integrity, Track, integrity_of
from atalaya.law.account.compare import Comparison, compared, state_of
from atalaya.law.account.intervals import Standing
from atalaya.law.account.nearby import areas_near
from atalaya.law.account.options import AccountOptions
from atalaya.law.account.path import Claims, Path, believed_path, claims_of
from atalaya.law.account.port import Index
from atalaya.law.account.state_account import StateAccount, state_account

SCHEMA = "atalaya.track-account/1"


@dataclass(frozen=True)
class Account:
    """Where a track stood towards every State it may have touched, by every layer asked.

    track: as read. integrity: what of it is believed. path: its believed fixes, with heights by `rows`
    states: one per State and layer, in the order of the layers
    comparisons: per State, how far the answer moves between layers
    options: what was assumed
    """

    track: Track
    integrity: Integrity
    path: Path
    states: tuple[StateAccount, ...]
    comparisons: tuple[Comparison, ...]
    options: AccountOptions

    @property
    def total_s(self) -> float:
        """Seconds from the first to the last moment of the record: what every table of intervals sums to."""
        return (self.path.end_us - self.path.start_us) / 1e6

    def of(self, state: str, layer: str) -> StateAccount | None:
        """The account for one State by one layer; None where it cannot have been touched."""
        chosen = (one for one in self.states if one.state == state and one.layer == layer)
        return next(chosen, None)

    def touched(self) -> dict[str, Standing]:
        """State -> the strongest standing any layer gives."""
        return {one.state: one.strongest for one in self.comparisons}

    def as_json(self) -> dict[str, object]:
        """The account as plain values, without the fixes."""
        path = self.path
        return {
            "schema": SCHEMA,
            "source": self.track.source,
            "sha256": self.track.sha256,
            "format": self.track.format,
            "aircraft": self.track.aircraft,
            "callsigns": list(self.track.callsigns),
            "start": iso(path.start_us),
            "end": iso(path.end_us),
            "total_s": round(self.total_s, 3),
            "assumptions": {
                **self.options.as_json(),
                "speed_bound_mps": round(path.speed_mps, 3),
                "speed_bound_source": path.speed_source,
                "fixes_of_assumed_containment": path.assumed,
            },
            "integrity": self.integrity.as_json(),
            "findings": [finding.as_json() for finding in self.track.findings],
            "states": [one.as_json() for one in self.states],
            "between_layers": [one.as_json() for one in self.comparisons],
        }


def account(track: Track, indexes: Sequence[Index], options: AccountOptions | None = None) -> Account:
    """Account for a track.

    Args:
        indexes: boundary layers, the one the answer is read from first.

    Raises:
        BadInput: ACC-002, no fix of the track can be believed.
    """
    options = options or AccountOptions()
    integrity = integrity_of(track, options.limits)
    path, claims = believed_path(track, integrity, options), claims_of(track, integrity)
    made: list[StateAccount] = []
    for index in indexes:
        areas = _areas(index, path, claims, options)
        made += [state_account(index, area, path, claims, options) for area in areas]
    touched = {state_of(one.state) for one in made if _concerned(one)}
    kept = [one for one in made if options.states or state_of(one.state) in touched]
    return Account(track, integrity, path, tuple(kept), compared(kept), options)


def _concerned(one: StateAccount) -> bool:
    return one.verdict != Standing.CERTAIN_OUTSIDE or one.quarantined_s > 0.0


def _areas(index: Index, path: Path, claims: Claims, options: AccountOptions) -> list[int]:
    if options.states:
        return [
            number for number, code in enumerate(index.areas) if {code, state_of(code)} & set(options.states)
        ]
    return areas_near(index, path, claims, options)
