"""What the writer makes, stanag4609 0.4.0 reads in strict mode with the values that went in."""

import pytest
from stanag4609.st0601 import decode_uas_local_set

from atalaya.klv import Family, encode_set, encode_st0601, packs, packs_geo, st0102, st0903, st1010
from atalaya.klv.location import Location

TIME = 1_700_000_000_000_000
SECURITY = st0102.TABLE.build([(1, 1), (2, 13), (3, "//US"), (12, 13), (13, "MX"), (22, 12)])


def test_a_full_packet_is_accepted() -> None:
    vmti = st0903.build(
        {"frame_width_px": 1920, "frame_height_px": 1080},
        [
            (
                7,
                {
                    "centroid_pixel": st0903.pixel_number(403, 104, 1920),
                    "confidence_pct": 80,
                    "offset_latitude_deg": 0.01,
                    "offset_longitude_deg": -0.02,
                    "location": Location(25.1, -107.2, 812.0, (5.0, 5.0, 9.0), (0.1, 0.0, 0.0)),
                },
            )
        ],
    )
    values: dict[int | str, object] = {
        "precision_time_stamp_us": TIME,
        "mission_id": "SIERRA 1",
        "platform_heading_true_deg": 90.0,
        "sensor_latitude_deg": 25.0,
        "sensor_longitude_deg": -107.0,
        "sensor_height_extended_hae_m": 3000.0,
        "security": SECURITY,
        "vmti": vmti,
        "country_codes": packs.CountryCodes(14, "MEX"),
        "sensor_frame_rate": packs.FrameRate(30),
        "airbase_locations": packs_geo.Airbases(packs_geo.Place(25.0, -107.0, 1500.0)),
        "leap_seconds_s": 37,
    }
    read = decode_uas_local_set(encode_st0601(values))
    assert read.issues == ()
    assert read.misp_timestamp_microseconds == TIME
    assert read.value(3) == "SIERRA 1"
    assert abs(float(read.value(104)) - 3000.0) < 0.01
    assert read.value(136) == 37
    (target,) = read.value(74).targets
    assert target.value(5) == 80
    assert abs(float(target.value(17).latitude) - 25.1) < 1e-6
    assert read.value(48).value(3) == "//US"


def test_uncertainty_of_the_items_before_it_is_accepted() -> None:
    values: dict[int | str, object] = {
        "precision_time_stamp_us": TIME,
        "uas_ls_version": 19,
        "platform_roll_full_deg": 1.0,
        "sensor_height_extended_hae_m": 3000.0,
        "sdcc": [st1010.standard_deviations([0.05, 4.0])],
    }
    read = decode_uas_local_set(encode_set(Family.ST0601, values))
    (uncertainty,) = read.getall(102)
    assert uncertainty.value.source_tags == (91, 104)
    assert uncertainty.value.standard_deviations == pytest.approx((0.05, 4.0), rel=1e-6)
