"""One process at a time: a lock that the system gives back even after a kill."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atalaya.base.errors import AtalayaError

PATIENCE_S = 60.0
PAUSE_S = 0.002

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock file while the body runs.

    Raises:
        AtalayaError: TRU-047, another process kept it for longer than `patience_s`; STO-005, no right to
        write.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("ab")
    except OSError as error:
        raise AtalayaError("STO-005", where=str(path), detail=error.strerror or str(error)) from error
    with stream:  # closing gives the lock back
        deadline = time.monotonic() + patience_s
        while True:
            try:
                _take(stream.fileno())
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise AtalayaError("TRU-047", where=str(path)) from error
                time.sleep(PAUSE_S)
        yield
