"""Local sets to columns, compiled.

One walk over the items of a packet fills its row. Most packets of a stream are laid out like the one before:
such rows are only compared with the remembered layout, byte for byte of their tags and lengths, and are then
decoded item by item over many rows at once.

Works on `data: (n,) uint8`, contiguous, and `words: (n - 7,) uint64`, the same memory as little-endian words
that begin at every byte; every length is compared with the bytes that are there. The same functions run
uncompiled under NUMBA_DISABLE_JIT=1, hence the explicit `np.int64(...)` around bytes. What runs once per item
is written out or takes numbers only: handing an array to a function counts references, which costs more than
reading the item.
"""

from typing import Any, NamedTuple, TypeAlias

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

LONGEST_LAYOUT = 256
"""Items of the longest layout remembered."""

LAYOUT_WORDS = 512
"""Length of the longest value remembered, in words of 8 bytes."""

TWO_64 = 18446744073709551616.0
BYTE = np.uint64(0xFF)
SWAP_8 = np.uint64(0x00FF00FF00FF00FF)
SWAP_16 = np.uint64(0x0000FFFF0000FFFF)


class Table(NamedTuple):
    """The items wanted, k of them.

    slot_of: (256,) int16, tag to column or -1      many: (256,) bool, tag may repeat
    coding, fixed, special: (k,) uint8: coding, required length (0: 1 to 8), state of the most negative code
    (ABSENT: a number like others)
    scale, shift: (k, 9) float64 by length; low: (k,) float64, added to IMAPB values
    """

    slot_of: Array
    many: Array
    coding: Array
    fixed: Array
    special: Array
    scale: Array
    shift: Array
    low: Array


class Rows(NamedTuple):
    """What is filled, for n packets.

    values: (k, n) float64, row written only once its item occurs (`seen`), then NaN where not VALUE
    states: (k, n) uint8 zeros      seen: (k,) bool      repeats: (256,) int64, repeated items by tag
    t_us: (n,) int64, t_state: (n,) uint8, item 2      present: (n, 3) uint64, one bit per tag
    faults: (n,) uint8
    """

    values: Array
    states: Array
    seen: Array
    repeats: Array
    t_us: Array
    t_state: Array
    present: Array
    faults: Array


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
    if top in (0b11010, 0b11011, 0b11110, 0b11111):
        return NOT_A_NUMBER
    return OTHER_SPECIAL


@kernel
def swapped(word: Int) -> Int:
    """The word with its eight bytes in reverse order."""
    word = ((word >> np.uint64(8)) & SWAP_8) | ((word & SWAP_8) << np.uint64(8))
    word = ((word >> np.uint64(16)) & SWAP_16) | ((word & SWAP_16) << np.uint64(16))
    return (word >> np.uint64(32)) | (word << np.uint64(32))


@kernel
def gathered(data: Array, at: Int, length: Int) -> Int:
    """The 1 to 8 bytes at `at` as the high bytes of a uint64, zeros below: for the last bytes of the data."""
    word = np.uint64(0)
    for j in range(length):
        word |= np.uint64(data[at + j]) << np.uint64(56 - 8 * j)
    return word


@kernel
def number(
    word: Int, length: Int, coding: Int, special: Int, scale: Real, shift: Real, low: Real
) -> tuple[Real, Int]:
    """(value, state) of the `length` high bytes of `word`, 1 to 8."""
    spare = 64 - 8 * length
    if coding == SIGNED:
        raw = np.int64(word) >> spare
        if special != ABSENT and raw == -(np.int64(1) << (8 * length - 1)):
            return np.nan, np.int64(special)
        return np.float64(raw) * scale + shift, np.int64(VALUE)
    unsigned = word >> np.uint64(spare)
    if coding == IMAPB:
        first = np.int64(word >> np.uint64(56))
        if first & 0x80 and unsigned != np.uint64(1) << np.uint64(8 * length - 1):
            return np.nan, np.int64(imapb_state(first))
        # Here `shift` is z, which aligns the code of zero.
        return (np.float64(unsigned) - shift) * scale + low, np.int64(VALUE)
    return np.float64(unsigned) * scale + shift, np.int64(VALUE)


