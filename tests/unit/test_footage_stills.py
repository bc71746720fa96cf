"""Photographs: angles, heights with their datum, focal lengths; a real flight, every maker, broken files."""

import io
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atalaya.base.errors import BadInput, NotFound
from atalaya.footage.stills import Still, read_still, still_pixels
from atalaya.footage.xmp import xmp_table
from tests.shared_data import shared

_DJI_RTK = """drone-dji:GpsLatitude="+22.5" drone-dji:GpsLongtitude="+113.25" drone-dji:RtkFlag="50"
 drone-dji:AbsoluteAltitude="+50.000" drone-dji:RelativeAltitude="+30.5" drone-dji:GimbalYawDegree="-90.0"
 drone-dji:GimbalPitchDegree="-45.0" drone-dji:GimbalRollDegree="+0.0"
 drone-dji:CalibratedFocalLength="3713.29"
 drone-dji:CalibratedOpticalCenterX="2640" drone-dji:CalibratedOpticalCenterY="1978"
 drone-dji:RtkStdLon="0.011" drone-dji:RtkStdLat="0.012" drone-dji:RtkStdHgt="0.025"
 drone-dji:UTCAtExposure="2023-03-09T02:47:57.250000" """


def _packet(attributes: str, inner: str = "") -> bytes:
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
 xmlns:drone-skydio="https://www.skydio.com/drone-skydio/1.0/" xmlns:drone="http://ns.autelrobotics.com/1.0/"
 xmlns:drone-parrot="http://www.parrot.com/drone-parrot/1.0/" xmlns:Camera="http://pix4d.com/camera/1.0/"
 {attributes}>{inner}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()


def _photo(
    folder: Path, xmp: bytes = b"", exif: Image.Exif | None = None, size: tuple[int, int] = (40, 30)
) -> Path:
    path = folder / "photo.jpg"
    shown = Image.fromarray(np.zeros((size[1], size[0]), np.uint8))
    shown.save(path, exif=exif or Image.Exif(), xmp=xmp)
    return path


def _still(folder: Path, attributes: str, inner: str = "") -> Still:
    return read_still(_photo(folder, _packet(attributes, inner)))


def _codes(still: Still) -> set[str]:
    return {finding.code for finding in still.findings}


def test_a_real_flight_is_read_with_every_datum_named() -> None:
    stills = [read_still(shared(f"earth/brighton-dji/DJI_00{n}.JPG")) for n in (18, 19, 20, 21)]
    first = stills[0]
    assert (first.width, first.height, first.make, first.model) == (4000, 2250, "DJI", "FC300S")
    assert first.lat_deg == pytest.approx(46 + 50 / 60 + 33.3855 / 3600)
    assert first.lon_deg == pytest.approx(-(91 + 59 / 60 + 40.4156 / 3600))
    assert [(h.metres, h.datum) for h in first.heights[:2]] == [(198.31, "unknown"), (39.8, "take-off")]
    assert first.above_take_off_m == 39.8
    assert (first.camera.yaw_deg, first.camera.pitch_deg) == (45.0, -89.9)
    assert first.aircraft.yaw_deg == 46.0
    assert first.focal_px == pytest.approx(3.61 / 6.17 * 4000, rel=0.05)
    assert first.t_us == -1
    assert first.local_time == "2016:06:23 16:31:59"
    assert {"FTG-094", "FTG-096", "FTG-098"} == _codes(first)
    assert all(still.camera.known and still.camera.pitch_deg < -89 for still in stills)


def test_a_huge_scan_without_gps_is_told_without_decoding_it() -> None:
    still = read_still(shared("earth/dbat-sxb/data/prague2016/sxb/images/8938.jpg"))
    assert (still.width, still.height) == (8858, 12996)
    assert {"FTG-091", "FTG-092", "FTG-095"} <= _codes(still)


def test_dji_with_rtk_states_an_ellipsoidal_height_and_a_calibration(tmp_path: Path) -> None:
    still = _still(tmp_path, _DJI_RTK)
    assert (still.lon_deg, still.lat_deg) == (113.25, 22.5)
    assert (still.heights[0].metres, still.heights[0].datum, still.heights[0].verified) == (
        50.0,
        "hae",
        False,
    )
    assert (still.camera.yaw_deg, still.camera.pitch_deg) == (270.0, -45.0)
    assert (still.focal_px, still.focal_source, still.centre_px) == (3713.29, "calibrated", (2640, 1978))
    assert still.position_sd_m == (0.011, 0.012, 0.025)
    assert still.t_us == 1_678_330_077_250_000
    assert not _codes(still)


def test_skydio_structures_are_read_in_both_spellings(tmp_path: Path) -> None:
    scalars = (
        'drone-skydio:Latitude="37.5" drone-skydio:Longitude="-122.25" drone-skydio:AbsoluteAltitude="88.5"'
    )
    inner = """<drone-skydio:CameraOrientationNED rdf:parseType="Resource">
    <drone-skydio:Roll>1.5</drone-skydio:Roll>
    <drone-skydio:Pitch>-60.25</drone-skydio:Pitch><drone-skydio:Yaw>12.0</drone-skydio:Yaw>
    </drone-skydio:CameraOrientationNED><drone-skydio:CalibratedFocalLength drone-skydio:X="2900.5"
     drone-skydio:Y="2901"/>"""
    still = _still(tmp_path, scalars, inner)
    assert (still.maker, still.lon_deg, still.lat_deg) == ("Skydio", -122.25, 37.5)
    assert (still.camera.yaw_deg, still.camera.pitch_deg, still.camera.roll_deg) == (12.0, -60.25, 1.5)
    assert [(h.metres, h.datum) for h in still.heights] == [(88.5, "msl")]
    assert still.focal_px == 2900.5


