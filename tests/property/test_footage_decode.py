"""Each frame exactly once, with the same pixels, wherever a clip is cut: fields, B-frames, open GOPs, MP4."""

import hashlib
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.footage.clip import Clip
from atalaya.footage.decode import Frame, FrameReader, seams
from atalaya.footage.writer import StreamFormat
from tests.made_stream import make, picture, read_number
from tests.shared_data import shared

_REAL = [
    "kwiver/aphill_short.ts",
    "kwiver/aphill_klv_10s.ts",
    "kwiver/h264_no_klv.ts",
    "kwiver/h265_klv.ts",
    "kwiver/mpeg2_klv.ts",
]
_MADE = {
    "b-frames.ts": ("libx264", {"x264-params": "bframes=3:keyint=12:scenecut=0"}),
    "open-gop.ts": ("libx264", {"x264-params": "bframes=3:keyint=12:open-gop=1:scenecut=0"}),
    "refresh.ts": ("libx264", {"x264-params": "intra-refresh=1:keyint=15:bframes=0"}),
    "interlaced.ts": ("libx264", {"x264-params": "interlaced=1:keyint=10:bframes=2"}),
    "hevc.ts": ("libx265", {"x265-params": "bframes=3:keyint=12:open-gop=1:log-level=none:pools=none"}),
    "mpeg2.ts": ("mpeg2video", {"g": "12", "bf": "2"}),
    "b-frames.mp4": ("libx264", {"x264-params": "bframes=3:keyint=12:scenecut=0"}),
    "b-frames.mkv": ("libx264", {"x264-params": "bframes=3:keyint=12:scenecut=0"}),
}
_COUNT = 50


def _write(path: Path, codec: str, options: dict[str, str]) -> None:
    with av.open(str(path), "w") as sink:
        stream: Any = sink.add_stream(codec, rate=Fraction(25), options={"preset": "veryfast", **options})
        stream.width, stream.height, stream.pix_fmt = 208, 160, "yuv420p"
        stream.bit_rate = 800_000
        for number in range(_COUNT):
            frame: Any = av.VideoFrame.from_ndarray(picture(number, 208, 160), format="gray")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, 25), 0
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decode")
    for name, (codec, options) in _MADE.items():
        _write(folder / name, codec, options)
    return folder


def _digest(frame: Frame) -> tuple[int, str]:
    return frame.pts, hashlib.sha1(np.ascontiguousarray(frame.array).tobytes()).hexdigest()


@cache
def _whole(path: Path) -> tuple[FrameReader, dict[int, tuple[int, str]]]:
    reader = FrameReader(Clip.open(path))
    frames = {frame.index: _digest(frame) for frame in reader.all()}
    assert list(frames) == list(range(len(reader.index)))
    return reader, frames


def _check_cuts(path: Path, shares: list[float]) -> None:
    reader, whole = _whole(path)
    first, last = int(reader.index.pts[0]), int(reader.index.pts[-1])
    cuts = sorted(first + round(share * (last - first)) for share in shares)
    seen: dict[int, tuple[int, str]] = {}
    for start, end in pairwise([-(1 << 62), *cuts, 1 << 62]):
        for frame in reader.window(start, end):
            assert start <= frame.pts < end
            assert frame.index not in seen
            seen[frame.index] = _digest(frame)
    assert seen == whole
    assert reader.failed == 0


_shares = st.lists(st.floats(-0.05, 1.05), min_size=1, max_size=5)
_few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("name", _REAL)
@_few
@given(shares=_shares)
def test_cuts_of_real_recordings(name: str, shares: list[float]) -> None:
    _check_cuts(shared(f"klv/{name}"), shares)


@pytest.mark.parametrize("name", _MADE)
@_few
@given(shares=_shares)
def test_cuts_of_every_coding(made: Path, name: str, shares: list[float]) -> None:
    _check_cuts(made / name, shares)


@pytest.mark.parametrize("name", _MADE)
def test_frames_carry_their_own_number(made: Path, name: str) -> None:
    reader = FrameReader(Clip.open(made / name))
    assert [read_number(frame.array) for frame in reader.all()] == list(range(_COUNT))
    for start, end in seams(reader.index, 3):
        for frame in reader.window(start, end):
            assert read_number(frame.array) == frame.index


@pytest.mark.parametrize("name", _MADE)
def test_key_frames_are_those_of_the_index(made: Path, name: str) -> None:
    reader, whole = _whole(made / name)
    keys = list(reader.key_frames())
    assert all(_digest(frame) == whole[frame.index] for frame in keys)
    if name != "refresh.ts":  # there a key frame is only where the refresh begins
        assert [frame.index for frame in keys] == np.flatnonzero(reader.index.key).tolist()
    assert keys
    middle = int(reader.index.pts[_COUNT // 2])
    split = [frame.index for frame in reader.key_frames(end_pts=middle)]
    split += [frame.index for frame in reader.key_frames(start_pts=middle)]
    assert split == [frame.index for frame in keys]


def test_seams_partition_a_recording() -> None:
    index = Clip.open(shared("klv/osh/sample-stream.ts")).frame_index()
    for parts in (1, 2, 5, 100):
        windows = seams(index, parts)
        assert len(windows) <= parts
        assert all(a[1] == b[0] for a, b in pairwise(windows))
        counts = [int(((index.pts >= start) & (index.pts < end)).sum()) for start, end in windows]
        assert sum(counts) == 277


def test_glued_recordings_decode_in_order(tmp_path: Path) -> None:
    first = make(tmp_path / "a.ts", StreamFormat(208, 160), 40)
    second = make(tmp_path / "b.ts", StreamFormat(208, 160), 30)
    path = tmp_path / "ab.ts"
    path.write_bytes(first.path.read_bytes() + second.path.read_bytes())
    reader = FrameReader(Clip.open(path))
    assert [read_number(frame.array) for frame in reader.all()] == [*range(40), *range(30)]
    assert np.diff(reader.index.pts).min() == np.diff(reader.index.pts).max() == 3000
    middle = int(reader.index.pts[55])
    assert [read_number(frame.array) for frame in reader.window(middle, 1 << 62)] == list(range(15, 30))


def test_grey_is_a_view_and_rgb_has_three_bands(made: Path) -> None:
    frame = next(FrameReader(Clip.open(made / "b-frames.ts")).all())
    assert frame.array.shape == (160, 208)
    assert frame.array.base is not None
    assert not frame.array.flags.owndata
    colour = next(FrameReader(Clip.open(made / "b-frames.ts"), "rgb").all())
    assert colour.array.shape == (160, 208, 3)


def test_frames_outlive_the_decoder(made: Path) -> None:
    frames = list(FrameReader(Clip.open(made / "b-frames.ts")).all())
    assert [read_number(frame.array) for frame in frames] == list(range(_COUNT))


def test_damaged_video_yields_the_frames_that_decode(made: Path, tmp_path: Path) -> None:
    data = bytearray((made / "b-frames.ts").read_bytes())
    generator = np.random.default_rng(11)
    for place in generator.integers(0, len(data) // 188, 12):
        data[188 * int(place) + 8 : 188 * int(place) + 188] = generator.bytes(180)
    path = tmp_path / "damaged.ts"
    path.write_bytes(data)
    reader = FrameReader(Clip.open(path))
    rows = [frame.index for frame in reader.all()]
    assert len(rows) == len(set(rows)) > _COUNT // 3


def test_a_clip_without_video_has_no_frames() -> None:
    clip = Clip.open(shared("klv/klvdata/DynamicOnlyMISMMSPacketData.bin"))
    with pytest.raises(BadInput, match="FTG-010"):
        FrameReader(clip)
