"""Spectral libraries: what was written is read; whatever else is handed in ends in a declared error."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.detect import Bands
from atalaya.detect.spectral import Signature, read_library, resampled

HEADER = """ENVI
samples = 4
lines = 2
bands = 1
header offset = 0
file type = ENVI Spectral Library
data type = 4
interleave = bsq
byte order = 0
wavelength units = Micrometers
spectra names = {tarp blue, tarp green}
wavelength = {0.4, 0.5, 0.6, 0.7}
"""


def written(folder: Path) -> Path:
    np.arange(8, dtype="<f4").tofile(folder / "tarps.sli")
    (folder / "tarps.hdr").write_text(HEADER)
    return folder / "tarps.sli"


def test_an_envi_library_is_read(tmp_path: Path) -> None:
    blue, green = read_library(written(tmp_path))
    assert (blue.name, green.name) == ("tarp blue", "tarp green")
    np.testing.assert_allclose(blue.wavelength_nm, [400.0, 500.0, 600.0, 700.0])
    assert green.value.tolist() == [4.0, 5.0, 6.0, 7.0]


def test_spectral_reads_it_alike(tmp_path: Path) -> None:
    envi = pytest.importorskip("spectral.io.envi")
    path = written(tmp_path)
    theirs = envi.open(str(path.with_suffix(".hdr")), str(path))
    np.testing.assert_allclose(theirs.spectra, [each.value for each in read_library(path)])


@pytest.mark.parametrize("mark", [",", ";", "\t", " "])
def test_a_table_is_read(tmp_path: Path, mark: str) -> None:
    rows = [("wavelength_nm", "plastic", "soil"), (400, 0.1, 0.2), (500, 0.3, -1.23e34), (600, 0.5, 0.4)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(mark.join(map(str, row)) for row in rows) + "\n")
    plastic, soil = read_library(path)
    assert plastic.name == "plastic"
    assert plastic.value.tolist() == [0.1, 0.3, 0.5]
    assert soil.wavelength_nm.tolist() == [400.0, 600.0]


def test_resampling_is_the_mean_over_each_band() -> None:
    grid = np.arange(400.0, 1001.0)
    line = Signature("line", grid, 2.0 * grid + 1.0)
    bands = Bands(np.array([500.0, 640.5, 900.0]), np.array([20.0, 5.0, 0.1]))
    np.testing.assert_allclose(resampled(line, bands), 2.0 * bands.middle_nm + 1.0, rtol=1e-6)
    narrow = Signature("step", grid, np.exp(-0.5 * ((grid - 700.0) / 10.0) ** 2))
    sigma = 40.0 / 2.3548
    found = resampled(narrow, Bands(np.array([700.0]), np.array([40.0])))
    assert found[0] == pytest.approx(10.0 / np.hypot(10.0, sigma), rel=1e-3)
    with pytest.raises(BadInput, match="SPC-009"):
        resampled(line, Bands(np.array([350.0]), np.array([10.0])))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_ends_in_a_declared_error(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path)
    header = bytearray(HEADER.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(header) - 1))
        if data.draw(st.booleans()):
            del header[place : place + data.draw(st.integers(1, 20))]
        else:
            header[place] = data.draw(st.integers(0, 255))
        if not header:
            break
    path.with_suffix(".hdr").write_bytes(bytes(header))
    path.write_bytes(path.read_bytes()[: data.draw(st.integers(0, 32))])
    try:
        for each in read_library(path):
            assert np.isfinite(each.wavelength_nm).all()
    except BadInput as error:
        assert error.code in ("SPC-007", "SPC-008")  # noqa: PT017
    path.with_suffix(".hdr").write_text(HEADER)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200) | st.text("0123456789.,;e- \tnai\n", max_size=200).map(str.encode))
def test_any_table_ends_in_signatures_or_a_declared_error(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(raw)
    try:
        for each in read_library(path):
            assert np.isfinite(each.value).all()
    except BadInput as error:
        assert error.code == "SPC-008"  # noqa: PT017
