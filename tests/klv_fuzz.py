"""Fuzzing of framer and columns on mutated packets: a sample in the tests, ten million in `bench soak`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.klv import decode_packet
from atalaya.klv.columns import NUMERIC_KINDS, decode_columns
from atalaya.klv.framer import Framer, PacketTable
from atalaya.klv.keys import Family
from atalaya.klv.st0601 import ITEMS
from atalaya.klv.values import State
from tests.klv_mutations import Damaged, damaged_stream

EVERY = tuple(item.tag for item in ITEMS if item.kind in NUMERIC_KINDS and item.tag != 2)
LONGEST = 1 << 14


@dataclass
class Tally:
    """What a run saw; the caller judges."""

    packets: int = 0
    damaged: int = 0
    missed: int = 0
    """Intact packets that were not accepted."""
    unexplained: int = 0
    """Bytes neither accepted nor rejected, or both."""
    largest_wait: int = 0
    """Most bytes ever held back by the framer."""
    wrong_nan: int = 0
    """Values that are no number although their state says so, or the other way round."""


def field_table(data: bytes, rng: np.random.Generator, count: int) -> PacketTable:
    """Any stretches of the data as if they were value fields: what no checksum would let through."""
    start = rng.integers(0, len(data), count)
    length = np.minimum(rng.integers(0, 700, count), len(data) - start)
    kinds = np.full(count, Family.ST0601, np.uint8)
    buffer = np.frombuffer(data, np.uint8)
    return PacketTable(buffer, 0, kinds, start, length, start, length, np.zeros(count, np.uint8))


def feed_all(rng: np.random.Generator, made: Damaged, tally: Tally) -> None:
    """One damaged stream through framer and columns, in chunks of any size."""
    framer = Framer(max_packet_bytes=LONGEST)
    accepted: set[tuple[int, int]] = set()
    position, covered = 0, 0
    while position < len(made.data):
        size = int(rng.choice([1, 188, 1316, 65536])) if position % 5 else int(rng.integers(1, 9000))
        parts = [framer.feed(made.data[position : position + size])]
        position += size
        if position >= len(made.data):
            parts.append(framer.finish())
        else:
            tally.largest_wait = max(tally.largest_wait, framer.waiting_bytes)
        for part in parts:
            accepted.update(zip(part.packets.start.tolist(), part.packets.length.tolist(), strict=True))
            covered += int(part.packets.length.sum()) + int(part.rejected.length.sum())
            for table in (part.packets, part.suspects):
                if len(table):
                    decode_columns(table)
    tally.missed += len(made.missed(accepted))
    tally.unexplained += abs(len(made.data) - covered)


def check_columns(rng: np.random.Generator, data: bytes, rows: int, tally: Tally) -> None:
    """Arbitrary bytes as value fields: no exception, and a number exactly where the state says so."""
    columns = decode_columns(field_table(data, rng, rows), EVERY)
    for name, values in columns.values.items():
        said = columns.states[name] == State.VALUE
        tally.wrong_nan += int((said == np.isnan(values)).sum())


def read_whole(rng: np.random.Generator, made: Damaged, share: float) -> None:
    """A share of the packets, hurt ones too, item by item with nested sets: only declared errors."""
    cuts = [at for at, _ in made.intact]
    for begin, end in pairwise(cuts):
        if rng.random() < share:
            try:
                decode_packet(made.data[begin:end]).as_json()
            except BadInput:
                continue


def fuzz(rng: np.random.Generator, packets: Sequence[bytes], count: int, batch: int = 5000) -> Tally:
    """Mutate `count` packets, half of them damaged, and read them every way there is."""
    tally = Tally()
    while tally.packets < count:
        chosen = [packets[i] for i in rng.integers(len(packets), size=min(batch, count - tally.packets))]
        made = damaged_stream(rng, chosen, 0.5, junk=0.1)
        tally.packets += len(chosen)
        tally.damaged += made.damaged
        feed_all(rng, made, tally)
        check_columns(rng, made.data, len(chosen) // 4, tally)
        read_whole(rng, made, 0.02)
    return tally
