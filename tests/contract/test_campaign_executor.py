"""Every executor gives the same results in the same order, and bounds what is in flight."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor

import pytest

from atalaya.base.errors import Usage
from atalaya.campaign.executor import make_executor, map_in_order


@pytest.fixture(params=[1, 2, 5])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with make_executor(request.param) as made:
        yield made


def test_results_keep_the_order_of_the_items(executor: Executor) -> None:
    gate = threading.Event()

    def work(n: int) -> int:
        if n == 3:
            gate.set()
        if n == 0 and type(executor).__name__ != "ThisThread":
            gate.wait(5)  # the first finishes last
        return n * n

    assert list(map_in_order(executor, work, range(20))) == [n * n for n in range(20)]


def test_an_exception_comes_out_in_its_turn_and_stops_the_rest(executor: Executor) -> None:
    def work(n: int) -> int:
        if n == 2:
            raise ValueError("two")
        return n

    seen = []
    with pytest.raises(ValueError, match="two"):
        for result in map_in_order(executor, work, range(1000), window=2):
            seen.append(result)  # noqa: PERF402  the point is what came before the error
    assert seen == [0, 1]


def test_no_more_than_the_window_is_taken_from_the_items(executor: Executor) -> None:
    taken = []

    def items() -> Iterator[int]:
        for n in range(100):
            taken.append(n)
            yield n

    results = map_in_order(executor, lambda n: n, items(), window=4)
    next(results)
    assert len(taken) <= 4


def test_no_workers_is_a_usage_error() -> None:
    with pytest.raises(Usage, match="CLI-004"):
        make_executor(0)
