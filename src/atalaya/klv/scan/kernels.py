"""Finding KLV sets in a byte stream, compiled.

Works on `data: (n,) uint8`, contiguous, and `words: (n - 7,) uint64`, the same memory as little-endian words
that begin at every byte. No length is trusted before it is compared with the bytes that are there. Positions
handed in and out are offsets in the stream; `base` is that of `data[0]`. The same functions run uncompiled
under NUMBA_DISABLE_JIT=1, hence the explicit `np.int64(...)` around bytes. What runs for every intact set is
written out in `scan`: handing an array to a function counts references, which is what costs there.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]
Int: TypeAlias = Any
"""int, or np.int64 where the loop runs uncompiled."""

# Slots of the scanner's state array, int64.
POS, GAP, LABEL, LABEL_END, CUR, CUR_START, CUR_END, GOOD_SEEN = 0, 1, 2, 3, 4, 5, 6, 7
NEEDED, REWORK, PACKETS, SUSPECTS, REJECTED, BAD_SUMS, STATE_SIZE = 8, 9, 10, 11, 12, 13, 14

# Families, reasons and checksum states: the numbers of keys.Family, framer.Reason and framer.Checksum.
UNKNOWN, UAS, VMTI, RVT, MIIS = 0, 1, 2, 6, 7
JUNK, BAD_SUM, NO_SUM, TRUNCATED, BAD_LENGTH, OVERSIZE, STRUCTURE, CELL_HEADER = 1, 2, 3, 4, 5, 6, 7, 8
SUM_NONE, SUM_GOOD, SUM_BAD, SUM_MISSING = 0, 1, 2, 3

OPEN = 1 << 62
LONGEST_WALK = 1024
LONGEST_CRC = 2048
BLOCK = 256
FULL, DONE = 1, 0

FOUR = np.uint64(0xFFFFFFFF)
PREFIX = np.uint64(0x342B0E06)
NO_VERSION = np.uint64(0x00FFFFFFFFFFFFFF)
"""Drops the registry version, byte 8 of a label, from its first word."""
EVEN_BYTES = np.uint64(0x00FF00FF00FF00FF)
EVEN_PAIRS = np.uint64(0x0000FFFF0000FFFF)


@kernel
def find_label(data: Array, start: Int, stop: Int) -> Int:
    """First index of 06 0E 2B 34 in data[start:stop], or of a beginning of it cut by `stop`; else `stop`."""
    i = start
    while i + 3 < stop:
        last = data[i + 3]
        if last == 0x34:
            if data[i] == 0x06 and data[i + 1] == 0x0E and data[i + 2] == 0x2B:
                return i
            i += 4
        elif last == 0x2B:
            i += 1
        elif last == 0x0E:
            i += 2
        elif last == 0x06:
            i += 3
        else:
            i += 4
    while i < stop:
        if (
            data[i] == 0x06
            and (i + 1 >= stop or data[i + 1] == 0x0E)
            and (i + 2 >= stop or data[i + 2] == 0x2B)
        ):
            return i
        i += 1
    return stop


@kernel
def folded(lanes: Int) -> Int:
    """Sum of the four 16-bit lanes of a word."""
    pairs = (lanes & EVEN_PAIRS) + ((lanes >> np.uint64(16)) & EVEN_PAIRS)
    return np.int64((pairs + (pairs >> np.uint64(32))) & FOUR)


@kernel
def read_length(data: Array, at: Int, stop: Int) -> tuple[Int, Int]:
    """BER length at `at` -> (value, bytes used); used 0: cut by `stop`; -1: indefinite or over 4 bytes."""
    if at >= stop:
        return np.int64(0), np.int64(0)
    first = np.int64(data[at])
    if first < 0x80:
        return first, np.int64(1)
    count = first & 0x7F
    if count == 0 or count > 4:
        return np.int64(0), np.int64(-1)
    if at + 1 + count > stop:
        return np.int64(0), np.int64(0)
    value = np.int64(0)
    for j in range(count):
        value = (value << 8) | np.int64(data[at + 1 + j])
    return value, count + 1


@kernel
def walk_local(data: Array, start: Int, stop: Int, tag_bytes: Int) -> bool:
    """Whether tag-length-value items fill data[start:stop] exactly; `tag_bytes` 0 means BER-OID tags."""
    at = np.int64(start)
    for _ in range(LONGEST_WALK):
        if at == stop:
            return True
        if tag_bytes == 0:
            while at < stop and data[at] & 0x80:
                at += 1
            at += 1
        else:
            at += tag_bytes
        length, used = read_length(data, at, stop)
        if used <= 0:
            return False
        at += used
        if length > stop - at:
            return False
        at += length
    return False


@kernel
def set_label_in(data: Array, start: Int, stop: Int, final: bool) -> Int:
    """Whether the label of a set (06 0E 2B 34 02) begins in data[start:stop] (1, 0; -1: cannot tell yet)."""
    end = min(len(data), stop + 4)
    at = start
    while True:
        at = find_label(data, at, end)
        if at >= stop:
            return np.int64(0)
        if at + 5 > len(data):
            return np.int64(0 if final else -1)
        if data[at + 4] == 0x02:
            return np.int64(1)
        at += 1


@kernel
def walk_universal(data: Array, label: Int, start: Int, stop: Int, final: bool) -> Int:
    """Whether items with 16-byte keys fill data[start:stop] exactly: 1, 0; -1: more bytes will tell.

    A key may be that of a nested set, but not the set's own, and no set begins within a value.
    """
    at = np.int64(start)
    for _ in range(LONGEST_WALK):
        if at == stop:
            return np.int64(1)
        if at + 17 > stop or find_label(data, at, at + 4) != at:
            return np.int64(0)
        again = True
        for j in range(4, 16):
            if j != 7 and data[at + j] != data[label + j]:
                again = False
                break
        if again:
            return np.int64(0)
        length, used = read_length(data, at + 16, stop)
        if used <= 0 or length > stop - at - 16 - used:
            return np.int64(0)
        after = at + 16 + used + length
        inside = set_label_in(data, at + 1, after, final or after < stop)
        if inside != 0:
            return np.int64(0 if inside > 0 else -1)
        at = after
    return np.int64(0)


@kernel
def direct_sum(data: Array, words: Array, start: Int, stop: Int) -> Int:
    """ST 0601 running sum of data[start:stop]: 16-bit words, the first byte high, mod 65536."""
    high = np.int64(0)
    low = np.int64(0)
    at = start
    while at + 8 <= stop:
        # Eight bytes at a time in 16-bit lanes, which hold 256 sums before they must be folded.
        count = min((stop - at) >> 3, 256)
        even = np.uint64(0)
        odd = np.uint64(0)
        for j in range(count):
            word = words[at + 8 * j]
            even += word & EVEN_BYTES
            odd += (word >> np.uint64(8)) & EVEN_BYTES
        high += folded(even)
        low += folded(odd)
        at += 8 * count
    for i in range(at, stop):
        if (i - start) & 1:
            low += data[i]
        else:
            high += data[i]
    return ((high << 8) + low) & 0xFFFF


@kernel
def crc32_mpeg2(data: Array, start: Int, stop: Int) -> Int:
    """CRC-32/MPEG-2 of data[start:stop]; 0 where the CRC of what precedes it ends the range."""
    crc = np.int64(0xFFFFFFFF)
    for i in range(start, stop):
        crc ^= np.int64(data[i]) << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


@kernel
def stored_sum(data: Array, start: Int, stop: Int) -> bool:
    """Whether data[start:stop] ends with a checksum item (tag 1, 2 bytes; its length may be non-minimal)."""
    if stop - start >= 4 and data[stop - 4] == 1 and data[stop - 3] == 2:
        return True
    return bool(stop - start >= 5 and data[stop - 5] == 1 and data[stop - 4] == 0x81 and data[stop - 3] == 2)


@kernel
def push(state: Array, reason: Int, stop: Int, rejected: Array) -> None:
    """Give the bytes from where the last range ended up to `stop` a reason, joined to an equal neighbour."""
    if stop <= state[CUR_END]:
        return
    if state[CUR] != reason:
        if state[CUR] != 0:
            flush(state, rejected)
        state[CUR] = reason
        state[CUR_START] = state[CUR_END]
    state[CUR_END] = stop


@kernel
def flush(state: Array, rejected: Array) -> None:
    """Write the pending rejected range, if there is one."""
    if state[CUR] != 0 and state[CUR_END] > state[CUR_START]:
        row = state[REJECTED]
        rejected[0, row] = state[CUR_START]
        rejected[1, row] = state[CUR_END] - state[CUR_START]
        rejected[2, row] = state[CUR]
        state[REJECTED] = row + 1
    state[CUR] = 0


@kernel
def assign(state: Array, stop: Int, rejected: Array) -> None:
    """Explain the bytes up to `stop`: those a failed label claimed by its reason, the rest as junk."""
    if state[LABEL] != 0:
        push(state, state[LABEL], min(stop, state[LABEL_END]), rejected)
    push(state, JUNK, stop, rejected)


@kernel
def fail(state: Array, at: Int, reason: Int, claimed: Int, rejected: Array) -> None:
    """A label at `at` does not begin an intact set: from here on its reason explains up to what it claims."""
    assign(state, at, rejected)
    state[LABEL] = reason
    state[LABEL_END] = claimed


@kernel
def close_gap(data: Array, base: Int, state: Array, at: Int, total: Int, rejected: Array) -> None:
    """Explain everything between the last set and the one at `at`, `total` bytes long."""
    i = at - base
    if at - 5 >= state[CUR_END] and i >= 5:
        size = (np.int64(data[i - 2]) << 8) | np.int64(data[i - 1])
        if size == total and (data[i - 3] & 0xC0) == 0xC0:
            assign(state, at - 5, rejected)
            push(state, CELL_HEADER, at, rejected)
    assign(state, at, rejected)
    flush(state, rejected)
    state[LABEL] = 0


@kernel
def judge_unsummed(
    data: Array, label: Int, start: Int, stop: Int, family: Int, final: bool
) -> tuple[Int, Int]:
    """Verdict on a set without an ST 0601 checksum -> (reason, checksum state); -1: more bytes will tell.

    Nothing vouches for its length, so no other set may begin inside: lost bytes would make it swallow one.
    """
    crc_ends_it = stop - start >= 6 and data[stop - 6] == 1 and data[stop - 5] == 4
    if family == RVT and crc_ends_it and stop - label <= LONGEST_CRC:
        good = crc32_mpeg2(data, label, stop) == 0
        return np.int64(0 if good else BAD_SUM), np.int64(SUM_GOOD if good else SUM_BAD)
    coding = data[label + 5]
    if family != MIIS and coding == 0x01:
        well = walk_universal(data, label, start, stop, final)
        return np.int64(-1 if well < 0 else 0 if well else STRUCTURE), np.int64(SUM_NONE)
    inside = set_label_in(data, label + 1, stop, final)
    if inside != 0:
        return np.int64(-1 if inside < 0 else STRUCTURE), np.int64(SUM_NONE)
    if family == MIIS:
        fits = (stop - start) >= 18 and (stop - start) <= 66 and (stop - start) % 16 == 2
    elif coding in (0x0B, 0x03):
        fits = walk_local(data, start, stop, 0)
    elif coding == 0x13:
        fits = walk_local(data, start, stop, 2)
    else:
        # A pack, or a coding of which nothing can be checked: another label or the end must follow.
        if stop + 4 > len(data) and not final:
            return np.int64(-1), np.int64(SUM_NONE)
        fits = stop == len(data) or (stop + 4 <= len(data) and find_label(data, stop, stop + 4) == stop)
    return np.int64(0 if fits else STRUCTURE), np.int64(SUM_NONE)


@kernel
def block_sums(data: Array, sums: Array, first: Int, last: Int) -> None:
    """Cumulative sums of even- and odd-indexed bytes at block borders first+1 .. last."""
    for block in range(first, last):
        even = np.int64(0)
        odd = np.int64(0)
        for i in range(block * BLOCK, (block + 1) * BLOCK, 2):
            even += data[i]
            odd += data[i + 1]
        sums[block + 1, 0] = sums[block, 0] + even
        sums[block + 1, 1] = sums[block, 1] + odd


@kernel
def far_sum(data: Array, sums: Array, start: Int, stop: Int) -> Int:
    """`direct_sum` by the cumulative sums of whole blocks; they must reach stop // BLOCK."""
    head = (start + BLOCK - 1) // BLOCK
    tail = stop // BLOCK
    high = np.int64(0)
    low = np.int64(0)
    for i in range(start, head * BLOCK):
        if (i - start) & 1:
            low += data[i]
        else:
            high += data[i]
    side = start & 1
    high += sums[tail, side] - sums[head, side]
    low += sums[tail, 1 - side] - sums[head, 1 - side]
    for i in range(tail * BLOCK, stop):
        if (i - start) & 1:
            low += data[i]
        else:
            high += data[i]
    return ((high << 8) + low) & 0xFFFF


