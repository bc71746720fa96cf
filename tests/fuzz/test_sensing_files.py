"""Damaged profiles and maps: read, or refused with a code; never anything else."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from atalaya.base.errors import AtalayaError
from atalaya.sensing import SearchMap, make_grid, read_platforms
from atalaya.sensing.map_geotiff import read_search_map, write_search_map
from atalaya.sensing.platforms import _parsed

GOOD = (files("atalaya.sensing") / "platforms.toml").read_bytes()
TRIES = 100


def told(action: Callable[[], object]) -> set[str]:
    """The code of the error, none where it went well."""
    try:
        action()
    except AtalayaError as error:
        return {error.code}
    return set()


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=6)), max_size=4), st.integers(0, 3)
)
@settings(max_examples=150, deadline=None)
def test_profiles_with_bytes_changed_anywhere(changes: list[tuple[int, bytes]], cut: int) -> None:
    data = GOOD
    for at, new in changes:
        data = data[:at] + new + data[at + len(new) :]
    data = data[: len(data) // (cut + 1)] if cut else data
    assert told(lambda: _parsed(data, "x", {})) <= {"SNS-002", "SNS-003", "SNS-004"}


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner,
                    max_size=3), max_leaves=8))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_profiles_with_anything_for_a_value(value: object) -> None:
    from atalaya.sensing import platforms
    from atalaya.sensing.platforms import _as_entry, _platform

    entry = _as_entry(platforms()[0])
    for key in list(entry):
        assert told(lambda key=key: _platform({**entry, key: value}, "x")) <= {"SNS-003"}  # type: ignore[misc]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"[[platform]]", b"platform = 3", b"[" * 5000, b"a = " + b"[" * 3000]
)
def test_profiles_that_are_none(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    with pytest.raises(AtalayaError, match=r"SNS-00[23]"):
        read_platforms(path)


# GDAL quotes damaged bytes in its log, which rasterio cannot always decode
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_maps_with_bytes_changed_anywhere(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    grid = make_grid(box(10.0, 45.0, 10.2, 45.2), 1000.0)
    made = SearchMap(rng.random(grid.shape), rng.random(grid.shape), grid.grid.crs, grid.post_affine)
    write_search_map(made, tmp_path / "good.tif")
    good = (tmp_path / "good.tif").read_bytes()
    opened, codes = 0, set()
    for _ in range(TRIES):
        data = bytearray(good)
        for at in rng.integers(0, rng.choice([512, 2048, len(data)]), rng.integers(1, 12)):
            data[at % len(data)] = rng.integers(0, 256)
        if rng.random() < 0.2:
            del data[rng.integers(1, len(data)) :]
        damaged = tmp_path / "damaged.tif"
        damaged.write_bytes(bytes(data))
        try:
            read_search_map(damaged)
            opened += 1
        except AtalayaError as error:
            codes.add(error.code)
    assert 0 < opened < TRIES
    assert codes <= {"SNS-020", "SNS-023", "SNS-024", "SNS-025"}
