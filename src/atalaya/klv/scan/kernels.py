"""Finding KLV sets in a byte stream, compiled.

Everything here works on a contiguous `data: (n,) uint8` and trusts no length before comparing it with the
bytes that are there. Positions handed in and out are offsets in the stream; `base` is that of `data[0]`.
The same functions run uncompiled under NUMBA_DISABLE_JIT=1, hence the explicit `np.int64(...)` around bytes.
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
def classify(data: Array, at: Int, keys: Array, families: Array) -> Int:
    """Family of the label at `at` (registry version, byte 8, ignored); 0: another set or pack; -1: none."""
    for row in range(keys.shape[0]):
        same = True
        for j in range(4, 16):
            if j != 7 and data[at + j] != keys[row, j]:
                same = False
                break
        if same:
            return np.int64(families[row])
    return np.int64(UNKNOWN) if data[at + 4] == 0x02 else np.int64(-1)


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
def walk_universal(data: Array, label: Int, start: Int, stop: Int) -> bool:
    """Whether items with 16-byte keys fill data[start:stop] exactly and none is the set's own label again."""
    at = np.int64(start)
    for _ in range(LONGEST_WALK):
        if at == stop:
            return True
        if at + 17 > stop:
            return False
        if data[at] != 0x06 or data[at + 1] != 0x0E or data[at + 2] != 0x2B or data[at + 3] != 0x34:
            return False
        again = True
        for j in range(4, 16):
            if j != 7 and data[at + j] != data[label + j]:
                again = False
                break
        if again:
            return False
        length, used = read_length(data, at + 16, stop)
        if used <= 0:
            return False
        at += 16 + used
        if length > stop - at:
            return False
        at += length
    return False


