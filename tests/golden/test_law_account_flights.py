"""Real flights against real layers: the figures of the field note (law.md sections 4, 6, 17) and of the
data's own README.

Truth: the shared data's README (computed there with shapely 2.2.0, pyproj 3.7.2, in a Lambert plane and
geodesic).
"""

import numpy as np
import pytest

from atalaya.earth.track import read_tracks
from atalaya.law.account import Account, AccountOptions, Standing, account
from tests.law_layers import dcw, natural_earth, osm_land, osm_waters
from tests.law_tracks import START_US, straddling_orbit
from tests.shared_data import shared


def at(clock: str, day: str = "2025-02-04") -> int:
    return int(np.datetime64(f"{day}T{clock}", "us").astype(np.int64))


def n899dn() -> Account:
    (track,) = read_tracks(shared("airspace/flights/trace_full_ac671b.json"))
    return account(track, [osm_waters("MEX", "BLZ", "USA")], AccountOptions())


@pytest.mark.proves("AIR-006", "AIR-007", "AIR-008")
def test_n899dn_enters_and_leaves_within_the_windows_of_the_note() -> None:
    found = n899dn().of("MEX", "osm-waters")
    assert found is not None
    visit = found.visits
    assert visit.fixes[0] == 59
    for stated, clock in (
        (visit.entry_earliest_us[0], "21:24:01.9"),
        (visit.entry_latest_us[0], "21:26:17.3"),
        (visit.exit_earliest_us[0], "21:51:09.3"),
        (visit.exit_latest_us[0], "22:13:56.8"),
        (visit.exit_estimate_us[0], "21:51:29"),
    ):
        assert abs(stated - at(clock)) <= 3e6
    assert visit.supported_s[0] == pytest.approx(1337.6, abs=0.1)
    assert visit.minimum_s[0] == pytest.approx(1492, abs=3)
    assert visit.maximum_s[0] == pytest.approx(2995, abs=3)


@pytest.mark.proves("AIR-009", "AIR-010")
def test_n899dn_is_deepest_where_the_note_says_and_its_heights_stay_apart() -> None:
    found = n899dn().of("MEX", "osm-waters")
    assert found is not None
    assert found.deepest is not None
    assert found.deepest.depth_m == pytest.approx(157_600, abs=60)
    assert abs(found.deepest.t_us - at("21:38:17.06")) <= 3e6
    bands = {band.datum: (band.lowest_m / 0.3048, band.highest_m / 0.3048) for band in found.heights}
    assert bands["pressure"] == pytest.approx((32_000, 32_000))
    assert bands["hae"] == pytest.approx((33_725, 33_800))
    assert set(bands) == {"hae", "pressure"}


def test_n899dn_over_belize_and_the_united_states() -> None:
    found = n899dn()
    belize, usa = found.of("BLZ", "osm-waters"), found.of("USA", "osm-waters")
    assert belize is not None
    assert usa is not None
    assert belize.fixes_inside == 24
    assert belize.visits.supported_s[0] == pytest.approx(394.1, abs=0.5)
    assert usa.visits.entry_latest_us[0] <= at("22:58:34.44")
    assert usa.visits.entry_estimate_us[0] == pytest.approx(at("22:58:32"), abs=3e6)


@pytest.mark.proves("AIR-005", "AIR-012")
def test_the_layer_moves_the_answer_for_two_tankers_on_the_line() -> None:
    """N427DF and T71, 10 September 2020: seconds and fixes per layer, and what may be said by each."""
    layers = [osm_land(), dcw(), natural_earth("MEX")]
    seconds, fixes, depths = dict.fromkeys("odn", 0.0), dict.fromkeys("odn", 0), dict.fromkeys("odn", 0.0)
    verdicts: dict[str, set[Standing]] = {key: set() for key in "odn"}
    for name in ("a515f1", "a52add"):
        (track,) = read_tracks(shared("airspace/flights/calfire.json.gz"), aircraft=name)
        found = account(track, layers, AccountOptions(states=("MEX",)))
        for one in found.states:
            key = one.layer[0]
            seconds[key] += one.seconds.estimate
            fixes[key] += one.fixes_inside
            verdicts[key].add(one.verdict)
            if one.deepest is not None:
                depths[key] = max(depths[key], one.deepest.depth_m)
            assert one.intervals.total_us == found.path.end_us - found.path.start_us
        (between,) = found.comparisons
        assert len(between.layers) == 3
        assert between.estimate_s[1] > 2 * between.estimate_s[0]
    assert seconds == pytest.approx({"o": 378.8, "d": 214.0, "n": 108.0}, abs=0.15)
    assert fixes == {"o": 16, "d": 10, "n": 5}
    assert depths == pytest.approx({"o": 1326, "d": 984, "n": 638}, abs=4)
    assert verdicts["o"] == {Standing.CERTAIN_INSIDE}
    assert verdicts["d"] == verdicts["n"] == {Standing.INDETERMINATE}


