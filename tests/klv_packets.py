"""KLV packets of the shared recordings, cut as their files carry them."""

from functools import cache
from pathlib import Path

import av

from atalaya.klv import ber
from tests.shared_data import shared

STREAMS = (
    "klv/osh/sample-stream.ts",
    "klv/kwiver/h264_klv.ts",
    "klv/kwiver/h265_klv.ts",
    "klv/kwiver/mpeg2_klv.ts",
    "klv/kwiver/aphill_klv_10s.ts",
    "klv/kwiver/aphill_short.ts",
)
BARE = (
    "klv/jmisb/0903.bin",
    "klv/klvdata/DynamicOnlyMISMMSPacketData.bin",
    "klv/klvdata/DynamicConstantMISMMSPacketData.bin",
)


def packets(name: str) -> list[bytes]:
    """Every packet of a shared file, or skip the test that asked for it."""
    path = shared(name)
    return _from_stream(path) if name.endswith(".ts") else _from_bytes(path)


@cache
def _from_stream(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        data = [stream for stream in container.streams if stream.type == "data"]
        return [bytes(packet) for packet in container.demux(data) if packet.size]


@cache
def _from_bytes(path: Path) -> list[bytes]:
    data, found, at = path.read_bytes(), [], 0
    while at < len(data):
        length = ber.read_length(data, at + 16, len(data))
        assert length is not None
        found.append(data[at : length[1] + length[0]])
        at = length[1] + length[0]
    return found
