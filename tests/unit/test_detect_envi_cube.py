"""Cubes read by blocks of lines: every interleave alike, what cannot be is said with a code."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.envi_cube import cube_files, open_cube
from tests.envi_files import listed, write_envi

CUBE = np.random.default_rng(3).integers(1, 4000, (7, 5, 6)).astype(np.int16)


@pytest.mark.parametrize("interleave", ["bil", "bip", "bsq"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["i2", "u2", "i4", "f4", "f8"])
def test_every_layout_gives_the_same_numbers(tmp_path: Path, interleave: str, order: str, kind: str) -> None:
    path = write_envi(tmp_path / "c", CUBE.astype(kind), interleave=interleave, order=order, offset=11)
    values, valid = open_cube(path, path.with_suffix(".hdr")).block(2, 6)
    assert values.dtype == np.dtype(kind)
    np.testing.assert_array_equal(values, CUBE[2:6])
    assert valid.all()


@pytest.mark.filterwarnings(
    f"ignore::{NotGeoreferencedWarning.__module__}.{NotGeoreferencedWarning.__name__}"
)
@pytest.mark.parametrize("interleave", ["bil", "bip", "bsq"])
def test_gdal_reads_the_same(tmp_path: Path, interleave: str) -> None:
    path = write_envi(tmp_path / "c", CUBE, interleave=interleave)
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(np.moveaxis(file.read(), 0, 2), CUBE)


def test_bad_bands_scale_and_missing_values(tmp_path: Path) -> None:
    cube = CUBE.copy()
    cube[1, 2, 4] = -99
    path = write_envi(
        tmp_path / "c", cube, bbl="{1, 0, 1, 1, 1,\n 0}", data_ignore_value="-99",
        reflectance_scale_factor="10000", wavelength=listed(np.linspace(0.4, 0.9, 6)),
        wavelength_units="Micrometers", acquisition_time="2025-05-08T19:00:00Z", sensor_type="{X}",
    )  # fmt: skip
    read = open_cube(path, path.with_suffix(".hdr"))
    values, valid = read.block(0, 7)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, cube[..., [0, 2, 3, 4]] / 1e4, rtol=1e-6)
    assert np.argwhere(~valid).tolist() == [[1, 2]]
    bands = read.bands()
    assert bands is not None
    np.testing.assert_allclose(bands.middle_nm, [400, 600, 700, 800])
    np.testing.assert_allclose(bands.fwhm_nm, 100.0)
    assert (read.header.t_us, read.header.sensor) == (1_746_730_800_000_000, "X")


def test_gains_and_offsets_go_before_the_scale_factor(tmp_path: Path) -> None:
    path = write_envi(
        tmp_path / "c", CUBE, data_gain_values=listed([0.5] * 6), data_offset_values=listed([1.0] * 6),
        reflectance_scale_factor="10000",
    )  # fmt: skip
    values, _ = open_cube(path, path.with_suffix(".hdr")).block(0, 1)
    np.testing.assert_allclose(values, CUBE[:1] * 0.5 + 1.0)


def test_pixels_of_zeros_are_no_data_where_zero_is_none_but_a_dark_band_is(tmp_path: Path) -> None:
    cube = CUBE.copy()
    cube[0, 0] = 0
    cube[0, 1, 3] = 0
    path = write_envi(tmp_path / "c", cube, data_ignore_value="0")
    _, valid = open_cube(path, path.with_suffix(".hdr")).block(0, 1)
    assert valid.tolist() == [[False, True, True, True, True]]


@pytest.mark.parametrize(
    ("word", "other", "code"),
    [
        ("interleave = bil", "interleave = bli", "DET-023"),
        ("data type = 2", "data type = 6", "DET-023"),
        ("samples = 5", "samples = -5", "DET-023"),
        ("bands = 6", "bands = six", "DET-023"),
        ("lines = 7\n", "", "DET-023"),
        ("byte order = 0", "byte order = 7", "DET-023"),
        ("ENVI", "IVNE", "DET-023"),
        ("lines = 7", "lines = 8", "DET-024"),
        ("data type = 2", "data type = 5", "DET-024"),
        ("byte order = 0", "byte order = 0\nbbl = {0, 0, 0, 0, 1, 1}", "DET-026"),
    ],
)
def test_headers_that_cannot_be_are_refused(tmp_path: Path, word: str, other: str, code: str) -> None:
    path = write_envi(tmp_path / "c", CUBE)
    header = path.with_suffix(".hdr")
    header.write_text(header.read_text().replace(word, other, 1))
    with pytest.raises(BadInput) as caught:
        open_cube(path, header)
    assert caught.value.code == code


def test_a_file_longer_than_its_header_says_is_read_and_it_is_said(tmp_path: Path) -> None:
    path = write_envi(tmp_path / "c", CUBE)
    path.write_bytes(path.read_bytes() + b"more")
    assert [finding.code for finding in open_cube(path, path.with_suffix(".hdr")).findings] == ["DET-027"]


def test_both_files_are_found_by_either(tmp_path: Path) -> None:
    path = write_envi(tmp_path / "c", CUBE)
    header = path.with_suffix(".hdr")
    assert cube_files(path) == cube_files(header) == (path, header)
    bare = path.rename(tmp_path / "c")
    assert cube_files(bare) == cube_files(header) == (bare, header)
    bare.unlink()
    with pytest.raises(BadInput) as caught:
        cube_files(header)
    assert caught.value.code == "DET-025"
    (tmp_path / "x.ts").write_bytes(b"x")
    assert cube_files(tmp_path / "x.ts") is None
