"""Local sets to columns, compiled: one walk over the items of each packet fills a row.

Works on a contiguous `data: (n,) uint8` and compares every length with the bytes that are there. The same
function runs uncompiled under NUMBA_DISABLE_JIT=1, hence the explicit `np.int64(...)` around bytes.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]
Int: TypeAlias = Any
Real: TypeAlias = Any
"""Python's numbers, or numpy's where the loop runs uncompiled."""

# States of values.State and codings of columns.py.
ABSENT, VALUE, ZERO_LENGTH, MALFORMED = 0, 1, 2, 6
NOT_A_NUMBER, PLUS_INFINITY, MINUS_INFINITY, BELOW, ABOVE, OTHER_SPECIAL = 7, 8, 9, 10, 11, 12
UNSIGNED, SIGNED, IMAPB = 0, 1, 2

# Bits of columns.Fault.
TIME_NOT_FIRST, CHECKSUM_NOT_LAST, BROKEN, HIGH_TAG, REPEATED = 1, 2, 4, 8, 16

ROWS = 1024
"""Rows decoded before they are copied to the columns: what fits in a core's cache."""


@kernel
def imapb_state(first: Int) -> Int:
    """State that the first byte of an ST 1201 special value means."""
    if first == 0xE0:
        return BELOW
    if first == 0xE1:
        return ABOVE
    top = first >> 3
    if top == 0b11001:
        return PLUS_INFINITY
    if top == 0b11101:
        return MINUS_INFINITY
    if top == 0b11010 or top == 0b11110 or top == 0b11011 or top == 0b11111:
        return NOT_A_NUMBER
    return OTHER_SPECIAL


@kernel
def big_endian(data: Array, at: Int, length: Int) -> Int:
    """Unsigned integer of 1 to 8 bytes; one of 2^63 and more comes out negative (its bits are right)."""
    if length == 4:
        return (
            (np.int64(data[at]) << 24)
            | (np.int64(data[at + 1]) << 16)
            | (np.int64(data[at + 2]) << 8)
            | np.int64(data[at + 3])
        )
    if length == 2:
        return (np.int64(data[at]) << 8) | np.int64(data[at + 1])
    raw = np.int64(0)
    for j in range(length):
        raw = (raw << 8) | np.int64(data[at + j])
    return raw


@kernel
def number(raw: Int, length: Int, coding: Int, first: Int, scale: Real, shift: Real) -> tuple[Real, Int]:
    """(value, state) of an integer: raw * scale + shift; ABSENT stands for the item's own special code."""
    whole = np.float64(raw)
    if coding == SIGNED:
        half = np.int64(1) << (8 * length - 1)
        if length < 8 and raw >= half:
            raw -= half << 1
            whole = np.float64(raw)
        return whole * scale + shift, np.int64(ABSENT if raw == -half and length < 8 else VALUE)
    if raw < 0:
        whole += 18446744073709551616.0
    if coding == IMAPB:
        above_half = False
        if first & 0x80:
            half = np.int64(1) << (8 * length - 1)
            above_half = raw != half
        if above_half:
            return np.nan, np.int64(imapb_state(first))
        # shift holds z, the value the code of the range's foot; scale and low follow in the caller.
        return whole - shift, np.int64(VALUE)
    return whole * scale + shift, np.int64(VALUE)


