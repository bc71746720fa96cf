"""pymerkle (GPL-3) on the same entries, run by the peers' own Python; prints one JSON object of seconds.

.venv-peers/bin/python bench/peers/pymerkle_bench.py COUNT WIDTH
"""

import hashlib
import importlib
import importlib.metadata
import json
import sys
import time


def main() -> None:
    count, width = int(sys.argv[1]), int(sys.argv[2])
    pymerkle = importlib.import_module("pymerkle")
    data = hashlib.shake_256(b"atalaya bench").digest(count * width)
    entries = [data[place : place + width] for place in range(0, len(data), width)]
    found: dict[str, object] = {"version": importlib.metadata.version("pymerkle")}

    def timed(name: str, times: int, action: object) -> None:
        best = float("inf")
        for _ in range(times):
            start = time.perf_counter()
            action()  # type: ignore[operator]
            best = min(best, time.perf_counter() - start)
        found[name] = best

    def bulk() -> None:
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        tree.append_entries(entries)
        tree.get_state()

    timed("bulk_s", 2, bulk)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    start = time.perf_counter()
    for entry in entries:
        tree.append_entry(entry)
    found["one_by_one_s"] = time.perf_counter() - start
    found["root"] = tree.get_state().hex()
    some = range(1, count + 1, max(1, count // 2000))
    timed("inclusion_s", 2, lambda: [tree.prove_inclusion(index, count) for index in some])
    found["inclusions"] = len(some)
    sizes = range(1, count, max(1, count // 500))
    timed("consistency_s", 2, lambda: [tree.prove_consistency(size, count) for size in sizes])
    found["consistencies"] = len(sizes)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
