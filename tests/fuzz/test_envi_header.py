"""Headers of cubes from anywhere: read, or refused with a code; never anything else."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.envi_header import header_fields, read_header

GOOD = (
    "ENVI\nsamples = 5\nlines = 7\nbands = 3\nheader offset = 0\ndata type = 4\ninterleave = bil\n"
    "byte order = 0\nwavelength units = nm\nwavelength = {400, 500,\n 600}\nfwhm = {9, 9, 9}\n"
    "bbl = {1, 1, 1}\ndata gain values = {1, 1, 2}\nacquisition time = 2025-05-08T19:00:00Z\n"
)
WORDS = st.sampled_from(
    [
        "=",
        "{",
        "}",
        "\n",
        ",",
        "-1",
        "1e999",
        "nan",
        "9" * 400,
        "\0",
        "bil",
        "\ufeff",
        "²",
        "0001-01-01T00:00",
    ]
)


@st.composite
def headers(draw: st.DrawFn) -> str:
    text = GOOD
    for _ in range(draw(st.integers(1, 6))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        text = text[:at] + draw(WORDS | st.text(max_size=8)) + text[at + length :]
    return text


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headers") / "c.hdr"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=headers())
def test_a_damaged_header_is_read_or_refused(place: Path, text: str) -> None:
    place.write_text(text, encoding="utf-8", errors="replace", newline="")
    head = None
    with contextlib.suppress(BadInput):
        head = read_header(place)
    if head is None:
        with pytest.raises(BadInput, match="DET-023"):
            read_header(place)
        return
    assert min(head.lines, head.columns, head.bands) > 0
    assert head.size == head.lines * head.columns * head.bands * head.kind.itemsize
    assert head.good.shape == head.gain.shape == head.added.shape == (head.bands,)
    assert np.isfinite(head.gain).all()
    assert head.wavelength_nm is None or (head.wavelength_nm > 0.0).all()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_any_bytes_after_the_first_word(place: Path, raw: bytes) -> None:
    place.write_bytes(b"ENVI\n" + raw)
    with pytest.raises(BadInput):
        read_header(place)


def test_a_long_line_without_end_is_read_in_its_length() -> None:
    text = "ENVI\n" + "a" + " " * 3_000_000 + "\nlines = {1\n" + "2\n" * 1000
    assert header_fields(text) == {"lines": ""}