@kernel
def readable(length: Int, fixed: Int) -> Int:
    """VALUE where an item of this length can be read, else its state; `fixed` 0: any of 1 to 8 bytes."""
    if length == 0:
        return np.int64(ZERO_LENGTH)
    return np.int64(VALUE if length == fixed or (fixed == 0 and length <= 8) else MALFORMED)


@kernel
def long_tag(data: Array, at: Int, stop: Int) -> tuple[Int, Int]:
    """BER-OID tag of several bytes at `at` -> (tag, where it ends); tags beyond 2^24 come out as 2^24."""
    tag = np.int64(data[at]) & 0x7F
    at += 1
    more = True
    while more and at < stop:
        more = data[at] & 0x80 != 0
        tag = min((tag << 7) | (np.int64(data[at]) & 0x7F), np.int64(1 << 24))
        at += 1
    return tag, at


@kernel
def long_length(data: Array, at: Int, stop: Int) -> tuple[Int, Int]:
    """Long-form BER length at `at` -> (length, where it ends); 2^62 where it is unreadable."""
    count = np.int64(data[at]) & 0x7F
    at += 1
    if count == 0 or count > 4 or count > stop - at:
        return np.int64(1 << 62), at
    length = np.int64(0)
    for _ in range(count):
        length = (length << 8) | np.int64(data[at])
        at += 1
    return length, at


@kernel
def walk(
    data: Array,
    words: Array,
    begins: Array,
    sizes: Array,
    cells: Array,
    count: Int,
    top: Int,
    table: Table,
    out: Rows,
    block_values: Array,
    block_states: Array,
    layout: Array,
) -> Int:
    """Decode `count` packets item by item into their cells of the block -> items of the last one's `layout`.

    cells: (count,) int64; cell c is row top + c.
    layout: (LONGEST_LAYOUT, 4) int64: tag, offset of the tag, of the value, length; 0 items: not for reuse.
    """
    # Taken out of their tuples once: each access counts references.
    slot_of, many, coding, fixed = table.slot_of, table.many, table.coding, table.fixed
    special, scale, shift, low = table.special, table.scale, table.shift, table.low
    repeats, t_us, t_state, faults, present = out.repeats, out.t_us, out.t_state, out.faults, out.present
    items = np.int64(0)
    for c in range(count):
        cell = cells[c]
        row = top + cell
        begin = begins[row]
        at = begin
        stop = begin + sizes[row]
        word0 = np.uint64(0)
        word1 = np.uint64(0)
        word2 = np.uint64(0)
        fault = np.int64(0)
        first = np.int64(-1)
        tag = np.int64(-1)
        items = np.int64(0)
        while at < stop:
            origin = at
            tag = np.int64(data[at])
            at += 1
            if tag & 0x80:
                tag, at = long_tag(data, origin, stop)
            if first < 0:
                first = tag
            slot = np.int64(-1)
            again = False
            bit = np.uint64(1) << np.uint64(tag & 63)
            if tag < 64:
                again = word0 & bit != 0
                word0 |= bit
            elif tag < 128:
                again = word1 & bit != 0
                word1 |= bit
            elif tag < 192:
                again = word2 & bit != 0
                word2 |= bit
            else:
                fault |= HIGH_TAG
            if tag < 192:
                slot = np.int64(slot_of[tag])
            if again and not many[tag]:
                fault |= REPEATED
                repeats[tag] += 1
            length = np.int64(1 << 62)
            if at < stop:
                length = np.int64(data[at])
                at += 1
                if length & 0x80:
                    length, at = long_length(data, at - 1, stop)
            if length > stop - at:
                fault |= BROKEN
                if slot >= 0:
                    block_values[slot, cell] = np.nan
                    block_states[slot, cell] = MALFORMED
                elif tag == 2:
                    t_us[row] = 0
                    t_state[row] = MALFORMED
                break
            if items < LONGEST_LAYOUT:
                layout[items, 0] = tag
                layout[items, 1] = origin - begin
                layout[items, 2] = at - begin
                layout[items, 3] = length
            items += 1
            if slot >= 0:
                value: Real = np.nan
                state: Int = readable(length, fixed[slot])
                if state == VALUE:
                    word = swapped(words[at]) if at < len(words) else gathered(data, at, length)
                    value, state = number(
                        word,
                        length,
                        coding[slot],
                        special[slot],
                        scale[slot, length],
                        shift[slot, length],
                        low[slot],
                    )
                block_values[slot, cell] = value
                block_states[slot, cell] = state
            elif tag == 2:
                word = gathered(data, at, 8) if length == 8 else np.uint64(0)
                t_us[row], t_state[row] = time_of(word, length)
            at += length
        if first != 2:
            fault |= TIME_NOT_FIRST
        if tag != 1:
            fault |= CHECKSUM_NOT_LAST
        faults[row] = fault
        present[row, 0] = word0
        present[row, 1] = word1
        present[row, 2] = word2
        if fault & (BROKEN | REPEATED) or items > LONGEST_LAYOUT:
            items = np.int64(0)
    return items