@kernel
def decode(
    data: Array,
    begins: Array,
    sizes: Array,
    slot_of: Array,
    many: Array,
    coding: Array,
    fixed: Array,
    special: Array,
    scale: Array,
    shift: Array,
    low: Array,
    values: Array,
    states: Array,
    seen: Array,
    repeats: Array,
    t_us: Array,
    t_state: Array,
    present: Array,
    faults: Array,
) -> None:
    """Decode n ST 0601 value fields.

    data: (bytes,) uint8      begins, sizes: (n,) int64, value fields in data
    slot_of: (256,) int16, tag to column or -1      many: (256,) bool, tag may repeat
    coding, fixed, special: (k,) uint8, coding, required length (0: 1 to 8), state of the special code
                            (ABSENT: none)
    scale, shift: (k, 9) float64 by length; low: (k,) float64 added to IMAPB values
    values: (k, n) float64, a row is written only once its item occurs (`seen`), then NaN where not VALUE
    states: (k, n) uint8 zeros      seen: (k,) bool      repeats: (256,) int64, repeated items by tag
    t_us: (n,) int64, t_state: (n,) uint8 zeros, item 2      present: (n, 3) uint64 zeros, one bit per tag
    faults: (n,) uint8
    """
    n = len(begins)
    columns = len(coding)
    block_values = np.full((columns, ROWS), np.nan)
    block_states = np.zeros((columns, ROWS), np.uint8)
    touched = np.zeros(columns, np.bool_)
    words = np.zeros(4, np.uint64)
    one = np.uint64(1)
    for top in range(0, n, ROWS):
        rows = min(ROWS, n - top)
        for row in range(rows):
            at = begins[top + row]
            stop = at + sizes[top + row]
            words[:] = 0
            fault = np.int64(0)
            first = np.int64(-1)
            tag = np.int64(-1)
            while at < stop:
                tag = np.int64(data[at])
                at += 1
                if tag & 0x80:
                    tag &= 0x7F
                    while at < stop and data[at] & 0x80:
                        tag = min((tag << 7) | (np.int64(data[at]) & 0x7F), np.int64(1 << 24))
                        at += 1
                    if at < stop:
                        tag = min((tag << 7) | np.int64(data[at]), np.int64(1 << 24))
                        at += 1
                if first < 0:
                    first = tag
                slot = np.int64(-1)
                again = False
                if tag < 192:
                    bit = one << np.uint64(tag & 63)
                    again = (words[tag >> 6] & bit) != 0
                    words[tag >> 6] |= bit
                    slot = np.int64(slot_of[tag])
                else:
                    fault |= HIGH_TAG
                if again and not many[tag]:
                    fault |= REPEATED
                    repeats[tag] += 1
                length = np.int64(-1)
                if at < stop:
                    length = np.int64(data[at])
                    at += 1
                    if length & 0x80:
                        count = length & 0x7F
                        length = np.int64(-1)
                        if count > 0 and count <= 4 and count <= stop - at:
                            length = np.int64(0)
                            for j in range(count):
                                length = (length << 8) | np.int64(data[at + j])
                            at += count
                if length < 0 or length > stop - at:
                    fault |= BROKEN
                    if tag == 2:
                        t_state[top + row] = MALFORMED
                        t_us[top + row] = 0
                    elif slot >= 0:
                        touched[slot] = True
                        block_values[slot, row] = np.nan
                        block_states[slot, row] = MALFORMED
                    break
                if tag == 2:
                    if length == 8 and data[at] < 0x80:
                        t_us[top + row] = big_endian(data, at, 8)
                        t_state[top + row] = VALUE
                    else:
                        t_us[top + row] = 0
                        t_state[top + row] = ZERO_LENGTH if length == 0 else MALFORMED
                elif slot >= 0:
                    touched[slot] = True
                    value: Real = np.nan
                    state: Int = np.int64(MALFORMED)
                    if length == 0:
                        state = np.int64(ZERO_LENGTH)
                    elif length == fixed[slot] or (fixed[slot] == 0 and length <= 8):
                        kind = np.int64(coding[slot])
                        raw = big_endian(data, at, length)
                        value, state = number(
                            raw, length, kind, np.int64(data[at]), scale[slot, length], shift[slot, length]
                        )
                        if kind == IMAPB:
                            value = value * scale[slot, length] + low[slot]
                        elif state == ABSENT:
                            if special[slot] != ABSENT:
                                value = np.nan
                                state = np.int64(special[slot])
                            else:
                                state = np.int64(VALUE)
                    block_values[slot, row] = value
                    block_states[slot, row] = state
                at += length
            if first != 2:
                fault |= TIME_NOT_FIRST
            if tag != 1:
                fault |= CHECKSUM_NOT_LAST
            faults[top + row] = fault
            present[top + row, 0] = words[0]
            present[top + row, 1] = words[1]
            present[top + row, 2] = words[2]
        for column in range(columns):
            if touched[column]:
                if not seen[column]:
                    seen[column] = True
                    values[column, :top] = np.nan
                for row in range(rows):
                    values[column, top + row] = block_values[column, row]
                    states[column, top + row] = block_states[column, row]
                    block_values[column, row] = np.nan
                    block_states[column, row] = ABSENT
                touched[column] = False
            elif seen[column]:
                values[column, top : top + rows] = np.nan
