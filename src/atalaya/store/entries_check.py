"""Every stored entry against the commitment that the log's own files hold for it."""

from collections.abc import Iterator

from atalaya.base.errors import AtalayaError
from atalaya.base.finding import Finding, Severity
from atalaya.trust.entry import DELETION, commitment, read_entry
from atalaya.trust.entry_store import EntryStore, StoredEntry
from atalaya.trust.log_folder import LogFolder
from atalaya.trust.tiles import TILE_WIDTH


class EntriesCheck:
    """One pass over the entries that a checkpoint covers.

    Attributes:
        hashed: how many bodies were hashed again.
        erased: how many have no body any more.
    """

    def __init__(self, folder: LogFolder, size: int) -> None:
        self.hashed = self.erased = 0
        self._folder, self._size = folder, size
        folder.size = size
        self._bundle: list[bytes] = []
        self._last: dict[str, int] = {}
        self._gone: set[int] = set()
        self._deleted: set[int] = set()

    def check(self, store: EntryStore) -> Iterator[Finding]:
        """TRU-061 entries missing, TRU-062 changed, TRU-063 erased without record, TRU-064 not yet erased."""
        expected = 0
        for entry in store.select():
            if entry.index >= self._size:
                break
            if entry.index != expected:
                yield _missing(expected, entry.index)
            if not self._good(entry):
                yield Finding("TRU-062", Severity.ERROR, where=str(entry.index))
            expected = entry.index + 1
        if expected < self._size:
            yield _missing(expected, self._size)
        for index in sorted(self._gone - self._deleted):
            yield Finding("TRU-063", Severity.ERROR, where=str(index))
        for index in sorted(self._deleted - self._gone):
            yield Finding("TRU-064", Severity.WARNING, where=str(index))

    def _good(self, entry: StoredEntry) -> bool:
        if self._logged(entry.index) != entry.commitment:
            return False
        if entry.entry is None or entry.salt is None:
            self.erased += 1
            self._gone.add(entry.index)
            return True
        self.hashed += 1
        try:
            same = commitment(entry.salt, entry.entry) == entry.commitment
            return same and self._told(entry, entry.entry)
        except AtalayaError:
            return False

    def _told(self, entry: StoredEntry, data: bytes) -> bool:
        """Whether the columns, and the chain of entries about one object, are what the entry itself says."""
        read = read_entry(data)
        if read.act.kind == DELETION:
            self._deleted.add(int(read.act.body["entry"]))
        prior = self._last.get(read.act.about)
        if read.act.about:
            self._last[read.act.about] = entry.index
        stated = (read.act.kind, read.act.about, read.t_us) == (entry.kind, entry.about, entry.t_us)
        return stated and (read.prior == prior or read.prior in self._gone)

    def _logged(self, index: int) -> bytes | None:
        """The commitment in the log's own files; None where they are damaged."""
        number, place = divmod(index, TILE_WIDTH)
        if place == 0:
            try:
                self._bundle = self._folder.bundle(number)
            except AtalayaError:
                self._bundle = []
        return self._bundle[place] if place < len(self._bundle) else None


def _missing(start: int, end: int) -> Finding:
    return Finding("TRU-061", Severity.ERROR, end - start, str(start))
