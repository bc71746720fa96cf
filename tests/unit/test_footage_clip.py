"""What a clip says of itself: streams, carriage, frames, and plain words where something is missing."""

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from atalaya.base.errors import BadInput, NotFound
from atalaya.footage.clip import Clip
from atalaya.footage.klv_stream import joined
from atalaya.footage.source import Source
from atalaya.footage.stream_info import StreamInfo
from atalaya.footage.writer import StreamFormat
from tests.made_stream import make
from tests.shared_data import shared

_FRAMES = [
    ("kwiver/aphill_klv_10s.ts", "mpeg2video", 10, 300, "0x06 with 0xFC and PTS"),
    ("kwiver/aphill_short.ts", "h264", 48, 48, "0x06 with 0xFC and PTS"),
    ("kwiver/h264_klv.ts", "h264", 30, 30, "asynchronous (0xBD, no PTS)"),
    ("kwiver/h265_klv.ts", "hevc", 30, 30, "asynchronous (0xBD, no PTS)"),
    ("kwiver/mpeg2_klv.ts", "mpeg2video", 30, 30, "asynchronous (0xBD, no PTS)"),
    ("osh/sample-stream.ts", "h264", 277, 277, "0x06 with 0xFC and PTS"),
]


@pytest.mark.parametrize(("name", "codec", "frames", "chunks", "carriage"), _FRAMES)
def test_real_recordings(name: str, codec: str, frames: int, chunks: int, carriage: str) -> None:
    with Clip.open(shared(f"klv/{name}")) as clip:
        (stream,) = clip.metadata()
        index = clip.frame_index()
        assert clip.kind is Source.TRANSPORT_STREAM
        assert clip.video is not None
        assert clip.video.codec == codec
        assert (len(index), len(stream.chunk_start), stream.carriage) == (frames, chunks, carriage)
        assert (np.diff(index.pts) > 0).all()
        assert index.key[0]
        strange = [finding for finding in clip.findings if finding.code == "FTG-023"]
        assert bool(strange) == ("0xFC" in carriage)


def test_field_coded_pictures_are_paired() -> None:
    clip = Clip.open(shared("klv/kwiver/aphill_short.ts"))
    index = clip.frame_index()
    assert set(index.packets) == {2}
    assert (index.pts[0], index.pts[-1]) == (129_003, 270_144)
    assert clip.video is not None
    assert clip.video.interlaced
    assert len(index.packet_rows()) == 96


def test_files_without_klv_are_told_apart_in_plain_words() -> None:
    with_audio = Clip.open(shared("klv/kwiver/h264_audio.ts"))
    assert with_audio.metadata() == ()
    (finding,) = with_audio.findings
    assert finding.code == "FTG-020"
    assert "mpeg2video" in finding.message
    assert "aac" in finding.message
    (finding,) = Clip.open(shared("klv/kwiver/h264_no_klv.ts")).findings
    assert "video h264 (PID 256)" in finding.message


@pytest.mark.parametrize("suffix", [".klv", ".ts", ".mp4", ""])
def test_bare_klv_is_known_by_its_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"metadata{suffix}"
    shutil.copyfile(shared("klv/klvdata/DynamicConstantMISMMSPacketData.bin"), path)
    clip = Clip.open(path)
    (stream,) = clip.metadata()
    assert clip.kind is Source.KLV
    assert stream.payload.tobytes() == path.read_bytes()
    assert stream.pos_at(np.array([0, 17])).tolist() == [0, 17]
    assert stream.pts_at(np.array([0, 17])).tolist() == [-1, -1]
    assert len(clip.frame_index()) == 0


