"""Random attacks on a log, and whether verifier or witness finds them; the tests run some, soak all."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np

from atalaya.trust import LogFolder, Policy, Receipt, Tree, commitment, leaf_hash
from atalaya.trust.witness import Request, Witness
from tests.log_samples import LOG, W1, Memory, signed, state
from tests.verifier import load

BODY = b'{"about":"","actor":"a","body":{"n":%d},"kind":"k"}'


@dataclass
class Target:
    """A log of some entries on disk, witnessed up to `old`, as those who check it know it."""

    root: Path
    rng: np.random.Generator
    entries: list[bytes] = field(default_factory=list)
    old: int = 0

    def __post_init__(self) -> None:
        self.seconds = itertools.count(1_700_000_000)
        self.memory = Memory()
        self.witness = Witness((W1,), (LOG.verifier,), self.memory, lambda: next(self.seconds))
        self.folder = LogFolder(self.root / "log")
        self.tree = Tree()
        self.bodies: list[tuple[bytes, bytes]] = []
        self.policy = Policy.k_of_n(LOG.verifier, (), 0)
        self.verifier: ModuleType = load()

    def grow(self, count: int) -> int:
        """Append honestly and have it witnessed; the witness's status."""
        new = [
            (self.rng.bytes(32), BODY % number) for number in range(self.tree.size, self.tree.size + count)
        ]
        self.bodies += new
        made = [commitment(salt, body) for salt, body in new]
        self.entries += made
        self.tree.extend(made)
        self.folder.extend(made)
        note = signed(state(self.tree))
        self.folder.publish(note)
        request = Request(self.old, tuple(self.tree.consistency(self.old)), note)
        answer = self.witness.add_checkpoint(request.as_bytes)
        self.old = self.tree.size
        self.folder.keep_witnessed(note)
        return answer.status

    def holds(self) -> bool:
        """What a stranger finds who recomputes the folder and knows what the witness signed last."""
        checks = self.verifier.Verifier(self.policy.text)
        seen = self.memory.latest(LOG.verifier.name)
        assert seen is not None
        try:
            state_now = checks.log(self.root / "log", self.root / "log" / "witnessed" / str(seen.size))
        except Exception:  # noqa: BLE001  whatever the verifier trips over, it did not accept
            return False
        return bool(state_now[1] >= seen.size)


def flip_file(target: Target) -> bool:
    """One bit of one file that the checkpoint covers, or of the checkpoint."""
    rng = target.rng
    files = sorted(path for path in (target.root / "log").rglob("*") if path.is_file())
    size = target.tree.size
    files = [path for path in files if path.parent.suffix != ".p" or path.name == str(_width(path, size))]
    files = [path for path in files if path.parent.name != "witnessed" or path.name == str(size)]
    path = files[rng.integers(len(files))]
    data = bytearray(path.read_bytes())
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    return _changed(target, path, bytes(data))


def cut_file(target: Target) -> bool:
    """A tile cut short, emptied or with something behind it."""
    rng = target.rng
    name = f"tile/{('0', 'entries')[rng.integers(2)]}/000"
    path = target.root / "log" / name
    data = path.read_bytes()
    changed = (data[: rng.integers(len(data))], b"", data + bytes(2))[rng.integers(3)]
    return _changed(target, path, changed)


def flip_body(target: Target) -> bool:
    """One bit of a disclosed body or salt, or of its receipt."""
    rng = target.rng
    index = int(rng.integers(target.tree.size))
    salt, body = target.bodies[index]
    data = bytearray(salt + body)
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    receipt = Receipt(index, tuple(target.tree.inclusion(index)), signed(state(target.tree)))
    try:
        receipt.check(leaf_hash(commitment(bytes(data[:32]), bytes(data[32:]))), target.policy)
    except Exception:  # noqa: BLE001  any refusal counts
        return True
    return False


def flip_receipt(target: Target) -> bool:
    """One bit of a receipt's file; harmless only where it names the same proof."""
    rng = target.rng
    index = int(rng.integers(target.tree.size))
    receipt = Receipt(index, tuple(target.tree.inclusion(index)), signed(state(target.tree)))
    data = bytearray(receipt.as_bytes)
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    try:
        Receipt.parse(bytes(data)).check(leaf_hash(target.entries[index]), target.policy)
    except Exception:  # noqa: BLE001  any refusal counts
        return True
    return False