@kernel
def note(
    table: Array, row: Int, family: Int, start: Int, length: Int, value: Int, size: Int, check: Int
) -> None:
    """Write one row of a table of sets."""
    table[0, row] = family
    table[1, row] = start
    table[2, row] = length
    table[3, row] = value
    table[4, row] = size
    table[5, row] = check


@kernel
def scan(
    data: Array,
    words: Array,
    base: Int,
    final: bool,
    largest: Int,
    labels: Array,
    families: Array,
    state: Array,
    packets: Array,
    suspects: Array,
    rejected: Array,
) -> Int:
    """Find every set from state[POS] on; -> FULL where an output table is full (call again), else DONE.

    labels: (families, 2) uint64, the known labels as words without registry version; families: their numbers.
    packets, suspects: (6, rows) int64: family, start, length, value start, value length, checksum state.
    rejected: (3, rows) int64: start, length, reason. Offsets are those of the stream.

    Checksums of failed candidates that overlap are taken from block sums, so that hostile lengths cost time
    in proportion to the bytes; `state[REWORK]` tells the caller how much was summed again.
    """
    n = len(data)
    sums = np.zeros((1, 2), np.int64)
    sums_last = np.int64(-1)
    summed = np.int64(0)
    state[NEEDED] = 0
    pos = state[POS] - base
    while True:
        state[POS] = base + pos
        if (
            state[PACKETS] >= packets.shape[1]
            or state[SUSPECTS] >= suspects.shape[1]
            or state[REJECTED] + 6 > rejected.shape[1]
        ):
            return FULL
        if pos + 17 > n or words[pos] & FOUR != PREFIX:
            pos = find_label(data, pos, n)
            state[POS] = base + pos
            if pos + 17 > n:
                # The label is cut by the end (or there is none: pos == n).
                if not final:
                    state[NEEDED] = base + pos + 17
                    return DONE
                if pos + 4 <= n:
                    fail(state, base + pos, TRUNCATED, OPEN, rejected)
                state[POS] = base + n
                assign(state, base + n, rejected)
                flush(state, rejected)
                return DONE
        # The family: a known label, any other set or pack (02 .. 01), or nothing we frame.
        front = words[pos] & NO_VERSION
        back = words[pos + 8]
        family = np.int64(UNKNOWN)
        for row in range(len(families)):
            if front == labels[row, 0] and back == labels[row, 1]:
                family = np.int64(families[row])
                break
        if family == UNKNOWN and (data[pos + 4] != 0x02 or data[pos + 6] != 0x01):
            pos += 1
            continue
        length = np.int64(data[pos + 16])
        used = np.int64(1)
        if length & 0x80:
            length, used = read_length(data, pos + 16, n)
            if used == 0 and not final:
                state[NEEDED] = base + pos + 17 + (np.int64(data[pos + 16]) & 0x7F)
                return DONE
        begin = pos + 16 + used
        stop = begin + length
        reason = np.int64(0)
        check = np.int64(SUM_NONE)
        claimed = np.int64(OPEN)
        if used == 0:
            reason = np.int64(TRUNCATED)
        elif used < 0 or length == 0:
            reason = np.int64(BAD_LENGTH)
        elif stop - pos > largest:
            reason = np.int64(OVERSIZE)
        elif stop > n:
            if not final:
                state[NEEDED] = base + stop
                return DONE
            reason = np.int64(TRUNCATED)
        else:
            claimed = np.int64(base + stop)
            summable = family in (UAS, VMTI)
            if (summable or family == UNKNOWN) and stored_sum(data, begin, stop):
                if pos < summed and stop - pos > 4 * BLOCK:
                    if sums_last < 0:
                        sums = np.zeros((n // BLOCK + 1, 2), np.int64)
                        sums_last = np.int64(pos // BLOCK)
                    if stop // BLOCK > sums_last:
                        block_sums(data, sums, sums_last, stop // BLOCK)
                        state[REWORK] += (stop // BLOCK - sums_last) * BLOCK
                        sums_last = np.int64(stop // BLOCK)
                    found = far_sum(data, sums, pos, stop - 2)
                else:
                    found = direct_sum(data, words, pos, stop - 2)
                if found == ((np.int64(data[stop - 2]) << 8) | np.int64(data[stop - 1])):
                    check = np.int64(SUM_GOOD)
                    if summable:
                        state[GOOD_SEEN] = 1
                else:
                    check = np.int64(SUM_BAD)
                    reason = np.int64(BAD_SUM)
                    summed = max(summed, np.int64(stop))
            elif summable:
                # Some encoders never write the checksum; but a stream that has it does not lose it by itself.
                check = np.int64(SUM_MISSING)
                reason = np.int64(NO_SUM)
                if state[GOOD_SEEN] == 0 and walk_local(data, begin, stop, 0):
                    inside = set_label_in(data, pos + 1, stop, final)
                    if inside <= 0:
                        reason = np.int64(inside)
            else:
                reason, check = judge_unsummed(data, pos, begin, stop, family, final)
            if reason < 0:
                state[NEEDED] = base + stop + 5
                return DONE
        if reason == 0:
            if base + pos != state[CUR_END] or state[CUR] != 0 or state[LABEL] != 0:
                close_gap(data, base, state, base + pos, stop - pos, rejected)
            state[GAP] = base + stop
            state[CUR_END] = base + stop
            note(packets, state[PACKETS], family, base + pos, stop - pos, base + begin, length, check)
            state[PACKETS] += 1
            pos = stop
            continue
        if check in (SUM_BAD, SUM_MISSING):
            state[BAD_SUMS] += 1
            note(suspects, state[SUSPECTS], family, base + pos, stop - pos, base + begin, length, check)
            state[SUSPECTS] += 1
        state[REWORK] += 1
        fail(state, base + pos, reason, claimed, rejected)
        pos += 1
