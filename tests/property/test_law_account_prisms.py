"""Laws of the account: truth lies within what is stated, every second is in one interval, circles come out
right."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.earth import geodesic
from atalaya.law.account import Account, AccountOptions, Standing, account
from atalaya.law.account.ellipse import reachable
from atalaya.law.boundary import Layer, LayerIndex, layer_index
from tests.law_layers import record_of
from tests.law_tracks import START_US, circling, flown, wandering

EAST = shapely.box(10.0, 42.0, 15.0, 48.0)
RNG_POLYGONS = np.random.default_rng(7)


def plane(bound_m: float = 0.0) -> LayerIndex:
    return index_of(EAST, bound_m)


def index_of(polygon: shapely.Geometry, bound_m: float = 0.0) -> LayerIndex:
    polygons = np.array([shapely.MultiPolygon([polygon])], dtype=object)
    return layer_index(Layer(record_of("made", bound_m), ("AAA",), polygons))


def star(rng: np.random.Generator) -> shapely.Polygon:
    angle = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radius = rng.uniform(2_000, 12_000, 9)
    x, y = radius * np.cos(angle) / 78_847.0, radius * np.sin(angle) / 111_132.0
    return shapely.Polygon(np.stack((10 + x, 45 + y), axis=1)).buffer(0)


def only(found: Account):  # type: ignore[no-untyped-def]
    (one,) = found.states
    return one


@pytest.mark.proves("AIR-007")
@pytest.mark.parametrize(("offset_m", "per_turn_s"), [(0.0, 261.80), (2_500.0, 174.53)])
def test_a_circle_about_a_meridian_spends_the_closed_form_share_inside(
    offset_m: float, per_turn_s: float
) -> None:
    track = circling(5_000.0, offset_m)
    one = only(account(track, [plane()], AccountOptions(states=("AAA",))))
    turns = (track.t_us[-1] - track.t_us[0]) / 1e6 / (2 * np.pi * 5_000.0 / 60.0)
    assert one.seconds.estimate / turns == pytest.approx(per_turn_s, rel=1e-3)
    times = (one.crossings.t_us - START_US) / 1e6
    half = np.degrees(np.arccos(offset_m / 5_000.0))  # azimuths 90 -+ half are on the meridian
    expected = np.sort(np.concatenate([(90 + side * half + 360 * np.arange(4)) for side in (-1, 1)]))
    assert times == pytest.approx(np.radians(expected[: len(times)]) * 5_000.0 / 60.0, abs=0.5)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([5, 10, 30, 60, 120, 300]),
    st.floats(30.0, 250.0),
    st.floats(0.5, 6.0),
)
@pytest.mark.proves("AIR-006", "AIR-008", "AIR-011")
def test_the_truth_of_a_thinned_flight_lies_within_what_is_stated(
    seed: int, every_s: int, speed_mps: float, turn_deg: float
) -> None:
    rng = np.random.default_rng(seed)
    s, lon, lat = wandering(rng, 1_801, speed_mps, turn_deg)
    index = index_of(star(rng))
    truth = only(
        account(
            flown(s, lon, lat, speed_mps=speed_mps, radius_m=0.1), [index], AccountOptions(states=("AAA",))
        )
    )
    kept = np.append(np.arange(0, 1_800, every_s), 1_800)
    thin = flown(s[kept], lon[kept], lat[kept], speed_mps=speed_mps, radius_m=0.1)
    found = account(thin, [index], AccountOptions(states=("AAA",)))
    one = only(found)
    assert one.seconds.minimum - 0.01 <= truth.seconds.estimate <= one.seconds.maximum + 0.01
    table = one.intervals
    assert table.start_us[0] == found.path.start_us
    assert table.end_us[-1] == found.path.end_us
    assert (table.start_us[1:] == table.end_us[:-1]).all()
    assert (table.end_us > table.start_us).all()
    inside = index.contains(0, lon, lat)
    depth = np.abs(index.depth_m(0, lon, lat))
    row = np.searchsorted(table.start_us, START_US + (s * 1e6).astype(np.int64), side="right") - 1
    clear = depth > 1.0  # at the line itself times are rounded
    gap = ~table.supported[row]
    assert not (inside & clear & gap & (table.standing[row] == Standing.CERTAIN_OUTSIDE)).any()
    assert not (~inside & clear & gap & (table.standing[row] == Standing.CERTAIN_INSIDE)).any()
    opened = one.visits
    for entry, leave in zip(truth.visits.entry_estimate_us, truth.visits.exit_estimate_us, strict=True):
        if entry < 0 or leave < 0:
            continue
        first = np.where(opened.entry_earliest_us < 0, 0, opened.entry_earliest_us)
        last = np.where(opened.exit_latest_us < 0, 2**62, opened.exit_latest_us)
        assert ((first <= leave + 20_000) & (last >= entry - 20_000)).any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
@pytest.mark.proves("AIR-008")
def test_the_ellipse_test_agrees_with_a_search_over_the_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area = star(rng)
    index = index_of(area)
    lon = 10 + rng.uniform(-0.35, 0.35, 40)
    lat = 45 + rng.uniform(-0.25, 0.25, 40)
    outside = ~index.contains(0, lon, lat)
    lon, lat = lon[outside], lat[outside]
    pairs = len(lon) // 2
    first, second = (lon[:pairs], lat[:pairs]), (lon[pairs : 2 * pairs], lat[pairs : 2 * pairs])
    d1, d2 = (-index.depth_m(0, *place) for place in (first, second))
    border = shapely.segmentize(area.exterior, 0.0005)
    x, y = shapely.get_coordinates(border).T
    for i in range(pairs):
        reach = geodesic(x, y, first[0][i], first[1][i])[0] + geodesic(x, y, second[0][i], second[1][i])[0]
        span = float(geodesic(first[0][i], first[1][i], second[0][i], second[1][i])[0])
        chord = shapely.LineString([(first[0][i], first[1][i]), (second[0][i], second[1][i])])
        least = span if chord.intersects(area) else float(reach.min())
        for share, expected in ((0.98, False), (1.02, True)):
            total = np.array([max(least * share + (120.0 if expected else -120.0), 1.0)])
            if not expected and total[0] < span:
                continue
            place = [(part[0][i : i + 1], part[1][i : i + 1]) for part in (first, second)]
            assert reachable(index, 0, *place, total, d1[i : i + 1], d2[i : i + 1])[0] == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 4_000.0), st.floats(1.0, 500.0))
@pytest.mark.proves("AIR-005")
def test_nothing_is_certain_within_the_errors_of_layer_and_position(
    seed: int, bound_m: float, radius_m: float
) -> None:
    rng = np.random.default_rng(seed)
    s, lon, lat = wandering(rng, 600, 80.0, 3.0)
    index = index_of(star(rng), bound_m)
    found = account(
        flown(s, lon, lat, speed_mps=80.0, radius_m=radius_m), [index], AccountOptions(states=("AAA",))
    )
    table = only(found).intervals
    depth = index.depth_m(0, lon, lat)
    row = np.searchsorted(table.start_us, found.path.t_us, side="right") - 1
    row = np.minimum(row, len(table) - 1)
    standing = table.standing[row]
    limit = bound_m + radius_m
    near = np.abs(depth) < limit - 1.0
    assert (standing[near] == Standing.INDETERMINATE).all()
    # pieces between fixes are followed to a hundred metres, so only fixes clear of the limit by that are sure
    assert (standing[depth > limit + 100.0] == Standing.CERTAIN_INSIDE).all()
    assert (standing[depth < -limit - 100.0] == Standing.CERTAIN_OUTSIDE).all()


@pytest.mark.proves("AIR-005")
def test_a_layer_whose_bound_nobody_measured_makes_nothing_certain() -> None:
    one = only(account(circling(5_000.0, 0.0), [plane(np.inf)], AccountOptions(states=("AAA",))))
    assert one.verdict == Standing.INDETERMINATE
    assert len(one.intervals) == 1
    assert one.as_json()["bound_m"] is None


@pytest.mark.proves("AIR-013")
def test_the_deepest_fix_is_found_among_thousands_alike() -> None:
    """A path along the line, where no bound but the nearest points themselves tells fixes apart."""
    s = np.arange(6_000.0)
    lat = 43.0 + s * 60 / 111_132.0
    lon = 11.0 + 2e-4 * np.sin(s / 700.0)
    index = plane()
    found = only(account(flown(s, lon, lat, speed_mps=61.0), [index], AccountOptions(states=("AAA",))))
    assert found.deepest.depth_m == pytest.approx(index.depth_m(0, lon, lat).max(), abs=1.0)
