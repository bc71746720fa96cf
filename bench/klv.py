"""KLV: packets per second against stanag4609 and klvdata, a 20 h sortie, agreement, damage, hostile bytes."""

import io
import resource
import warnings
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from atalaya.klv.columns import Columns, decode_columns, read_columns
from atalaya.klv.framer import Framer, frame
from atalaya.klv.keys import LABELS, Family
from bench.measure import Measure, best_of, interleaved
from bench.shared import shared
from tests.klv_mutations import damaged_stream

ROOM = "klv"
OSH = "klv/osh/sample-stream.ts"
SORTIE_PACKETS = 20 * 3600 * 30
STANAG = "stanag4609 0.4.0"
KLVDATA = "klvdata 0.0.3"
VMTI_TAG = 74


@cache
def packets_of(path: Path) -> tuple[bytes, ...]:
    """The KLV packets of an MPEG-TS file."""
    with av.open(str(path)) as container:
        data = [stream for stream in container.streams if stream.type == "data"]
        return tuple(bytes(packet) for packet in container.demux(data) if packet.size)


def measures() -> Iterator[Measure]:
    """Every measure of the room."""
    path = shared(OSH)
    if path is None:
        yield Measure(ROOM, "all", None, "", note=f"{OSH} is not beside this checkout")
    else:
        packets = packets_of(path)
        yield from speed(packets)
        yield from against_klvdata(packets)
        yield agreement(packets)
        yield from sortie(packets)
        yield recovery(packets)
    yield hostile()


def speed(packets: tuple[bytes, ...]) -> Iterator[Measure]:
    """Framing, checksum and 47 columns, one thread, against the peer on the same packets in turn."""
    from stanag4609.st0601 import FieldDecodingMode, decode_uas_local_set

    times = 200
    data = b"".join(packets) * times
    read_columns(data)

    def theirs() -> None:
        for packet in packets:
            decode_uas_local_set(packet, verify_checksum=True, field_decoding=FieldDecodingMode.PRESERVE)

    ours_s, theirs_s = interleaved(7, lambda: read_columns(data), theirs)
    ours = len(packets) * times / ours_s
    note = "frame + checksum + 47 columns; the peer decodes text and nested sets too"
    yield Measure(
        ROOM,
        "columnar decode, one core",
        ours,
        "packets/s",
        2e6,
        peer=STANAG,
        peer_value=len(packets) / theirs_s,
        note=note,
    )
    yield Measure(ROOM, "times faster than stanag4609", ours * theirs_s / len(packets), "x", 1000, note=note)
    found = frame(data).packets
    framing = best_of(5, lambda: frame(data))
    decoding = best_of(5, lambda: decode_columns(found))
    yield Measure(ROOM, "of that: framing with checksum", framing / len(found) * 1e9, "ns/packet")
    yield Measure(ROOM, "of that: columns", decoding / len(found) * 1e9, "ns/packet")


def against_klvdata(packets: tuple[bytes, ...]) -> Iterator[Measure]:
    """The packets of the stream that klvdata survives: those without target reports, unchanged."""
    name = "times faster than klvdata"
    try:
        import klvdata
    except ImportError:
        yield Measure(ROOM, name, None, "x", 150, note="klvdata is not installed")
        return
    has_targets = read_columns(b"".join(packets)).has(VMTI_TAG)
    readable = b"".join(packet for packet, target in zip(packets, has_targets, strict=True) if not target)
    count, times = int((~has_targets).sum()), 200
    data = readable * times

    def theirs() -> None:
        found = list(klvdata.StreamParser(io.BytesIO(readable)))
        if len(found) != count:
            raise RuntimeError(f"klvdata read {len(found)} of {count} packets")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours_s, theirs_s = interleaved(7, lambda: read_columns(data), theirs)
    yield Measure(
        ROOM,
        name,
        times * theirs_s / ours_s,
        "x",
        150,
        note=f"{KLVDATA} dies on item {VMTI_TAG}: the {count} packets without it, unchanged; "
        f"it verifies no checksum; it reads {count / theirs_s:,.0f} packets/s",
    )


def agreement(packets: tuple[bytes, ...]) -> Measure:
    """Largest difference of any numeric value to the peer's."""
    from stanag4609.st0601 import FieldDecodingMode, decode_uas_local_set

    columns = read_columns(b"".join(packets))
    names = {item.tag: item.name for item in columns.items}
    worst, compared = 0.0, 0
    for row, packet in enumerate(packets):
        read = decode_uas_local_set(packet, field_decoding=FieldDecodingMode.PRESERVE)
        for entry in read.fields:
            name = names.get(entry.definition.tag)
            if name and isinstance(entry.value, (int, float, Fraction)):
                worst = max(worst, abs(float(columns[name][row]) - float(entry.value)))
                compared += 1
    return Measure(
        ROOM,
        "largest difference to stanag4609",
        worst,
        "of a value",
        1e-9,
        "less",
        note=f"{compared} values",
    )


def sortie(packets: tuple[bytes, ...]) -> Iterator[Measure]:
    """Metadata of 20 h at 30 Hz, fed in chunks of about 16 MB, all columns kept."""
    chunk = b"".join(packets) * 230
    per_chunk = len(packets) * 230
    rounds = -(-SORTIE_PACKETS // per_chunk)

    def read() -> list[Columns]:
        framer = Framer()
        parts = [decode_columns(framer.feed(chunk).packets) for _ in range(rounds)]
        return [*parts, decode_columns(framer.finish().packets)]

    before = resident_mb()
    kept = read()
    held = resident_mb() - before
    count = sum(len(part) for part in kept)
    del kept
    seconds = best_of(3, read) * SORTIE_PACKETS / count
    yield Measure(
        ROOM,
        "20 h sortie, 2.16 M packets",
        seconds,
        "s",
        2.0,
        "less",
        note=f"{len(chunk) * rounds / 1e6:.0f} MB of KLV",
    )
    yield Measure(
        ROOM, "memory held by its columns", held, "MB", note=f"{count} packets, 26 items that occur"
    )


def resident_mb() -> float:
    """Memory of this process now, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 1e6


def recovery(packets: tuple[bytes, ...]) -> Measure:
    """Intact packets that come through when one in ten is damaged."""
    missed = total = 0
    for seed in range(20):
        made = damaged_stream(np.random.default_rng(seed), packets * 4, 0.1)
        found = frame(made.data).packets
        missed += len(made.missed(zip(found.start.tolist(), found.length.tolist(), strict=True)))
        total += len(made.intact)
    share = 100 * (total - missed) / total
    return Measure(ROOM, "intact packets recovered, 10 % damaged", share, "%", 100, note=f"{total} intact")


def hostile() -> Measure:
    """A stream made to cost the most: labels that all claim the longest set, each ending like a checksum."""
    largest = 1 << 16
    unit = LABELS[Family.ST0601] + b"\x82\xff\x00" + b"\x01\x02\x01"
    data = unit * (4_000_000 // len(unit))

    def read() -> None:
        framer = Framer(max_packet_bytes=largest)
        for start in range(0, len(data), 1316):
            framer.feed(data[start : start + 1316])
        framer.finish()

    read()
    return Measure(
        ROOM,
        "hostile stream, fed in 1316-byte pieces",
        len(data) / best_of(2, read) / 1e6,
        "MB/s",
        note="every label claims 65 kB that end like a checksum",
    )
