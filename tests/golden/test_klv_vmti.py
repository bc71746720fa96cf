"""VMTI of real streams: the legacy coding of the osh stream and the current one of jmisb's sample."""

import pytest

from atalaya.klv import VmtiState, VmtiTarget, decode_packet
from atalaya.klv.st0903 import pixel_number
from tests.klv_packets import packets


def osh_targets() -> list[tuple[int, VmtiTarget]]:
    state, found = VmtiState(), []
    for number, data in enumerate(packets("klv/osh/sample-stream.ts")):
        report = decode_packet(data, vmti=state).vmti
        found += [(number, target) for target in (report.targets if report else ())]
    return found


def test_osh_has_130_targets_129_of_them_located() -> None:
    targets = osh_targets()
    assert len(targets) == 130
    assert sum(target.latitude_deg is not None for _, target in targets) == 129
    assert len({target.target_id for _, target in targets}) == 18
    for _, target in targets:
        if target.latitude_deg is not None:
            assert 34.6 < target.latitude_deg < 34.8
            assert 0 <= (target.row or 0) < 480
            assert 0 <= (target.column or 0) < 640
            # The sender states the centroid twice, as a pixel number and as a row and column.
            assert target.items["centroid_pixel"] == pixel_number(target.row or 0, target.column or 0, 640)


def test_osh_trackers_are_read_in_the_old_coding() -> None:
    """The code 8000 is rest in the old linear map; IMAPB, the current one, would make it 1148 m/s."""
    for _, target in osh_targets():
        velocity = target.items["tracker"]["velocity_mps"]  # type: ignore[index]
        assert velocity.legacy
        assert all(abs(part) < 75 for part in (velocity.east, velocity.north))
        assert velocity.up == pytest.approx(0.0, abs=0.02)


def test_osh_packet_119_object_1() -> None:
    (target,) = (one for number, one in osh_targets() if number == 119 and one.target_id == 1)
    assert target.items["centroid_pixel"] == 258025
    assert (target.row, target.column) == (403, 104)
    assert target.items.raw("location") == bytes.fromhex("B15D91AF425DD4440DD0")
    assert target.latitude_deg == pytest.approx(34.7101201733, abs=5e-11)
    assert target.longitude_deg == pytest.approx(-86.6720809943, abs=5e-11)
    assert target.location is not None
    assert target.location.height_hae_m == pytest.approx(173.7224, abs=5e-5)


def test_state_carries_version_and_frame_size_over_silent_sets() -> None:
    state = VmtiState()
    stated = reported = 0
    for data in packets("klv/osh/sample-stream.ts"):
        report = decode_packet(data, vmti=state).vmti
        if report is not None:
            reported += 1
            stated += "version" in report.items
            assert (report.version, report.legacy) == (3, True)
            assert (report.frame_width, report.frame_height) == (640, 480)
    assert (reported, stated) == (37, 4)


def test_without_state_the_silent_sets_have_no_boxes() -> None:
    located = [decode_packet(data).vmti for data in packets("klv/osh/sample-stream.ts")]
    silent = [
        report for report in located if report and "frame_width_px" not in report.items and report.targets
    ]
    assert silent
    assert all(target.box is None for report in silent for target in report.targets)


def test_jmisb_sample_is_version_4() -> None:
    state = VmtiState()
    read = [decode_packet(data, vmti=state) for data in packets("klv/jmisb/0903.bin")]
    sums = [0x182D, 0xA55F, 0xEC91, 0x1EF3, 0xD94F]
    assert [packet["checksum"] for packet in read] == sums
    for packet in read:
        assert packet.vmti is not None
        assert (packet.vmti.version, packet.vmti.legacy) == (4, False)
        assert (packet.vmti.frame_width, packet.vmti.frame_height) == (1000, 600)
        assert len(packet.vmti.targets) == 2
    first = read[0].vmti.targets[0]  # type: ignore[union-attr]
    assert (first.row, first.column) == divmod(0x05EA12 - 1, 1000)
    assert first.confidence_pct == 15
    assert first.box == (*divmod(0x08127A - 1, 1000), *divmod(0x063FD6 - 1, 1000))


def test_current_coding_with_nested_sets() -> None:
    report = decode_packet(packets("klv/kwiver/h264_klv.ts")[0]).vmti
    assert report is not None
    assert (report.version, report.legacy, len(report.targets)) == (5, False, 2)
    target = report.targets[1]
    assert target.offset_latitude_deg == pytest.approx(10.0, abs=1e-5)
    assert target.offset_longitude_deg == pytest.approx(12.0, abs=1e-5)
    assert target.height_hae_m == 10000
    assert target.confidence_pct == 80
    assert target.colour == (218, 165, 32)
