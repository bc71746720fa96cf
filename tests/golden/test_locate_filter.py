"""The filter on one site: worked examples of the field note (sections 3, 4, 5), and the whole posterior by
every association of every scan, written out.
"""

from itertools import product

import numpy as np
import pytest

from atalaya.detect.table import SHARED_TERMS
from atalaya.locate import HitRate, Scan, SiteFilter, SiteModel, make_scan
from atalaya.locate.bias import block_of, solve
from atalaya.locate.filter import Places, ScanField, Undetected, step
from tests.site_worlds import DAY_US, MINUTE_US, flat_area, plain_model

SIDE = 1000.0


def scan_at(
    number: int, z: list[list[float]], var: float, *, chance: float = 0.7, clutter: float = 2e-7
) -> Scan:
    return make_scan(
        sortie="a",
        t_us=number * MINUTE_US,
        evidence="heat",
        sensor="IR",
        cells=np.arange(100),
        chance=np.full(100, chance, np.float32),
        clutter_per_m2=clutter,
        z_m=np.array(z).reshape(-1, 2),
        own_m2=np.broadcast_to(np.eye(2) * var, (len(z), 2, 2)),
    )


def test_one_site_and_one_tracklet() -> None:
    area, model = flat_area(SIDE, (1e-6, 0.0, 0.0)), plain_model(0.7)
    places, undetected = Places(), Undetected.before(area)
    start, p = np.array([[500.0, 500.0]]), np.eye(2)[None] * 100.0
    nodes = model.nodes_of("heat").weight[None]
    places.add(
        np.zeros((1, 2), np.int64),
        np.array([0.4]),
        np.array([[1.0, 0, 0]]),
        {"heat": nodes},
        (start, p, np.zeros((1, 2, SHARED_TERMS))),
    )
    met = step(places, undetected, ScanField(area), scan_at(0, [[510.0, 500.0]], 225.0), 0, model)
    assert places.r[0] == pytest.approx(0.99543, abs=2e-5)
    assert places.x[0] - start[0] == pytest.approx([3.0741, 0.0], abs=1e-4)
    assert places.p[0, 1, 1] == pytest.approx(69.259, abs=2e-3)
    assert places.p[0, 0, 0] == pytest.approx(69.268, abs=3e-3)
    assert places.r[1] == pytest.approx(0.00426, abs=2e-5)
    # given that it exists it missed with (1 - .7) / (1 - .7 + .7 l / q): a hair
    assert met.share[0] == pytest.approx(0.9995, abs=1e-3)


def test_undiscovered_after_two_looks() -> None:
    area, model = flat_area(SIDE, (1e-6, 0.0, 0.0)), plain_model(0.7)
    run = SiteFilter(area, model)
    run.add([scan_at(0, [], 1.0, chance=0.6), scan_at(1, [], 1.0, chance=0.5)])
    left = run.running.undetected.density[0].sum() * area.cell_m2
    assert left == pytest.approx(0.2, abs=1e-6)
    assert 1.0 - np.exp(-left) == pytest.approx(0.1813, abs=5e-5)


TABLE = [
    (1, 1, 0.3398, 0.4369),
    (2, 3, 0.3944, 0.5915),
    (3, 10, 0.0550, 0.9364),
    (5, 10, 0.2500, 0.7500),
    (7, 10, 0.6542, 0.3458),
    (10, 10, 0.9759, 0.0241),
    (10, 24, 0.1113, 0.8887),
    (17, 24, 0.8050, 0.1950),
]


@pytest.mark.parametrize(("hits", "looks", "facility", "confuser"), TABLE)
def test_hits_of_one_place_in_many_looks(hits: int, looks: int, facility: float, confuser: float) -> None:
    """One place that is certain to be one of three classes: the table of section 3."""
    model = SiteModel(half_life_days=(np.inf,) * 3)
    area = flat_area(SIDE, (0.02e-6, 0.06e-6, 0.92e-6))
    run = SiteFilter(area, model)
    tiny = 1e-30
    scans = [scan_at(k, [[500.0, 500.0]] if k < hits else [], 1.0, clutter=tiny) for k in range(looks)]
    run.add(scans)
    (site,) = run.sites()
    assert site.existence == pytest.approx(1.0, abs=1e-6)
    assert site.classes[0] == pytest.approx(facility, abs=1e-4 if looks < 16 else 2e-3)
    assert site.classes[1] == pytest.approx(confuser, abs=1e-4 if looks < 16 else 2e-3)


