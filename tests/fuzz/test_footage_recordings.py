"""Damaged recordings of every kind: our errors or a shorter recording, never anything else."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.random import Generator

from atalaya.base.errors import AtalayaError
from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.footage.frame_clock import bind_frames
from atalaya.footage.mpegts import declared_streams
from atalaya.footage.writer import StreamFormat
from tests.made_stream import make

_ROUNDS = 60


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("fuzz")
    h264 = make(folder / "a.ts", StreamFormat(160, 128, b_frames=2), 25).path
    hevc = make(folder / "b.ts", StreamFormat(160, 128, codec="hevc", carriage="synchronous"), 25)
    with av.open(str(h264)) as source, av.open(str(folder / "c.mp4"), "w") as sink:
        out = sink.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = out
                sink.mux(packet)
    paths = {"h264.ts": h264, "hevc.ts": hevc.path, "h264.mp4": folder / "c.mp4"}
    return {name: path.read_bytes() for name, path in paths.items()} | {"bare.klv": b"".join(hevc.packets)}


def _damaged(data: bytes, generator: Generator) -> bytes:
    """Bytes flipped, ranges cut out, doubled or overwritten, the end or the beginning lost."""
    out = bytearray(data)
    for _ in range(int(generator.integers(1, 6))):
        place, size = int(generator.integers(len(out))), int(generator.integers(1, 2_000))
        match int(generator.integers(5)):
            case 0:
                out[place] ^= int(generator.integers(1, 256))
            case 1:
                del out[place : place + size]
            case 2:
                out[place:place] = out[place : place + size]
            case 3:
                out[place : place + size] = generator.bytes(len(out[place : place + size]))
            case _:
                out = out[: max(place, 1)] if generator.integers(2) else out[place:]
        if not out:
            return b"\0"
    return bytes(out)


@pytest.mark.parametrize("name", ["h264.ts", "hevc.ts", "h264.mp4", "bare.klv"])
def test_damage_never_escapes(seeds: dict[str, bytes], name: str, tmp_path: Path) -> None:
    generator = np.random.default_rng([8, len(name)])
    path = tmp_path / name
    opened = 0
    told: list[str] = []
    for _ in range(_ROUNDS):
        path.write_bytes(_damaged(seeds[name], generator))
        try:
            with Clip.open(path) as clip:
                streams = clip.metadata()
                index = clip.frame_index()
                assert all(finding.message for finding in clip.findings)
                assert (np.diff(index.pts) >= 0).all()
                for stream in streams:
                    assert (np.diff(stream.chunk_start) >= 0).all()
                    t_us = 1_700_000_000_000_000 + np.arange(len(stream.chunk_pts)) * 33_333
                    bind_frames(index, t_us, stream.chunk_pts, stream.chunk_pos)
                if clip.video is not None and len(index):
                    rows = [frame.index for frame in FrameReader(clip).all()]
                    assert len(rows) == len(set(rows)) <= len(index)
                opened += 1
        except AtalayaError as error:
            told.append(str(error))
    assert opened >= _ROUNDS // 10
    assert all(text.startswith("FTG-") for text in told)


def test_programme_tables_of_any_bytes() -> None:
    generator = np.random.default_rng(4)
    for _ in range(300):
        packets = bytearray(generator.bytes(188 * 12))
        packets[::188] = b"\x47" * 12
        for place in range(0, len(packets), 188):
            packets[place + 1 : place + 3] = (0x4000 | int(generator.integers(3))).to_bytes(2, "big")
        assert isinstance(declared_streams(bytes(packets)), dict)
