"""Damaged rasters: read, or refused with a code; never anything else."""

from pathlib import Path

import numpy as np
import pytest

from atalaya.base.errors import AtalayaError
from atalaya.earth import Terrain, rough_ground

TRIES = 150


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("seed", range(3))
def test_bytes_changed_anywhere(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    path = tmp_path / "good.tif"
    rough_ground(rng, posts=40).write(path, vertical_epsg=5773, tile=16)
    good = path.read_bytes()
    opened, codes = 0, set()
    for _ in range(TRIES):
        data = bytearray(good)
        # the head holds the tags, which are worth more than the heights
        for at in rng.integers(0, rng.choice([512, 2048, len(data)]), rng.integers(1, 12)):
            data[at % len(data)] = rng.integers(0, 256)
        if rng.random() < 0.2:
            del data[rng.integers(1, len(data)) :]
        damaged = tmp_path / "damaged.tif"
        damaged.write_bytes(bytes(data))
        try:
            with Terrain.open(damaged) as terrain:
                terrain.height_hae_m(-106.995, 25.995)
                opened += 1
        except AtalayaError as error:
            codes.add(error.code)
    assert 0 < opened < TRIES
    assert all(code.startswith("EAR-0") for code in codes)
