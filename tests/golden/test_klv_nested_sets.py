"""Sets and packs inside packet 0 of h264_klv.ts, as its maker filled them."""

import pytest

from atalaya.klv import LocalSet, Packet, decode_packet, packs, packs_geo
from atalaya.klv.mdarray import MdArray
from atalaya.klv.st1002 import Section
from atalaya.klv.st1010 import Sdcc
from tests.klv_packets import packets


@pytest.fixture(scope="module")
def packet() -> Packet:
    return decode_packet(packets("klv/kwiver/h264_klv.ts")[0])


def inside(packet: Packet, name: str) -> LocalSet:
    value = packet[name]
    assert isinstance(value, LocalSet)
    return value


def test_nothing_inside_is_unreadable(packet: Packet) -> None:
    assert packet.malformed == []


def test_uncertainty(packet: Packet) -> None:
    value = packet["sdcc"]
    assert isinstance(value, Sdcc)
    assert value.deviations == (1.0, 2.0, 0.0)
    assert value.correlations == (-0.5, None, None)
    assert (value.correlation(1, 0), value.correlation(0, 2), value.deviation(1)) == (-0.5, 0.0, 2.0)


def test_security(packet: Packet) -> None:
    security = inside(packet, "security")
    assert (security["classification"], security["classifying_country"]) == (1, "//US")
    assert (security["object_country_codes"], security["security_version"]) == ("US", 12)


def test_synthetic_aperture_radar(packet: Packet) -> None:
    sar = inside(packet, "sar_motion_imagery")
    assert (sar["grazing_deg"], sar["ground_squint_deg"], sar["image_rows_px"]) == (64.0, -26.0, 720)
    polynomial = sar["cross_section_polynomial"]
    assert isinstance(polynomial, MdArray)
    assert (polynomial.shape, polynomial.bounds) == ((4, 2), (0.0, 1e6))
    assert polynomial.values == tuple(8192.0 * step for step in range(1, 9))


def test_range_image(packet: Packet) -> None:
    image = inside(packet, "range_image")
    assert (image["single_point_range_m"], image["sections_x"]) == (256.0, 4)
    section = image["sections"]
    assert isinstance(section, Section)
    assert (section.ranges.shape, section.ranges.bounds) == ((4, 1), (0.0, 255.0))
    assert section.ranges.values == (100.0, 105.0, 95.0, 100.0)


def test_geo_registration_in_an_amendment(packet: Packet) -> None:
    registration = inside(packet, "amend")["geo_registration"]
    assert isinstance(registration, LocalSet)
    points = registration["tie_point_positions_deg"]
    assert isinstance(points, MdArray)
    assert points.values[0] == pytest.approx(32.98416, abs=1e-5)
    heights = registration["tie_point_elevations_m"]
    assert isinstance(heights, MdArray)
    assert heights.values == (1500.0, 1501.0, 1500.0, 1499.0)


def test_composite(packet: Packet) -> None:
    composite = inside(packet, "composite_imaging")
    assert (composite["source_rows_px"], composite["active_y_px"], composite["z_order"]) == (720, -128, 128)


def test_packs(packet: Packet) -> None:
    assert packet["sensor_frame_rate"] == packs.FrameRate(60000, 1001)
    assert packet["control_command"] == packs.ControlCommand(5, "Fly to Waypoint 1", 0)
    assert packet["active_payloads"] == packs.BitList((0, 1, 3), 1)
    assert packet["wavelengths"] == (packs.Wavelength(21, 1000.0, 2000.0, "NNIR"),)
    assert packet["view_domain"] == packs_geo.ViewDomain(
        packs_geo.Turn(210.0, 300.0), packs_geo.Turn(-75.0, 50.0)
    )
    payloads = packet["payloads"]
    assert isinstance(payloads, packs.Payloads)
    assert [payload.name for payload in payloads.payloads][:1] == ["VIS Nose Camera"]
    bases = packet["airbase_locations"]
    assert isinstance(bases, packs_geo.Airbases)
    assert isinstance(bases.takeoff, packs_geo.Place)
    assert bases.takeoff.latitude_deg == pytest.approx(38.841859, abs=1e-6)
    waypoints = packet["waypoints"]
    assert isinstance(waypoints, tuple)
    assert [point.order for point in waypoints] == [1, 2, packs_geo.CANCELLED, -2]
