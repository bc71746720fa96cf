"""Poses at frame times, and the standard's rule of holding values."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.footage.resample import PoseSource, at_frames
from atalaya.footage.sensor_track import SensorTrack
from atalaya.footage.track_source import HeldColumns, track_from_st0601
from atalaya.klv.values import State


def make_track(t_us: list[int], **columns: list[float]) -> SensorTrack:
    n = len(t_us)
    arrays: dict[str, np.ndarray] = {}
    for spec in fields(SensorTrack):
        if spec.name == "t_us":
            arrays[spec.name] = np.array(t_us, np.int64)
        elif spec.name.startswith("corner_l"):
            arrays[spec.name] = np.full((n, 4), np.nan)
        elif spec.default is not None and spec.name.endswith(("_deg", "_m")):
            arrays[spec.name] = np.array(columns.get(spec.name, [np.nan] * n), float)
    return SensorTrack(**arrays)


def test_a_frame_with_its_own_packet_is_exact() -> None:
    track = make_track([0, 33_333, 66_667], heading_true_deg=[1, 2, 3])
    poses, source = at_frames(track, np.array([33_333, 66_700]), np.array([1, 2]))
    assert list(poses.heading_true_deg) == [2, 3]
    assert list(source) == [PoseSource.EXACT, PoseSource.EXACT]


def test_between_two_packets_angles_turn_the_short_way() -> None:
    track = make_track([0, 1_000_000], heading_true_deg=[350, 10], sensor_lon_deg=[179.9, -179.9])
    poses, source = at_frames(track, np.array([250_000, 750_000]), np.array([0, 1]))
    assert list(source) == [PoseSource.INTERPOLATED] * 2
    assert poses.heading_true_deg == pytest.approx([355, 5])
    assert poses.sensor_lon_deg == pytest.approx([179.95, -179.95])
    assert list(poses.t_us) == [250_000, 750_000]


def test_far_from_any_packet_it_is_held_then_nothing() -> None:
    track = make_track([0], pitch_deg=[3])
    poses, source = at_frames(track, np.array([5_000_000, 31_000_000]), np.array([0, 0]))
    assert list(source) == [PoseSource.HELD, PoseSource.NONE]
    assert poses.pitch_deg[0] == 3
    assert np.isnan(poses.pitch_deg[1])


def test_frames_without_packets_or_packets_without_rows_are_empty() -> None:
    track = make_track([0], pitch_deg=[3])
    _, source = at_frames(track, np.array([0]), np.array([-1]))
    assert list(source) == [PoseSource.NONE]
    poses, source = at_frames(make_track([]), np.array([0, 1]), np.array([-1, -1]))
    assert len(poses) == 2
    assert list(source) == [PoseSource.NONE] * 2


@given(st.lists(st.integers(0, 10_000_000), min_size=2, max_size=20, unique=True), st.data())
def test_an_even_motion_is_reproduced_at_any_time(times: list[int], data: st.DataObject) -> None:
    times = sorted(times)
    track = make_track(times, sensor_lat_deg=[t * 1e-7 for t in times])
    when = data.draw(st.integers(times[0], times[-1]))
    row = int(np.argmin(np.abs(np.array(times) - when)))
    poses, source = at_frames(track, np.array([when]), np.array([row]))
    if source[0] == PoseSource.INTERPOLATED:
        assert poses.sensor_lat_deg[0] == pytest.approx(when * 1e-7, abs=1e-12)


def held(states: list[State], seconds: list[int]) -> np.ndarray:
    values = {"slant_range_m": np.arange(len(states), dtype=float)}
    t_us = np.array(seconds, np.int64) * 1_000_000
    return HeldColumns(t_us, values, {"slant_range_m": np.array(states, np.uint8)}).column("slant_range_m")


def test_absent_holds_thirty_seconds_unknown_and_special_clear() -> None:
    a, v, u, o = State.ABSENT, State.VALUE, State.UNKNOWN, State.OUT_OF_RANGE
    column = held([a, v, a, a, a, v, u, a, v, o, a], [0, 1, 2, 31, 32, 33, 34, 35, 36, 37, 38])
    expected = [np.nan, 1, 1, 1, np.nan, 5, np.nan, np.nan, 8, np.nan, np.nan]
    np.testing.assert_array_equal(column, expected)


def columns_of(**values: float) -> HeldColumns:
    arrays = {name: np.array([value]) for name, value in values.items()}
    return HeldColumns(
        np.zeros(1, np.int64), arrays, {name: np.array([State.VALUE], np.uint8) for name in arrays}
    )


def test_a_pair_of_one_datum_wins_over_a_mix() -> None:
    columns = columns_of(sensor_altitude_msl_m=100, sensor_height_hae_m=73, frame_centre_elevation_msl_m=10)
    track = track_from_st0601(columns, np.zeros(1, np.int64))
    assert (track.sensor_height_m[0], track.sensor_height_datum, track.centre_height_datum) == (
        100,
        "msl",
        "msl",
    )
    columns = columns_of(
        sensor_altitude_msl_m=100,
        sensor_height_extended_hae_m=73,
        frame_centre_elevation_msl_m=10,
        frame_centre_height_hae_m=-17,
    )
    track = track_from_st0601(columns, np.zeros(1, np.int64))
    assert (track.sensor_height_m[0], track.centre_height_m[0], track.sensor_height_datum) == (73, -17, "hae")


def test_corner_offsets_cross_the_antimeridian() -> None:
    columns = columns_of(
        frame_centre_longitude_deg=179.99,
        frame_centre_latitude_deg=1,
        **{f"corner_offset_longitude_{n}_deg": 0.02 for n in (1, 2, 3, 4)},
        **{f"corner_offset_latitude_{n}_deg": 0.01 for n in (1, 2, 3, 4)},
    )
    track = track_from_st0601(columns, np.zeros(1, np.int64))
    assert track.corner_source == "offset"
    np.testing.assert_allclose(track.corner_lon_deg[0], -179.99)


def test_a_fresh_height_wins_over_a_held_better_one_and_is_converted() -> None:
    """Packet 0 states 2000 m HAE; later packets only heights above mean sea level, where N is -26.46 m."""
    n = 4
    values = {
        "sensor_height_extended_hae_m": np.array([2000.0, 0, 0, 0]),
        "sensor_altitude_msl_m": np.array([0.0, 2100, 2200, 2300]),
        "sensor_longitude_deg": np.full(n, -107.0),
        "sensor_latitude_deg": np.full(n, 25.0),
    }
    said = {name: np.full(n, State.VALUE, np.uint8) for name in values}
    said["sensor_height_extended_hae_m"][1:] = State.ABSENT
    said["sensor_altitude_msl_m"][0] = State.ABSENT
    t_us = np.arange(n) * 33_333
    track = track_from_st0601(HeldColumns(t_us, values, said), t_us)
    hae = track.sensor_height_m + (0.0 if track.sensor_height_datum == "hae" else -26.46)
    np.testing.assert_allclose(hae, [2000, 2073.54, 2173.54, 2273.54], atol=0.02)
