"""A log in a folder of static files: tiles, entry bundles, and the signed checkpoint that covers them.

Anyone can read it over plain HTTP or from a stick. Writing goes in one order: tiles are durable first, then
the checkpoint is put in place; what no checkpoint covers does not count and is written again.
"""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from atalaya.base.errors import AtalayaError, BadInput, VerificationFailed
from atalaya.trust import prover
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.durable import replace_durable, write_durable
from atalaya.trust.merkle import HASH_BYTES
from atalaya.trust.note import Note
from atalaya.trust.tiles import (
    ENTRIES,
    TILE_BITS,
    TILE_WIDTH,
    bundle,
    levels_of,
    tile_name,
    unbundle,
)
from atalaya.trust.tree import leaf_level, upper_level

CHECKPOINT = "checkpoint"
WITNESSED = "witnessed"
TILE_BYTES = TILE_WIDTH * HASH_BYTES
CACHED_TILES = 512


class LogFolder:
    """The files of one log, read and extended; whoever extends must hold the log's lock.

    `size` is how many entries the tiles on disk hold; `load` sets it to what a checkpoint covers.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.size = 0
        self._edge: list[bytes] = []
        self._tail: list[bytes] = []
        self._stale: list[Path] = []
        self._cache: dict[tuple[int, int], list[bytes]] = {}

    def note(self) -> Note | None:
        """The signed checkpoint in place, None where there is none yet.

        Raises:
            BadInput: it is not a note (TRU-018 to TRU-020).
        """
        data = self._read(CHECKPOINT)
        return None if data is None else Note.parse(data)

    def load(self, size: int) -> None:
        """Take the tiles as they are for the first `size` entries.

        Raises:
            VerificationFailed: TRU-036, a tile at the right edge is missing or has another length.
        """
        self.size, self._cache = size, {}
        self._edge = [self._partial(level) for level in levels_of(size)]
        number, width = divmod(size, TILE_WIDTH)
        self._tail = self.bundle(number)[:width] if width else []

    def root_hash(self, size: int | None = None) -> bytes:
        """Tree hash of the first `size` entries (default: all)."""
        return prover.range_hash(self, 0, self.size if size is None else size)

    def complete(self, level: int, index: int) -> bytes:
        """See `prover.Hashes`.

        Raises:
            VerificationFailed: TRU-036, the tile is missing or has another length.
        """
        tile_level, inner = divmod(level, TILE_BITS)
        number, place = divmod(index << inner, TILE_WIDTH)
        hashes = self._levels(tile_level, number)[inner]
        start = (place >> inner) * HASH_BYTES
        return hashes[start : start + HASH_BYTES]

    def bundle(self, number: int) -> list[bytes]:
        """The entries of one bundle.

        Raises:
            VerificationFailed: TRU-036, it is missing, broken or too short.
        """
        width = min(TILE_WIDTH, self.size - number * TILE_WIDTH)
        name = tile_name(ENTRIES, number, width)
        try:
            entries = unbundle(self._tile(ENTRIES, number, width))
        except BadInput as error:
            raise VerificationFailed("TRU-036", where=name) from error
        if len(entries) < width:
            raise VerificationFailed("TRU-036", where=name)
        return entries[:width]

    def extend(self, entries: Sequence[bytes]) -> None:
        """Append entries: on return their tiles and bundles are durable, under no checkpoint yet.

        Raises:
            AtalayaError: TRU-016, a file cannot be written.
            BadInput: TRU-024, an entry is too long for a bundle.
        """
        size = self.size + len(entries)
        files = self._bundle_files(entries)
        hashes, level = leaf_level(entries), 0
        while hashes:
            if level == len(self._edge):
                self._edge.append(b"")
            hashes = self._level_files(level, hashes, files)
            level += 1
        write_durable(files)
        self.size = size
        self._cache = {key: tile for key, tile in self._cache.items() if len(tile[0]) == TILE_BYTES}

    def publish(self, note: Note) -> None:
        """Put a signed checkpoint in place; partial tiles whose full tile it covers go.

        Raises:
            AtalayaError: TRU-016.
        """
        replace_durable(self.root / CHECKPOINT, note.as_bytes)
        for folder in self._stale:
            shutil.rmtree(folder, ignore_errors=True)
        self._stale = []

    def keep_witnessed(self, note: Note) -> None:
        """Keep a cosigned checkpoint: it stays the one that receipts lead to until a later one is
        cosigned.
        """
        size = Checkpoint.parse(note.text).size
        replace_durable(self.root / WITNESSED / str(size), note.as_bytes)

    def witnessed(self) -> list[Note]:
        """The checkpoints kept for witnesses, the largest first; files that are no notes are passed over."""
        notes = (self._kept(size) for size in sorted(self._kept_sizes(), reverse=True))
        return [note for note in notes if note is not None]

    def broken_witnessed(self) -> list[int]:
        """Sizes of kept checkpoints whose file is damaged."""
        return [size for size in sorted(self._kept_sizes()) if self._kept(size) is None]

    def _kept_sizes(self) -> list[int]:
        folder = self.root / WITNESSED
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return [int(name) for name in names if name.isascii() and name.isdigit()]

    def _kept(self, size: int) -> Note | None:
        try:
            note = Note.parse(self._read(f"{WITNESSED}/{size}") or b"")
            return note if Checkpoint.parse(note.text).size == size else None
        except BadInput:
            return None

    def _bundle_files(self, entries: Sequence[bytes]) -> list[tuple[Path, bytes]]:
        number, width = divmod(self.size, TILE_WIDTH)
        held, files = [*self._tail, *entries], []
        for start in range(0, len(held), TILE_WIDTH):
            part = held[start : start + TILE_WIDTH]
            files.append((self.root / tile_name(ENTRIES, number, len(part)), bundle(part)))
            if len(part) == TILE_WIDTH:
                self._passed(ENTRIES, number, width if start == 0 else 0)
            number += 1
        rest = len(held) % TILE_WIDTH
        self._tail = held[len(held) - rest :]
        return files

    def _level_files(self, level: int, hashes: bytes, files: list[tuple[Path, bytes]]) -> bytes:
        """The tiles of a level that its new hashes make; what its new full tiles hash to, for the level
        above.
        """
        before = self._edge[level]
        number = self.size >> (TILE_BITS * (level + 1))
        held = before + hashes
        for start in range(0, len(held), TILE_BYTES):
            part = held[start : start + TILE_BYTES]
            files.append((self.root / tile_name(level, number, len(part) // HASH_BYTES), part))
            if len(part) == TILE_BYTES:
                self._passed(level, number, len(before) if start == 0 else 0)
            number += 1
        full = len(held) - len(held) % TILE_BYTES
        self._edge[level] = held[full:]
        up = held[:full]
        for _ in range(TILE_BITS):
            up = upper_level(up)
        return up

    def _passed(self, level: int | str, number: int, before: int) -> None:
        """Remember the partial tiles that a full one takes the place of."""
        if before:
            self._stale.append((self.root / tile_name(level, number, 1)).parent)

    def _partial(self, level: int) -> bytes:
        number, width = divmod(self.size >> (TILE_BITS * level), TILE_WIDTH)
        return self._hashes(level, number, width) if width else b""

    def _hashes(self, level: int, number: int, width: int) -> bytes:
        data = self._tile(level, number, width)[: width * HASH_BYTES]
        if len(data) != width * HASH_BYTES:
            raise VerificationFailed("TRU-036", where=tile_name(level, number, width))
        return data

    def _levels(self, level: int, number: int) -> list[bytes]:
        """A tile and the eight levels of nodes inside it."""
        cached = self._cache.get((level, number))
        if cached is None:
            width = min(TILE_WIDTH, (self.size >> (TILE_BITS * level)) - number * TILE_WIDTH)
            cached = [self._hashes(level, number, width)]
            for _ in range(TILE_BITS - 1):
                cached.append(upper_level(cached[-1]))
            if len(self._cache) >= CACHED_TILES:
                self._cache.clear()
            self._cache[level, number] = cached
        return cached

    def _tile(self, level: int | str, number: int, width: int) -> bytes:
        """A tile of at least `width`; the full one where the partial has gone."""
        data = self._read(tile_name(level, number, width)) if 0 < width < TILE_WIDTH else None
        data = self._read(tile_name(level, number)) if data is None else data
        if data is None:
            raise VerificationFailed("TRU-036", where=tile_name(level, number, width))
        return data

    def _read(self, name: str) -> bytes | None:
        path = self.root / name
        with contextlib.suppress(FileNotFoundError):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise
            except OSError as error:
                raise AtalayaError("TRU-017", where=str(path), detail=error.strerror or "") from error
        return None