@pytest.mark.proves("AIR-002", "AIR-003", "AIR-004")
def test_a_spoofed_flight_is_possible_over_ukraine_not_certain_and_not_denied() -> None:
    (track,) = read_tracks(shared("airspace/flights/noisy_spoofing.json.gz"))
    found = account(track, [natural_earth("UKR", "POL", "ROU")])
    ukraine = found.of("UKR", "natural-earth")
    assert ukraine is not None
    assert ukraine.verdict == Standing.POSSIBLE
    assert ukraine.fixes_inside == 0
    assert ukraine.seconds.supported == ukraine.seconds.minimum == 0.0
    assert ukraine.quarantined_s == 2025.0
    spent = ukraine.intervals.seconds()
    assert spent[Standing.CERTAIN_INSIDE] == 0.0
    assert spent[Standing.INDETERMINATE] == 0.0
    assert spent[Standing.NOT_CREDIBLE] == 2025.0
    assert spent[Standing.POSSIBLE] > 0.0
    run = found.integrity.runs
    assert (run.last[0] - run.first[0] + 1, len(run)) == (2026, 1)
    assert run.start_us[0] == at("09:24:25", "2024-09-17")
    assert run.end_us[0] == at("09:58:10", "2024-09-17")
    assert (run.step_in_m[0], run.step_out_m[0]) == pytest.approx((260_700, 564_000), rel=0.01)
    gap = int(np.argmax(found.path.dt_s))
    # the README's last position before, 09:06:18.456, repeats that of 09:04:50.513 to the last digit while
    # the aircraft flies at 247 m/s: it is frozen, so the prism begins at the earlier one and holds the README's
    assert found.path.t_us[gap] == at("09:04:50.513", "2024-09-17")
    assert (found.path.lon_deg[gap], found.path.lat_deg[gap]) == pytest.approx((22.91508, 47.43686), abs=1e-5)
    assert abs(found.path.t_us[gap + 1] - at("09:58:10.588", "2024-09-17")) <= 1e6


@pytest.mark.proves("AIR-007")
@pytest.mark.parametrize(
    ("layer", "samples", "crossings", "seconds", "first"),
    [
        ("ne", 24_605, 166, 24_604.1, (21.34, 181.14)),
        ("osm", 24_338, 166, 24_335.4, (13.52, 188.51)),
        ("dcw", 23_568, 165, 23_566.4, (8.77, 192.75)),
    ],
)
def test_an_orbit_astride_the_line_is_counted_to_the_second(
    layer: str, samples: int, crossings: int, seconds: float, first: tuple[float, float]
) -> None:
    index = {"ne": lambda: natural_earth("MEX"), "osm": osm_land, "dcw": dcw}[layer]()
    found = account(straddling_orbit(), [index], AccountOptions(states=("MEX",)))
    (mexico,) = found.states
    assert mexico.fixes_inside == samples
    assert len(mexico.crossings) == crossings
    assert mexico.seconds.estimate == pytest.approx(seconds, abs=0.1)
    assert (mexico.crossings.t_us[:2] - START_US) / 1e6 == pytest.approx(first, abs=0.02)
    assert mexico.seconds.minimum <= seconds <= mexico.seconds.maximum
    assert mexico.intervals.total_us == 43_199_000_000
