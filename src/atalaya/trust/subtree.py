"""Proofs about subtrees [start, end) of a log: bundles and partial copies (IETF merkle-tree-certs draft)."""

from collections.abc import Sequence

from atalaya.trust.merkle import EMPTY_ROOT, node_hash, verify_inclusion


def valid_subtree(start: int, end: int) -> bool:
    """Whether [start, end) is a subtree: not empty, start a multiple of the next power of two >= its
    width.
    """
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` leads from a leaf hash at `index` of the log to the root of its subtree [start,
    end).
    """
    if not valid_subtree(start, end) or not start <= index < end:
        return False
    return verify_inclusion(index - start, end - start, leaf, proof, root)


def verify_subtree_consistency(
    start: int, end: int, size: int, proof: Sequence[bytes], subtree_root: bytes, root: bytes
) -> bool:
    """Whether the subtree [start, end) with `subtree_root` is part of the tree of `size` with `root`."""
    if start == end:
        return end <= size and not proof and subtree_root == EMPTY_ROOT
    if not valid_subtree(start, end) or end > size:
        return False
    fn, sn, tn = start, end - 1, size - 1
    if sn == tn:
        while fn != sn:
            fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    else:
        while fn != sn and sn & 1:
            fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    rest = list(proof)
    if fn == sn:
        fr = sr = subtree_root
    elif rest:
        fr = sr = rest.pop(0)
    else:
        return False
    return _climb(fn, sn, tn, fr, sr, rest) == (0, subtree_root, root)


def _climb(fn: int, sn: int, tn: int, fr: bytes, sr: bytes, proof: list[bytes]) -> tuple[int, bytes, bytes]:
    """Fold the rest of a proof into both roots; a leftover of the last number means that it was too short."""
    for c in proof:
        if tn == 0:
            return -1, fr, sr
        if sn & 1 or sn == tn:
            if fn < sn:
                fr = node_hash(c, fr)
            sr = node_hash(c, sr)
            while not sn & 1 and sn:
                fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    return tn, fr, sr
