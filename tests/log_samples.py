"""Keys, logs and witnesses made from fixed seeds, for the tests of the log."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from atalaya.store.journal import Journal
from atalaya.trust import (
    Checkpoint,
    KeyType,
    Note,
    Signature,
    SigningKey,
    Tree,
    cosign,
    sign_note,
)
from atalaya.trust.witness import Seen, Witness

NOW_S = 1_700_000_000
EIGHT = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The classic eight entries."""

LOG = SigningKey("atalaya.example/ledger", KeyType.ED25519, bytes(range(32)))
W1 = SigningKey("witness.example/w1", KeyType.COSIGNATURE, bytes(range(32, 64)))
W2 = SigningKey("partner.example/w2", KeyType.ML_DSA_44, bytes(range(64, 96)))
W3 = SigningKey("state.example/w3", KeyType.COSIGNATURE, bytes(range(96, 128)))


def signed(
    checkpoint: Checkpoint, *witnesses: SigningKey, key: SigningKey = LOG, time_s: int = NOW_S
) -> Note:
    """A checkpoint signed by the log and some witnesses."""
    lines: list[Signature] = [sign_note(checkpoint.text, key)]
    return Note(checkpoint.text, (*lines, *(cosign(checkpoint.text, w, time_s) for w in witnesses)))


def state(tree: Tree, origin: str = LOG.verifier.name) -> Checkpoint:
    return Checkpoint(origin, tree.size, tree.root())


class Memory:
    """A `WitnessMemory` in a dictionary."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}

    def latest(self, origin: str) -> Seen | None:
        return self.seen.get(origin)

    def replace(self, origin: str, before: Seen | None, after: Seen) -> bool:
        if self.seen.get(origin) != before:
            return False
        self.seen[origin] = after
        return True


def watcher(*keys: SigningKey, clock_s: Callable[[], int] = lambda: NOW_S) -> Witness:
    return Witness(keys or (W1,), (LOG.verifier,), Memory(), clock_s)


def seeded(seed: int) -> Callable[[int], bytes]:
    """Bytes that look random and are not, so that a test can be repeated."""
    return np.random.default_rng(seed).bytes


def journal(root: Path, seed: int = 1) -> Journal:
    """A journal whose clock ticks by the second and whose salts repeat."""
    ticks = itertools.count(NOW_S * 1_000_000, 1_000_000)
    return Journal.open(root, origin=LOG.verifier.name, clock=lambda: next(ticks), random_bytes=seeded(seed))
