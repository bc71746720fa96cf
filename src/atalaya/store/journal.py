"""The journal of a workspace: every act goes through it into the tamper-evident log.

    ledger.sqlite   the entries (bodies)          log/    tiles and checkpoint, for anyone to read
    salts.sqlite    their salts                   keys/   the log's key, and the policy that names its
    witnesses

Order of every append: salts and entries durable, tiles durable, checkpoint signed, checkpoint in place. Only
then is it acknowledged. A kill in between loses nothing acknowledged; what was already stored is signed at
the next opening. A checkpoint is never signed over entries that are not on the disk.
"""

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from atalaya.base.clock import now_us
from atalaya.base.errors import BadInput, NotFound, VerificationFailed
from atalaya.store.file_lock import locked
from atalaya.store.log_keys import log_key, read_policy
from atalaya.store.log_store import SqliteEntryStore
from atalaya.store.workspace import Workspace
from atalaya.trust import prover
from atalaya.trust.bundle import Bundle, Fact
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.entry import DELETION, SALT_BYTES, Act, commitment, entry_bytes
from atalaya.trust.entry_store import EntryStore, StoredEntry
from atalaya.trust.log_folder import LogFolder
from atalaya.trust.note import Note
from atalaya.trust.policy import Policy
from atalaya.trust.receipt import Receipt
from atalaya.trust.signature import sign_note, verified

GROUP = 1000
"""Entries that share a commit, their tiles and a checkpoint."""


