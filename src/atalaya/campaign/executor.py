"""The executor port: where pieces of work run. Domain code uses `submit` alone (concurrent.futures)."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

from atalaya.base.errors import Usage

In = TypeVar("In")
Out = TypeVar("Out")


class ThisThread(Executor):
    """Runs each task at once, in the thread that submits it."""

    def submit(self, fn: Callable[..., Out], /, *args: Any, **kwargs: Any) -> Future[Out]:
        """Run now; the future is done when this returns."""
        future: Future[Out] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  whatever a task raises belongs to whoever asks for its result
            future.set_exception(error)
        return future


def make_executor(workers: int | None) -> Executor:
    """This thread for one worker, a thread pool for more, one thread per core for None.

    Raises:
        Usage: CLI-004, fewer than one worker.
    """
    count = (os.cpu_count() or 1) if workers is None else workers
    if count < 1:
        raise Usage("CLI-004", where="--workers", value=count)
    return ThisThread() if count == 1 else ThreadPoolExecutor(count, thread_name_prefix="atalaya")


def map_in_order(
    executor: Executor, function: Callable[[In], Out], items: Iterable[In], *, window: int = 8
) -> Iterator[Out]:
    """Results in the order of the items, with at most `window` tasks in flight.

    A task's exception is raised when its turn comes; tasks not yet started are cancelled then.
    """
    flying: deque[Future[Out]] = deque()
    try:
        for item in items:
            flying.append(executor.submit(function, item))
            if len(flying) >= window:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        for future in flying:
            future.cancel()
