"""Record a strip: a push-broom spectrometer flown over a country and its scene."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.sim.country.country import Country
from atalaya.sim.cube.cube_file import CubeFile, Outputs
from atalaya.sim.cube.cube_form import CubeFormat
from atalaya.sim.cube.push_broom import PushBroom
from atalaya.sim.cube.spectrometer import Spectrometer
from atalaya.sim.cube.strip import Strip
from atalaya.sim.scene.dispersion import Air
from atalaya.sim.scene.scene import Scene
from atalaya.sim.texture.ground_texture import EPOCH_US
from atalaya.sim.weather import Weather

Ints = NDArray[np.int64]

BLOCK_LINES = 64


def record_cube(
    country: Country, scene: Scene, weather: Weather, poses: Pose, t_us: Ints, imager: PushBroom,
    stem: Path | str, *, seed: int, air: Air | None = None, form: CubeFormat | None = None, fine: int = 3,
    stated: Pose | None = None, block_lines: int = BLOCK_LINES,
) -> CubeFile:  # fmt: skip
    """Fly the imager along poses and write the cube, its geometry, its track and its truth.

    Args:
        country, scene, weather: what is seen, through what air.
        poses, t_us: see `Strip`. imager: what looks.
        stem: path without suffix of the files; see `CubeFile`.
        seed: of the detector's noise. air: the wind plumes drift in; needed where the scene has plumes.
        form: radiance or reflectance, float32 or uint16.
        fine: samples a side that a pixel is made of, 3 to 8.
        stated: what the track says of the poses; None for the truth.
        block_lines: lines at a time; the bytes do not depend on it.

    Raises:
        BadInput: CUB-001 fine or block_lines out of range; CUB-002 poses and times that do not fit; CUB-003 a
            gas whose spectrum is not known; CUB-004 the sun is below 3 degrees; CUB-005 plumes without wind;
            CUB-006 files cannot be written; CUB-007 no line sees the country. SCN-011 a plume's rate.
    """
    strip = Strip(poses, np.asarray(t_us))
    told = strip if stated is None else Strip(stated, strip.t_us)
    for name, value, low, high in (("fine", fine, 3, 8), ("block_lines", block_lines, 1, 4096)):
        if not low <= value <= high:
            raise BadInput("CUB-001", name=name, value=value, allowed=f"{low} ... {high}")
    chosen = form or CubeFormat()
    machine = Spectrometer(country, scene, weather, imager, strip, seed=seed, air=air, form=chosen, fine=fine)
    with ExitStack() as stack:
        outputs = Outputs(Path(stem), machine, chosen, stack)
        for block in _blocks(strip.t_us, block_lines):
            outputs.write(machine.lines(block))
        return outputs.finished(told.poses, strip.t_us)


def _blocks(t_us: Ints, most: int) -> Iterator[slice]:
    """Lines at a time: no more than `most`, of one epoch of light."""
    epoch = t_us // EPOCH_US
    start = 0
    while start < len(t_us):
        stop = min(start + most, int(np.searchsorted(epoch, epoch[start], side="right")))
        yield slice(start, stop)
        start = stop
