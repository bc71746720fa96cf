"""The audit on recordings whose truth is known: clean ones untouched, real mistakes found unprompted."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.footage.audit import apply_repairs, audit_track, corner_miss, frame_centre_miss
from atalaya.footage.sensor_track import SensorTrack
from tests.real_tracks import recorded_track
from tests.shared_data import shared
from tests.track_simulator import late, world_angles


def osh() -> SensorTrack:
    return recorded_track(shared("klv/osh/sample-stream.ts"))


def miss(track: SensorTrack) -> float:
    return float(np.nanmedian(frame_centre_miss(track)))


def test_the_scene_generator_s_stream_is_clean() -> None:
    track = osh()
    audit = audit_track(track)
    off = frame_centre_miss(track)
    assert audit.repairs == ()
    assert audit.as_recorded.n == 277
    assert audit.as_recorded.median == pytest.approx(0.15, abs=0.01)
    assert audit.as_recorded.p90 == pytest.approx(0.23, abs=0.01)
    assert off.max() == pytest.approx(0.32, abs=0.01)
    assert np.median(corner_miss(track), axis=0) == pytest.approx([2.6, 2.5, 4.6, 1.2], abs=0.1)


@pytest.mark.parametrize(
    ("name", "by_the_book", "absolute", "after", "bias"),
    [("aphill_klv_10s.ts", 4350, 72.3, 1.3, 1.455), ("aphill_short.ts", 2077, 35.5, 0.5, 1.466)],
)
def test_the_absolute_azimuth_and_its_bias_are_found_from_the_geometry_alone(
    name: str, by_the_book: float, absolute: float, after: float, bias: float
) -> None:
    track = replace(recorded_track(shared(f"klv/kwiver/{name}")), standard="ST 0601")
    audit = audit_track(track)
    assert [repair.code for repair in audit.repairs] == ["AUD-012", "AUD-030"]
    assert audit.as_recorded.median == pytest.approx(by_the_book, rel=0.003)
    assert audit.repairs[0].after.median == pytest.approx(absolute, abs=0.2)
    assert audit.repaired.median < after
    assert audit.repairs[1].evidence["parameter_deg"] == pytest.approx(bias, abs=0.01)
    codes = [finding.code for finding in audit.findings]
    assert "AUD-006" in codes  # azimuth or frame centre: the metadata cannot tell
    assert "AUD-009" in codes  # no target height is stated
    derived = apply_repairs(track, audit.repairs)
    assert np.nanmedian(corner_miss(derived)) < 2.0


def test_world_angles_in_a_real_geometry_are_read_back() -> None:
    track = osh()
    azimuth, elevation = world_angles(track)
    wrong = replace(track, rel_azimuth_deg=azimuth, rel_elevation_deg=elevation)
    audit = audit_track(wrong)
    derived = apply_repairs(wrong, audit.repairs)
    assert [repair.code for repair in audit.repairs] == ["AUD-012"]
    assert audit.as_recorded.median == pytest.approx(5011, rel=0.002)
    assert audit.repaired.median == pytest.approx(0.15, abs=0.01)
    assert np.abs(derived.rel_azimuth_deg - track.rel_azimuth_deg).max() < 1e-6
    assert np.abs(derived.rel_elevation_deg - track.rel_elevation_deg).max() < 1e-6
    assert np.nanmax(np.abs(corner_miss(derived) - corner_miss(track))) < 1e-3  # the roll stayed relative


def test_a_lowered_target_height_is_put_back_by_the_slant_range() -> None:
    track = osh()
    wrong = replace(track, centre_height_m=track.centre_height_m - 300.0)
    audit = audit_track(wrong)
    assert [repair.code for repair in audit.repairs] == ["AUD-020"]
    assert audit.as_recorded.median == pytest.approx(234, abs=1)
    assert audit.repaired.median < 0.17
    assert audit.repairs[0].evidence["shift_m"] == pytest.approx(300.0, abs=0.3)


def test_a_stream_of_example_angles_is_not_repaired() -> None:
    """The angles of this file are the standard's worked examples, not a geometry."""
    audit = audit_track(recorded_track(shared("klv/kwiver/h264_klv.ts")))
    assert audit.repairs == ()


def test_a_late_gimbal_and_swapped_corners_of_a_real_flight_are_found() -> None:
    track = osh()
    wrong = late(track, ("rel_azimuth_deg", "rel_elevation_deg"), 15)
    audit = audit_track(wrong)
    assert [repair.code for repair in audit.repairs] == ["AUD-042"]
    assert audit.repairs[0].evidence["lag_s"] == pytest.approx(0.5, abs=0.02)
    assert audit.repaired.median < 1.0
    order = [1, 0, 3, 2]
    mirrored = replace(
        track, corner_lon_deg=track.corner_lon_deg[:, order], corner_lat_deg=track.corner_lat_deg[:, order]
    )
    audit = audit_track(mirrored)
    assert [repair.code for repair in audit.repairs] == ["AUD-050"]
    assert miss(apply_repairs(mirrored, audit.repairs)) < 0.2
