"""How a log lies in static files (C2SP tlog-tiles): names and widths of tiles and entry bundles.

Tile n of level l holds the hashes of 256 complete subtrees of 256^l leaves each; only full tiles are hashed
upward.
"""

from collections.abc import Iterator, Sequence

from atalaya.base.errors import BadInput
from atalaya.trust.merkle import HASH_BYTES

TILE_WIDTH = 256
TILE_BITS = 8
MAX_LEVEL = 7
"""Level 8 would hold subtrees of 2^64 leaves."""
ENTRIES = "entries"
LENGTH_BYTES = 2


def tile_name(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """`tile/0/x001/x234/067`, with `.p/W` behind it where it holds only W hashes; level "entries" for
    bundles.
    """
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def tiles_of(level: int, size: int) -> Iterator[tuple[int, int]]:
    """Number and width of every tile of a level of a log of `size` entries."""
    hashes = size >> (TILE_BITS * level)
    full, width = divmod(hashes, TILE_WIDTH)
    yield from ((number, TILE_WIDTH) for number in range(full))
    if width:
        yield full, width


def levels_of(size: int) -> range:
    """Levels that hold anything in a log of `size` entries."""
    return range((size.bit_length() + TILE_BITS - 1) // TILE_BITS)


def tile_names(size: int) -> Iterator[str]:
    """Every file of a log of `size` entries but its checkpoint."""
    for level in levels_of(size):
        yield from (tile_name(level, number, width) for number, width in tiles_of(level, size))
    yield from (tile_name(ENTRIES, number, width) for number, width in tiles_of(0, size))


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries of one bundle: each behind two bytes of its length.

    Raises:
        BadInput: TRU-024, an entry of more than 65,535 bytes.
    """
    if any(len(entry) > 0xFFFF for entry in entries):
        raise BadInput("TRU-024", where=str(max(map(len, entries))))
    return b"".join([len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries])


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        BadInput: TRU-025, it ends inside one.
    """
    entries, place = [], 0
    while place < len(data):
        start = place + LENGTH_BYTES
        place = start + int.from_bytes(data[place:start], "big")
        if start > len(data) or place > len(data):
            raise BadInput("TRU-025", where=f"{start}")
        entries.append(data[start:place])
    return entries


def pieces(data: bytes) -> Iterator[bytes]:
    """Hashes of a tile one by one."""
    return (data[place : place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES))
