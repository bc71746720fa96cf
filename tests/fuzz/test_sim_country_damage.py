"""Damaged files of a country: a clear error or a country, never anything else."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from atalaya.base.errors import AtalayaError
from atalaya.sim.country import read_country, write_country
from tests.made_countries import made_country


@pytest.mark.parametrize("name", ["terrain.tif", "cover.tif", "country.gpkg", "country.json"])
def test_damage_is_told(tmp_path: Path, name: str) -> None:
    write_country(made_country("mountain"), tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    generator = np.random.default_rng(11)
    told = 0
    for turn in range(12):
        data = bytearray(whole)
        if turn % 3 == 0:
            data = data[: int(generator.integers(0, len(data)))]
        else:
            last = min(len(data), 4000) if turn % 3 == 1 else len(data)
            for place in generator.integers(0, last, 40):
                data[place] = generator.integers(0, 256)
        path.write_bytes(bytes(data))
        with suppress(AtalayaError):
            read_country(tmp_path)
            continue
        told += 1
    assert told >= 3