def rewritten(change: Callable[[np.random.Generator, list[bytes], int], None]) -> Callable[[Target], bool]:
    """An attack by someone who holds the log's key: history before the witnessed size is changed, all is
    hashed and signed anew, and the witness is asked to go on.
    """

    def attack(target: Target) -> bool:
        entries = list(target.entries)
        change(target.rng, entries, target.old)
        entries += [target.rng.bytes(32) for _ in range(int(target.rng.integers(0, 20)))]
        return _refused(target, Tree(entries))

    return attack


def _replace(rng: np.random.Generator, entries: list[bytes], old: int) -> None:
    entries[rng.integers(old)] = rng.bytes(32)


def _delete(rng: np.random.Generator, entries: list[bytes], old: int) -> None:
    del entries[rng.integers(old)]


def _insert(rng: np.random.Generator, entries: list[bytes], old: int) -> None:
    entries.insert(int(rng.integers(old)), rng.bytes(32))


def _swap(rng: np.random.Generator, entries: list[bytes], old: int) -> None:
    one, other = rng.choice(old, 2, replace=False)
    entries[one], entries[other] = entries[other], entries[one]


def roll_back(target: Target) -> bool:
    """An older copy of the log goes on as if nothing had been."""
    size = int(target.rng.integers(1, target.old))
    entries = target.entries[:size] + [target.rng.bytes(32) for _ in range(int(target.rng.integers(0, 40)))]
    return _refused(target, Tree(entries))


def fork(target: Target) -> bool:
    """Another history of the same size, or one that goes on from it."""
    size = int(target.rng.integers(0, target.old))
    entries = target.entries[:size] + [target.rng.bytes(32) for _ in range(target.old - size)]
    return _refused(target, Tree(entries))


ATTACKS: dict[str, Callable[[Target], bool]] = {
    "bit of a file": flip_file,
    "cut file": cut_file,
    "bit of a body": flip_body,
    "bit of a receipt": flip_receipt,
    "replacement": rewritten(_replace),
    "deletion": rewritten(_delete),
    "insertion": rewritten(_insert),
    "reordering": rewritten(_swap),
    "rollback": roll_back,
    "fork": fork,
}


def run_attacks(root: Path, rng: np.random.Generator, count: int) -> tuple[Counter[str], Counter[str]]:
    """(attacks made, attacks not found), by kind."""
    target = Target(root, rng)
    target.grow(300)
    made: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    names = list(ATTACKS)
    for number in range(count):
        if number % 500 == 499 and target.tree.size < 1200:
            assert target.grow(int(rng.integers(1, 90))) == 200
        name = names[rng.integers(len(names))]
        made[name] += 1
        missed[name] += not ATTACKS[name](target)
        if number % 500 == 0:
            assert target.holds(), "what was attacked is whole again"
    return made, +missed


def run_honest(root: Path, rng: np.random.Generator, count: int) -> int:
    """False alarms in a number of honest updates, each witnessed; now and then recomputed whole."""
    target, alarms = Target(root, rng), 0
    for number in range(count):
        alarms += target.grow(int(rng.choice([1, 1, 2, 7]))) != 200
        if number % 500 == 0:
            alarms += not target.holds()
    return alarms


def _refused(target: Target, tree: Tree) -> bool:
    """Whether the witness refuses a tree, whatever old size and proof the attacker tells it."""
    seen = target.memory.latest(LOG.verifier.name)
    for old in {target.old, min(target.old, tree.size), int(target.rng.integers(0, tree.size + 1))}:
        proof = tuple(tree.consistency(old)) if old <= tree.size else ()
        request = Request(old, proof, signed(state(tree)))
        if target.witness.add_checkpoint(request.as_bytes).status == 200:
            target.memory.seen[LOG.verifier.name] = seen  # type: ignore[assignment]
            return False
    return True


def _changed(target: Target, path: Path, data: bytes) -> bool:
    before = path.read_bytes()
    if data == before:
        return True
    path.write_bytes(data)
    found = not target.holds()
    path.write_bytes(before)
    return found


def _width(path: Path, size: int) -> int:
    """The width that the checkpoint covers of the tile a partial file belongs to."""
    level = path.relative_to(path.parents[2]).parts[0]
    number = int(path.parent.name.removesuffix(".p"))
    hashes = size >> (0 if level == "entries" else 8 * int(level))
    return min(256, hashes - 256 * number)
