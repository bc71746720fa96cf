"""Files of plans: written, re-read, compared, put in place at once; files of others; what is refused."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError, VerificationFailed
from atalaya.plan.exports import (
    Heights,
    MissionOptions,
    export,
    export_mission,
    mission_of,
    read_mission,
    read_routes,
    resumed,
    sensor_swaths,
)
from atalaya.plan.exports import formats as formats_module
from atalaya.plan.exports.formats import MAP_FORMATS, MISSION_FORMATS
from atalaya.plan.exports.geojson import read_geojson_bytes
from atalaya.plan.exports.heights import hae_of_msl
from atalaya.sensing.platform import FieldOfView, Platform, Sensor, Tank
from tests.export_sorties import (
    FENCE,
    FIELDS,
    HOME,
    RALLY,
    T0_US,
    foreign_plan,
    named_corridors,
    random_fence,
    random_sortie,
    worked,
)

FILES = ("a.plan", "a.waypoints", "a.kml", "a.kmz", "a.geojson", "a.gpx", "a.csv", "a.xml", "a.fpl")


@pytest.mark.proves("XPT-002")
@pytest.mark.parametrize("name", FILES)
def test_every_format_is_written_and_found_equal(tmp_path: Path, name: str) -> None:
    done = export(
        worked(), tmp_path / name, home=HOME, fence=FENCE, rally=RALLY, swaths=named_corridors(worked()),
        flight_plan=FIELDS,
    )  # fmt: skip
    assert done.items >= 7
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.proves("XPT-002")
@pytest.mark.parametrize("seed", range(20))
def test_random_sorties_of_every_format_are_equal_when_read_again(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sorties = [random_sortie(rng, f"S{n}") for n in range(3)]
    fence = random_fence(rng, sorties[0].waypoints[0])
    for name in MAP_FORMATS:
        found = export(sorties, tmp_path / f"all.{name}", format=name, fence=fence, rally=RALLY,
                       swaths=[a for s in sorties for a in named_corridors(s)])  # fmt: skip
        assert found.items == sum(len(s.waypoints) for s in sorties)
    for name in MISSION_FORMATS:
        for heights in (Heights.MSL, Heights.RELATIVE, Heights.TERRAIN):
            options = MissionOptions(heights=heights, ground=lambda lon, lat: 12.5)
            export(sorties[0], tmp_path / "one", format=name, fence=fence, rally=RALLY, options=options)
    for search in ("delay", "points"):
        export(random_sortie(rng, most=12), tmp_path / "a.fpl", flight_plan=replace(FIELDS, search=search))


@pytest.mark.proves("XPT-002")
@pytest.mark.parametrize("name", ["a.plan", "a.kml"])
def test_a_file_that_would_not_say_what_was_planned_is_not_put_in_place(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_text("old")
    table = formats_module.MISSION_FORMATS if name.endswith("plan") else formats_module.MAP_FORMATS
    kind = name[2:]
    real = table[kind]

    def wrong(content: object) -> bytes:
        return real.write(content).replace(b"6100", b"6700")  # type: ignore[arg-type]

    monkeypatch.setitem(table, kind, replace(real, write=wrong))  # type: ignore[arg-type,type-var]
    with pytest.raises(VerificationFailed) as caught:
        export(worked(), path)
    assert caught.value.code == "XPT-010"
    assert "height" in str(caught.value)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_format_cannot_carry_is_said(tmp_path: Path) -> None:
    done = export(worked(), tmp_path / "a.waypoints", fence=FENCE, rally=RALLY)
    assert [(f.code, f.details["what"]) for f in done.findings] == [
        ("XPT-022", "fence"),
        ("XPT-022", "rally"),
    ]
    assert not export(worked(), tmp_path / "a.plan", fence=FENCE, rally=RALLY).findings


def test_one_sortie_formats_refuse_several_and_names_are_checked(tmp_path: Path) -> None:
    cases = [("a.plan", None, "XPT-009"), ("a.xyz", None, "XPT-008"), ("a.kml", "doc", "XPT-008")]
    for name, form, code in cases:
        with pytest.raises(AtalayaError) as caught:
            export([worked(), replace(worked(), id="S02")], tmp_path / name, format=form)
        assert caught.value.code == code
    with pytest.raises(AtalayaError) as caught:
        export(worked(), tmp_path / "a.fpl")
    assert caught.value.code == "XPT-027"
    with pytest.raises(AtalayaError) as caught:
        read_mission(tmp_path / "none.plan")
    assert caught.value.code == "XPT-026"


def test_a_full_or_forbidden_disk_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AtalayaError) as caught:
        export(worked(), tmp_path / "file" / "a.plan")
    assert caught.value.code == "XPT-011"


def test_a_resumed_mission_is_exported_too(tmp_path: Path) -> None:
    mission = mission_of(worked(), HOME)
    places = [n for n, item in enumerate(mission.items) if item.flies]
    done = export_mission(resumed(mission, places[3]), tmp_path / "rest.plan")
    assert done.items == len(read_mission(done.path).items)


@pytest.mark.proves("XPT-001")
def test_every_height_states_its_datum(tmp_path: Path) -> None:
    geojson = json.loads(export(worked(), tmp_path / "a.geojson").path.read_text())
    for feature in geojson["features"]:
        assert feature["properties"]["height_datum"] == "WGS 84 ellipsoid (HAE)"
    line = geojson["features"][0]
    lon, lat, height = line["geometry"]["coordinates"][1]
    assert height == pytest.approx(hae_of_msl(lon, lat, 6000.0), abs=1e-3)
    assert line["properties"]["heights_msl_m"][1] == 6000.0
    kml = export(worked(), tmp_path / "a.kml").path.read_text()
    assert kml.count("<altitudeMode>absolute<") == 1 + len(worked().waypoints)
    gpx = export(worked(), tmp_path / "a.gpx").path.read_text()
    assert gpx.count("<geoidheight>") == len(worked().waypoints)
    header = export(worked(), tmp_path / "a.csv").path.read_text().splitlines()[0]
    assert "height_msl_m,height_hae_m" in header


def test_names_of_documents_follow_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert "Salidas previstas" in export(worked(), tmp_path / "a.kml").path.read_text()


def test_the_same_plan_gives_the_same_kmz(tmp_path: Path) -> None:
    assert export(worked(), tmp_path / "a.kmz").sha256 == export(worked(), tmp_path / "b.kmz").sha256


def test_a_table_never_starts_a_formula(tmp_path: Path) -> None:
    text = export(worked(), tmp_path / "a.csv").path.read_text()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=1 <entry> & ñ" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
    assert read_routes(tmp_path / "a.csv").routes[0].waypoints[1].label == "=1 <entry> & ñ"


def test_times_reach_the_map(tmp_path: Path) -> None:
    times = read_routes(export(worked(), tmp_path / "a.gpx").path).routes[0].t_us
    assert times[:2] == (T0_US, T0_US + 600_000_000)


def test_sensor_strips_are_where_the_sensor_looks() -> None:
    """6000 m over ground at 1000 m, 45 degrees to the right, 20 degrees high: 3501 to 7141 m across."""
    modes = (FieldOfView("wide", 30.0, 20.0, 1280, 720),)
    platform = Platform(
        "mq9a", {}, 2223.0, 300.0, Tank("kg", 1800.0, 1e-4), 60.0, 80.0, 3.0, 3.0, 15_000.0, 25.0,
        (Sensor("eo", "EO", modes, 0.4, 30.0),),
    )  # fmt: skip
    (strip,) = sensor_swaths(worked(), platform, lambda lon, lat: 1000.0)
    assert (strip.kind, strip.leg) == ("sensor", 1)
    lats = sorted(lat for _, lat in strip.ring)  # the leg flies east: right is south
    assert (31.5 - lats[-1]) * 110_870 == pytest.approx(5000.0 / np.tan(np.radians(55.0)), rel=0.01)
    assert (31.5 - lats[0]) * 110_870 == pytest.approx(5000.0 / np.tan(np.radians(35.0)), rel=0.01)


# --- files of others ----------------------------------------------------------------------------------------


def test_a_plan_of_qgroundcontrol_with_a_survey_is_read_as_flown(tmp_path: Path) -> None:
    path = tmp_path / "survey.plan"
    path.write_text(json.dumps(foreign_plan()))
    mission = read_mission(path)
    assert [item.command for item in mission.items] == [22, 16, 16, 16, 206, 16, 16, 20]
    assert [int(item.frame) for item in mission.items] == [3, 3, 3, 3, 2, 0, 10, 2]
    assert mission.rally[0].height_msl_m == 500.0
    assert len(mission.fence.polygons) == 1


def test_a_landing_pattern_is_read_as_flown(tmp_path: Path) -> None:
    landing: dict[str, object] = {
        "type": "ComplexItem",
        "complexItemType": "fwLandingPattern",
        "version": 2,
        "altitudesAreRelative": True,
        "landingApproachCoordinate": [47.11, 8.4, 40],
        "landCoordinate": [47.1, 8.4, 0],
        "loiterRadius": 75,
        "loiterClockwise": False,
        "stopTakingPhotos": True,
        "stopVideoPhotos": True,
        "useLoiterToAlt": True,
    }
    path = tmp_path / "landing.plan"
    path.write_text(json.dumps(changed("mission.items.1", landing)))
    items = read_mission(path).items[1:7]
    assert [item.command for item in items] == [189, 206, 2001, 2501, 31, 21]
    assert items[4].params == (1.0, -75.0, 0.0, 1.0)
    assert [(int(item.frame), item.height_m) for item in items[4:]] == [(3, 40.0), (3, 0.0)]
    path.write_text(json.dumps(changed("mission.items.1", {**landing, "useLoiterToAlt": False})))
    assert read_mission(path).items[5].command == 16
    for bad in ({"version": 1}, {"altitudesAreRelative": None}, {"landCoordinate": [47.1, 8.4]}):
        path.write_text(json.dumps(changed("mission.items.1", {**landing, **bad})))
        with pytest.raises(AtalayaError) as caught:
            read_mission(path)
        assert caught.value.code == "XPT-002"


def changed(path: str, value: object) -> dict[str, object]:
    plan = foreign_plan()
    *way, last = path.split(".")
    at: object = plan
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at[part]  # type: ignore[index]
    at[int(last) if isinstance(at, list) else last] = value  # type: ignore[index]
    return plan


@pytest.mark.proves("XPT-001")
@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("fileType", "Mission", "XPT-002"),
        ("version", 2, "XPT-002"),
        ("version", True, "XPT-002"),
        ("mission.version", 1, "XPT-002"),
        ("mission", [], "XPT-002"),
        ("mission.items", {}, "XPT-002"),
        ("mission.items.0.params", [1, 2], "XPT-002"),
        ("mission.items.0.params", [0, 0, 0, None, "x", 8, 50], "XPT-004"),
        ("mission.items.0.params", [0, 0, 0, None, 91, 8, 50], "XPT-004"),
        ("mission.items.0.params", [0, 0, 0, None, 47, 8, 1e300], "XPT-004"),
        ("mission.items.0.command", 70000, "XPT-005"),
        ("mission.items.0.frame", 4, "XPT-005"),
        ("mission.items.0.AltitudeMode", 2, "XPT-006"),
        ("mission.items.2.AltitudeMode", 1, "XPT-006"),
        ("mission.items.1.complexItemType", "StructureScan", "XPT-005"),
        ("mission.items.0.type", "Odd", "XPT-005"),
        ("mission.items.0.autoContinue", 1, "XPT-002"),
        ("mission.plannedHomePosition", None, "XPT-007"),
        ("mission.plannedHomePosition", [1, 2], "XPT-002"),
        ("geoFence.version", 1, "XPT-002"),
        ("geoFence.polygons.0.inclusion", "yes", "XPT-002"),
        ("geoFence.polygons.0.polygon", [[47, 8], [48, 9], [48, 8], [47, 9]], "XPT-012"),
        ("geoFence.polygons.0.polygon", [[47, 8], [48, 9]], "XPT-012"),
        ("geoFence.circles", [{"inclusion": True, "circle": {"center": [1, 2], "radius": -1}}], "XPT-004"),
    ],
)
def test_plans_that_cannot_be_stood_for_are_refused(
    tmp_path: Path, path: str, value: object, code: str
) -> None:
    file = tmp_path / "bad.plan"
    file.write_text(json.dumps(changed(path, value)))
    with pytest.raises(AtalayaError) as caught:
        read_mission(file)
    assert caught.value.code == code, str(caught.value)


BOMB = '<!DOCTYPE a [<!ENTITY b "' + "c" * 50 + '">]><{root}><name>&b;&b;</name></{root}>'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.plan", b"", "XPT-001"),
        ("a.plan", b"[]", "XPT-001"),
        ("a.plan", b'{"version": NaN}', "XPT-001"),
        ("a.plan", b"[" * 100_000, "XPT-001"),
        ("a.plan", b"\xff\xfe", "XPT-001"),
        ("a.waypoints", b"QGC WPL 120\n", "XPT-002"),
        ("a.waypoints", b"hello", "XPT-001"),
        ("a.waypoints", b"QGC WPL 110\n0\t1\t0\n", "XPT-002"),
        ("a.waypoints", b"QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\tnan\t47\t8\t0\t1\n", "XPT-004"),
        ("a.waypoints", b"QGC WPL 110\n1\t1\t0\t16\t0\t0\t0\t0\t47\t8\t0\t1\n", "XPT-002"),
        ("a.kml", BOMB.replace("{root}", "kml").encode(), "XPT-001"),
        ("a.gpx", BOMB.replace("{root}", "gpx").encode(), "XPT-001"),
        ("a.kml", b"<gpx/>", "XPT-001"),
        ("a.gpx", b'<gpx version="2.0"/>', "XPT-002"),
        ("a.gpx", b'<gpx version="1.1"><rte><rtept lat="1" lon="x"/></rte></gpx>', "XPT-004"),
        ("a.kmz", b"PK\x03\x04", "XPT-001"),
        ("a.geojson", b'{"type": "Feature"}', "XPT-002"),
        ("a.csv", b"a,b\n1,2\n", "XPT-001"),
        ("a.csv", b"sortie,lon_deg,lat_deg,height_msl_m\nS,200,1,2\n", "XPT-004"),
    ],
)
def test_damaged_and_hostile_files_give_one_clear_error(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    read = read_mission if name.endswith(("plan", "waypoints")) else read_routes
    with pytest.raises(AtalayaError) as caught:
        read(path)
    assert caught.value.code == code, str(caught.value)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b"<kml>" + b" " * (70 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(AtalayaError) as caught:
        read_routes(path)
    assert caught.value.code == "XPT-003"


def test_several_lines_of_one_name_are_several_routes(tmp_path: Path) -> None:
    places = "<LineString><coordinates>8,47 8.1,47</coordinates></LineString>"
    line = f"<Placemark><name>Path</name>{places}</Placemark>"
    path = tmp_path / "a.kml"
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{line * 3}</Document></kml>')
    assert [route.id for route in read_routes(path).routes] == ["Path", "Path (2)", "Path (3)"]
    shape = {"type": "LineString", "coordinates": [[8.0, 47.0], [8.1, 47.0]]}
    feature = {"type": "Feature", "properties": {"name": "Path"}, "geometry": shape}
    empty = {"type": "Feature", "properties": None, "geometry": None}
    data = json.dumps({"type": "FeatureCollection", "features": [feature, empty, feature]}).encode()
    assert [route.id for route in read_geojson_bytes(data, "x").routes] == ["Path", "Path (2)"]


@pytest.mark.proves("XPT-001")
def test_heights_of_others_need_a_datum() -> None:
    line = {"type": "LineString", "coordinates": [[8.0, 47.0, 500.0], [8.1, 47.0, 500.0]]}
    feature = {"type": "Feature", "properties": {"name": "r"}, "geometry": line}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    with pytest.raises(AtalayaError) as caught:
        read_geojson_bytes(data, "x")
    assert caught.value.code == "XPT-006"
    msl = read_geojson_bytes(data, "x", datum="msl").routes[0].waypoints[0].height_msl_m
    hae = read_geojson_bytes(data, "x", datum="hae").routes[0].waypoints[0].height_msl_m
    assert msl == 500.0
    assert hae == pytest.approx(500.0 - (hae_of_msl(8.0, 47.0, 500.0) - 500.0), abs=0.01)


def test_a_kml_of_others_clamped_to_ground_has_no_heights_and_relative_ones_are_refused(
    tmp_path: Path,
) -> None:
    text = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>A</name><LineString>{mode}'
        "<coordinates>8,47,0 8.1,47,0</coordinates></LineString></Placemark></kml>"
    )
    path = tmp_path / "a.kml"
    path.write_text(text.format(mode=""))
    assert np.isnan(read_routes(path).routes[0].waypoints[0].height_msl_m)
    path.write_text(text.format(mode="<altitudeMode>absolute</altitudeMode>"))
    assert read_routes(path).routes[0].waypoints[0].height_msl_m == 0.0
    path.write_text(text.format(mode="<altitudeMode>relativeToGround</altitudeMode>"))
    with pytest.raises(AtalayaError) as caught:
        read_routes(path)
    assert caught.value.code == "XPT-006"


def test_a_waypoint_file_whose_home_has_no_true_height_has_no_home(tmp_path: Path) -> None:
    path = tmp_path / "a.waypoints"
    row = "{}\t{}\t3\t16\t0\t0\t0\t0\t47\t8\t{}\t1\n"
    path.write_text("QGC WPL 110\n" + row.format(0, 1, 0) + row.format(1, 0, 60))
    mission = read_mission(path)
    assert mission.home is None
    assert [(int(item.frame), item.height_m) for item in mission.items] == [(3, 60.0)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=st.text(max_size=30))
def test_any_label_survives_every_map_format(tmp_path: Path, label: str) -> None:
    points = list(worked().waypoints)
    points[1] = replace(points[1], label=label)
    sortie = replace(worked(), waypoints=tuple(points))
    for name in MAP_FORMATS:
        export(sortie, tmp_path / "a", format=name)
