"""Cubes of the range: lines a second of a push-broom spectrometer, all of its files written.

`python -m bench cubes`; CPU time of the thread, after one strip that compiles and reads.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from atalaya.sim.cube import PushBroom, record_cube
from atalaya.sim.scene.dispersion import Air
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Plume
from atalaya.sim.weather import Weather
from bench.measure import Measure
from tests.plain_country import plain_country
from tests.strips import strip

_LINES = 1920
_COLUMNS, _BANDS = 640, 100
_GOAL = 500.0


def measures() -> Iterator[Measure]:
    country = plain_country()
    house = country.solids[0]
    plume = Plume("p", "gas", "s", house.east_m, house.north_m, 2.0, "methane", 100.0)
    with tempfile.TemporaryDirectory() as folder:
        for name, scene, air in (
            ("without a plume", Scene(), None),
            ("with a plume", Scene((), (), (), (plume,)), Air(4.0, 270.0)),
        ):
            imager = PushBroom.even(_COLUMNS, 24.0, _BANDS)
            best = 0.0
            for lines in (32, _LINES, _LINES):
                poses, t_us = strip(country, lines)
                start = time.thread_time()
                record_cube(
                    country, scene, Weather(), poses, t_us, imager, Path(folder) / "a", seed=3, air=air
                )
                best = max(best, lines / (time.thread_time() - start))
            yield Measure("sim", f"cube {_COLUMNS} x {_BANDS}, {name}", best, "lines/s/core", _GOAL)
