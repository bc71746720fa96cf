"""Our mission items and those of MAVSDK and mavwp in one form; those programs in a process of their own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.plan.exports.mavlink.wire import scaled
from atalaya.plan.exports.mission import MissionItem, known_frame

PEER = Path(__file__).resolve().parent / "mavsdk_peer.py"


def peer(*arguments: str) -> Any:
    """What a peer read or did (see mavsdk_peer.py)."""
    done = subprocess.run(
        [sys.executable, str(PEER), *arguments], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def rows(items: Sequence[MissionItem]) -> list[list[float]]:
    """Items as MISSION_ITEM_INT has them: frame, command, autocontinue, four parameters, x, y, z."""
    return [
        [int(item.frame), item.command, item.autocontinue, *item.params, *scaled(item), item.height_m]
        for item in items
    ]


def on_the_wire(row: Sequence[float]) -> list[float]:
    """The row after its journey: parameters and height are 32-bit floats, frames 5, 6, 11 mean 0, 3, 10."""
    single = [float(np.float32(value)) for value in row]
    return [int(known_frame(int(row[0]))), *row[1:3], *single[3:7], *row[7:9], single[9]]


def unlike(ours: Sequence[MissionItem], theirs: Sequence[Sequence[float]]) -> list[tuple[int, Any, Any]]:
    """(index, ours, theirs) of the items that differ."""
    pairs = [(on_the_wire(a), on_the_wire(b)) for a, b in zip(rows(ours), theirs, strict=False)]
    differ = [
        (n, a, b)
        for n, (a, b) in enumerate(pairs)
        if not np.array_equal(np.array(a), np.array(b), equal_nan=True)
    ]
    return differ if len(ours) == len(theirs) else [*differ, (len(pairs), len(ours), len(theirs))]


def assert_same(ours: Sequence[MissionItem], theirs: Sequence[Sequence[float]]) -> None:
    """Item for item."""
    assert unlike(ours, theirs) == []
