"""What the range records: clean by our verdict, read alike by stanag4609 0.4.0, the same however cut."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from stanag4609.st0601 import FieldDecodingMode, decode_uas_local_set

from atalaya.earth import LevelSurface, boresight_ned, ecef_to_geodetic, geodesic, ned_basis
from atalaya.earth.error import TERMS
from atalaya.earth.error.effects import turned
from atalaya.klv import decode_packet, st0601, st0903
from atalaya.klv.framer import frame
from atalaya.klv.location import Location
from atalaya.plan.flight import ConstantWind
from atalaya.sim.flight import Flight, flight_of, poses
from atalaya.sim.flight.errors import errors_of, stated_track
from atalaya.sim.flight.frames import frame_times_us
from atalaya.sim.record.klv_columns import recorded, stretch_of, write_klv
from atalaya.sim.record.metadata import SortieNames, packet_of
from tests.range_accuracy import accuracy
from tests.range_faults import ALL, faulted, read, verdict
from tests.range_flights import LEVEL, START_US, planned
from tests.range_trials import budget_of, trial

WIND = ConstantWind(6.0, 300.0)


@pytest.fixture(scope="module")
def flight() -> Flight:
    plane, points, path = planned("scaneagle", WIND)
    return flight_of(path, points, plane, wind=WIND, terrain=LEVEL, seed=2)


@pytest.mark.proves("RNG-003")
@pytest.mark.parametrize("seed", range(6))
def test_a_clean_recording_has_no_findings(seed: int) -> None:
    found = read(trial(seed).packets().data.tobytes())
    assert found.audit.repairs == ()
    assert {one.code for one in found.findings} == {"AUD-002", "KLV-022"}  # it agrees; it counts MISP time
    assert found.audit.as_recorded.median < 1.0
    assert not found.unarmed.findings


@pytest.mark.proves("RNG-004")
@pytest.mark.parametrize("seed", range(len(ALL)), ids=lambda seed: ALL[seed].name)
def test_each_fault_is_found(seed: int) -> None:
    fault, data = faulted(seed)
    assert verdict(data) & set(fault.codes)


def test_stanag4609_reads_what_was_meant(flight: Flight) -> None:
    t_us = frame_times_us(flight, 0.2)[5:60]
    made = stretch_of(flight, LEVEL, SortieNames("PEER TEST", "RANGE", "SIM-7"), t_us)
    half = {item.tag: _half_step(item) for item in st0601.ITEMS}
    wanted = {
        5: made.truth.heading_deg,
        13: made.truth.lat_deg,
        14: made.truth.lon_deg,
        16: made.truth.hfov_deg,
        18: made.truth.rel_azimuth_deg,
        19: made.truth.rel_elevation_deg,
        20: made.truth.rel_roll_deg,
        21: made.seen.range_m,
        23: made.seen.lat_deg[:, 0],
        24: made.seen.lon_deg[:, 0],
        78: made.seen.height_hae_m[:, 0],
        79: made.truth.north_ms,
        82: made.seen.lat_deg[:, 1],
        89: made.seen.lon_deg[:, 4],
        90: made.truth.pitch_deg,
        91: made.truth.roll_deg,
        104: made.truth.height_hae_m,
    }
    for row in range(len(t_us)):
        theirs = decode_uas_local_set(
            made.packets[row], verify_checksum=True, field_decoding=FieldDecodingMode.PRESERVE
        )
        values = {field.definition.tag: field.value for field in theirs.fields}
        assert values[3] == "PEER TEST"
        assert values[136] == 37
        for tag, column in wanted.items():
            assert isinstance(values[tag], (int, float, Fraction))
            assert float(values[tag]) == pytest.approx(column[row], abs=half[tag], nan_ok=True)


def _half_step(item: st0601.Item) -> float:
    length = item.length or 3
    return (
        0.51
        * (item.high - item.low)
        / ((1 << 8 * length - (item.length == 0)) - 2)
        * (1.0 if item.length else 4.0)
    )


@pytest.mark.proves("RNG-005")
def test_the_bytes_do_not_depend_on_how_they_are_made(flight: Flight, tmp_path: Path) -> None:
    errors = errors_of(budget_of("scaneagle"), flight, 3)
    window = {"start_us": START_US + 50_000_000, "end_us": START_US + 120_000_000}
    ways = ({"workers": 1, "frames": 100}, {"workers": 3, "frames": 777}, {"workers": 2, "frames": 9000})
    made = [
        b"".join(
            one.packets.data.tobytes()
            for one in recorded(flight, LEVEL, SortieNames(), errors=errors, **window, **way)
        )
        for way in ways
    ]
    assert made[0] == made[1] == made[2]
    written = write_klv(
        tmp_path / "a.klv",
        flight,
        LEVEL,
        SortieNames(),
        errors=errors,
        track_path=tmp_path / "a.parquet",
        **window,
    )
    assert (tmp_path / "a.klv").read_bytes() == made[0]
    assert (written.packets, written.size) == (70 * 30, len(made[0]))
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.num_rows == 70 * 30
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.klv", "a.parquet"]
    other = errors_of(budget_of("scaneagle"), flight, 4)
    again = list(recorded(flight, LEVEL, SortieNames(), errors=other, **window))
    assert again[0].packets.data.tobytes() != made[0]


def test_single_packets_hold_what_arrays_do_not(flight: Flight) -> None:
    t_us = frame_times_us(flight, 1.0)[200:203]
    made = stretch_of(flight, LEVEL, SortieNames(), t_us)
    assert [packet_of(made.stated, made.seen, SortieNames(), row, {}) for row in range(3)] == [
        made.packets[row] for row in range(3)
    ]
    roof = {"location": Location(25.0, -106.9, 1400.0), "centroid_row": 5, "centroid_column": 7}
    vmti = st0903.build({"frame_width_px": 640, "frame_height_px": 480}, [(1, roof)])
    packet = decode_packet(packet_of(made.stated, made.seen, SortieNames(), 1, {"vmti": vmti}))
    assert packet.checksum_ok
    assert packet.vmti is not None
    assert packet["platform_heading_true_deg"] == pytest.approx(made.stated.heading_deg[1], abs=0.003)


def test_frames_that_see_no_ground_leave_it_out_of_their_packets() -> None:
    plane, points, path = planned("scaneagle", WIND, depression_deg=15.0, loiter_s=0.0)
    up = flight_of(path, points, plane, wind=WIND, terrain=LEVEL)
    t_us = frame_times_us(up, 1.0)
    sky = stretch_of(up, LevelSurface(6000.0), SortieNames(), t_us)
    found = frame(sky.packets.data.tobytes())
    assert len(found.packets) == len(t_us)
    assert np.isnan(sky.seen.range_m).all()
    assert len(sky.packets[0]) < len(stretch_of(up, LEVEL, SortieNames(), t_us[:1]).packets[0])


@pytest.mark.proves("RNG-006")
def test_stated_values_err_as_the_model_has_it(flight: Flight) -> None:
    """Truth = stated + error, each about the axis and in the sense of `earth.error.effects`."""
    errors = errors_of(budget_of("scaneagle"), flight, 8)
    t_us = frame_times_us(flight, 0.5)[10:200]
    off = dict(zip(TERMS, errors.at(t_us).T, strict=True))
    stated = stated_track(flight, t_us, errors)
    truth = flight.at(t_us, late_s=off["time_s"])
    assert (truth.heading_deg - stated.heading_deg - off["heading_deg"]) % 360.0 == pytest.approx(
        np.zeros(len(t_us)) + 360.0, abs=360.0 + 1e-9
    )
    assert truth.pitch_deg - stated.pitch_deg == pytest.approx(off["pitch_deg"])
    apart, _ = geodesic(truth.lon_deg, truth.lat_deg, stated.lon_deg, stated.lat_deg)
    assert apart == pytest.approx(np.hypot(off["position_east_m"], off["position_north_m"]), rel=2e-3)
    tangents = [np.tan(np.radians(one.hfov_deg) / 2.0) for one in (truth, stated)]
    assert tangents[0] / tangents[1] - 1.0 == pytest.approx(off["focal_relative"])


def test_a_misaligned_camera_is_turned_about_its_own_axes(flight: Flight) -> None:
    """With a boresight error alone, the stated camera turned by it is the true one."""
    t_us = frame_times_us(flight, 0.2)[5:50]
    errors = errors_of(budget_of("scaneagle"), flight, 1)
    shared = np.zeros(len(TERMS))
    angles = {"boresight_azimuth_deg": 0.4, "boresight_elevation_deg": -0.3, "boresight_roll_deg": 0.7}
    for name, value in angles.items():
        shared[TERMS.index(name)] = value
    only = replace(errors, shared=shared, own_sigma=np.zeros(len(TERMS)))
    stated, true = poses(stated_track(flight, t_us, only)), poses(flight.at(t_us))
    vector = np.radians(np.array([0.7, -0.3, 0.4]))
    turn = turned(np.eye(3), np.broadcast_to(vector, (3, 3))).T
    assert stated.camera_to_ecef @ turn == pytest.approx(true.camera_to_ecef, abs=1e-9)


def test_own_errors_have_the_stated_sigma_at_every_instant(flight: Flight) -> None:
    many = np.array(
        [
            errors_of(budget_of("scaneagle"), flight, seed).at(flight.start_us + np.array([0, 1_300_000]))
            for seed in range(400)
        ]
    )
    shared, own = replace(budget_of("scaneagle")).sigmas()
    total = np.hypot(shared, own)
    known = total > 0.0
    assert np.abs(many.std(axis=0)[:, known] / total[known] - 1.0).max() < 0.2
    assert len(known) == len(TERMS)


@pytest.mark.proves("RNG-006")
@pytest.mark.parametrize("profile", ["turret-ins", "tactical-fixed-wing"])
def test_located_objects_are_off_as_stated(profile: str) -> None:
    found = accuracy(400, 11, profile=profile)
    assert found.looks > 390
    # four standard deviations of a share of 0.9
    assert abs(found.inside / found.looks - 0.9) < 4.0 * np.sqrt(0.09 / found.looks)
    assert found.ratio == pytest.approx(1.0, abs=0.12)


def test_the_frame_centre_lies_on_the_line_of_sight(flight: Flight) -> None:
    t_us = frame_times_us(flight, 0.5)[10:100]
    made = stretch_of(flight, LEVEL, SortieNames(), t_us)
    track = made.truth
    look = boresight_ned(
        track.heading_deg, track.pitch_deg, track.roll_deg, track.rel_azimuth_deg, track.rel_elevation_deg
    )
    pose = poses(track)
    ray = np.einsum("nij,nj->ni", ned_basis(track.lon_deg, track.lat_deg), look)
    lon, lat, height = ecef_to_geodetic(pose.origin_m + made.seen.range_m[:, None] * ray)
    assert lon == pytest.approx(made.seen.lon_deg[:, 0], abs=1e-9)
    assert lat == pytest.approx(made.seen.lat_deg[:, 0], abs=1e-9)
    assert height == pytest.approx(np.full(len(t_us), 1400.0), abs=1e-3)
