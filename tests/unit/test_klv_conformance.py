"""Each rule of the verdict fires on a packet that breaks it, and stays silent on one that does not."""

import pytest

from atalaya.base.catalogue import codes, text_of
from atalaya.base.finding import Severity
from atalaya.klv import (
    Family,
    Malformed,
    decode_packet,
    encode_set,
    encode_st0601,
    nested,
    st0102,
    st0903,
    timebase,
)
from atalaya.klv.conformance import StreamCheck, check_packets, stores_claimed
from tests.klv_packets import packets
from tests.unit.test_klv_packet import TIME, sealed

CLOCK = b"\x02\x08" + TIME.to_bytes(8, "big")
SECURITY = st0102.TABLE.read(st0102.TABLE.build([(1, 1), (2, 1), (3, "//US"), (12, 1), (13, "US"), (22, 12)]))
WHOLE: dict[int | str, object] = {
    2: TIME, 3: "M1", 5: 10.0, 6: 1.0, 7: 1.0, 10: "P", 11: "EO", 12: "Geodetic WGS84", 13: 25.0, 14: -107.0,
    75: 3000.0, 16: 2.0, 17: 1.5, 18: 90.0, 19: -30.0, 20: 0.0, 21: 5000.0, 22: 100.0, 23: 25.1, 24: -107.1,
    78: 800.0, 48: SECURITY, 136: 37,
}  # fmt: skip


def found(*data: bytes) -> dict[str, int]:
    return {finding.code: finding.count for finding in check_packets(decode_packet(one) for one in data)}


def test_a_conformant_stream_is_told_its_time_base_and_nothing_else() -> None:
    assert found(encode_st0601(WHOLE), encode_st0601({**WHOLE, 2: TIME + 1})) == {"KLV-022": 1}


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("KLV-010", sealed(b"\x41\x01\x13" + CLOCK)),
        ("KLV-014", sealed(CLOCK)),
        ("KLV-015", sealed(CLOCK + b"\x41\x01\x13\x41\x01\x13")),
        ("KLV-016", sealed(CLOCK + b"\x16\x03\x00\x00\x00")),
        ("KLV-017", sealed(CLOCK + b"\x42\x01\x00")),
        ("KLV-018", sealed(CLOCK)),
        ("KLV-019", sealed(CLOCK + b"\x4d\x01\x63")),
        ("KLV-020", sealed(CLOCK + b"\x81\x48\x00")),
        ("KLV-021", sealed(CLOCK)),
        ("KLV-025", sealed(CLOCK)),
        ("KLV-026", sealed(b"\x02\x08" + bytes(8))),
        ("KLV-027", sealed(b"\x41\x01\x13")),
        ("KLV-029", sealed(CLOCK + b"\x03\x01\xff")),
        ("KLV-030", sealed(CLOCK + b"\x7a\x02\x01\x05")),
        ("KLV-032", sealed(CLOCK + b"\x3c\x02\xaf\xd8")),
        ("KLV-034", sealed(CLOCK + b"\x30\x03\x01\x01\x01")),
        ("KLV-037", sealed(CLOCK + b"\x78\x04\x00\x00\x00\x00")),
    ],
)
def test_a_rule_broken_is_found(code: str, data: bytes) -> None:
    assert found(data).get(code) == 1
    assert code not in found(encode_st0601(WHOLE))


def test_checksum_missing_misplaced_or_wrong() -> None:
    whole = encode_st0601(WHOLE)
    assert found(whole[:-1] + bytes((whole[-1] ^ 1,)))["KLV-013"] == 1
    body = CLOCK + b"\x41\x01\x13"
    table = nested.TABLE
    assert table.read(body).rest == b""
    label = whole[:16]
    assert found(label + bytes((len(body),)) + body)["KLV-012"] == 1
    misplaced = CLOCK + b"\x01\x02\x00\x00\x41\x01\x13"
    assert found(label + bytes((len(misplaced),)) + misplaced)["KLV-011"] == 1


def test_an_unreadable_end_is_an_error() -> None:
    body = CLOCK + b"\x05\x09\x71"
    assert found(encode_st0601(WHOLE)[:16] + bytes((len(body),)) + body)["KLV-028"] == 1


