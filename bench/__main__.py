"""`python -m bench ROOM... [--json]`: measures against their goals. ROOM is a module of this package, `all`
(every room but the long `soak`), or several of them."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator

import bench
from bench.measure import Measure

HELPERS = frozenset({"__main__", "measure", "range_flown", "range_looks", "shared"})
"""Modules of this package that are no rooms."""

LONG = frozenset({"soak"})
"""Rooms that `all` leaves out: minutes, not seconds."""


def rooms() -> list[str]:
    """Every module of this package that is a room: it has `measures()`."""
    return [entry.name for entry in pkgutil.iter_modules(bench.__path__) if entry.name not in HELPERS]


def measures_of(room: str) -> Iterator[Measure]:
    """What a room measures, one after the other."""
    found: Iterator[Measure] = importlib.import_module(f"bench.{room}").measures()
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
        for measure in measures_of(name):
            print(measure.as_json() if wanted.json else measure.as_line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
