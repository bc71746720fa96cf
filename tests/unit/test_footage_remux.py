"""Copies for browsers: same frames, same times, said when coded anew, made once."""

from pathlib import Path

import av
import pytest

from atalaya.base.errors import BadInput
from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.footage.remux import WebCopy, web_copy
from atalaya.footage.writer import StreamFormat
from tests.made_stream import make, read_number
from tests.shared_data import shared


def _decoded_ticks(copy: WebCopy) -> list[int]:
    with av.open(str(copy.path)) as container:
        stream = container.streams.video[0]
        return [
            round(f.pts * stream.time_base * 90_000) for f in container.decode(stream) if f.pts is not None
        ]


@pytest.mark.parametrize(
    ("name", "frames", "anew"),
    [
        ("kwiver/aphill_short.ts", 48, False),
        ("kwiver/h264_no_klv.ts", 30, False),
        ("kwiver/h264_klv.ts", 30, False),
        ("osh/sample-stream.ts", 277, False),
        ("kwiver/h265_klv.ts", 30, True),
        ("kwiver/mpeg2_klv.ts", 30, True),
        ("kwiver/aphill_klv_10s.ts", 10, True),
    ],
)
def test_no_frame_is_shifted(tmp_path: Path, name: str, frames: int, anew: bool) -> None:
    with Clip.open(shared(f"klv/{name}")) as clip:
        copy = web_copy(clip, tmp_path)
        shown = _decoded_ticks(copy)
        assert shown[0] == 0
        assert shown == [frame.pts - copy.shift_pts for frame in FrameReader(clip).all()]
        assert len(shown) == frames
        assert copy.transcoded == anew
        assert [finding.code for finding in copy.findings] == (["FTG-071"] if anew else [])


@pytest.mark.parametrize(("codec", "b_frames"), [("h264", 3), ("h264", 0), ("hevc", 3)])
def test_pictures_keep_their_number(tmp_path: Path, codec: str, b_frames: int) -> None:
    form = StreamFormat(320, 240, codec=codec, b_frames=b_frames)  # type: ignore[arg-type]
    made = make(tmp_path / "a.ts", form, 50)
    with Clip.open(made.path) as clip:
        copy = web_copy(clip, tmp_path / "cache")
    with Clip.open(copy.path) as again:
        frames = list(FrameReader(again).all())
        assert [read_number(frame.array) for frame in frames] == list(range(50))
        assert [frame.pts for frame in frames] == [3000 * n for n in range(50)]


def test_a_copy_is_made_once_and_found_by_content(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", StreamFormat(160, 128), 10)
    with Clip.open(made.path) as clip:
        first = web_copy(clip, tmp_path / "cache")
        before = first.path.stat().st_mtime_ns
        assert web_copy(clip, tmp_path / "cache") == first
        assert first.path.stat().st_mtime_ns == before
    renamed = made.path.rename(tmp_path / "b.ts")
    with Clip.open(renamed) as clip:
        assert web_copy(clip, tmp_path / "cache").path == first.path
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.path.name]


def test_no_video_and_no_room(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="FTG-010"):
        web_copy(Clip.open(shared("klv/klvdata/DynamicOnlyMISMMSPacketData.bin")), tmp_path)
    made = make(tmp_path / "a.ts", StreamFormat(160, 128), 5)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with Clip.open(made.path) as clip, pytest.raises(BadInput, match="FTG-070"):
        web_copy(clip, blocked / "cache")