class Journal:
    """One workspace's log, open for writing. Several processes and threads may each have one."""

    def __init__(
        self,
        root: Path,
        store: EntryStore,
        *,
        origin: str | None = None,
        clock: Callable[[], int] = now_us,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """See `open`; with an entry store of one's own."""
        self.root = root
        self.folder = LogFolder(root / "log")
        self._store = store
        self._clock, self._random = clock, random_bytes
        self._thread = threading.RLock()
        self._held = 0
        self._note: Note | None = None
        try:
            with self._locked():
                self.key = log_key(root, origin, random_bytes)
                self._catch_up()
                self._finish_deletions()
        except BaseException:
            store.close()
            raise

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        origin: str | None = None,
        clock: Callable[[], int] = now_us,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> "Journal":
        """The journal of the workspace at `root`; key, log and databases are made on first use.

        Args:
            origin: name of the log, given once, a schema-less URL of the operator ("agency.example/log");
                by default one made of a random id.
            clock: microseconds UTC.
            random_bytes: source of salts and of the key; must not be predictable.

        Raises:
            VerificationFailed: TRU-040, the tiles do not give the signed root; TRU-041, entries are missing
                that a signed checkpoint covers. Nothing is signed then.
            BadInput, AtalayaError: STO-001 to STO-006, TRU-016, TRU-017, TRU-042 (another origin).
        """
        Workspace.open(root)
        store = SqliteEntryStore(root / "ledger.sqlite", root / "salts.sqlite")
        return cls(root, store, origin=origin, clock=clock, random_bytes=random_bytes)

    def act(
        self,
        kind: str,
        body: dict[str, Any],
        *,
        actor: str,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
        policy: str = "",
        about: str = "",
    ) -> Receipt:
        """Log one act (see `trust.entry.Act`); when this returns it is durable, signed and published.

        Raises:
            BadInput: TRU-026, TRU-027, the act is not one that can be logged; nothing was.
            VerificationFailed, AtalayaError: as `open`.
        """
        one = Act(kind, body, actor, tuple(inputs), tuple(outputs), policy, about)
        with self._locked():
            return self.receipt(self._append([one]).start)

    def acts(self, acts: Iterable[Act], *, group: int = GROUP) -> range:
        """Log many acts, `group` at a time sharing a commit and a checkpoint; their indices.

        Other writers may come in between groups, so the range is without gaps only up to `group` acts.

        Raises:
            BadInput: TRU-026, TRU-027: groups before the broken one are logged, its own and later ones are
            not.
        """
        source, first, last = iter(acts), None, 0
        while part := list(islice(source, group)):
            with self._locked():
                logged = self._append(part)
            first, last = logged.start if first is None else first, logged.stop
        return range(first or 0, last)

    def entry(self, index: int) -> StoredEntry:
        """One entry; its bytes and salt are None once deleted.

        Raises:
            NotFound: TRU-043.
        """
        found = self._store.get(index)
        if found is None:
            raise NotFound("TRU-043", where=str(index))
        return found

    def entries(
        self, kind: str | None = None, about: str | None = None, start: int = 0
    ) -> Iterator[StoredEntry]:
        """Entries of a kind or about an object, in order."""
        return self._store.select(kind, about, start)

    def receipt(self, index: int) -> Receipt:
        """The offline receipt of an entry: to the latest cosigned checkpoint that covers it, else to the
        latest.

        Raises:
            NotFound: TRU-043.
        """
        with self._locked():
            return self._receipt(index, self.best_note(index))

    def _receipt(self, index: int, note: Note | None) -> Receipt:
        if note is None or not 0 <= index < self.folder.size:
            raise NotFound("TRU-043", where=str(index))
        size = Checkpoint.parse(note.text).size
        return Receipt(index, tuple(prover.inclusion(self.folder, index, 0, size)), note)

    def bundle(self, figures: Mapping[str, tuple[int, str]], entries: Iterable[int] = ()) -> Bundle:
        """Proofs of some entries and of every printed figure, to be written with `trust.bundle.write_bundle`.

        Args:
            figures: name -> (index of the entry, JSON pointer into it, for example "/body/days").
            entries: more entries to disclose whole, figures or not.

        Raises:
            NotFound: TRU-043, no such entry; TRU-045, it has been deleted.
            BadInput: TRU-037, there is no figure at a pointer; TRU-038, nothing is asked for.
        """
        wanted = sorted({index for index, _ in figures.values()} | set(entries))
        with self._locked():
            note = self.best_note(wanted[-1]) if wanted else self.note()
            facts = [self._fact(index, note) for index in wanted]
        place = {index: number for number, index in enumerate(wanted)}
        return Bundle.of(facts, {name: (place[index], at) for name, (index, at) in figures.items()})

    def _fact(self, index: int, note: Note) -> Fact:
        entry = self.entry(index)
        if entry.entry is None or entry.salt is None:
            raise NotFound("TRU-045", where=str(index))
        return Fact(entry.entry, entry.salt, self._receipt(index, note))

    def note(self) -> Note:
        """The latest signed checkpoint."""
        with self._locked():
            assert self._note is not None
            return self._note

    def keep_cosigned(self, note: Note) -> None:
        """Keep a checkpoint of this log with signatures of witnesses; the latest is published with them."""
        with self._locked():
            self.folder.keep_witnessed(note)
            if self._note is not None and note.text == self._note.text:
                self.folder.publish(note)
                self._note = note

    @property
    def size(self) -> int:
        """How many entries are signed."""
        return self.folder.size

    @property
    def policy(self) -> Policy:
        """Whose word is enough for this log's receipts, as the workspace states it."""
        return read_policy(self.root, self.key.verifier)

    def delete(self, index: int, reason: str, *, actor: str) -> Receipt | None:
        """Erase an entry's body, object and salt for good; that it was done, and why, is an entry of its own.

        The log verifies as before: its tree holds the commitment, which tells nothing without the salt. None
        where it had been deleted before; then only the erasing is done again.

        Raises:
            NotFound: TRU-043.
            BadInput: TRU-044, a deletion cannot be deleted.
            AtalayaError: TRU-046, another program still reads an older copy.
        """
        receipt = None
        with self._locked():
            entry = self.entry(index)
            if entry.kind == DELETION:
                raise BadInput("TRU-044", where=str(index))
            if not entry.erased:
                body = {"entry": index, "commitment": entry.commitment.hex(), "reason": reason}
                receipt = self.act(DELETION, body, actor=actor, about=deleted_name(index))
            self._store.erase(index)
        return receipt

    def close(self) -> None:
        """Give the databases back."""
        self._store.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only writer, of threads and processes, and know what others have written."""
        with self._thread:
            if self._held:
                yield
                return
            with locked(self.root / "log" / ".lock"):
                self._held += 1
                try:
                    if self._note is not None:
                        self._catch_up()
                    yield
                finally:
                    self._held -= 1

    def _append(self, acts: Sequence[Act]) -> range:
        start, t_us = self.folder.size, self._clock()
        salts = self._random(SALT_BYTES * len(acts))
        last: dict[str, int | None] = {}
        rows = []
        for number, act in enumerate(acts):
            salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
            prior = None
            if act.about:
                prior = last[act.about] if act.about in last else self._store.last_about(act.about)
                last[act.about] = start + number
            data = entry_bytes(act, t_us, prior)
            row = StoredEntry(start + number, act.kind, act.about, t_us, commitment(salt, data), data, salt)
            rows.append(row)
        self._store.append(rows)
        self._sign([row.commitment for row in rows])
        return range(start, start + len(rows))

    def _sign(self, commitments: Sequence[bytes]) -> None:
        """Tiles, then the signature, then the checkpoint in place."""
        try:
            self.folder.extend(commitments)
            checkpoint = Checkpoint(self.key.verifier.name, self.folder.size, self.folder.root_hash())
            note = Note(checkpoint.text, (sign_note(checkpoint.text, self.key),))
            self.folder.publish(note)
        except BaseException:
            self._note = Note(b"", ())  # what is on the disk is looked at anew before the next append
            raise
        self._note = note

    def _catch_up(self) -> None:
        """Take in what other processes have written, and finish what a kill left unsigned.

        Raises:
            VerificationFailed: TRU-030, TRU-031, TRU-040, TRU-041.
        """
        note = self.folder.note()
        if note is None:
            self.folder.load(0)
        elif note != self._note:
            self._load(note)
        self._note = note
        stored = self._store.count()
        if stored < self.folder.size:
            raise VerificationFailed("TRU-041", where=str(self.root), stored=stored, signed=self.folder.size)
        if stored > self.folder.size or note is None:
            self._sign(self._store.commitments(self.folder.size, stored))

    def _load(self, note: Note) -> None:
        verified(note, (self.key.verifier,))
        checkpoint = Checkpoint.parse(note.text)
        self.folder.load(checkpoint.size)
        if self.folder.root_hash() != checkpoint.root:
            raise VerificationFailed("TRU-040", where=str(self.folder.root))

    def _finish_deletions(self) -> None:
        """Erase what a kill left between the entry of a deletion and the erasing."""
        for deletion in self._store.select(kind=DELETION):
            index = int(deletion.about.removeprefix(deleted_name("")))
            target = self._store.get(index)
            if target is not None and not target.erased:
                self._store.erase(index)

    def best_note(self, index: int) -> Note:
        """The checkpoint that receipts of an entry lead to: the largest that covers it and that its witnesses
        have signed as the policy demands; where there is none yet, the latest.
        """
        policy = self.policy
        for note in self.folder.witnessed():
            covers = Checkpoint.parse(note.text).size > index
            if covers and len(note.signatures) > 1 and policy.accepts(note):
                return note
        return self.note()


def deleted_name(index: int | str) -> str:
    """What a deletion is about."""
    return f"entry:{index}"
