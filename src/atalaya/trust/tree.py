"""The Merkle tree in memory: one array of bytes per level, hashed once each, read in O(log n)."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from atalaya.base.errors import BadInput
from atalaya.trust import prover
from atalaya.trust.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash

NODE = 2 * HASH_BYTES


def leaf_level(entries: Iterable[bytes]) -> bytes:
    """Leaf hashes of some entries, joined."""
    hashed = sha256
    return b"".join([hashed(b"\x00" + entry).digest() for entry in entries])


def upper_level(level: bytes | bytearray | memoryview) -> bytes:
    """Hashes of the pairs of a level, joined; an odd one at the end is left out."""
    hashed = sha256
    data = bytes(level)
    ends = range(NODE, len(data) + 1, NODE)
    return b"".join([hashed(b"\x01" + data[end - NODE : end]).digest() for end in ends])


class Tree:
    """A growing Merkle tree.

    `levels[l]` holds the hashes of all complete subtrees of 2^l leaves, 32 bytes each; the incomplete ones
    along the right edge are hashed when first asked for and kept until the tree grows.
    """

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        self._levels: list[bytearray] = [bytearray()]
        self._edge: list[bytes | None] = []
        self.extend(entries)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0]) // HASH_BYTES

    @property
    def depth(self) -> int:
        """How many levels hold anything."""
        return len(self._levels)

    def level(self, depth: int) -> bytes:
        """Hashes of all complete subtrees of 2^depth leaves, joined."""
        return bytes(self._levels[depth])

    def append(self, entry: bytes) -> int:
        """Add one entry; its index."""
        index = self.size
        self.extend_hashes(leaf_hash(entry))
        return index

    def extend(self, entries: Iterable[bytes]) -> None:
        """Add entries, each level hashed once for all of them."""
        self.extend_hashes(leaf_level(entries))

    def extend_hashes(self, leaves: bytes) -> None:
        """Add leaves by their hashes, joined.

        Raises:
            BadInput: TRU-003, not a multiple of 32 bytes.
        """
        if len(leaves) % HASH_BYTES:
            raise BadInput("TRU-003", where=f"{len(leaves)}")
        levels, depth = self._levels, 0
        if leaves:
            self._edge = []
        while leaves:
            if depth == len(levels):
                levels.append(bytearray())
            level = levels[depth]
            level += leaves
            done = len(levels[depth + 1]) * 2 if depth + 1 < len(levels) else 0
            leaves = upper_level(level[done:]) if len(level) - done >= NODE else b""
            depth += 1

    def complete(self, level: int, index: int) -> bytes:
        """See `prover.Hashes`."""
        start = index * HASH_BYTES
        return bytes(self._levels[level][start : start + HASH_BYTES])

    def root(self, size: int | None = None) -> bytes:
        """Tree hash of the first `size` entries (default: all).

        Raises:
            BadInput: TRU-002, there are not so many.
        """
        if size is None or size == self.size:
            return self._edge_hashes()[-1] or EMPTY_ROOT
        if not 0 <= size <= self.size:
            raise BadInput("TRU-002", where=f"{size} of {self.size}")
        return prover.range_hash(self, 0, size)

    def _edge_hashes(self) -> list[bytes | None]:
        """For each level the hash of the incomplete subtree at its right end, None where there is none.

        The last is the root, None for an empty tree.
        """
        if self._edge:
            return self._edge
        size, below = self.size, None
        edge: list[bytes | None] = [None]
        for depth in range(size.bit_length()):
            level = self._levels[depth]
            if size >> depth & 1:
                last = bytes(level[-HASH_BYTES:])
                below = last if below is None else sha256(b"\x01" + last + below).digest()
            edge.append(below)
        self._edge = edge
        return edge

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Inclusion proof of a leaf in the first `size` entries (default: all), the leaf's sibling first.

        Raises:
            BadInput: TRU-001, there is no such leaf; TRU-002, there are not so many entries.
        """
        if size is not None and size != self.size:
            if size > self.size:
                raise BadInput("TRU-002", where=f"{size} of {self.size}")
            return prover.inclusion(self, index, 0, size)
        size = self.size
        if not 0 <= index < size:
            raise BadInput("TRU-001", where=f"{index} in [0, {size})")
        edge, proof = self._edge_hashes(), []
        for depth, level in enumerate(self._levels):
            if index == size >> depth:  # on the right edge: only a left sibling can follow
                if index & 1:
                    proof.append(bytes(level[(index - 1) * HASH_BYTES : index * HASH_BYTES]))
            else:
                start = (index ^ 1) * HASH_BYTES
                sibling = bytes(level[start : start + HASH_BYTES]) or edge[depth]
                if sibling:
                    proof.append(sibling)
            index >>= 1
        return proof

    def consistency(self, old_size: int, size: int | None = None) -> list[bytes]:
        """That the tree of `size` (default: all) begins with the one of `old_size`.

        Raises:
            BadInput: TRU-002, there are not so many entries.
        """
        return self.subtree_consistency(0, old_size, size) if old_size else []

    def subtree_inclusion(self, index: int, start: int, end: int) -> list[bytes]:
        """Inclusion proof of a leaf inside the subtree [start, end).

        Raises:
            BadInput: TRU-001, TRU-002.
        """
        self._within(end)
        return prover.inclusion(self, index, start, end)

    def subtree_consistency(self, start: int, end: int, size: int | None = None) -> list[bytes]:
        """That the subtree [start, end) is part of the tree of `size` (default: all).

        Raises:
            BadInput: TRU-002.
        """
        size = self.size if size is None else size
        self._within(size)
        return prover.subtree_consistency(self, start, end, size)

    def subtree_root(self, start: int, end: int) -> bytes:
        """Hash of the subtree [start, end).

        Raises:
            BadInput: TRU-002.
        """
        self._within(end)
        return prover.range_hash(self, start, end)

    def _within(self, end: int) -> None:
        if end > self.size:
            raise BadInput("TRU-002", where=f"{end} of {self.size}")


def root_of(entries: Sequence[bytes]) -> bytes:
    """Tree hash of some entries."""
    return Tree(entries).root()
