"""Volumes: what they are refused for, and files of them."""

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from atalaya.base.errors import BadInput, DatumError, NotFound
from atalaya.plan.airspace import (
    Atmosphere,
    Limit,
    LimitDatum,
    Volume,
    VolumeKind,
    box,
    check_path,
    read_volumes,
)
from atalaya.plan.flight_path import FlightPath
from tests.plan_cases import START_US, platform

SQUARE = np.array([(10.0, 45.0), (10.2, 45.0), (10.2, 45.2), (10.0, 45.2)])


def volume(**more: object) -> Volume:
    return Volume("zone", VolumeKind.KEEP_OUT, (SQUARE,), **more)  # type: ignore[arg-type]


def through(height_m: float, start_us: int = START_US) -> FlightPath:
    """From west to east through the middle of the square."""
    lon = np.array([9.8, 10.4])
    return FlightPath(
        np.array([start_us, start_us + 600_000_000]), lon, np.full(2, 45.1), np.full(2, height_m), np.full(2,
        900.0), np.array([0, 1]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        (SQUARE[:2], "FLT-010"),
        (SQUARE[[0, 2, 1, 3]], "FLT-010"),
        (np.full((4, 2), np.nan), "FLT-010"),
        (SQUARE + np.array([0, 50]), "FLT-010"),
        (np.array([(-80.0, -60), (80, -60), (80, 60), (-80, 60)]), "FLT-013"),
    ],
)
def test_borders_that_are_none_are_refused(ring: np.ndarray, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        Volume("zone", VolumeKind.KEEP_OUT, (ring,))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"floor": Limit(500.0), "ceiling": Limit(500.0)},
        {"floor": Limit(float("nan"))},
        {"ceiling": Limit(2000.0, LimitDatum.FL)},
        {"valid": ((5, 4),)},
        {"buffer_m": -1.0},
        {"buffer_m": float("inf")},
    ],
)
def test_limits_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput) as caught:
        volume(**wrong)
    assert caught.value.code == "FLT-011"


@pytest.mark.proves("FLT-107")
def test_datums_are_converted_or_refused() -> None:
    path = through(3000.0)
    for limit in (Limit(100.0, LimitDatum.AGL), Limit(90.0, LimitDatum.FL)):
        with pytest.raises(DatumError) as caught:
            check_path(path, [volume(floor=limit)], None, platform())
        assert caught.value.code == "FLT-012"
    # FL 90 is 2743 m in the standard atmosphere; at 983 hPa all levels lie some 250 m lower
    upper = volume(floor=Limit(100.0, LimitDatum.FL))
    assert not check_path(path, [upper], None, platform(), atmosphere=Atmosphere())
    assert check_path(path, [upper], None, platform(), atmosphere=Atmosphere(qnh_hpa=983.0))
    # the geoid is 40 m above the ellipsoid here: 3030 m above the ellipsoid is 2990 m above mean sea level
    assert check_path(path, [volume(floor=Limit(3030.0, LimitDatum.HAE))], None, platform())
    assert not check_path(path, [volume(floor=Limit(3030.0))], None, platform())


def test_levels_of_the_standard_atmosphere() -> None:
    assert Atmosphere().height_msl_m(100.0) == pytest.approx(3048.0)
    assert Atmosphere(qnh_hpa=1003.25).height_msl_m(0.0) == pytest.approx(-83.6, abs=1.0)


def test_a_conflict_says_where_when_and_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "en")
    found = check_path(through(1000.0), [volume(buffer_m=500.0)], None, platform())
    assert len(found) == 1
    told = found[0].as_json()
    assert told["term"] == "keep_out"
    assert told["leg"] == 0
    assert found[0].start.lon_deg == pytest.approx(10.0 - 500.0 / 78_850.0, abs=2e-5)
    assert found[0].end.lon_deg == pytest.approx(10.2 + 500.0 / 78_850.0, abs=2e-5)
    assert found[0].least < -7000.0
    assert "zone" in found[0].message
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert "zona" in found[0].message


def test_only_while_it_is_valid() -> None:
    for start, end, meets in (
        (None, START_US, False),
        (START_US + 240_000_000, None, True),
        (None, None, True),
    ):
        assert bool(check_path(through(1000.0), [volume(valid=((start, end),))], None, platform())) is meets
    late = volume(valid=((START_US + 450_000_000, None),))  # the square is left after 400 s
    assert not check_path(through(1000.0), [late], None, platform())


def test_a_corner_between_two_samples_is_not_missed() -> None:
    thin = Volume(
        "needle", VolumeKind.KEEP_OUT, (np.array([(10.1, 45.0), (10.10001, 45.0), (10.10001, 45.2)]),)
    )
    found = check_path(through(1000.0), [thin], None, platform())
    assert [conflict.subject for conflict in found] == ["needle"]


