"""The port behind which entries and their salts are kept, whichever database does it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry at rest.

    Args:
        index: its place in the log.
        kind, about, t_us: copies out of the entry, to look for; `about` is "" once the entry is erased.
        commitment: what stands in the tree, 32 bytes.
        entry: the bytes that were hashed; None once erased.
        salt: 32 bytes; None once erased.
    """

    index: int
    kind: str
    about: str
    t_us: int
    commitment: bytes
    entry: bytes | None
    salt: bytes | None

    @property
    def erased(self) -> bool:
        """Whether body and salt are gone for good."""
        return self.entry is None and self.salt is None


class EntryStore(Protocol):
    """Entries by index, appended and never changed but by `erase`."""

    def count(self) -> int:
        """How many entries there are."""

    def append(self, entries: Sequence[StoredEntry]) -> None:
        """Keep entries that follow the last; all or none, and on return a power cut does not take them."""

    def get(self, index: int) -> StoredEntry | None:
        """One entry."""

    def commitments(self, start: int, end: int) -> list[bytes]:
        """Commitments of the entries [start, end)."""

    def select(
        self, kind: str | None = None, about: str | None = None, start: int = 0
    ) -> Iterator[StoredEntry]:
        """Entries of a kind or about an object, from an index on, in order."""

    def last_about(self, about: str) -> int | None:
        """Index of the last entry about an object."""

    def erase(self, index: int) -> None:
        """Overwrite body, object and salt of an entry in every file; again where it was done before."""

    def close(self) -> None:
        """Give the database back."""
