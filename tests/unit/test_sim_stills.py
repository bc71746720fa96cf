"""Photographs of the range: our own reader and Pillow's read back what was stated, without findings."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.earth.geoid import undulation_m
from atalaya.earth.lens import Brown, Pinhole
from atalaya.footage.still_track import track_of_still
from atalaya.footage.stills import read_still, still_pixels
from atalaya.sim.camera.display import CameraLook
from atalaya.sim.camera.renderer import Renderer
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.scene.scene import Scene
from atalaya.sim.still import (
    StillCamera,
    StillStatement,
    statement_of,
    statement_of_row,
    take_still,
    write_still,
)
from atalaya.sim.weather import Weather
from tests.plain_country import plain_country
from tests.strips import NOON_US

LENS = Pinhole.from_fov(64, 48, 40.0)
GREY = np.full((48, 64, 3), 90, np.uint8)
PLACE = StillStatement(-106.98765432, 25.91234567, 2345.678, 303.25, -61.5, 2.75, (301.0, 4.0, -2.0), 812.5)


@pytest.mark.parametrize(
    "stated",
    [
        PLACE,
        StillStatement(179.9999999, -33.0000001, -12.25, 0.0, -90.0, 0.0),
        StillStatement(-0.0000001, 0.0000001, 9000.0, 359.9999, 0.0, -179.0),
    ],
)
def test_what_is_stated_is_read_back_to_the_last_digit_of_its_tags(
    tmp_path: Path, stated: StillStatement
) -> None:
    path = write_still(tmp_path / "a.jpg", GREY, LENS, stated, NOON_US + 123_456, offset_min=-390)
    still = read_still(path)
    assert still.findings == ()
    assert (still.lon_deg, still.lat_deg) == pytest.approx((stated.lon_deg, stated.lat_deg), abs=1e-9)
    first = still.heights[0]
    assert first.datum == "hae"
    assert first.metres == pytest.approx(stated.height_hae_m, abs=1e-3)
    assert still.t_us == NOON_US + 123_456
    assert still.local_time.startswith("2025:05:08 12:30:00")
    turned = (still.camera.yaw_deg, still.camera.pitch_deg, still.camera.roll_deg)
    stated_turn = rotation_zyx(stated.yaw_deg, stated.pitch_deg, stated.roll_deg)
    np.testing.assert_allclose(rotation_zyx(*turned), stated_turn, atol=2e-6)
    assert still.focal_px == pytest.approx(LENS.focal_x_px, abs=1e-4)
    assert still.above_take_off_m == pytest.approx(stated.above_take_off_m, abs=1e-3)
    track = track_of_still(still).track
    assert track.hfov_deg[0] == pytest.approx(40.0, abs=1e-3)


def test_exif_alone_says_the_same_to_other_readers(tmp_path: Path) -> None:
    path = write_still(tmp_path / "a.jpg", GREY, LENS, PLACE, NOON_US + 250_000, camera=StillCamera("X1"))
    with Image.open(path) as picture:
        exif = picture.getexif()
        gps, photo = exif.get_ifd(0x8825), exif.get_ifd(0x8769)
    degrees, minutes, seconds = (float(part) for part in gps[4])
    assert gps[3] == "W"
    assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(106.98765432, abs=1e-8)
    above_sea = PLACE.height_hae_m - float(undulation_m(PLACE.lon_deg, PLACE.lat_deg))
    assert float(gps[6]) == pytest.approx(above_sea, abs=1e-3)
    assert (gps[29], [float(part) for part in gps[7]]) == ("2025:05:08", [19.0, 0.0, 0.25])
    assert float(gps[17]) == 303.25
    assert (photo[0x9003], photo[0x9291], photo[0x9011]) == ("2025:05:08 19:00:00", "250000", "+00:00")
    assert exif[0x0110] == "X1"
    assert "synthetic" in exif[0x010E]
    # focal length and chip give the angle of view without any maker's notes
    focal_mm, per_cm = float(photo[0x920A]), float(photo[0xA20E])
    assert focal_mm * per_cm / 10.0 == pytest.approx(LENS.focal_x_px, rel=1e-4)


def test_exifread_sees_the_tags(tmp_path: Path) -> None:
    exifread = pytest.importorskip("exifread", reason="exifread is not installed")
    path = write_still(tmp_path / "a.jpg", GREY, LENS, PLACE, NOON_US)
    with path.open("rb") as stream:
        tags = exifread.process_file(stream, details=False)
    assert str(tags["Image Make"]) == "Atalaya digital range"
    assert str(tags["GPS GPSLongitudeRef"]) == "W"
    assert str(tags["EXIF DateTimeOriginal"]) == "2025:05:08 19:00:00"


def test_a_statement_comes_from_a_pose_also_straight_down() -> None:
    turn = ned_basis(-107.0, 25.9) @ rotation_zyx(123.0, 0.0, 0.0) @ rotation_zyx(0.0, -90.0, 0.0)
    stated = statement_of(Pose(geodetic_to_ecef(-107.0, 25.9, 3000.0), turn))
    back = ned_basis(-107.0, 25.9) @ rotation_zyx(stated.yaw_deg, stated.pitch_deg, stated.roll_deg)
    np.testing.assert_allclose(back, turn, atol=1e-9)
    assert stated.pitch_deg == pytest.approx(-90.0)
    assert stated.roll_deg == 0.0
    assert stated.yaw_deg == pytest.approx(123.0)


def test_a_row_of_a_track_states_gimbal_on_aircraft() -> None:
    one = np.ones(2)
    track = FrameTrack(
        np.array([NOON_US, NOON_US + 1]), -107.0 * one, 25.9 * one, 3000.0 * one, 40.0 * one, 0.0 * one,
        0.0 * one, 15.0 * one, -50.0 * one, 1.0 * one, 30.0 * one, 20.0 * one, one, one, one, one,
        np.zeros(2, np.int64), np.zeros(2, np.int64), ("eo/wide",),
    )  # fmt: skip
    stated = statement_of_row(track, 1, take_off_hae_m=900.0)
    assert (stated.yaw_deg, stated.pitch_deg, stated.roll_deg) == pytest.approx((55.0, -50.0, 1.0))
    assert stated.aircraft_deg == (40.0, 0.0, 0.0)
    assert stated.above_take_off_m == pytest.approx(2100.0)
    with pytest.raises(BadInput, match="CUB-001"):
        statement_of_row(track, 2)


def test_a_picture_of_the_range_becomes_a_photograph_and_errs_where_it_is_told_to(tmp_path: Path) -> None:
    country = plain_country()
    renderer = Renderer(country, Scene(), Weather(), CameraLook("EO", noise=0.5), seed=4)
    lon, lat = country.lonlat(country.west_m + 4000.0, country.north_m - 4000.0)
    turn = ned_basis(lon, lat) @ rotation_zyx(30.0, -60.0, 0.0)
    pose = Pose(geodetic_to_ecef(lon, lat, 4000.0), turn)
    true = statement_of(pose)
    wrong = StillStatement(
        true.lon_deg + 1e-4, true.lat_deg, true.height_hae_m, true.yaw_deg + 1.5, true.pitch_deg, 0.0
    )
    picture = take_still(renderer, tmp_path / "a.jpg", LENS, pose, NOON_US, 0, stated=wrong)
    still = read_still(tmp_path / "a.jpg")
    assert still.camera.yaw_deg == pytest.approx(31.5, abs=1e-3)
    assert still.lon_deg - float(lon) == pytest.approx(1e-4, abs=1e-8)
    shown = still_pixels(still).astype(float)
    expected = np.clip((picture.luma.astype(float) - 16.0) * 255.0 / 219.0, 0, 255)
    assert np.abs(shown - expected).mean() < 4.0
    # again: the same bytes
    first = (tmp_path / "a.jpg").read_bytes()
    take_still(renderer, tmp_path / "b.jpg", LENS, pose, NOON_US, 0, stated=wrong)
    assert (tmp_path / "b.jpg").read_bytes() == first


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    for picture in (GREY[:-1], GREY[..., 0], GREY.astype(float), (GREY[..., 0],) * 3):
        with pytest.raises(BadInput, match="CUB-008"):
            write_still(path, picture, LENS, PLACE, NOON_US)
    with pytest.raises(BadInput, match="CUB-008"):
        write_still(path, GREY, Brown(64, 48, 90.0, 90.0, 31.5, 23.5, k1=0.1), PLACE, NOON_US)
    for t_us, offset in ((0, 0), (1 << 62, 0), (NOON_US, 900)):
        with pytest.raises(BadInput, match="CUB-001"):
            write_still(path, GREY, LENS, PLACE, t_us, offset_min=offset)
    for lon, lat, height, pitch in ((181, 0, 0, 0), (0, float("nan"), 0, 0), (0, 0, 1e9, 0), (0, 0, 0, -91)):
        with pytest.raises(BadInput, match="CUB-009"):
            StillStatement(lon, lat, height, 0.0, pitch, 0.0)
    for name in ("", 'x"\n', "é", "y" * 61):
        with pytest.raises(BadInput, match="CUB-001"):
            StillCamera(name)
    with pytest.raises(BadInput, match="CUB-006"):
        write_still(tmp_path, GREY, LENS, PLACE, NOON_US)
    assert not path.exists()


def test_markup_in_names_stays_text(tmp_path: Path) -> None:
    camera = StillCamera('A&B <"x">')
    still = read_still(write_still(tmp_path / "a.jpg", GREY, LENS, PLACE, NOON_US, camera=camera))
    assert (still.model, still.findings) == ('A&B <"x">', ())
