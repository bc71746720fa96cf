"""Control lists of OpenDroneMap: coordinate systems, datums, broken lines."""

from pathlib import Path

import numpy as np
import pytest

from atalaya.base.errors import BadInput, DatumError, NotFound
from atalaya.earth import geodetic_to_ecef, undulation_m
from atalaya.earth.calibration import read_gcp_list
from tests.shared_data import shared

LINE = "16.47592207\t47.64350399\t463.662\t2501.5\t2452.25\tA.JPG\tone"
UTM = "610852.390 5277733.590 463.662 2501.5 2452.25 A.JPG one"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "gcp_list.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_line_becomes_a_point_and_a_mark(tmp_path: Path) -> None:
    found = read_gcp_list(written(tmp_path, f"EPSG:4326\n{LINE}\n"), height_datum="hae", mark_sd_px=0.5)
    (point,), (mark,) = found.points, found.marks
    assert (point.name, point.lon_deg, point.lat_deg, point.height_hae_m) == (
        "one",
        16.47592207,
        47.64350399,
        463.662,
    )
    assert (mark.look, mark.point, mark.column, mark.row, mark.sd_px) == (
        "A.JPG",
        "one",
        2501.5,
        2452.25,
        0.5,
    )
    assert found.findings == ()


@pytest.mark.parametrize(
    "header",
    ["EPSG:32633", "WGS84 UTM 33N", "wgs84 utm 33n", "+proj=utm +zone=33 +datum=WGS84 +units=m +no_defs"],
)
def test_projected_coordinates_are_the_same_place(tmp_path: Path, header: str) -> None:
    found = read_gcp_list(written(tmp_path, f"{header}\n{UTM}\n"), height_datum="hae")
    point = found.points[0]
    here = geodetic_to_ecef(point.lon_deg, point.lat_deg, point.height_hae_m)
    assert np.linalg.norm(here - geodetic_to_ecef(16.47592207, 47.64350399, 463.662)) < 0.02


def test_heights_above_sea_level_are_brought_to_the_ellipsoid(tmp_path: Path) -> None:
    plain = written(tmp_path, f"EPSG:4326\n{LINE}\n")
    lift = undulation_m(16.47592207, 47.64350399)
    assert read_gcp_list(plain, height_datum="msl").points[0].height_hae_m == pytest.approx(463.662 + lift)
    stated = written(tmp_path, f"EPSG:4326+5773\n{LINE}\n")
    assert read_gcp_list(stated).points[0].height_hae_m == pytest.approx(463.662 + lift)
    assert read_gcp_list(stated, height_datum="hae").points[0].height_hae_m == pytest.approx(463.662 + lift)
    solid = written(tmp_path, f"EPSG:4979\n{LINE}\n")
    assert read_gcp_list(solid).points[0].height_hae_m == pytest.approx(463.662)


def test_a_height_of_unknown_datum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatumError) as refused:
        read_gcp_list(written(tmp_path, f"EPSG:4326\n{LINE}\n"))
    assert refused.value.code == "EAR-002"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "EAR-041"),
        ("somewhere\n" + LINE, "EAR-041"),
        (LINE, "EAR-041"),
        ("EPSG:5773\n" + LINE, "EAR-041"),
        ("EPSG:4978\n" + LINE, "EAR-041"),
        ("EPSG:4326+5703\n" + LINE, "EAR-046"),
        ("EPSG:4326\n", "EAR-043"),
        ("EPSG:4326\n1 2 3\n", "EAR-043"),
        ("EPSG:4326\nlon lat height column row image\n", "EAR-043"),
        ("EPSG:4326\nnan nan nan 1 1 a.jpg\n", "EAR-043"),
        (b"EPSG:4326\n\xff\xfe\x00\x01", "EAR-044"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str | bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_gcp_list(written(tmp_path, text), height_datum="hae")
    assert refused.value.code == code
    assert "gcp_list.txt" in refused.value.where


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        read_gcp_list(tmp_path / "none.txt")
    assert refused.value.code == "EAR-040"
    with pytest.raises(BadInput) as folder:
        read_gcp_list(tmp_path)
    assert folder.value.code == "EAR-044"


def test_bad_lines_are_counted_and_the_rest_is_used(tmp_path: Path) -> None:
    lines = [
        "EPSG:4326",
        "# remark",
        "",
        LINE,
        "1 2 3",
        "x y z 1 2 B.JPG two",
        "16.4 95.0 10 1 2 C.JPG three",
    ]
    found = read_gcp_list(written(tmp_path, "\r\n".join(lines)), height_datum="hae")
    assert [point.name for point in found.points] == ["one"]
    counts = [(f.code, f.count, f.where.rsplit(":", 1)[1]) for f in found.findings]
    assert counts == [("EAR-042", 2, "5"), ("EAR-042", 1, "7")]


def test_a_point_at_two_places_is_left_out(tmp_path: Path) -> None:
    moved = LINE.replace("463.662", "463.9").replace("A.JPG", "B.JPG")
    other = LINE.replace("one", "two").replace("47.643", "47.642")
    found = read_gcp_list(written(tmp_path, "\n".join(("EPSG:4326", LINE, moved, other))), height_datum="hae")
    assert [point.name for point in found.points] == ["two"]
    assert [mark.point for mark in found.marks] == ["two"]
    assert [(f.code, f.details["point"]) for f in found.findings] == [("EAR-045", "one")]


def test_points_without_a_name_are_told_by_their_place(tmp_path: Path) -> None:
    nameless = LINE.rsplit("\t", 1)[0]
    found = read_gcp_list(
        written(tmp_path, "\n".join(("EPSG:4326", nameless, nameless.replace("A.JPG", "B.JPG")))),
        height_datum="hae",
    )
    assert len(found.points) == 1
    assert {mark.look for mark in found.marks} == {"A.JPG", "B.JPG"}
    assert len({mark.point for mark in found.marks}) == 1


def test_image_names_with_blanks_in_a_table(tmp_path: Path) -> None:
    found = read_gcp_list(
        written(tmp_path, "EPSG:4326\n" + LINE.replace("A.JPG", "my photo.JPG")), height_datum="hae"
    )
    assert found.marks[0].look == "my photo.JPG"


def test_the_surveyed_list() -> None:
    found = read_gcp_list(shared("earth/helenenschacht/gcp_list.txt"), height_datum="hae")
    assert len(found.points) == 5
    assert len(found.marks) == 35
    assert not found.findings
