"""Find one item in every packet, compiled. Every length is compared with the bytes that are there."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def find(
    data: Array, begins: Array, sizes: Array, tag: int, at: Array, length: Array, changed: Array
) -> None:
    """Fill at, length and changed for each of n value fields.

    data: (bytes,) uint8      begins, sizes: (n,) int64
    at: (n,) int64, -1 on entry      length: (n,) int64      changed: (n,) bool, False on entry
    """
    before = np.int64(-1)
    for row in range(len(begins)):
        here = begins[row]
        stop = here + sizes[row]
        while here < stop:
            found = np.int64(0)
            octet = np.int64(0x80)
            while here < stop and octet & 0x80:
                octet = np.int64(data[here])
                found = min((found << 7) | (octet & 0x7F), np.int64(1 << 40))
                here += 1
            if here >= stop:
                break
            size = np.int64(data[here])
            here += 1
            if size & 0x80:
                count = size & 0x7F
                if count == 0 or count > 4 or count > stop - here:
                    break
                size = np.int64(0)
                for j in range(count):
                    size = (size << 8) | np.int64(data[here + j])
                here += count
            if size > stop - here:
                break
            if found == tag:
                at[row] = here
                length[row] = size
            here += size
        if at[row] >= 0:
            differs = before < 0 or length[before] != length[row]
            if not differs:
                for j in range(length[row]):
                    if data[at[row] + j] != data[at[before] + j]:
                        differs = True
                        break
            changed[row] = differs
            before = np.int64(row)
