"""Laws of sites: order, repetition, portions; looks without a find; ledgers; the map; what moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.locate import Review, Scan, Site, SiteFilter, SiteModel, make_scan
from atalaya.locate.area import area_of
from atalaya.sensing.map_grid import equal_area_crs
from atalaya.sensing.search_map import SearchMap
from tests.site_worlds import MINUTE_US, biased_world, flat_area, plain_model

SIDE = 1000.0
MODEL = SiteModel()


def told(sites: tuple[Site, ...]) -> list[tuple[object, ...]]:
    """Everything a site says, to the bit."""
    return [
        (
            site.id,
            site.existence,
            site.classes,
            site.z_m.tobytes(),
            site.own_m2.tobytes(),
            site.shared_m2.tobytes(),
            tuple(site.ledger),
            site.ambiguous,
            site.alternative,
        )
        for site in sites
    ]


def small_world(seed: int) -> list[Scan]:
    world = biased_world(seed, sites=6, sorties=3, looks=4, azimuths_deg=(0.0, 90.0), side_m=1500.0)
    return world.scans


AREA = flat_area(1500.0, (3e-6, 9e-6, 0.0))


@pytest.mark.proves("LOC-101")
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 50), order=st.randoms(use_true_random=False), portions=st.integers(1, 4))
def test_order_repetition_and_portions_change_nothing(seed: int, order: object, portions: int) -> None:
    scans = small_world(seed)
    once = SiteFilter(AREA, MODEL)
    once.add(scans)
    mixed = [*scans, *scans[::3]]
    order.shuffle(mixed)  # type: ignore[attr-defined]
    again = SiteFilter(AREA, MODEL)
    for part in range(portions):
        again.add(mixed[part::portions])
        again.sites()
    assert told(again.sites()) == told(once.sites())
    ours, theirs = once.running.undetected, again.running.undetected
    assert ours.density.tobytes() == theirs.density.tobytes()


@pytest.mark.proves("LOC-102")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), looks=st.integers(1, 4))
def test_a_look_without_a_find_lowers_what_it_saw_and_nothing_else(seed: int, looks: int) -> None:
    rng = np.random.default_rng(seed)
    area = flat_area(SIDE, (1e-6, 3e-6, 46e-6))
    run = SiteFilter(area, MODEL)
    for number in range(looks):
        cells = np.flatnonzero(rng.random(area.cells) < 0.4)
        chance = rng.uniform(0.01, 0.99, len(cells)).astype(np.float32)
        before = run.running.undetected.density.copy()
        run.add([empty(number, cells, chance)])
        after = run.running.undetected.density
        visible = np.isin(np.arange(area.cells), cells)
        assert (after[:, visible] < before[:, visible]).all()
        assert (after[:, ~visible] == before[:, ~visible]).all()


def empty(number: int, cells: np.ndarray, chance: np.ndarray) -> Scan:  # type: ignore[type-arg]
    return make_scan(
        sortie="a",
        t_us=number * MINUTE_US,
        evidence=("heat", "roof")[number % 2],
        sensor="IR",
        cells=cells,
        chance=chance,
        clutter_per_m2=1e-9,
    )


@pytest.mark.proves("LOC-106")
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100))
def test_ledgers_add_up_to_the_probability(seed: int) -> None:
    run = SiteFilter(AREA, MODEL)
    run.add(small_world(seed))
    first = run.sites()[0]
    run.review([Review(first.id, "reject", "ana", 10 * MINUTE_US), Review(first.id, "accept", "eva", 0)])
    for site in run.sites(0.001):
        odds = np.log(site.facility) - np.log1p(-site.facility)
        assert site.prior_log_odds + sum(line.change for line in site.ledger) == pytest.approx(odds, abs=1e-7)


def coarse_map(rate: float, hidden: float) -> SearchMap:
    shape = (5, 5)
    affine = (0.0, 200.0, 0.0, 1000.0, 0.0, -200.0)
    crs = equal_area_crs(-100.0, 20.0)
    return SearchMap(np.full(shape, rate), np.full(shape, hidden), crs, affine, np.zeros(shape, np.int64))


@settings(max_examples=20, deadline=None)
@given(rate=st.floats(1e-4, 1.0), hidden=st.floats(0.0, 0.9), chance=st.floats(0.05, 0.95))
def test_the_map_keeps_expected_counts_and_what_is_hidden(rate: float, hidden: float, chance: float) -> None:
    prior = coarse_map(rate, hidden)
    area = area_of(prior, split=4)
    run = SiteFilter(area, plain_model(chance))
    before = run.search_map(prior)
    assert before.rate == pytest.approx(prior.rate)
    assert before.hidden == pytest.approx(prior.hidden)
    run.add([empty(0, np.arange(area.cells), np.full(area.cells, chance, np.float32))])
    after = run.search_map(prior)
    assert after.rate == pytest.approx(prior.rate * (hidden + (1.0 - hidden) * (1.0 - chance)), rel=1e-5)
    assert after.looks is not None
    assert (after.looks == 1).all()


def test_time_brings_the_expectation_back() -> None:
    area = flat_area(SIDE, (1e-6, 3e-6, 0.0))
    run = SiteFilter(area, SiteModel(half_life_days=(30.0, 30.0, 30.0)))
    run.add([empty(0, np.arange(100), np.full(100, 0.9, np.float32))])
    low = run.running.undetected.density[0].sum()
    run.add([empty(1440 * 30, np.arange(1), np.full(1, 1e-6, np.float32))])
    later = run.running.undetected.density[0].sum()
    assert later == pytest.approx(0.5 * low + 0.5 * 1e-4, rel=1e-3)
