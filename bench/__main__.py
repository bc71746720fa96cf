"""`python -m bench ROOM... [--json]`: measures against their goals. ROOM is a module of this package, `all`
(every room but the long `soak`), or several of them."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator

import bench
from bench.measure import Measure

LONG = frozenset({"soak"})
"""Rooms that `all` leaves out: hours, not seconds."""


def rooms() -> dict[str, Callable[[], Iterator[Measure]]]:
    """Every module of this package that has `measures()`, by name."""
    found = {}
    for entry in pkgutil.iter_modules(bench.__path__):
        if entry.name != "__main__":
            module = importlib.import_module(f"bench.{entry.name}")
            if hasattr(module, "measures"):
                found[entry.name] = module.measures
    return found


def main() -> int:
    """Print one line (or JSON object) per measure; 2 for a room that does not exist."""
    known = rooms()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("room", nargs="+", choices=["all", *known])
    parser.add_argument("--json", action="store_true", help="one JSON object per measure")
    wanted = parser.parse_args()
    names = [name for name in known if name not in LONG] if "all" in wanted.room else wanted.room
    for name in names:
        for measure in known[name]():
            print(measure.as_json() if wanted.json else measure.as_line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
