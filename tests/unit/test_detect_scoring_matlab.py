"""MATLAB files of score maps: read as SciPy 1.17.1 reads them, and refused where it would crash."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.files.maps import read_map
from atalaya.detect.scoring.files.matlab import numeric_arrays

TYPES = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


@pytest.mark.proves("SCO-005")
@given(
    st.sampled_from(TYPES), st.integers(1, 7), st.integers(1, 7), st.booleans(),
    st.text("abcdefgh", min_size=1, max_size=9), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_matrices_are_read_as_scipy_reads_them(
    kind: str, rows: int, columns: int, packed: bool, name: str, seed: int
) -> None:
    array = np.random.default_rng(seed).integers(0, 120, (rows, columns)).astype(kind)
    file = io.BytesIO()
    other = {"z_text": "words", "z_cell": np.array([1, "a"], object), "z_complex": np.ones((2, 2)) * 1j}
    savemat(file, {name: array, **other}, do_compression=packed)
    found = numeric_arrays(file.getvalue(), 1_000_000)
    expected = loadmat(io.BytesIO(file.getvalue()))[name]
    assert list(found) == [name]
    assert found[name].dtype == expected.dtype
    np.testing.assert_array_equal(found[name], expected)


def test_big_endian_files_are_read() -> None:
    def element(kind: int, content: bytes) -> bytes:
        return np.array([kind, len(content)], ">u4").tobytes() + content + bytes(-len(content) % 8)

    flags, extent = np.array([6, 0], ">u4").tobytes(), np.array([2, 3], ">i4").tobytes()
    values = np.arange(6.0).reshape(2, 3)
    body = element(6, flags) + element(5, extent) + element(1, b"map")
    body += element(9, values.astype(">f8").tobytes("F"))
    found = numeric_arrays(bytes(124) + b"\x01\x00MI" + element(14, body), 1_000)
    np.testing.assert_array_equal(found["map"], values)


@pytest.mark.proves("SCO-005")
def test_a_data_type_that_does_not_exist_is_one_error_and_not_the_end(tmp_path: Path) -> None:
    path = tmp_path / "m.mat"
    savemat(path, {"a": np.arange(12.0).reshape(3, 4)})
    head, tail = path.read_bytes().split(b"\x01\x00\x01\x00a\0\0\0\x09\0")
    path.write_bytes(head + b"\x01\x00\x01\x00a\0\0\0\x00\x60" + tail)
    with pytest.raises(BadInput, match=r"SCO-031.*data type 24576"):
        read_map(path)


def test_what_is_packed_beyond_all_bounds_is_not_unpacked() -> None:
    file = io.BytesIO()
    savemat(file, {"a": np.zeros((2000, 2000))}, do_compression=True)
    with pytest.raises(ValueError, match="promised"):
        numeric_arrays(file.getvalue(), 100_000)


def test_a_map_of_a_matlab_file_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "m.mat"
    savemat(path, {"one": np.eye(3), "two": np.ones((2, 2)), "words": "no map"})
    np.testing.assert_array_equal(read_map(path, "two"), np.ones((2, 2)))
    with pytest.raises(BadInput, match="SCO-035"):
        read_map(path)