def test_segments_join_to_the_whole_and_hold_their_bound(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", StreamFormat(160, 128), 60)
    clip = Clip.open(made.path)
    (whole,) = clip.metadata()
    parts = [stretch[0] for stretch in clip.segments(max_bytes=2_000) if stretch]
    assert len(parts) > 5
    assert max(len(part) for part in parts) < 2_600
    again = joined(parts)
    np.testing.assert_array_equal(again.payload, whole.payload)
    np.testing.assert_array_equal(again.chunk_start, whole.chunk_start)
    np.testing.assert_array_equal(again.chunk_pos, whole.chunk_pos)
    later = parts[3]
    assert later.pos_at(np.array([later.offset]))[0] == whole.pos_at(np.array([later.offset]))[0] >= 0


def _movie(source: Path, path: Path) -> None:
    """An MP4 with a KLVA metadata track: FFmpeg writes none, so a picture track is renamed."""
    with av.open(str(source)) as stream, av.open(str(path), "w", format="mp4") as sink:
        video = sink.add_stream_from_template(stream.streams.video[0])
        data = sink.add_stream("mjpeg", rate=30)
        data.width, data.height, data.pix_fmt = 160, 128, "yuvj420p"
        for packet in stream.demux():
            if packet.size:
                packet.stream = video if packet.stream.type == "video" else data
                sink.mux(packet)
    content = path.read_bytes()
    for old, new in ((b"vide", b"meta"), (b"mp4v", b"KLVA")):
        place = content.rfind(old)
        content = content[:place] + new + content[place + 4 :]
    path.write_bytes(content)


def test_klv_in_an_mp4_track(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", StreamFormat(160, 128, carriage="synchronous"), 30)
    _movie(made.path, tmp_path / "a.mp4")
    with Clip.open(tmp_path / "a.mp4") as clip:
        (stream,) = clip.metadata()
        assert clip.kind is Source.MOVIE
        assert stream.payload.tobytes() == b"".join(made.packets)
        assert stream.carriage == "data track (mov)"
        assert [info.kind for info in clip.streams] == ["video", "klv"]
        assert clip.findings == []
        index = clip.frame_index()
        np.testing.assert_array_equal(index.sei_us, made.times_us)
        np.testing.assert_allclose(stream.chunk_pts - index.pts, 0, atol=100)


def test_several_klv_streams_one_of_them_empty(tmp_path: Path) -> None:
    path = tmp_path / "three.ts"
    made = make(tmp_path / "a.ts", StreamFormat(160, 128), 20)
    with av.open(str(made.path)) as source, av.open(str(path), "w", format="mpegts") as sink:
        video = sink.add_stream_from_template(source.streams.video[0])
        outs = [sink.add_data_stream("klv") for _ in range(3)]
        sent = 0
        for packet in source.demux():
            if not packet.size:
                continue
            if packet.stream.type == "video":
                packet.stream = video
                sink.mux(packet)
                continue
            for out in outs[:2]:
                copy = av.Packet(bytes(packet) * (1 + outs.index(out)))
                copy.stream, copy.time_base = out, Fraction(1, 90_000)
                copy.pts = copy.dts = 90_000 + 3_000 * sent
                sink.mux(copy)
            sent += 1
    clip = Clip.open(path)
    first, second = (stream for stream in clip.metadata() if len(stream))
    assert first.payload.tobytes() == b"".join(made.packets)
    assert second.payload.tobytes() == b"".join(packet * 2 for packet in made.packets)
    assert first.pid != second.pid
    assert [finding.code for finding in clip.findings if finding.code == "FTG-021"] == ["FTG-021"]
    assert sum(stream.kind == "klv" for stream in clip.streams) == 3


def test_what_is_not_a_recording_gets_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="FTG-001"):
        Clip.open(tmp_path / "absent.ts")
    with pytest.raises(NotFound, match="FTG-001"):
        Clip.open("bad\0name")
    with pytest.raises(BadInput, match="FTG-002"):
        Clip.open(tmp_path)
    path = tmp_path / "x.ts"
    for content, code in (
        (b"", "FTG-003"),
        (b"hello", "FTG-005"),
        (bytes(50_000), "FTG-005"),
        (np.random.default_rng(1).bytes(50_000), "FTG-005"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "FTG-005"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=code):
            Clip.open(path)


@pytest.mark.parametrize(
    "script",
    [
        "ffconcat version 1.0\nfile '{target}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{target}\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 33\n",
    ],
)
def test_playlists_that_would_open_other_files_are_refused(tmp_path: Path, script: str) -> None:
    target = make(tmp_path / "a.ts", StreamFormat(160, 128), 5).path
    path = tmp_path / "x.ts"
    path.write_text(script.format(target=target))
    with pytest.raises(BadInput, match="FTG-005"):
        Clip.open(path)


def test_a_recording_cut_anywhere_is_read_up_to_the_cut(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", StreamFormat(160, 128), 40)
    whole = made.path.read_bytes()
    path = tmp_path / "cut.ts"
    frames = []
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(share * len(whole))])
        with Clip.open(path) as clip:
            (stream,) = clip.metadata()
            frames.append(len(clip.frame_index()))
            assert b"".join(made.packets).startswith(stream.payload.tobytes()[:-200])
    assert 0 < frames[0] < frames[1] < frames[2] <= 40
    path.write_bytes(whole[1_000:])
    with Clip.open(path) as clip:
        assert 30 < len(clip.frame_index()) <= 40


def test_video_that_nothing_decodes_is_told(tmp_path: Path) -> None:
    made = make(tmp_path / "a.ts", StreamFormat(160, 128), 10)
    path = tmp_path / "a.mp4"
    with av.open(str(made.path)) as source, av.open(str(path), "w") as sink:
        out = sink.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = out
                sink.mux(packet)
    path.write_bytes(path.read_bytes().replace(b"avc1\0\0\0\0\0\0\0\x01", b"zzzz\0\0\0\0\0\0\0\x01"))
    clip = Clip.open(path)
    assert clip.video is None
    assert [finding.code for finding in clip.findings] == ["FTG-061", "FTG-020"]


def test_streams_are_described() -> None:
    clip = Clip.open(shared("klv/osh/sample-stream.ts"))
    clip.metadata()
    assert clip.streams == (
        StreamInfo(256, "video", "h264", 0x1B, "0x1B H.264 video", 1),
        StreamInfo(257, "klv", "klv", 0x06, "0x06 with 0xFC and PTS", 1),
    )
    assert clip.video is not None
    assert (clip.video.width, clip.video.height, clip.video.frame_rate) == (640, 480, 30.0)
    assert clip.video.duration_s == pytest.approx(9.233, abs=0.01)
    assert clip.frame_index().span_s == pytest.approx(277 / 30, abs=0.001)