@kernel
def time_of(word: Int, length: Int) -> tuple[Int, Int]:
    """(microseconds, state) of item 2."""
    t_us = np.int64(word)
    if length == 8 and t_us >= 0:
        return t_us, np.int64(VALUE)
    return np.int64(0), np.int64(ZERO_LENGTH if length == 0 else MALFORMED)


@kernel
def note_marks(
    data: Array, begin: Int, size: Int, layout: Array, items: Int, masks: Array, marks: Array
) -> Int:
    """Note which bytes of a layout are tags and lengths, and what they are -> words used; 0: too long."""
    if size > 8 * LAYOUT_WORDS:
        return 0
    used = (size + 7) >> 3
    masks[:used] = 0
    marks[:used] = 0
    for item in range(items):
        for offset in range(layout[item, 1], layout[item, 2]):
            place = np.uint64(8 * (offset & 7))
            masks[offset >> 3] |= BYTE << place
            marks[offset >> 3] |= np.uint64(data[begin + offset]) << place
    return used


@kernel
def fill(
    words: Array,
    starts: Array,
    cells: Array,
    hits: Int,
    table: Table,
    layout: Array,
    items: Int,
    block_values: Array,
    block_states: Array,
) -> None:
    """Decode the wanted items of `hits` packets of one layout, item by item.

    starts: (hits,) int64, value fields in data      cells: (hits,) int64, cells of the block
    """
    for item in range(items):
        slot = np.int64(table.slot_of[layout[item, 0]]) if layout[item, 0] < 192 else np.int64(-1)
        if slot < 0:
            continue
        offset = layout[item, 2]
        length = layout[item, 3]
        state: Int = readable(length, table.fixed[slot])
        column = block_values[slot]
        said = block_states[slot]
        for h in range(hits):
            said[cells[h]] = state
        if state != VALUE:
            for h in range(hits):
                column[cells[h]] = np.nan
            continue
        coding = table.coding[slot]
        special = table.special[slot]
        scale = table.scale[slot, length]
        shift = table.shift[slot, length]
        spare = 64 - 8 * length
        if coding == UNSIGNED:
            for h in range(hits):
                raw = swapped(words[starts[h] + offset]) >> np.uint64(spare)
                column[cells[h]] = np.float64(raw) * scale + shift
        elif coding == SIGNED:
            lowest = -(np.int64(1) << (8 * length - 1))
            for h in range(hits):
                code = np.int64(swapped(words[starts[h] + offset])) >> spare
                column[cells[h]] = np.float64(code) * scale + shift
                if code == lowest and special != ABSENT:
                    column[cells[h]] = np.nan
                    said[cells[h]] = special
        else:
            for h in range(hits):
                word = swapped(words[starts[h] + offset])
                value, state = number(word, length, coding, special, scale, shift, table.low[slot])
                column[cells[h]] = value
                said[cells[h]] = state


