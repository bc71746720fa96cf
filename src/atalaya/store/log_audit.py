"""Check a workspace's whole log: signatures, tiles, every entry against its commitment, witnesses, deletions.

Reads only. What is found is told as findings; the log holds where none of them is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atalaya.base.errors import NotFound
from atalaya.base.finding import Finding, Severity, merged
from atalaya.store.entries_check import EntriesCheck
from atalaya.store.log_keys import read_policy, verifier_key
from atalaya.store.log_store import SqliteEntryStore
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.entry_store import EntryStore
from atalaya.trust.folder_check import FolderCheck, check_folder
from atalaya.trust.keys import VerifierKey
from atalaya.trust.log_folder import LogFolder
from atalaya.trust.note import Note
from atalaya.trust.policy import LATE_S, Policy
from atalaya.trust.signature import Signed, verified


@dataclass(frozen=True, slots=True)
class Audit:
    """What was checked and what was found.

    Args:
        checkpoint: the signed state that was checked against.
        files: tiles and bundles recomputed.
        entries: bodies that were hashed again; erased: entries whose body was deleted on record.
        unsigned: entries stored beyond the checkpoint, as a kill leaves them; signed at the next opening.
        cosigned: for each witness the largest size it signed, and when (POSIX seconds).
        covered: how many entries the largest checkpoint covers that meets the policy; None without witnesses.
        findings: errors first.
    """

    checkpoint: Checkpoint
    files: int
    entries: int
    erased: int
    unsigned: int
    cosigned: dict[str, tuple[int, int]]
    covered: int | None
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts the signed log."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def audit_workspace(root: Path, policy: Policy | None = None, now_s: int | None = None) -> Audit:
    """Check everything that a workspace's log states.

    Args:
        policy: whose word is enough; by default the workspace's own file, which proves less: whoever can
            rewrite the log can rewrite that.
        now_s: the present, POSIX seconds.

    Raises:
        NotFound: TRU-058, there is no log.
        BadInput: its checkpoint is none (TRU-018 to TRU-021).
        VerificationFailed: TRU-030 to TRU-032, the log did not sign it.
    """
    folder = LogFolder(root / "log")
    note = folder.note()
    if note is None:
        raise NotFound("TRU-058", where=str(root))
    policy = policy or read_policy(root, verifier_key(root))
    logs = Policy(policy.logs)
    checkpoint = logs.check(note).checkpoint
    store = SqliteEntryStore(root / "ledger.sqlite", root / "salts.sqlite", writable=False)
    try:
        return _audit(folder, store, note, checkpoint, policy, now_s)
    finally:
        store.close()


def _audit(
    folder: LogFolder,
    store: EntryStore,
    note: Note,
    checkpoint: Checkpoint,
    policy: Policy,
    now_s: int | None,
) -> Audit:
    findings: list[Finding] = []
    notes = list(_witnessed(folder, policy, findings))
    old = [Checkpoint.parse(kept.text) for kept in notes]
    check = check_folder(folder.root, checkpoint, old)
    findings += _about_files(check, old)
    seen = EntriesCheck(folder, checkpoint.size)
    findings += seen.check(store)
    cosigned, covered = _cosignatures((note, *notes), policy, now_s, findings)
    return Audit(
        checkpoint,
        check.files,
        seen.hashed,
        seen.erased,
        max(0, store.count() - checkpoint.size),
        cosigned,
        covered if policy.witnesses else None,
        tuple(merged(findings)),
    )


def _about_files(check: FolderCheck, old: list[Checkpoint]) -> Iterator[Finding]:
    if not check.fits:
        yield _error("TRU-040", "log")
    yield from (_error("TRU-036", name) for name in check.damaged)
    yield from (_error("TRU-059", name) for name in check.strange)
    for one, begins in zip(old, check.older, strict=True):
        if not begins:
            yield _error("TRU-060", str(one.size))


def _witnessed(folder: LogFolder, policy: Policy, findings: list[Finding]) -> Iterator[Note]:
    """Kept checkpoints that the log and the witnesses did sign; the others become findings."""
    findings += [_error("TRU-060", str(size)) for size in folder.broken_witnessed()]
    logs = Policy(policy.logs, policy.witnesses)
    for note in folder.witnessed():
        if logs.accepts(note):
            yield note
        else:
            findings.append(_error("TRU-060", note.text.decode().split("\n")[1]))


def _cosignatures(
    notes: tuple[Note, ...], policy: Policy, now_s: int | None, findings: list[Finding]
) -> tuple[dict[str, tuple[int, int]], int]:
    """For each witness what it signed last, and how many entries are covered as the policy demands."""
    last: dict[str, tuple[int, int]] = {}
    covered = 0
    keys = tuple(policy.witnesses.values())
    for note in notes:
        size = Checkpoint.parse(note.text).size
        for signed in _held(note, keys):
            assert signed.time_s is not None
            if now_s is not None and signed.time_s > now_s + LATE_S:
                findings.append(_error("TRU-034", signed.key.name))
            last[signed.key.name] = max(last.get(signed.key.name, (0, 0)), (size, signed.time_s))
        if policy.accepts(note):
            covered = max(covered, size)
    return last, covered


def _held(note: Note, keys: tuple[VerifierKey, ...]) -> tuple[Signed, ...]:
    """The cosignatures of a note that has been checked before."""
    names = {(line.name, line.key_id) for line in note.signatures}
    wanted = [key for key in keys if (key.name, key.key_id) in names]
    return verified(note, wanted) if wanted else ()


def _error(code: str, where: str) -> Finding:
    return Finding(code, Severity.ERROR, where=where)
