"""Tracklets: what is linked, what it is worth, what moves, and the table."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest

from atalaya.base.errors import BadInput
from atalaya.detect.table import detection_schema
from atalaya.locate import (
    Coverage,
    TrackletCalibration,
    Tracklets,
    area_of,
    fit_calibration,
    link,
    scans_from,
    split_looks,
    tracklet_schema,
)
from atalaya.locate.area import Area
from atalaya.locate.tracklets.places import together
from atalaya.sensing.map_grid import equal_area_crs
from atalaya.sensing.search_map import SearchMap

SECOND = 1_000_000


def detections(
    east: Sequence[float],
    t_s: Sequence[float],
    *,
    sd: float = 2.0,
    detector: str = "hot/1",
    sensor: str = "IR",
    clip: str = "c",
    evidence: str = "heat",
    azimuth: float | Sequence[float] = 10.0,
    score: float | Sequence[float] = 0.5,
) -> pa.Table:
    n = len(east)
    texts = {"clip": clip, "sortie": "s", "sensor": sensor, "detector": detector, "card": "k"}
    columns: dict[str, object] = {name: [value] * n for name, value in texts.items()}
    columns |= {"evidence": [evidence] * n, "label": ["x"] * n}
    columns["frame"] = np.round(np.array(t_s) * 30).astype(np.int32)
    columns["t_us"] = (np.array(t_s) * SECOND).astype(np.int64)
    columns["lon_deg"] = -100.0 + np.array(east) / 104_646.9
    columns["lat_deg"] = np.full(n, 20.0)
    for name in ("own_ee", "own_nn", "cov_ee", "cov_nn"):
        columns[name] = np.full(n, sd**2)
    columns["azimuth_true_deg"] = np.broadcast_to(np.float32(azimuth), n).astype(np.float32)
    columns["score"] = np.broadcast_to(np.float32(score), n).astype(np.float32)
    made = []
    for one in detection_schema():
        if one.name.startswith("shared"):
            made.append(pa.FixedSizeListArray.from_arrays(pa.array(np.full(20 * n, 0.5)), 20))
        else:
            made.append(pa.array(columns.get(one.name, np.zeros(n)), one.type))
    return pa.Table.from_arrays(made, schema=detection_schema())


def noisy(n: int, seed: int = 0) -> list[float]:
    return list(np.random.default_rng(seed).normal(0.0, 2.0, n))


def test_frames_of_one_thing_are_one_tracklet() -> None:
    found = link(detections(noisy(60), np.arange(60) / 30.0))
    assert len(found) == 1
    assert found.frames[0] == 60
    assert 4.0 / 60 * 0.999 <= found.own_ee[0] <= 3.0 * 4.0 / 60
    assert found.shared_east[0] == pytest.approx(np.full(20, 0.5))
    assert found.llr[0] == 0.0
    assert np.isnan(found.p[0])


def test_errors_alike_from_frame_to_frame_count_as_few_looks() -> None:
    """n 60, rho .9: 3.2 looks' worth (field note, section 2)."""
    rng, error, series = np.random.default_rng(3), 0.0, []
    for _ in range(600):
        error = 0.9 * error + rng.normal(0.0, 2.0 * np.sqrt(1.0 - 0.81))
        series.append(error)
    found = link(detections(series, np.arange(600) / 30.0, sd=2.0))
    worth = 4.0 / found.own_ee[0]
    assert worth == pytest.approx(600 * 0.1 / 1.9, rel=0.5)


def test_a_gap_of_twenty_seconds_or_a_turn_begins_a_new_look() -> None:
    assert len(link(detections([0.0, 0.0], [0.0, 19.0]))) == 1
    assert len(link(detections([0.0, 0.0], [0.0, 21.0]))) == 2
    assert len(link(detections([0.0, 0.0], [0.0, 1.0], azimuth=[350.0, 15.0]))) == 1
    assert len(link(detections([0.0, 0.0], [0.0, 1.0], azimuth=[350.0, 25.0]))) == 2


def test_two_things_apart_stay_two() -> None:
    both = pa.concat_tables(
        [
            detections(noisy(30), np.arange(30) / 30),
            detections(np.array(noisy(30, 1)) + 40.0, np.arange(30) / 30),
        ]
    )
    assert len(link(both)) == 2


@pytest.mark.proves("LOC-104")
def test_what_moves_is_flagged_and_enters_no_scan() -> None:
    t = np.arange(60) / 30.0
    found = link(detections(10.0 * t + np.array(noisy(60)) * 0.1, t, sd=0.5))
    assert found.moving.any()
    area = area_here()
    placed = scans_from(found, [coverage(area)], area)
    assert set(placed.moving) == set(found.id[found.moving])
    assert len(placed.scans) == 1
    assert not set(placed.scans[0].tracklet) & set(placed.moving)
    assert not link(detections(noisy(60), t)).moving.any()


def area_here() -> Area:
    shape = (10, 10)
    affine = (-500.0, 100.0, 0.0, 500.0, 0.0, -100.0)
    return area_of(SearchMap(np.full(shape, 0.01), np.zeros(shape), equal_area_crs(-100.0, 20.0), affine))


