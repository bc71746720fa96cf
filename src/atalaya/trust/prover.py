"""Proofs out of any store of hashes: what a tree in memory and a folder of tiles have in common.

A store gives the hash of a complete subtree: `complete(level, index)` covers the leaves
[index * 2^level, (index + 1) * 2^level). Everything else follows from those (RFC 6962 section 2.1.1, 2.1.2).
"""

from typing import Protocol

from atalaya.base.errors import BadInput
from atalaya.trust.merkle import EMPTY_ROOT, node_hash, split
from atalaya.trust.subtree import valid_subtree


class Hashes(Protocol):
    """Hashes of the complete subtrees of a log."""

    def complete(self, level: int, index: int) -> bytes:
        """Hash over the leaves [index * 2^level, (index + 1) * 2^level), 32 bytes."""


def range_hash(hashes: Hashes, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of a valid subtree, or of nothing."""
    if start == end:
        return EMPTY_ROOT
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return hashes.complete(level, start >> level)
    middle = start + split(width)
    return node_hash(range_hash(hashes, start, middle), range_hash(hashes, middle, end))


def inclusion(hashes: Hashes, index: int, start: int, end: int) -> list[bytes]:
    """PATH(index - start, D[start:end]), the leaf's sibling first.

    Raises:
        BadInput: TRU-001, there is no such leaf.
    """
    if not (start <= index < end and valid_subtree(start, end)):
        raise BadInput("TRU-001", where=f"{index} in [{start}, {end})")
    proof = []
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            proof.append(range_hash(hashes, middle, end))
            end = middle
        else:
            proof.append(range_hash(hashes, start, middle))
            start = middle
    return proof[::-1]


def subtree_consistency(hashes: Hashes, start: int, end: int, size: int) -> list[bytes]:
    """SSUB(start, end, D[0:size]): that the subtree [start, end) is part of the tree of `size`.

    With start = 0 it is the consistency proof PROOF(end, D[0:size]) of RFC 6962.

    Raises:
        BadInput: TRU-002, no such subtree.
    """
    if not valid_subtree(start, end) or end > size:
        raise BadInput("TRU-002", where=f"[{start}, {end}) of {size}")
    low, high, known = 0, size, True
    proof = []
    while (start, end) != (low, high):
        middle = low + split(high - low)
        if end <= middle:
            proof.append(range_hash(hashes, middle, high))
            high = middle
        elif start >= middle:
            proof.append(range_hash(hashes, low, middle))
            low = middle
        else:  # start == low: the subtree goes over the middle, what is left of it is proved apart
            proof.append(range_hash(hashes, low, middle))
            low = start = middle
            known = False
    if not known:
        proof.append(range_hash(hashes, low, high))
    return proof[::-1]


def consistency(hashes: Hashes, old_size: int, size: int) -> list[bytes]:
    """PROOF(old_size, D[0:size]): that the tree of `size` begins with the one of `old_size`; [] from nothing.

    Raises:
        BadInput: TRU-002, the old size is larger.
    """
    return [] if old_size == 0 else subtree_consistency(hashes, 0, old_size, size)
