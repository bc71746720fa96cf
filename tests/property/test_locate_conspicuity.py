"""How strong a tracklet is tells what kind of place gave it, and never twice the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from atalaya.locate import HitRate, SiteFilter, SiteModel, make_scan
from atalaya.locate.conspicuity import Cutpoint, density, heard_by, relative, typical
from atalaya.locate.filter.kernels import learn
from atalaya.locate.rate_fit import fit_rate, log_likelihood
from atalaya.locate.site import Site
from tests.site_worlds import MINUTE_US, flat_area

FACILITY, ALIKE, CHANCE = HitRate(0.95, 5.0), HitRate(0.6, 2.0), HitRate(0.05, 5.0)
MODEL = SiteModel(
    rates=dict.fromkeys(("drums", "roof"), (FACILITY, ALIKE, CHANCE)),
    reference=0.7,
    half_life_days=(np.inf,) * 3,
)


@given(st.floats(0.01, 1e4))
def test_a_tracklet_is_of_some_strength(odds: float) -> None:
    """The density of cutpoints given a tracklet integrates to one, whatever the place."""
    whole, _ = quad(lambda c: float(density(np.array(c), np.array(odds))), 0.0, 80.0, limit=200)
    assert whole == pytest.approx(1.0, abs=1e-6)


@given(st.floats(0.0, 12.0), st.floats(0.0, 12.0))
def test_stronger_tracklets_speak_for_places_that_show_more(first: float, second: float) -> None:
    low, high = sorted((first, second))
    plain, faint = (
        density(np.array([low, high]), np.array(50.0)),
        density(np.array([low, high]), np.array(0.5)),
    )
    assert plain[1] * faint[0] >= plain[0] * faint[1] * (1.0 - 1e-12)


def test_an_unknown_strength_says_nothing() -> None:
    odds = MODEL.nodes_of("drums").odds[None]
    assert (relative(np.array([np.nan]), "drums", odds, MODEL) == 1.0).all()
    assert len(heard_by(np.array([0]), np.array([2.0]), np.array([np.nan]), 3)) == 0
    mixed = heard_by(np.array([0, 0, 2]), np.array([1.0, 3.0, 0.0]), np.array([2.0, 4.0, 1.0]), 3)
    assert mixed[0] == pytest.approx(3.5)
    assert np.isnan(mixed[1:]).all()


@settings(deadline=None)  # the first example compiles
@given(st.floats(0.0, 10.0), st.floats(0.0, 50.0), st.floats(0.05, 0.99), st.integers(0, 2**32 - 1))
def test_learning_is_bayes_rule_over_existence_class_and_node(
    cutpoint: float, told: float, chance: float, seed: int
) -> None:
    rng, nodes = np.random.default_rng(seed), MODEL.nodes_of("drums")
    r, cls = np.array([rng.uniform(0.05, 0.95)]), rng.dirichlet((1.0, 1.0, 1.0))[None]
    node = rng.dirichlet(np.ones(nodes.odds.shape[1]), 3)[None]
    v = nodes.odds * chance / (1.0 - chance) / MODEL.reference_odds
    strong = np.array([cutpoint if told > 0.0 else np.nan])
    g = density(strong, v) / typical(strong, "drums", MODEL)[0]
    whole = r[0] * cls[0][:, None] * node[0] * (1.0 + v / (1.0 + v) * (told * g - 1.0))
    total = whole.sum() + 1.0 - r[0]
    given_there = (np.array([chance]), np.array([told]), strong, typical(strong, "drums", MODEL))
    learn(*given_there, MODEL.reference_odds, nodes.odds, r, cls, node)
    assert r[0] == pytest.approx(whole.sum() / total, rel=1e-9)
    np.testing.assert_allclose(cls[0], whole.sum(axis=1) / whole.sum(), rtol=1e-9)
    np.testing.assert_allclose(node[0], whole / whole.sum(axis=1, keepdims=True), rtol=1e-9)


def looked(cutpoints: list[float], kinds: tuple[str, ...] = ("drums", "roof")) -> Site:
    """The site of looks at one place, each with a tracklet of some strength of each kind."""
    area = flat_area(2_000.0, (1e-6, 3e-6, 1e-5))
    cells = np.arange(area.cells)
    run = SiteFilter(area, MODEL)
    run.add(
        make_scan(
            sortie=f"s{number}", t_us=number * MINUTE_US, evidence=kind, sensor="EO", cells=cells,
            chance=np.full(len(cells), 0.7, np.float32), clutter_per_m2=1e-7, z_m=np.array([[900.0, 900.0]]),
            own_m2=225.0 * np.eye(2)[None], cutpoint=np.array([cutpoint]),
        )
        for number, cutpoint in enumerate(cutpoints)
        for kind in kinds
    )  # fmt: skip
    return run.sites(0.01)[0]


@pytest.mark.proves("LOC-107")
def test_plain_signs_make_a_facility_and_faint_ones_a_look_alike() -> None:
    strong, unknown, faint = (looked([c, c]) for c in (6.0, np.nan, 0.3))
    assert strong.facility > unknown.facility > faint.facility
    assert strong.facility > 0.5 > 0.2 > faint.facility


@pytest.mark.proves("LOC-107")
def test_the_same_strength_again_and_again_never_becomes_certainty() -> None:
    p = [looked([5.0] * count, ("drums",)).facility for count in (1, 2, 4, 8, 16)]
    assert np.abs(np.diff(p))[-1] < 0.05
    assert p[-1] < 0.95


@pytest.mark.proves("LOC-106")
def test_the_ledger_adds_up_with_strengths() -> None:
    site = looked([3.0, np.nan, 0.5])
    odds = np.log(site.facility / (1.0 - site.facility))
    assert site.prior_log_odds + site.ledger.total == pytest.approx(odds, abs=1e-9)


def test_rates_are_found_again_in_drawn_places() -> None:
    rng, true = np.random.default_rng(5), HitRate(0.8, 4.0)
    places = 3_000
    t = np.log(1.0 / (1.0 / rng.beta(0.8 * 4.0, 0.2 * 4.0, places) - 1.0))[:, None]
    shown = t + rng.logistic(size=(places, 2))
    cutpoints = np.where(shown > 0.0, shown, np.nan)
    found = fit_rate(cutpoints)
    assert found.mean == pytest.approx(true.mean, abs=0.02)
    assert found.strength == pytest.approx(true.strength, rel=0.2)
    assert log_likelihood(cutpoints, true, True) <= log_likelihood(cutpoints, found, True) + 1.0


def test_cutpoints_begin_at_the_faintest_score() -> None:
    assert Cutpoint(0.2, 20.0).of(np.array([0.1, 0.2, 0.5])).tolist() == pytest.approx([0.0, 0.0, 6.0])
