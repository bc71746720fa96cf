"""Countries made: seconds of one core, memory, how well water falls and ways keep their grades.

ATALAYA_COUNTRY_FULL=1 adds the country of 120 x 120 km. Seconds are CPU time in a process of its own, so that
imports count and memory is that of one country; kernels are compiled before, except where it is said.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import numpy as np

from atalaya.sim.country import make_country
from atalaya.sim.country.curve import every
from atalaya.sim.country.grading import GRADES
from bench.measure import Measure

_CHILD = """
import json, resource, sys, time
from atalaya.sim.country import make_country
make_country(1, lon_deg=-108.5, lat_deg=30.4, **json.loads(sys.argv[1]))
print(json.dumps([time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
_FAST = {"width_m": 6e4, "height_m": 6e4, "post_m": 45.0, "worked_m": 90.0, "cover_m": 20.0}


def measures() -> Iterator[Measure]:
    """Time and memory by size, then what every country should keep."""
    _spent({"width_m": 3000.0, "height_m": 3000.0})
    sizes = [("40 x 40 km, 30 m", {"width_m": 4e4, "height_m": 4e4}, 10.0)]
    sizes.append(("60 x 60 km, 45 m, coarse option", _FAST, 6.0))
    if os.environ.get("ATALAYA_COUNTRY_FULL"):
        sizes.append(("120 x 120 km, 30 m", {"width_m": 1.2e5, "height_m": 1.2e5}, 60.0))
    for name, size, goal in sizes:
        seconds, megabytes = _spent(size)
        yield Measure("country", f"{name}: CPU with imports", seconds, "s", goal, "less")
        yield Measure("country", f"{name}: peak memory", megabytes, "MB", better="less")
    with tempfile.TemporaryDirectory() as cache:
        seconds, _ = _spent(_FAST, NUMBA_CACHE_DIR=cache)
    yield Measure("country", "the coarse option, kernels compiled too", seconds, "s", better="less")
    yield from _kept()


def _spent(size: dict[str, float], **more: str) -> tuple[float, float]:
    command = [sys.executable, "-c", _CHILD, json.dumps(size)]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, **more})
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def _kept() -> Iterator[Measure]:
    """Over twelve seeds of mountain country, 15 x 15 km."""
    rises, over, length = [0.0], 0, 0
    for seed in range(12):
        country = make_country(seed, lon_deg=-108.5, lat_deg=30.4, width_m=15e3, height_m=15e3, cover_m=50.0)
        for line in country.lines:
            points = every(line.points_m, 10.0 if line.kind in ("stream", "river") else 50.0)
            height = country.height_msl_m(*points.T)
            if line.kind in GRADES:
                run = np.hypot(*np.diff(points, axis=0).T)
                grade = (np.abs(np.diff(height)) / np.maximum(run, 1.0))[run > 30.0]
                over, length = over + int((grade > 1.5 * GRADES[line.kind]).sum()), length + grade.size
            else:
                rises.append(float((height - np.minimum.accumulate(height)).max()))
    yield Measure(
        "country", "streams: worst rise of 99 in 100", float(np.quantile(rises, 0.99)), "m", 1.0, "less"
    )
    yield Measure("country", "streams: worst rise of all", max(rises), "m", better="less")
    share = 100.0 * over / max(1, length)
    yield Measure("country", "ways steeper than 1.5 of their grade", share, "% of length", 3.0, "less")
