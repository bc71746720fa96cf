"""Recompute a log from the files anyone can fetch: entries, tiles, tree hash (about 2 s per million
entries).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from atalaya.base.errors import BadInput
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.log_folder import TILE_BYTES
from atalaya.trust.merkle import HASH_BYTES
from atalaya.trust.tiles import ENTRIES, TILE_BITS, TILE_WIDTH, levels_of, tile_name, tiles_of, unbundle
from atalaya.trust.tree import Tree, leaf_level

_NAME = re.compile(r"tile/([0-7]|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """What a recompute found.

    Args:
        files: how many tiles and bundles were recomputed.
        damaged: names of those that are missing or are not what the entries give.
        unsigned: names of tiles beyond the checkpoint, as a kill leaves them; harmless.
        strange: names of files that belong to no log.
        fits: whether the entries give the tree hash of the checkpoint.
        older: for each older checkpoint asked about, whether the log begins with it.
    """

    files: int
    damaged: tuple[str, ...]
    unsigned: tuple[str, ...]
    strange: tuple[str, ...]
    fits: bool
    older: tuple[bool, ...]

    @property
    def good(self) -> bool:
        """Whether the folder holds the signed log and all older ones, nothing changed."""
        return self.fits and not self.damaged and all(self.older)


def check_folder(root: Path, checkpoint: Checkpoint, older: Iterable[Checkpoint] = ()) -> FolderCheck:
    """Recompute every tile that a checkpoint covers from the entries up.

    Tiles are compared byte for byte, and so are partial ones of former sizes that still lie there.
    """
    size, damaged = checkpoint.size, []
    leaves = bytearray()
    for number, width in tiles_of(0, size):
        hashes = _leaves(_tile(root, ENTRIES, number, width), width)
        if hashes is None:
            damaged.append(tile_name(ENTRIES, number, width))
        leaves += hashes or bytes(width * HASH_BYTES)
    tree = Tree()
    tree.extend_hashes(bytes(leaves))
    covered = {tile_name(ENTRIES, number, width) for number, width in tiles_of(0, size)}
    for level in levels_of(size):
        known = tree.level(level * TILE_BITS)
        for number, width in tiles_of(level, size):
            name = tile_name(level, number, width)
            covered.add(name)
            start, length = number * TILE_BYTES, width * HASH_BYTES
            data = _tile(root, level, number, width)
            if data is None or data[:length] != known[start : start + length]:
                damaged.append(name)
    rest = {name: _leftover(root, name, tree) for name in sorted(_names(root) - covered)}
    unsigned, wrong, strange = (
        tuple(name for name, kind in rest.items() if kind == k) for k in ("unsigned", "damaged", "strange")
    )
    begins = tuple(old.size <= size and tree.root(old.size) == old.root for old in older)
    fits = tree.root() == checkpoint.root
    return FolderCheck(len(covered), (*damaged, *wrong), unsigned, strange, fits, begins)


def _leaves(data: bytes | None, width: int) -> bytes | None:
    """Leaf hashes of a bundle's first entries; None where it does not hold so many."""
    try:
        entries = unbundle(data or b"")
    except BadInput:
        return None
    return leaf_level(entries[:width]) if len(entries) >= width else None


def _tile(root: Path, level: int | str, number: int, width: int) -> bytes | None:
    """A file of at least `width`: the full one where its partial has gone."""
    for name in dict.fromkeys((tile_name(level, number, width), tile_name(level, number))):
        try:
            data = (root / name).read_bytes()
        except OSError:
            continue
        exact = level == ENTRIES or len(data) == (TILE_WIDTH if name.find(".p") < 0 else width) * HASH_BYTES
        return data if exact else None
    return None


def _leftover(root: Path, name: str, tree: Tree) -> str:
    """What a file is that the checkpoint does not name: good, damaged, unsigned or strange."""
    found = _NAME.fullmatch(name)
    if not found or int(found[3] or TILE_WIDTH) > TILE_WIDTH:
        return "strange"
    number = int(found[2].replace("x", "").replace("/", ""))
    width = int(found[3] or TILE_WIDTH)
    level = 0 if found[1] == ENTRIES else int(found[1])
    known = tree.level(level * TILE_BITS) if level * TILE_BITS < tree.depth else b""
    start, length = number * TILE_BYTES, width * HASH_BYTES
    if start + length > len(known):
        return "unsigned"
    data = _tile(root, found[1], number, width)
    hashes = _leaves(data, width) if found[1] == ENTRIES else data
    return "good" if hashes == known[start : start + length] else "damaged"


def _names(root: Path) -> set[str]:
    """Names of all files below `tile/`."""
    return set(_walk(root / "tile", "tile"))


def _walk(folder: Path, name: str) -> Iterator[str]:
    if folder.is_dir():
        for path in folder.iterdir():
            inner = f"{name}/{path.name}"
            if path.is_dir():
                yield from _walk(path, inner)
            else:
                yield inner
