"""Proof files of entries: one receipt, or a bundle of facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from atalaya.base.errors import NotFound
from atalaya.store.journal import Journal
from atalaya.trust.bundle import write_bundle
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.durable import replace_durable
from atalaya.trust.receipt import SUFFIX

ENTRY_SUFFIX = ".entry"


@dataclass(frozen=True, slots=True)
class Proved:
    """How many facts were proved, how many erased ones left out, to which checkpoint, and whether its
    witnesses have signed as the workspace's policy demands (False where it names none).
    """

    facts: int
    erased: int
    checkpoint: Checkpoint
    witnessed: bool


def prove_entries(workspace: Path, entries: Sequence[int] | None, output: Path) -> Proved:
    """Write proofs of entries (None: of all that are not erased).

    An output called `*.tlog-proof` becomes the receipt of one entry, its salt in the `extra` line, with the
    entry's bytes beside it (`.entry`); any other a bundle (`atalaya.bundle/1`).

    Raises:
        NotFound: TRU-043, no such entry; TRU-045, it is erased; TRU-058, there is no log.
        AtalayaError: TRU-016, the output cannot be written.
    """
    if not (workspace / "log" / "checkpoint").exists():
        raise NotFound("TRU-058", where=str(workspace))
    with Journal.open(workspace) as journal:
        erased = 0
        if entries is None:
            stored = list(journal.entries())
            entries = [entry.index for entry in stored if not entry.erased]
            erased = len(stored) - len(entries)
        if not entries:
            raise NotFound("TRU-043", where=str(workspace))
        bundle = journal.bundle({}, entries)
        note = bundle.facts[0].receipt.note
        if output.suffix == SUFFIX:
            fact = bundle.facts[0]
            replace_durable(output.with_suffix(ENTRY_SUFFIX), fact.entry)
            replace_durable(output, replace(fact.receipt, extra=fact.salt).as_bytes)
        else:
            write_bundle(output, bundle)
        witnessed = bool(journal.policy.witnesses) and journal.policy.accepts(note)
        return Proved(len(bundle.facts), erased, Checkpoint.parse(note.text), witnessed)
