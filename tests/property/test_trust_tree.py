"""Laws of the tree: what it proves its verifier accepts, at every size; nothing else is accepted."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.trust import (
    LogFolder,
    Tree,
    leaf_hash,
    prover,
    valid_subtree,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from atalaya.trust.folder_check import check_folder
from atalaya.trust.merkle import EMPTY_ROOT, node_hash, split
from tests.log_samples import state

ENTRIES = [bytes([number]) * (number % 5) for number in range(64)]


def by_definition(entries: list[bytes]) -> bytes:
    """MTH as RFC 6962 writes it."""
    if not entries:
        return EMPTY_ROOT
    if len(entries) == 1:
        return leaf_hash(entries[0])
    middle = split(len(entries))
    return node_hash(by_definition(entries[:middle]), by_definition(entries[middle:]))


@pytest.mark.proves("LOG-002")
def test_every_inclusion_and_consistency_proof_to_64() -> None:
    whole = Tree(ENTRIES)
    for size in range(65):
        tree = Tree(ENTRIES[:size])
        assert tree.root() == whole.root(size) == by_definition(ENTRIES[:size])
        for index in range(size):
            proof = tree.inclusion(index)
            assert proof == whole.inclusion(index, size) == prover.inclusion(whole, index, 0, size)
            assert verify_inclusion(index, size, leaf_hash(ENTRIES[index]), proof, tree.root())
            assert not verify_inclusion(index + 1, size, leaf_hash(ENTRIES[index]), proof, tree.root())
        for old in range(1, size + 1):
            proof = whole.consistency(old, size)
            assert verify_consistency(old, size, proof, whole.root(old), tree.root())
            assert not verify_consistency(old, size, [*proof, EMPTY_ROOT], whole.root(old), tree.root())


@pytest.mark.proves("LOG-002")
def test_every_subtree_to_40() -> None:
    tree = Tree(ENTRIES)
    for size in range(1, 41):
        for end in range(1, size + 1):
            for start in (start for start in range(end) if valid_subtree(start, end)):
                root = by_definition(ENTRIES[start:end])
                assert tree.subtree_root(start, end) == root
                proof = tree.subtree_consistency(start, end, size)
                assert verify_subtree_consistency(start, end, size, proof, root, tree.root(size))
                assert not verify_subtree_consistency(start, end, size, proof, EMPTY_ROOT, tree.root(size))
    for end in range(1, 41):
        for start in (start for start in range(end) if valid_subtree(start, end)):
            root = tree.subtree_root(start, end)
            for index in range(start, end):
                proof = tree.subtree_inclusion(index, start, end)
                leaf = leaf_hash(ENTRIES[index])
                assert verify_subtree_inclusion(index, start, end, leaf, proof, root)


@pytest.mark.proves("LOG-002")
@given(st.lists(st.integers(0, 700), max_size=6), st.data())
@settings(max_examples=25, deadline=None)
def test_growing_in_any_steps_gives_the_same_tree_and_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], data: st.DataObject
) -> None:
    entries = [number.to_bytes(3, "big") for number in range(sum(steps))]
    grown, done, root = Tree(), 0, Path(tmp_path_factory.mktemp("log"))
    folder = LogFolder(root)
    for step in steps:
        grown.extend(entries[done : done + step])
        folder.extend(entries[done : done + step])
        done += step
        again = LogFolder(root)  # what a process sees that opens the files now
        again.load(done)
        assert again.root_hash() == grown.root() == Tree(entries[:done]).root()
        folder = data.draw(st.sampled_from([folder, again]))
    if done:
        index = data.draw(st.integers(0, done - 1))
        assert prover.inclusion(folder, index, 0, done) == grown.inclusion(index)
        old = data.draw(st.integers(1, done))
        assert prover.consistency(folder, old, done) == grown.consistency(old)
    check = check_folder(root, state(grown))
    assert check.good
    assert (check.unsigned, check.strange) == ((), ())