def test_a_silent_item_may_be_held_30_seconds_and_no_longer() -> None:
    without = {tag: value for tag, value in WHOLE.items() if tag != 21}

    def stream(gap_s: int) -> list[bytes]:
        between = [encode_st0601({**without, 2: TIME + s * 1_000_000}) for s in range(1, gap_s)]
        return [encode_st0601(WHOLE), *between, encode_st0601({**WHOLE, 2: TIME + gap_s * 1_000_000})]

    assert "KLV-033" not in found(*stream(30))
    assert found(*stream(31))["KLV-033"] == 1


def test_a_version_only_now_and_then_is_a_remark() -> None:
    silent = decode_packet(encode_st0601(WHOLE))
    body = b"".join(field.head + field.raw for field in silent.items.fields() if field.tag not in (1, 65))
    verdict = found(encode_st0601(WHOLE), sealed(body))
    assert verdict["KLV-036"] == 1
    assert "KLV-014" not in verdict


def test_time_that_goes_backwards() -> None:
    assert found(encode_st0601(WHOLE), encode_st0601({**WHOLE, 2: TIME - 1}))["KLV-035"] == 1


def test_zero_stores_are_no_claim() -> None:
    zero = decode_packet(sealed(CLOCK + b"\x3c\x02\x00\x00\x3d\x01\x00"))
    assert stores_claimed(zero) == []
    assert stores_claimed(decode_packet(sealed(CLOCK + b"\x3d\x01\x01"))) == [61]


def test_eg_0104_and_old_vmti_are_named() -> None:
    old = encode_set(Family.EG0104, {"precision_time_stamp_us": TIME, "sensor_azimuth_true_deg": 3.0})
    assert found(old) == {"KLV-024": 1, "KLV-025": 1}
    legacy = st0903.build({}, [(1, {"offset_latitude_deg": 1e-4})], version=3)
    assert found(encode_st0601({**WHOLE, "vmti": legacy}))["KLV-023"] == 1
    unstated = legacy.replace(b"\x04\x01\x03", b"")
    assert found(encode_st0601({**WHOLE, "vmti": unstated}))["KLV-031"] == 1


def test_findings_are_merged_and_say_where_first() -> None:
    bad = {**WHOLE, "sensor_hfov_deg": Malformed(b"\1", "length")}
    check = StreamCheck()
    for place in range(5):
        check.add(decode_packet(encode_st0601(WHOLE if place < 2 else bad)), f"byte {place}")
    (finding,) = (one for one in check.findings() if one.code == "KLV-016")
    assert (finding.count, finding.where, finding.severity) == (3, "byte 2", Severity.WARNING)
    assert "sensor_hfov_deg" in finding.message


def test_memory_stays_bounded_over_ever_new_layouts() -> None:
    check = StreamCheck()
    for place in range(1200):
        text = "x" * (place % 120)
        check.add(decode_packet(encode_st0601({**WHOLE, 3: text or "y", 10: "z" * (1 + place // 120)})))
    assert len(check._layouts) <= 512
    assert {finding.code for finding in check.findings()} == {"KLV-022"}


def test_a_stream_of_nonsense_tags_gives_a_verdict_of_bounded_length() -> None:
    check = StreamCheck()
    for tag in range(200, 2000):
        check.add(decode_packet(sealed(CLOCK + nested.TABLE.build([(tag, b"x")]))))
    findings = check.findings()
    assert len(findings) < 300
    assert sum(one.count for one in findings if one.code == "KLV-020") == 1800


def test_real_streams() -> None:
    assert set(found(*packets("klv/klvdata/DynamicConstantMISMMSPacketData.bin"))) == {"KLV-013", "KLV-021"}
    assert found(*packets("klv/osh/sample-stream.ts"))["KLV-023"] >= 1


def test_the_doubt_is_the_leap_seconds_of_the_day() -> None:
    assert timebase.doubt_s(1_340_980_354_100_000) == 34
    assert timebase.doubt_s(1_700_000_000_000_000) == 37
    assert timebase.utc_us(TIME) == (TIME, timebase.TimeBasis.ASSUMED_UTC)
    assert timebase.utc_us(TIME, 37, 5) == (TIME - 36_999_995, timebase.TimeBasis.MISP)


def test_every_code_of_the_verdict_has_words() -> None:
    known = [code for code in codes() if code.startswith("KLV-0")]
    assert len(known) >= 35
    for code in known:
        for lang in ("en", "es"):
            text = text_of(code, lang)
            assert text.what
            assert text.why.endswith(".")
            assert text.remedy.endswith(".")
