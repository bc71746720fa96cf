"""Checksums of KLV sets: the 16-bit running sum of ST 0601 and ST 0903, the CRC-32 of ST 0806."""

import struct
from functools import cache


def running_sum(data: bytes) -> int:
    """Sum of big-endian 16-bit words modulo 2^16; an odd last byte is a high byte (ST 0601 6.1)."""
    words = len(data) >> 1
    total: int = sum(struct.unpack_from(f">{words}H", data))
    if len(data) & 1:
        total += data[-1] << 8
    return total & 0xFFFF


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return tuple(table)


def crc32_mpeg2(data: bytes) -> int:
    """CRC-32/MPEG-2 (polynomial 04C11DB7, initial value FFFFFFFF, no reflection), as ST 0806 asks."""
    table = _crc_table()
    value = 0xFFFFFFFF
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
