"""A campaign of search flights is the same whoever computes it: this thread, threads, Dask workers."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from atalaya.plan.search import CampaignPlan, SearchProblem, SearchSortie, expected_finds, plan_campaign

DAYS = ((0, 1, 2), (3, 4, 5))


@pytest.fixture(scope="module")
def problem() -> SearchProblem:
    rng = np.random.default_rng(11)
    rate = rng.lognormal(0, 1.2, (40, 40))
    flyable = np.ones((40, 40), dtype=bool)
    flyable[18:22, 5:20] = False
    bases = [(8e3, 8e3), (70e3, 40e3), (8e3, 8e3)] * 2
    sorties = tuple(
        SearchSortie(base, base, 80.0, 1200.0, 3600.0, 1500.0, (5.0, 3.0), f"S{k}")
        for k, base in enumerate(bases)
    )
    return SearchProblem(
        rate / rate.sum() * 30, np.full(rate.shape, 0.1), 2000.0, sorties, north_m=80e3, flyable=flyable
    )


def planned(problem: SearchProblem, executor: object = None) -> CampaignPlan:
    return plan_campaign(problem, days=DAYS, seed=5, iterations=20_000, executor=executor)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def serial(problem: SearchProblem) -> CampaignPlan:
    return planned(problem)


def same(one: CampaignPlan, other: CampaignPlan) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.paths, other.paths, strict=True))


@pytest.mark.proves("SEA-104")
def test_threads_give_the_same_plan(problem: SearchProblem, serial: CampaignPlan) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert same(planned(problem, executor), serial)


@pytest.mark.proves("SEA-104")
@pytest.mark.filterwarnings("ignore")  # of Dask's own, about ports and memory
def test_dask_workers_give_the_same_plan(problem: SearchProblem, serial: CampaignPlan) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert same(planned(problem, client.get_executor()), serial)


def test_flights_are_flyable_and_add_up(problem: SearchProblem, serial: CampaignPlan) -> None:
    scored = expected_finds(problem, serial.paths)
    assert scored.flyable
    assert serial.finds == pytest.approx(serial.per_sortie.sum())
    assert serial.per_sortie[:3].sum() > serial.per_sortie[3:].sum() > 0


def test_stop_ends_with_flyable_paths(problem: SearchProblem) -> None:
    told: list[float] = []
    plan = plan_campaign(
        problem,
        days=DAYS,
        iterations=5_000,
        stop=lambda: True,
        progress=lambda share, finds: told.append(share),
    )
    assert not plan.complete
    assert told[-1] == 1.0
    assert expected_finds(problem, plan.paths).flyable