def test_the_whole_posterior_of_a_tiny_problem() -> None:
    """Existence and class of one site against every association: one real thing or none, five scans."""
    rates = (HitRate(0.7, 10.0), HitRate(0.3, 10.0), HitRate(0.01))
    model = SiteModel(half_life_days=(np.inf,) * 3, usual=(rates[0], rates[1], rates[2]))
    per_m2, clutter, var = np.array([1e-6, 3e-6, 0.0]), 5e-6, 25.0
    seen = [[[500.0, 500.0]], [[503.0, 498.0]], [], [[497.0, 501.0], [502.0, 504.0]], []]
    run = SiteFilter(flat_area(SIDE, (1e-6, 3e-6, 0.0)), model)
    run.add([scan_at(k, z, var, clutter=clutter) for k, z in enumerate(seen)])
    nodes = model.nodes_of("heat")
    u = nodes.odds / (1.0 + nodes.odds)
    # place integrated on a fine grid; the site anywhere, or nowhere
    grid = np.stack(np.meshgrid(np.linspace(470, 530, 241), np.linspace(470, 530, 241)), axis=-1).reshape(
        -1, 2
    )
    weight = per_m2[:, None] * nodes.weight * (60.0 / 240.0) ** 2
    likelihood = np.ones((3, model.nodes, len(grid)))
    for z in seen:
        each = 1.0 - u[..., None] + np.zeros(len(grid))
        for place in z:
            d2 = ((grid - place) ** 2).sum(axis=1) / var
            each = each + u[..., None] * np.exp(-0.5 * d2) / (2.0 * np.pi * var * clutter)
        likelihood *= each
    mass = (weight[..., None] * likelihood).sum(axis=(1, 2))
    expected = mass.sum() / (1.0 + mass.sum())
    site = max(run.sites(0.01), key=lambda one: one.existence)
    assert site.existence == pytest.approx(expected, abs=0.02)
    assert site.classes[0] == pytest.approx(mass[0] / mass.sum(), abs=0.02)


def test_two_sites_against_every_association() -> None:
    """Two known sites close together in one scan of three tracklets: existence from all matchings."""
    area, model = flat_area(SIDE, (1e-9, 0.0, 0.0)), plain_model(0.7)
    places, undetected = Places(), Undetected.before(area)
    x, p = np.array([[500.0, 500.0], [512.0, 500.0]]), np.broadcast_to(np.eye(2) * 16.0, (2, 2, 2)).copy()
    r = np.array([0.4, 0.6])
    nodes = np.broadcast_to(model.nodes_of("heat").weight, (2, 3, model.nodes)).copy()
    cls = np.array([[1.0, 0.0, 0.0]] * 2)
    places.add(np.zeros((2, 2), np.int64), r, cls, {"heat": nodes}, (x, p, np.zeros((2, 2, SHARED_TERMS))))
    z = np.array([[501.0, 503.0], [509.0, 499.0], [514.0, 496.0]])
    clutter = 1e-4
    step(places, undetected, ScanField(area), scan_at(0, z.tolist(), 25.0, clutter=clutter), 0, model)
    d2 = ((z[None] - x[:, None]) ** 2).sum(axis=2) / 41.0
    likelihood = np.exp(-0.5 * d2) / (2.0 * np.pi * 41.0)
    exists, whole = np.zeros(2), 0.0
    for choice in product(range(5), repeat=2):
        taken = [c - 2 for c in choice if c >= 2]
        if len(set(taken)) < len(taken):
            continue
        weight = 1.0
        for i, c in enumerate(choice):
            weight *= (1.0 - r[i], r[i] * 0.3)[c] if c < 2 else r[i] * 0.7 * likelihood[i, c - 2] / clutter
        whole += weight
        exists += [weight * (c > 0) for c in choice]
    assert places.r[:2] == pytest.approx(exists / whole, abs=1e-4)


def test_landmark_leaves_what_the_closed_form_says() -> None:
    """Bias variance 100 m2, tracklets 25 m2, four looks at a known place: (1/100 + 4/25)^-1 = 5.9 m2."""
    shared = np.zeros((4, 2, SHARED_TERMS))
    shared[:, 0, 0] = shared[:, 1, 1] = 10.0
    site, one = np.zeros(4, np.int64), np.ones(4)
    own = np.broadcast_to(np.eye(2) * 25.0, (4, 2, 2)).copy()
    block = block_of(site, np.arange(4), one, np.full((4, 2), 7.0), own, shared)
    found = solve([block], np.zeros(1, np.int64), (np.zeros((1, 2)), np.eye(2)[None] * 1e9))
    left = shared[0] @ found.bias_covariance[0] @ shared[0].T
    assert left[0, 0] == pytest.approx(1.0 / (1 / 100 + 4 / 25), rel=1e-6)
    assert (shared[0] @ found.bias[0])[0] == pytest.approx(7.0 * 0.16 / 0.17, rel=1e-6)


@pytest.mark.parametrize(("sorties", "ce90"), [(1, 21.5), (3, 12.5), (6, 9.0)])
def test_joint_error_is_the_closed_form(sorties: int, ce90: float) -> None:
    """Ground shift sd 10 m per sortie, 5 m per look, 30 looks: P = (sum (B + R/n)^-1)^-1."""
    looks = 30 // sorties
    shared = np.zeros((looks, 2, SHARED_TERMS))
    shared[:, 0, 0] = shared[:, 1, 1] = 10.0
    own = np.broadcast_to(np.eye(2) * 25.0, (looks, 2, 2)).copy()
    z = np.random.default_rng(0).normal(0.0, 5.0, (looks, 2))
    block = block_of(np.zeros(looks, np.int64), np.arange(looks), np.ones(looks), z, own, shared)
    found = solve([block] * sorties, np.zeros(1, np.int64))
    assert found.covariance_m2[0, 0, 0] == pytest.approx((100.0 + 25.0 / looks) / sorties, rel=1e-9)
    assert 2.1460 * np.sqrt(found.covariance_m2[0, 0, 0]) == pytest.approx(ce90, abs=0.06)


def test_half_life_halves_what_was_found() -> None:
    model = SiteModel(half_life_days=(30.0, 30.0, 30.0))
    assert model.survival(5.0 * DAY_US) == pytest.approx([0.891] * 3, abs=5e-4)