def test_holes_are_open_and_the_antimeridian_is_no_border() -> None:
    hole = np.array([(10.04, 45.04), (10.16, 45.04), (10.16, 45.16), (10.04, 45.16)])
    ring = Volume("ring", VolumeKind.KEEP_OUT, (SQUARE, hole))
    assert len(check_path(through(1000.0), [ring], None, platform())) == 2
    pacific = box(179.9, -1.0, 180.1, 1.0, name="line", kind=VolumeKind.KEEP_OUT)
    lon = np.array([179.8, -179.8])
    path = FlightPath(np.array([0, 10**9]), lon, np.zeros(2), np.full(2, 500.0), np.ones(2), np.array([0, 1]))
    found = check_path(path, [pacific], None, platform())
    assert [(c.start.lon_deg, c.end.lon_deg) for c in found] == [
        (pytest.approx(179.9), pytest.approx(-179.9))
    ]


def written(tmp_path: Path, **properties: object) -> Path:
    shape = {"type": "Polygon", "coordinates": [[*SQUARE.tolist(), SQUARE[0].tolist()]]}
    path = tmp_path / "zones.geojson"
    features = [{"type": "Feature", "properties": properties, "geometry": shape}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


GOOD = {
    "name": "R-12", "kind": "keep_out", "floor_m": 300, "ceiling_fl": 95, "datum": "msl", "buffer_m": 200,
    "valid_from": "2026-05-01T06:00:00Z", "valid_to": "2026-05-01T18:00:00-06:00",
}  # fmt: skip


def test_geojson_geopackage_and_kml_hold_the_same(tmp_path: Path) -> None:
    one = read_volumes(written(tmp_path, **GOOD))[0]
    assert (one.name, one.kind, one.floor, one.ceiling) == (
        "R-12", VolumeKind.KEEP_OUT, Limit(300.0), Limit(95.0, LimitDatum.FL),
    )  # fmt: skip
    assert one.valid == ((1_777_615_200_000_000, 1_777_680_000_000_000),)
    package = tmp_path / "zones.gpkg"
    names = np.array(list(GOOD), object)
    fields = [np.array([str(value)], object) for value in GOOD.values()]
    pyogrio.raw.write(
        package, shapely.to_wkb(np.array([shapely.Polygon(SQUARE)])), fields, names, geometry_type="Polygon",
        crs="EPSG:4326",
    )  # fmt: skip
    other = read_volumes(package)[0]
    assert (other.name, other.floor, other.ceiling, other.valid) == (
        one.name,
        one.floor,
        one.ceiling,
        one.valid,
    )
    text = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in GOOD.items() if k != "name")
    places = " ".join(f"{x},{y},0" for x, y in [*SQUARE, SQUARE[0]])
    kml = tmp_path / "zones.kml"
    kml.write_text(
        f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>R-12</name>'
        f"<ExtendedData>{text}</ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>{places}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>",
        encoding="utf-8",
    )
    third = read_volumes(kml)[0]
    assert (third.name, third.floor, third.ceiling, third.valid) == (
        one.name,
        one.floor,
        one.ceiling,
        one.valid,
    )


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"datum": None}, DatumError, "FLT-012"),
        ({"datum": "amsl-ish"}, DatumError, "FLT-012"),
        ({"kind": "maybe"}, BadInput, "FLT-011"),
        ({"kind": None}, BadInput, "FLT-011"),
        ({"valid_from": "2026-05-01T06:00:00"}, BadInput, "FLT-011"),
        ({"valid_from": "yesterday"}, BadInput, "FLT-011"),
        ({"floor_m": "low"}, BadInput, "FLT-011"),
        ({"buffer_m": -5}, BadInput, "FLT-011"),
        ({"edge": "wavy"}, BadInput, "FLT-011"),
    ],
)
def test_properties_that_cannot_be_are_refused(
    tmp_path: Path, change: dict[str, object], kind: type[BadInput], code: str
) -> None:
    with pytest.raises(kind) as caught:
        read_volumes(written(tmp_path, **{**GOOD, **change}))
    assert caught.value.code == code
    assert "zones.geojson, 1" in caught.value.where


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type": "FeatureCollection"}', '{"features": 3}', "null", "NaN"]
)
def test_files_that_are_none_are_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_volumes(path)
    assert caught.value.code == "FLT-015"
    with pytest.raises(NotFound):
        read_volumes(tmp_path / "none.gpkg")
    broken = tmp_path / "bad.gpkg"
    broken.write_bytes(b"not a database")
    with pytest.raises(BadInput) as caught:
        read_volumes(broken)
    assert caught.value.code == "FLT-015"