@kernel
def direct_sum(data: Array, start: Int, stop: Int) -> Int:
    """ST 0601 running sum of data[start:stop]: 16-bit words, the first byte high, mod 65536."""
    high = np.int64(0)
    low = np.int64(0)
    for i in range((stop - start) // 2):
        high += data[start + 2 * i]
        low += data[start + 2 * i + 1]
    if (stop - start) & 1:
        high += data[stop - 1]
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
        rejected[row, 0] = state[CUR_START]
        rejected[row, 1] = state[CUR_END] - state[CUR_START]
        rejected[row, 2] = state[CUR]
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
    state[GAP] = at + total
    state[CUR_END] = at + total


@kernel
def judge_unsummed(data: Array, label: Int, start: Int, stop: Int, family: Int) -> tuple[Int, Int]:
    """Verdict on a set without an ST 0601 checksum -> (reason, checksum state); -1: see what follows."""
    if family == MIIS:
        well = (stop - start) >= 18 and (stop - start) <= 66 and (stop - start) % 16 == 2
        return np.int64(0 if well else STRUCTURE), np.int64(SUM_NONE)
    crc_ends_it = stop - start >= 6 and data[stop - 6] == 1 and data[stop - 5] == 4
    if family == RVT and crc_ends_it and stop - label <= LONGEST_CRC:
        good = crc32_mpeg2(data, label, stop) == 0
        return np.int64(0 if good else BAD_SUM), np.int64(SUM_GOOD if good else SUM_BAD)
    coding = data[label + 5]
    if coding == 0x01:
        well = walk_universal(data, label, start, stop)
    elif coding == 0x0B or coding == 0x03:
        well = walk_local(data, start, stop, 0)
    elif coding == 0x13:
        well = walk_local(data, start, stop, 2)
    else:
        return np.int64(-1), np.int64(SUM_NONE)
    return np.int64(0 if well else STRUCTURE), np.int64(SUM_NONE)


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
def scan(
    data: Array,
    base: Int,
    final: bool,
    largest: Int,
    keys: Array,
    families: Array,
    state: Array,
    packets: Array,
    suspects: Array,
    rejected: Array,
) -> Int:
    """Find every set from state[POS] on; -> FULL where an output table is full (call again), else DONE.

    packets, suspects: (rows, 6) int64: family, start, length, value start, value length, checksum state.
    rejected: (rows, 3) int64: start, length, reason. Offsets are those of the stream.

    Checksums of failed candidates that overlap are taken from block sums, so that hostile lengths cost time
    in proportion to the bytes; `state[REWORK]` tells the caller how much was summed again.
    """
    n = len(data)
    sums = np.zeros((1, 2), np.int64)
    sums_first = np.int64(-1)
    sums_last = np.int64(-1)
    summed = np.int64(0)
    state[NEEDED] = 0
    while True:
        if (
            state[PACKETS] >= len(packets)
            or state[SUSPECTS] >= len(suspects)
            or state[REJECTED] + 6 > len(rejected)
        ):
            return FULL
        at = find_label(data, state[POS] - base, n)
        state[POS] = base + at
        if at + 17 > n:
            # The label is cut by the end (or there is none: at == n).
            if final:
                if at + 4 <= n:
                    fail(state, base + at, TRUNCATED, OPEN, rejected)
                state[POS] = base + n
                assign(state, base + n, rejected)
                flush(state, rejected)
            else:
                state[NEEDED] = base + at + 17
            return DONE
        family = classify(data, at, keys, families)
        if family < 0:
            state[POS] += 1
            continue
        length, used = read_length(data, at + 16, n)
        if used == 0 and not final:
            state[NEEDED] = base + at + 17 + (np.int64(data[at + 16]) & 0x7F)
            return DONE
        begin = at + 16 + used
        stop = begin + length
        reason = np.int64(0)
        check = np.int64(SUM_NONE)
        claimed = np.int64(OPEN)
        if used == 0:
            reason = np.int64(TRUNCATED)
        elif used < 0 or length == 0:
            reason = np.int64(BAD_LENGTH)
        elif stop - at > largest:
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
                if at < summed and stop - at > 4 * BLOCK:
                    if sums_first < 0:
                        sums = np.zeros((n // BLOCK + 1, 2), np.int64)
                        sums_first = np.int64(at // BLOCK)
                        sums_last = sums_first
                    if stop // BLOCK > sums_last:
                        block_sums(data, sums, sums_last, stop // BLOCK)
                        state[REWORK] += (stop // BLOCK - sums_last) * BLOCK
                        sums_last = np.int64(stop // BLOCK)
                    found = far_sum(data, sums, at, stop - 2)
                else:
                    found = direct_sum(data, at, stop - 2)
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
                if state[GOOD_SEEN] != 0 or not walk_local(data, begin, stop, 0):
                    reason = np.int64(NO_SUM)
            else:
                reason, check = judge_unsummed(data, at, begin, stop, family)
                if reason < 0:
                    # Nothing inside can be checked: believe the length if another label or the end follows.
                    if stop + 4 > n and not final:
                        state[NEEDED] = base + stop + 4
                        return DONE
                    follows = stop == n or (stop + 4 <= n and find_label(data, stop, stop + 4) == stop)
                    reason = np.int64(0 if follows else STRUCTURE)
        if reason == 0:
            close_gap(data, base, state, base + at, stop - at, rejected)
            row = state[PACKETS]
            packets[row, 0] = family
            packets[row, 1] = base + at
            packets[row, 2] = stop - at
            packets[row, 3] = base + begin
            packets[row, 4] = length
            packets[row, 5] = check
            state[PACKETS] = row + 1
            state[POS] = base + stop
            continue
        if check in (SUM_BAD, SUM_MISSING):
            state[BAD_SUMS] += 1
            row = state[SUSPECTS]
            suspects[row, 0] = family
            suspects[row, 1] = base + at
            suspects[row, 2] = stop - at
            suspects[row, 3] = base + begin
            suspects[row, 4] = length
            suspects[row, 5] = check
            state[SUSPECTS] = row + 1
        state[REWORK] += 1
        fail(state, base + at, reason, claimed, rejected)
        state[POS] += 1