@kernel
def copy_block(block_values: Array, block_states: Array, top: Int, rows: Int, out: Rows) -> None:
    """Move a finished block to the columns of the items it holds, and clear it."""
    for column in range(len(out.seen)):
        said = np.uint8(0)
        for row in range(rows):
            said |= block_states[column, row]
        if said:
            if not out.seen[column]:
                out.seen[column] = True
                out.values[column, :top] = np.nan
            out.values[column, top : top + rows] = block_values[column, :rows]
            out.states[column, top : top + rows] = block_states[column, :rows]
            block_values[column, :rows] = np.nan
            block_states[column, :rows] = ABSENT
        elif out.seen[column]:
            out.values[column, top : top + rows] = np.nan


@kernel
def decode(data: Array, words: Array, begins: Array, sizes: Array, table: Table, out: Rows) -> None:
    """Decode n ST 0601 value fields; begins, sizes: (n,) int64, in `data`."""
    # Taken out of their tuple once: each access counts references.
    t_us, t_state, faults, present = out.t_us, out.t_state, out.faults, out.present
    n = len(begins)
    columns = len(table.coding)
    block = (np.full((columns, ROWS), np.nan), np.zeros((columns, ROWS), np.uint8))
    layout = np.zeros((LONGEST_LAYOUT, 4), np.int64)
    tried = np.zeros((LONGEST_LAYOUT, 4), np.int64)
    masks = np.zeros(LAYOUT_WORDS, np.uint64)
    marks = np.zeros(LAYOUT_WORDS, np.uint64)
    starts = np.zeros(ROWS, np.int64)
    cells = np.zeros(ROWS, np.int64)
    strays = np.zeros(ROWS, np.int64)
    items = np.int64(0)
    used = np.int64(0)
    model: Int = np.int64(0)
    misses = np.int64(0)
    patience = np.int64(1)
    time_item = np.int64(-1)
    for top in range(0, n, ROWS):
        rows = min(ROWS, n - top)
        hits = np.int64(0)
        stray = np.int64(0)
        for cell in range(rows):
            row = top + cell
            begin = begins[row]
            size = sizes[row]
            different = np.uint64(1)
            if used > 0 and size == sizes[model] and begin + size < len(words):
                different = np.uint64(0)
                for j in range(used):
                    different |= (words[begin + 8 * j] ^ marks[j]) & masks[j]
            if different == 0:
                if time_item >= 0:
                    word = swapped(words[begin + layout[time_item, 2]])
                    t_us[row], t_state[row] = time_of(word, layout[time_item, 3])
                faults[row] = faults[model]
                present[row, 0] = present[model, 0]
                present[row, 1] = present[model, 1]
                present[row, 2] = present[model, 2]
                starts[hits] = begin
                cells[hits] = cell
                hits += 1
                misses = np.int64(0)
                patience = np.int64(4)
                continue
            strays[stray] = cell
            stray += 1
            misses += 1
            if misses < patience:
                continue
            # The stream has changed its layout (or began): remember this packet's, and wait longer each time
            # that does not help.
            found = walk(data, words, begins, sizes, strays, stray, top, table, out, *block, tried)
            stray = np.int64(0)
            if found > 0:
                fill(words, starts, cells, hits, table, layout, items, *block)
                hits = np.int64(0)
                misses = np.int64(0)
                patience = min(4 * patience, np.int64(256))
                items = found
                model = row
                layout[:items] = tried[:items]
                used = note_marks(data, begin, size, layout, items, masks, marks)
                time_item = np.int64(-1)
                for item in range(items):
                    if layout[item, 0] == 2:
                        time_item = np.int64(item)
        walk(data, words, begins, sizes, strays, stray, top, table, out, *block, tried)
        fill(words, starts, cells, hits, table, layout, items, *block)
        copy_block(*block, top, rows, out)
