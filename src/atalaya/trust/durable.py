"""Files that are on the disk before anything is said about them."""

import contextlib
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from atalaya.base.errors import AtalayaError

AT_ONCE = 8
"""Files forced to disk at the same time: the file system joins them into few writes of its journal."""


def write_durable(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write files and return when they and their names would survive a power cut.

    A kill leaves some of them, or halves: for files whose content is known again from elsewhere.

    Raises:
        AtalayaError: TRU-016, one cannot be written.
    """
    written = list(files)
    try:
        folders = {path.parent for path, _ in written}
        made = [folder for folder in folders if not folder.is_dir()]
        for folder in made:
            folder.mkdir(parents=True, exist_ok=True)
        for path, data in written:
            path.write_bytes(data)
        names = {above for folder in made for above in folder.parents[:3]}
        _force([path for path, _ in written], sorted(folders | {name for name in names if name.is_dir()}))
    except OSError as error:
        raise AtalayaError("TRU-016", where=str(error.filename), detail=error.strerror or "") from error


def replace_durable(path: Path, data: bytes) -> None:
    """Put a file in the place of another at once: a reader, or a kill, finds the old or the new one whole.

    Raises:
        AtalayaError: TRU-016, it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        _force([partial], [])
        partial.replace(path)
        _force([], [path.parent])
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise AtalayaError("TRU-016", where=str(path), detail=error.strerror or "") from error


def _force(files: list[Path], folders: list[Path]) -> None:
    if len(files) < 3:
        for path in files:
            _sync(path)
    else:
        list(_pool().map(_sync, files))
    if os.name == "posix":  # elsewhere a folder cannot be opened, and its entries are durable with the file
        for folder in folders:
            _sync(folder)


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads that only wait for the disk, made once."""
    return ThreadPoolExecutor(AT_ONCE, "fsync")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not survive a fork


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
