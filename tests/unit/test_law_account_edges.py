"""Tracks at the edge: one fix, no credible fix, the antimeridian, chunks, long silences."""

import numpy as np
import pytest
import shapely

from atalaya.base.errors import BadInput, Usage
from atalaya.earth.track import track_of
from atalaya.law.account import AccountOptions, Standing, account
from atalaya.law.account.path import CHUNK
from atalaya.law.boundary import Layer, LayerIndex, layer_index
from tests.law_layers import record_of
from tests.law_tracks import START_US, flown


def index_of(*boxes: tuple[float, float, float, float], bound_m: float = 0.0) -> LayerIndex:
    polygons = np.array([shapely.MultiPolygon([shapely.box(*box)]) for box in boxes], dtype=object)
    names = tuple(f"S{n}" for n in range(len(boxes)))
    return layer_index(Layer(record_of("made", bound_m), names, polygons))


def test_a_single_fix_is_an_instant() -> None:
    track = track_of([START_US], [1.0], [1.0], containment_m=[10.0])
    (one,) = account(track, [index_of((0, 0, 2, 2), (40, 0, 42, 2))]).states
    assert (one.state, one.verdict) == ("S0", Standing.CERTAIN_INSIDE)
    assert one.intervals.total_us == 0
    assert one.fixes_inside == 1


def test_a_track_without_a_believed_fix_has_no_account() -> None:
    track = track_of([START_US, START_US + 10**6], [np.nan, 1.0], [1.0, 99.0])
    with pytest.raises(BadInput) as caught:
        account(track, [index_of((0, 0, 2, 2))])
    assert caught.value.code == "ACC-002"
    assert "{" not in str(caught.value)


def test_a_track_that_is_not_believed_is_named_by_what_is_known_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "en")
    for name, source, words in (("aa11", "day.csv", "aa11"), ("", "f" * 64, "the aircraft without a name")):
        track = track_of(
            [START_US, START_US + 10**6], [np.nan, 1.0], [1.0, 99.0], aircraft=name, source=source
        )
        with pytest.raises(BadInput) as caught:
            account(track, [index_of((0, 0, 2, 2))])
        assert caught.value.text.what.startswith(
            f"none of the 2 positions of {words} can be believed (impossible"
        )
        assert caught.value.where in ("day.csv", "")


@pytest.mark.parametrize(
    "options", [{"gap_s": 0.0}, {"containment_m": float("nan")}, {"speed_bound_mps": -1.0}]
)
def test_thresholds_without_meaning_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(Usage):
        AccountOptions(**options)  # type: ignore[arg-type]


def test_a_flight_over_the_antimeridian_is_one_flight() -> None:
    s = np.arange(0.0, 3600.0, 10.0)
    lon = (179.0 + s * 100 / 107_000.0 + 180.0) % 360.0 - 180.0
    track = flown(s, lon, np.full(len(s), -16.0), speed_mps=101.0)
    halves = [shapely.box(179.5, -17, 180, -15), shapely.box(-180, -17, -179, -15)]
    polygons = np.array([shapely.MultiPolygon(halves)], dtype=object)
    index = layer_index(Layer(record_of("made", 0.0), ("FJI",), polygons))
    (one,) = account(track, [index]).states
    inside = (lon > 179.5) | (lon < -179)
    assert one.visits.fixes.tolist() == [int(inside.sum())]
    assert one.crossings.entering.tolist() == [True, False]
    assert one.seconds.estimate == pytest.approx(1.5 * 1070.2, rel=0.01)


@pytest.mark.proves("AIR-013")
def test_chunks_do_not_show_in_the_result() -> None:
    count = 2 * CHUNK + 1_000
    s = np.arange(float(count))
    lon = 10.0 + 0.02 * np.sin(s / 300.0)
    lat = 45.0 + 0.02 * np.cos(s / 470.0)
    track = flown(s, lon, lat, speed_mps=20.0)
    index = index_of((10.0, 44.0, 12.0, 46.0))
    (one,) = account(track, [index]).states
    inside = lon > 10.0
    assert one.fixes_inside == inside.sum()
    assert one.visits.fixes.sum() == inside.sum()
    assert len(one.crossings) == np.count_nonzero(inside[1:] != inside[:-1])
    assert one.intervals.total_us == (count - 1) * 1_000_000
    assert one.seconds.estimate == pytest.approx(inside.sum(), abs=len(one.crossings))
    assert one.deepest is not None
    assert one.deepest.depth_m == pytest.approx(index.depth_m(0, lon, lat).max(), abs=1.0)


def test_a_silence_of_a_day_names_no_new_state_but_counts_for_those_named() -> None:
    hours = np.array([0.0, 0.01, 24.0, 24.01]) * 3600
    track = flown(hours, np.array([1.0, 1.001, 1.0, 1.001]), np.full(4, 1.0), speed_mps=50.0)
    index = index_of((0.9, 0.9, 1.1, 1.1), (3.0, 0.0, 5.0, 2.0))
    assert [one.state for one in account(track, [index]).states] == ["S0"]
    asked = account(track, [index], AccountOptions(states=("S1",))).states
    assert [one.verdict for one in asked] == [Standing.POSSIBLE]


def test_the_record_before_and_after_its_believed_fixes_is_left_open() -> None:
    s = np.arange(0.0, 600.0)
    lon = 1.0 + s * 60 / 111_320.0
    track = flown(s, lon, np.full(600, 0.0), speed_mps=60.0)
    aged = track_of(
        track.t_us, lon, track.lat_deg, ground_speed_mps=track.ground_speed_mps,
        containment_m=track.containment_m, position_age_s=np.where(s < 500, 0.0, 100.0),
    )  # fmt: skip
    (one,) = account(aged, [index_of((0.5, -1.0, lon[510], 1.0))]).states
    kinds = [Standing(kind) for kind in one.intervals.standing]
    assert kinds[0] == Standing.CERTAIN_INSIDE
    assert Standing.POSSIBLE in kinds or Standing.NOT_CREDIBLE in kinds
    assert one.intervals.end_us[-1] == aged.t_us[-1]
