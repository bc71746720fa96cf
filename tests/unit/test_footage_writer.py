"""What is written passes a verifier that is not ours, and comes back as it went in."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from stanag4609.verifier import verify_fmv_file

from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.footage.frame_clock import bind_frames
from atalaya.footage.writer import KlvVideoWriter, StreamFormat
from atalaya.klv import st0903
from atalaya.klv.st0604 import status_byte
from tests.made_stream import START_US, Made, forms, make, packet, picture, read_number

_VMTI = st0903.build(
    {2: START_US, 8: 320, 9: 240},
    [(7, {1: st0903.pixel_number(10, 20, 320)}), (8, {1: st0903.pixel_number(30, 40, 320)})],
)


def _verified(made: Made) -> None:
    report = verify_fmv_file(str(made.path))
    assert [f"{error.code}: {error.message}" for error in report.errors] == []
    assert report.ok


@pytest.mark.parametrize("form", list(forms()), ids=lambda form: f"{form.codec}-{form.carriage}")
@pytest.mark.parametrize("vmti", [b"", _VMTI], ids=["plain", "vmti"])
def test_every_codec_and_carriage_passes_the_verifier(
    tmp_path: Path, form: StreamFormat, vmti: bytes
) -> None:
    made = make(tmp_path / "made.ts", form, 65, vmti=vmti)
    _verified(made)
    with Clip.open(made.path) as clip:
        (stream,) = clip.metadata()
        index = clip.frame_index()
        assert clip.findings == []
        assert stream.payload.tobytes() == b"".join(made.packets)
        np.testing.assert_array_equal(index.sei_us, made.times_us)
        assert set(index.sei_status) == {0x1F}
        wanted = "synchronous 0x15 (PTS)" if form.carriage == "synchronous" else "asynchronous (0xBD, no PTS)"
        assert stream.carriage == wanted
        assert [read_number(frame.array) for frame in FrameReader(clip).all()] == list(range(65))
        starts = np.cumsum([0, *map(len, made.packets[:-1])])
        clock = bind_frames(index, np.array(made.times_us), stream.pts_at(starts), stream.pos_at(starts))
        assert (clock.method, clock.row.tolist()) == ("sei", list(range(65)))
        if form.carriage == "synchronous":
            np.testing.assert_array_equal(stream.chunk_pts, index.pts)


@pytest.mark.parametrize(
    "form",
    [
        StreamFormat(320, 240, Fraction(5)),
        StreamFormat(640, 480, Fraction(30_000, 1001), carriage="synchronous"),
        StreamFormat(320, 240, Fraction(60), codec="hevc", carriage="synchronous", key_interval=7),
    ],
    ids=["slow", "ntsc", "fast"],
)
def test_rates_and_key_intervals(tmp_path: Path, form: StreamFormat) -> None:
    made = make(tmp_path / "made.ts", form, 40)
    _verified(made)
    index = Clip.open(made.path).frame_index()
    assert np.flatnonzero(index.key).tolist() == list(range(0, 40, form.key_interval))
    np.testing.assert_allclose(np.diff(index.pts), float(90_000 / form.frame_rate), atol=1)


def test_b_frames_keep_frame_time_and_metadata_together(tmp_path: Path) -> None:
    made = make(tmp_path / "made.ts", StreamFormat(320, 240, b_frames=3, carriage="synchronous"), 60)
    with Clip.open(made.path) as clip:
        (stream,) = clip.metadata()
        index = clip.frame_index()
        assert (np.diff(index.order) < 0).any()
        np.testing.assert_array_equal(index.sei_us, made.times_us)
        np.testing.assert_array_equal(stream.chunk_pts, index.pts)
        assert stream.payload.tobytes() == b"".join(made.packets)


def test_colour_several_packets_and_an_unlocked_clock(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    colour = np.zeros((128, 160, 3), np.uint8)
    colour[:, :, 0] = 220
    pair = [packet(START_US, 0), packet(START_US + 5_000, 1)]
    with KlvVideoWriter(path, StreamFormat(160, 128, bit_rate=2_000_000)) as writer:
        for n in range(10):
            writer.write(colour, START_US + 33_333 * n, pair, status=status_byte(locked=False))
    with Clip.open(path) as clip:
        (stream,) = clip.metadata()
        assert stream.payload.tobytes() == b"".join(pair) * 10
        assert set(clip.frame_index().sei_status) == {0x9F}
        shown = next(FrameReader(clip, "rgb").all()).array
        np.testing.assert_allclose(shown.mean((0, 1)), (220, 0, 0), atol=12)


def test_large_metadata_and_noise_stay_within_the_buffers(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    generator = np.random.default_rng(5)
    blob = st0903.build({2: START_US, 8: 320, 9: 240}, [(n, {1: 320 * n + 1}) for n in range(1, 200)])
    packets = [packet(START_US + 33_333 * n, n, blob) for n in range(45)]
    with KlvVideoWriter(path, StreamFormat(320, 240, carriage="synchronous")) as writer:
        for n, klv in enumerate(packets):
            writer.write(generator.integers(0, 255, (240, 320), np.uint8), START_US + 33_333 * n, klv)
    _verified(Made(path, [], packets))


def test_a_picture_of_another_size_is_refused_and_an_empty_stream_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    with (
        KlvVideoWriter(path, StreamFormat(160, 128)) as writer,
        pytest.raises(ValueError, match="picture is"),
    ):
        writer.write(picture(0, 320, 240), START_US)
    assert path.stat().st_size == 0
    writer.close()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    form = StreamFormat(160, 128, codec="hevc")
    assert (
        make(tmp_path / "a.ts", form, 20).path.read_bytes()
        == make(tmp_path / "b.ts", form, 20).path.read_bytes()
    )