def test_autel_parrot_and_pix4d_conventions(tmp_path: Path) -> None:
    autel = _still(
        tmp_path, 'drone:GimbalYawDegree="10" drone:GimbalPitchDegree="-90" drone:RelativeAltitude="20"'
    )
    assert (autel.maker, autel.camera.pitch_deg, autel.above_take_off_m) == ("Autel", -90.0, 20.0)
    parrot = _still(tmp_path, 'drone-parrot:CameraYawDegree="176.3" drone-parrot:CameraPitchDegree="-78.4"')
    assert (parrot.maker, parrot.camera.pitch_deg) == ("Parrot", -78.4)
    pix4d = _still(
        tmp_path, 'Camera:Yaw="5" Camera:Pitch="10" Camera:Roll="0" Camera:AboveGroundAltitude="100"'
    )
    assert (pix4d.camera.pitch_deg, pix4d.heights[0].datum) == (-80.0, "ground")
    old_autel = _still(tmp_path, 'tiff:Make="Autel Robotics" Camera:Yaw="5" Camera:Pitch="-10"')
    assert not old_autel.camera.known
    assert "FTG-097" in _codes(old_autel)


def test_the_aircraft_is_never_taken_for_the_camera(tmp_path: Path) -> None:
    still = _still(tmp_path, 'drone-dji:FlightYawDegree="77" drone-dji:FlightPitchDegree="1"')
    assert still.aircraft.yaw_deg == 77.0
    assert not still.camera.known
    assert "FTG-092" in _codes(still)


@pytest.mark.parametrize(
    ("offset", "expected"), [("+02:00", 1_378_000_000 - 7200), ("-06:30", 1_378_000_000 + 23_400), ("", None)]
)
def test_local_time_counts_only_with_its_offset(tmp_path: Path, offset: str, expected: int | None) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2013:09:01 01:46:40"} | ({0x9011: offset} if offset else {})
    still = read_still(_photo(tmp_path, exif=exif))
    assert still.t_us == (-1 if expected is None else expected * 1_000_000)
    assert ("FTG-098" in _codes(still)) == (expected is None)


def test_gps_time_south_west_and_below_the_ellipsoid(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 15.0, 36.0), 5: b"\x03", 6: 12.5} | {
        7: (1.0, 2.0, 3.5),
        29: "2024:02:29",
    }
    still = read_still(_photo(tmp_path, exif=exif))
    assert (still.lat_deg, still.lon_deg) == pytest.approx((-33.5, -70.26))
    assert [(h.metres, h.datum) for h in still.heights] == [(-12.5, "hae")]
    assert still.t_us == 1_709_168_523_500_000


def test_focal_length_from_the_sensors_resolution(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x920A: 24.0, 0xA20E: 2500.0, 0xA210: 3, 0xA002: 40, 0xA405: 35}
    still = read_still(_photo(tmp_path, exif=exif))
    assert (still.focal_px, still.focal_source) == (6000.0, "sensor resolution")


def test_pixels_come_grey_or_in_colour_and_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "colour.jpg"
    Image.fromarray(np.full((16, 24, 3), (200, 100, 50), np.uint8)).save(path, quality=95)
    still = read_still(path)
    assert still_pixels(still).shape == (16, 24)
    np.testing.assert_allclose(still_pixels(still, "rgb")[8, 8], (200, 100, 50), atol=6)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BadInput, match="FTG-099"):
        still_pixels(still)


def test_tiff_tags_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    Image.fromarray(np.zeros((30, 40), np.uint8)).save(path, exif=exif, tiffinfo={700: _packet(_DJI_RTK)})
    still = read_still(path)
    assert (still.width, still.height) == (40, 30)
    assert still.lat_deg == 22.5


def test_hostile_xmp_is_left_alone() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = entities + b'<x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>'
    assert xmp_table(bomb) == {}
    assert xmp_table(entities + b"<r/>") == {}
    assert xmp_table(b"") == {}
    assert xmp_table(b"<x:xmpmeta") == {}


def test_broken_photographs_raise_our_errors_or_lose_tags_only(tmp_path: Path) -> None:
    whole = _photo(tmp_path, _packet(_DJI_RTK)).read_bytes()
    path = tmp_path / "cut.jpg"
    generator = np.random.default_rng(7)
    for size in range(2, len(whole), 37):
        damaged = bytearray(whole[:size])
        for place in generator.integers(2, size, 3) if size > 2 else ():
            damaged[place] = generator.integers(256)
        path.write_bytes(damaged)
        try:
            still = read_still(path)
        except BadInput as error:
            assert error.code == "FTG-090"  # noqa: PT017  either outcome is right
        else:
            assert still.width >= 0
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="FTG-003"):
        read_still(path)
    with pytest.raises(NotFound):
        read_still(tmp_path / "none.jpg")


def test_tiff_directories_that_point_nowhere_or_round_in_circles(tmp_path: Path) -> None:
    path = tmp_path / "loop.tif"
    entries = struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", 0x0100, 4, 1, 7)
    entries += struct.pack("<HHII", 0x0101, 4, 1, 5) + struct.pack("<HHII", 0x010F, 2, 0xFFFFFFF0, 12)
    path.write_bytes(b"II*\0\x08\0\0\0" + struct.pack("<H", 4) + entries)
    still = read_still(path)
    assert (still.width, still.height, still.make) == (7, 5, "")
    assert math.isnan(still.lon_deg)
    with pytest.raises(BadInput, match="FTG-090"):
        read_still(_written(tmp_path / "x.tif", io.BytesIO(b"II*\0\xff\xff\xff\xff")))


def _written(path: Path, data: io.BytesIO) -> Path:
    path.write_bytes(data.getvalue())
    return path
