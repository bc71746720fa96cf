"""What every recording was collected under; a mark, once set, stays for ever: it stands in the log."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.base.clock import now_us
from atalaya.base.errors import NotFound
from atalaya.campaign.overflights import Assumptions, Overflight, overflights
from atalaya.campaign.registers import Registers, open_registers
from atalaya.law.gate import Answer, Ground, Verdict, may_release
from atalaya.law.gate.answer import decide
from atalaya.law.ledger.entry import LedgerEntry, LegalClass
from atalaya.store.catalogue import Catalogue, ClipRecord

COLLECTION = "collection"
"""Kind of the log entry that says what a recording was collected under."""

WITHOUT_MARK = frozenset({LegalClass.ELSEWHERE, LegalClass.WITHIN_TERMS})


@dataclass(frozen=True)
class Collected:
    """One recording and the seconds it was made in, by class; no entries where no sortie names it."""

    sha256: str
    sortie: str
    entries: tuple[LedgerEntry, ...]

    @property
    def is_marked(self) -> bool:
        """Whether some of it was collected outside terms, without authorisation, in dispute or in doubt."""
        return not self.entries or any(each.legal_class not in WITHOUT_MARK for each in self.entries)

    def body(self) -> dict[str, Any]:
        """What is logged."""
        spent: dict[str, int] = {}
        for each in self.entries:
            spent[str(each.legal_class)] = spent.get(str(each.legal_class), 0) + each.end_us - each.start_us
        milliseconds = {name: round(us / 1000) for name, us in sorted(spent.items())}
        return {"clip": self.sha256, "sortie": self.sortie, "marked": self.is_marked, "ms": milliseconds}


def mark_workspace(root: Path) -> tuple[int, int] | None:
    """Ask the gate of collection for every recording of a workspace that keeps a ledger, and log the answers.

    Returns:
        Recordings, and how many are marked; None where the workspace keeps no ledger of sorties.
    """
    if not (root / "ledger.sqlite").exists():
        return None
    with open_registers(root) as registers:
        registers.verify()
        register = registers.register()
        if not register.of_kind("sortie"):
            return None
        found = list(overflights(registers, register, now_us(), Assumptions()))
        catalogue = registers.workspace.catalogue()
        try:
            marked = mark_collections(registers, catalogue, found)
            return len(catalogue.clips()), len(marked)
        finally:
            catalogue.close()


def mark_collections(registers: Registers, catalogue: Catalogue, found: Sequence[Overflight]) -> set[str]:
    """Log what each recording was collected under, where that is new; the hashes of those that are marked.

    A recording that was marked once counts as marked, whatever later records say.
    """
    logged: dict[str, dict[str, Any]] = {}
    marked: set[str] = set()
    for body in _logged(registers):
        logged[body["clip"]] = body
        marked |= {body["clip"]} if body["marked"] else set()
    clips = catalogue.clips()
    for clip in clips:
        collected = collected_in(clip, found)
        if logged.get(clip.sha256) != collected.body():
            registers.act(COLLECTION, collected.body(), inputs=[clip.sha256], about=f"clip:{clip.sha256}")
        marked |= {clip.sha256} if collected.is_marked else set()
    return marked & {clip.sha256 for clip in clips}


def stores_claimed(catalogue: Catalogue, clips: Collection[str]) -> dict[str, int]:
    """What the metadata of some recordings say of stores: recordings looked at, and those that claim any.

    `silent` are those without sound metadata on it; silence is no proof, and is counted apart.
    """
    counts = {"checked": 0, "claim_stores": 0, "silent": 0}
    for sha256 in clips:
        known = catalogue.exploit(sha256, "repaired") or catalogue.exploit(sha256, "as-recorded")
        said = known.result.get("unarmed") if known else None
        if said is None:
            continue
        counts["checked"] += 1
        counts["claim_stores"] += said.get("asserted") is False
        counts["silent"] += said.get("asserted") is None
    return counts


def collected_in(clip: ClipRecord, found: Iterable[Overflight]) -> Collected:
    """The ledger entries of the seconds a recording was made in."""
    for each in found:
        if clip.sha256 not in each.sortie.clips:
            continue
        start_us, end_us = clip.start_us, clip.end_us
        if start_us is None or end_us is None:  # no clock: any second of the sortie may be its
            return Collected(clip.sha256, each.record.id, each.entries)
        inside = tuple(e for e in each.entries if e.start_us <= end_us and e.end_us > start_us)
        return Collected(clip.sha256, each.record.id, tuple(_cut(e, start_us, end_us) for e in inside))
    return Collected(clip.sha256, "", ())


def ask_release(
    registers: Registers, catalogue: Catalogue, clips: Sequence[str], known_us: int, assumptions: Assumptions
) -> Answer:
    """May what was made from these recordings be released?

    Args:
        clips: SHA-256 of recordings, or their beginnings.

    Raises:
        NotFound: LED-026, no such recording in the workspace.
    """
    registers.verify()
    known = catalogue.clips()
    found = list(overflights(registers, registers.register(), known_us, assumptions))
    mark_collections(registers, catalogue, found)
    ever = {body["clip"] for body in _logged(registers) if body["marked"]}
    grounds: list[Ground] = []
    for name in clips:
        chosen = [clip for clip in known if name and clip.sha256.startswith(name)]
        if len(chosen) != 1:
            raise NotFound("LED-026", where=name)
        grounds += may_release(collected_in(chosen[0], found).entries, known_us).grounds
        if chosen[0].sha256 in ever:
            grounds.append(Ground("LAW-038", Verdict.REFUSED, f"marked {chosen[0].sha256[:16]}"))
    answer = decide(grounds, known_us)
    registers.act("gate", {"release": list(clips), "verdict": str(answer.verdict)}, about="release")
    return answer


def _logged(registers: Registers) -> Iterable[dict[str, Any]]:
    for entry in registers.journal.entries(COLLECTION):
        if entry.entry is not None:
            body: dict[str, Any] = json.loads(entry.entry)["body"]
            yield body


def _cut(entry: LedgerEntry, start_us: int, end_us: int) -> LedgerEntry:
    """The part of an entry that lies in a recording; a photograph counts as one microsecond."""
    first, last = max(entry.start_us, start_us), min(entry.end_us, max(end_us, start_us + 1))
    return LedgerEntry(
        entry.sortie, entry.states, first, max(last, first + 1), entry.legal_class, entry.reasons
    )
