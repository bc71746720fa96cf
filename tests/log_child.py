"""A process to be killed: appends to a journal, or answers as a witness, and says what it has acknowledged.

python -m tests.log_child append ROOT      prints the index of every acknowledged act
python -m tests.log_child witness FOLDER   signs one more entry each time, prints every signed size
"""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from atalaya.store.journal import Journal
from atalaya.store.witness_store import SqliteWitnessMemory
from atalaya.trust import Act, Tree
from atalaya.trust.witness import Request, Witness
from tests.log_samples import LOG, NOW_S, W1, signed, state


def appended(root: Path, many: int) -> Iterator[int]:
    """Acts by ones and by groups, and now and then a deletion; what is yielded is acknowledged."""
    with Journal.open(root) as log:
        for number in count():
            first = log.act("one", {"n": number}, actor="child", about=f"o:{number % 3}").index
            yield first
            yield from log.acts([Act("group", {"n": number}, "child")] * many)
            if number % 5 == 4:
                log.delete(first, "test", actor="child")


def witnessed(path: Path) -> Iterator[int]:
    """Sizes that a witness signed, each one entry more than the last."""
    memory = SqliteWitnessMemory(path)
    seen = memory.latest(LOG.verifier.name)
    tree = Tree(number.to_bytes(8, "big") for number in range(seen.size if seen else 0))
    while True:
        old = tree.size
        tree.append(old.to_bytes(8, "big"))
        request = Request(old, tuple(tree.consistency(old)), signed(state(tree)))
        answer = Witness((W1,), (LOG.verifier,), memory, lambda: NOW_S).add_checkpoint(request.as_bytes)
        assert answer.status == 200, answer
        yield tree.size


def main() -> None:
    what, place = sys.argv[1], Path(sys.argv[2])
    for number in appended(place, int(sys.argv[3])) if what == "append" else witnessed(place):
        print(number, flush=True)


if __name__ == "__main__":
    main()