def coverage(area: Area, sensor: str = "IR", evidence: str = "heat", chance: float = 0.5) -> Coverage:
    cells = np.arange(area.cells)
    return Coverage(
        "s", sensor, evidence, 0, 3 * SECOND, cells, np.full(area.cells, chance, np.float32), 1e-6
    )


@pytest.mark.proves("LOC-105")
def test_detectors_and_sensors_of_one_pass_are_one_claim() -> None:
    t = np.arange(30) / 30.0
    tables = [
        detections(noisy(30), t, detector="hot/1", score=0.3),
        detections(noisy(30, 1), t, detector="net/2", score=0.9),
        detections(noisy(30, 2), t, detector="net/2", sensor="EO", clip="d"),
    ]
    calibrations = {
        "net/2": TrackletCalibration(0.01, -2.0, 4.0),
        "hot/1": TrackletCalibration(0.01, -4.0, 2.0),
    }
    found = link(pa.concat_tables(tables), calibrations)
    assert len(found) == 2
    best = found.take(found.sensor == "IR")
    assert best.detector[0] == "net/2"
    assert best.llr[0] == pytest.approx(-2.0 + 3.6 + np.log(99.0), abs=1e-6)
    area = area_here()
    placed = scans_from(found, [coverage(area), coverage(area, "EO", chance=0.8)], area)
    (scan,) = placed.scans
    assert scan.sensor == "EO+IR"
    assert scan.tracklet == (str(best.id[0]),)
    assert scan.chance == pytest.approx(np.full(area.cells, 0.8))
    assert scan.clutter_per_m2 == pytest.approx(2e-6)


def test_what_no_look_covers_is_named() -> None:
    area = area_here()
    found = link(detections(noisy(5), np.arange(5) / 30.0))
    placed = scans_from(found, [coverage(area, evidence="roof")], area)
    assert placed.astray == (str(found.id[0]),)
    assert [len(scan) for scan in placed.scans] == [0]


def test_order_and_repetition_of_rows_change_nothing() -> None:
    t = np.arange(50) / 10.0
    table = pa.concat_tables([detections(np.array(noisy(50, k)) + 30.0 * k, t) for k in range(4)])
    mixed = np.random.default_rng(0).permutation(len(table))
    same(link(table), link(pa.concat_tables([table.take(mixed), table.slice(3, 40)])))


def same(a: Tracklets, b: Tracklets) -> None:
    for one in fields(Tracklets):
        np.testing.assert_array_equal(getattr(a, one.name), getattr(b, one.name), one.name)


def test_the_table_comes_back_without_loss() -> None:
    found = link(detections(noisy(50), np.arange(50) / 10.0))
    table = found.to_table()
    assert table.schema == tracklet_schema()
    same(Tracklets.from_table(table), found)
    empty = link(detection_schema().empty_table())
    assert len(empty) == 0
    same(Tracklets.from_table(empty.to_table()), empty)


def test_rows_without_a_place_are_left_out_and_other_tables_refused() -> None:
    table = detections([0.0, float("nan"), float("inf")], [0.0, 0.1, 0.2])
    assert len(link(table)) == 1
    with pytest.raises(BadInput, match="LOC-006"):
        link(table.drop_columns(["own_ee"]))
    with pytest.raises(BadInput, match="LOC-005"):
        Tracklets.from_table(table)


def test_calibration_is_learnt_on_tracklets() -> None:
    rng = np.random.default_rng(0)
    score, frames, share = rng.normal(size=4000), rng.integers(1, 60, 4000), rng.random(4000)
    p = 1.0 / (1.0 + np.exp(-(-3.0 + 2.0 * score + 0.5 * np.log(frames))))
    fitted = fit_calibration(score, frames, share, rng.random(4000) < p)
    assert fitted.per_score == pytest.approx(2.0, abs=0.3)
    llr = fitted.llr(score, frames.astype(float), share)
    assert fitted.probability(llr).mean() == pytest.approx(fitted.base_rate, abs=1e-3)
    # p .3 against a base rate of .01 is 3.748
    assert TrackletCalibration(0.01, np.log(3 / 7), 0.0).llr(
        np.zeros(1), np.ones(1), np.ones(1)
    ) == pytest.approx(3.748, abs=5e-4)


def test_looks_of_a_clip_are_cut_by_gaps_and_turns() -> None:
    t = np.array([0, 1, 2, 40, 41, 42]) * SECOND
    assert split_looks(t, np.zeros(6)).tolist() == [0, 0, 0, 1, 1, 1]
    assert split_looks(t[:3], [0.0, 29.0, 31.0]).tolist() == [0, 0, 1]


def test_a_row_of_houses_is_not_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs are of one place while none is farther from another than a place is wide."""
    row = link(detections([50.0 * k for k in range(9)], [0.1 * k for k in range(9)]))
    assert len(row) == 9
    joined = together(row, 120.0)
    assert 3 <= len(joined) <= 5
    monkeypatch.setattr("atalaya.locate.tracklets.places._MOST_COMPARED", 3)
    assert 3 <= len(together(row, 120.0)) <= 6


def test_the_mean_score_is_of_the_detector_that_counts() -> None:
    one = detections([0.0, 0.0], [0.0, 0.1], score=[0.4, 0.8])
    other = detections([0.0], [0.2], detector="other/1", score=0.1)
    (tracklet,) = link(pa.concat_tables([one, other])).mean_score
    assert tracklet == pytest.approx(0.6)
