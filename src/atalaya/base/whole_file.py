"""Files that appear whole or not at all."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it becomes `target` at the end, or vanishes on an error.

    A kill leaves the old file or none, never half of one.

    Raises:
        OSError: it cannot be written.
    """
    mine = f"{os.getpid()}-{threading.get_ident()}"  # two workers may be given the same file
    partial = target.with_name(f".{target.stem}.{mine}.partial{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
