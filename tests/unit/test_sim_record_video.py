"""Clips of the range: passed by the verifiers of stanag4609 0.4.0 and of our own, truth beside each frame."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from stanag4609.verifier import verify_fmv_file

import atalaya.sim.record.video as video
from atalaya.base.errors import BadInput
from atalaya.base.finding import Severity
from atalaya.earth.lens import Pinhole
from atalaya.footage.analyse import Reading, analyse
from atalaya.footage.clip import Clip
from atalaya.klv import decode_packet
from atalaya.klv.framer import frame
from atalaya.plan.flight import ConstantWind
from atalaya.sim.camera import Renderer
from atalaya.sim.country.country import Country
from atalaya.sim.flight import Flight, flight_of, poses
from atalaya.sim.record.faults import FAULTS
from atalaya.sim.record.metadata import SortieNames
from atalaya.sim.record.sighting_table import sighting_table
from atalaya.sim.record.video import ClipOrder, RecordedClip, record_clip, video_form
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Solid
from tests.range_flights import START_US, planned
from tests.range_pictures import on_ground, renderer, rough

FROM_US = START_US + 320_000_000


@cache
def country() -> Country:
    """Rough ground under the flights of `range_flights`."""
    base = rough(1, 60.0)
    east, north = (float(part) for part in base.metres(-106.9, 25.0))
    return replace(base, west_m=round(east) - 4000.0, north_m=round(north) + 4000.0, lines=(), solids=())


@cache
def flight() -> Flight:
    wind = ConstantWind(6.0, 300.0)
    plane, points, path = planned("scaneagle", wind)
    return flight_of(path, points, plane, wind=wind, terrain=country().terrain, seed=2)


@cache
def shown() -> Renderer:
    """Roofs of sites all over, one of them in a picture now and then."""
    rng = np.random.default_rng(3)
    west, south, east, north = country().bounds_m
    places = zip(
        rng.uniform(west + 2000, east - 2000, 6000),
        rng.uniform(south + 2000, north - 2000, 6000),
        strict=True,
    )
    roofs = tuple(
        Solid(f"roof {n}", "roof", "site 1", x, y, 12.0, 8.0, 20.0, 0.0, 3.0, "metal_roof", "adobe")
        for n, (x, y) in enumerate(places)
    )
    return renderer(country(), Scene(solids=roofs))


def recorded(path: Path, frames: int = 40, rate_hz: float = 30.0, **also: object) -> RecordedClip:
    workers = int(also.pop("workers", 2))  # type: ignore[call-overload]
    stream = {key: also.pop(key) for key in ("codec", "carriage") if key in also}
    width, height = also.pop("size", (192, 108))  # type: ignore[misc]
    order = ClipOrder(
        FROM_US, FROM_US + round(frames * 1e6 / rate_hz), video_form(width, height, rate_hz, **stream),
        SortieNames("RANGE 1"), **also,  # type: ignore[arg-type]
    )  # fmt: skip
    return record_clip(path, flight(), shown(), country().terrain, order, workers=workers)


@pytest.mark.parametrize("targets", [False, True], ids=["plain", "vmti"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("carriage", ["asynchronous", "synchronous"])
def test_clips_pass_both_verifiers(tmp_path: Path, codec: str, carriage: str, targets: bool) -> None:
    made = recorded(tmp_path / "clip.ts", targets=targets, codec=codec, carriage=carriage)
    report = verify_fmv_file(str(made.path))
    assert [f"{error.code}: {error.message}" for error in report.errors] == []
    with Clip.open(made.path) as clip:
        found = analyse(clip, Reading())
        index = clip.frame_index()
        (stream,) = clip.metadata()
        packets = [decode_packet(packet) for packet in _packets(stream.payload.tobytes())]
    assert [one.code for one in found.findings if one.severity is not Severity.INFO] == []
    assert found.audit.repairs == ()
    # frame by frame: time of the picture, of its packet, of the truth
    assert len(made.t_us) == len(packets) == len(index.sei_us) == 40
    np.testing.assert_array_equal([p["precision_time_stamp_us"] for p in packets], index.sei_us)
    assert len(set((index.sei_us - made.t_us).tolist())) == 1
    counts = [len(p.vmti.targets) if p.vmti is not None else 0 for p in packets]
    assert (max(counts) > 0) is targets


def _packets(payload: bytes) -> list[bytes]:
    table = frame(payload).packets
    return [payload[table.start[n] : table.start[n] + table.length[n]] for n in range(len(table))]


@pytest.mark.proves("CAM-003")
def test_clips_are_the_same_on_any_number_of_threads(tmp_path: Path) -> None:
    made = [recorded(tmp_path / f"{n}.ts", 15, targets=True, workers=n).path.read_bytes() for n in (1, 2, 3)]
    assert made[0] == made[1] == made[2]


@pytest.mark.proves("CAM-002")
def test_the_table_says_what_is_in_each_frame(tmp_path: Path) -> None:
    made = recorded(tmp_path / "clip.ts", 20, 1.0)
    table = sighting_table(made, shown())
    rows = table.to_pylist()
    assert len(rows) > 10
    assert {row["site"] for row in rows} == {"site 1"}
    pose = poses(made.truth)
    for row in rows:
        number = row["frame"]
        assert row["t_us"] == made.t_us[number]
        thing = next(each for each in shown().things if each.id == row["id"])
        lens = Pinhole.from_fov(192, 108, float(made.truth.hfov_deg[number]))
        middle = on_ground(country(), np.array(thing.east_m), np.array(thing.north_m), 1.5)  # type: ignore[union-attr]
        away = (middle - pose.origin_m[number]) @ pose.camera_to_ecef[number]
        column, line = lens.pixels(away)
        assert np.hypot(row["column"] - column, row["row"] - line) < 0.5
        assert row["slant_m"] == pytest.approx(np.linalg.norm(away), abs=0.1)


@pytest.mark.parametrize(
    "fault",
    [one for one in FAULTS if one.name in {
        "absolute azimuth", "elevation bias", "corners in another order", "slant range in feet",
        "frame centres frozen",
    }],
    ids=lambda fault: fault.name,
)  # fmt: skip
def test_faults_are_found_in_the_stream(tmp_path: Path, fault: object) -> None:
    made = recorded(tmp_path / "clip.ts", 500, 2.0, faults=(fault,), fault_seed=1, size=(64, 64))
    assert made.faults == (fault.name,)  # type: ignore[attr-defined]
    with Clip.open(made.path) as clip:
        found = analyse(clip, Reading())
    said = {one.code for one in found.findings} | {one.code for one in found.audit.repairs}
    assert said & set(fault.codes)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("width", "height", "rate_hz"),
    [(321, 180, 30.0), (320, 181, 30.0), (0, 0, 30.0), (-320, 180, 30.0), (20_000, 180, 30.0),
     (320, 180, 0.0), (320, 180, -5.0), (320, 180, float("nan")), (320, 180, 1e6)],
)  # fmt: skip
def test_forms_no_stream_has_are_refused(width: int, height: int, rate_hz: float) -> None:
    with pytest.raises(BadInput) as refused:
        video_form(width, height, rate_hz)
    assert refused.value.code == "CAM-002"


def test_ntsc_rates_stay_exact() -> None:
    assert video_form(1280, 720, 30_000 / 1001).frame_rate == Fraction(30_000, 1001)


@pytest.mark.proves("CAM-004")
def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clip.ts"
    path.write_bytes(b"before")

    class Full(video.KlvVideoWriter):
        def write(self, *given: object, **also: object) -> None:
            super().write(*given, **also)  # type: ignore[arg-type]
            if self._count == 8:
                raise OSError(28, "No space left on device")

    monkeypatch.setattr(video, "KlvVideoWriter", Full)
    with pytest.raises(OSError, match="No space"):
        recorded(path, 20)
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["clip.ts"]
