"""Users' files as layers: what is read, what is repaired, what is refused, and how editions are kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from atalaya.base.errors import AtalayaError, BadInput, NotFound, VerificationFailed
from atalaya.campaign.boundary_layers import add_layer, find_layer, workspace_layers
from atalaya.law.boundary import Edge, Kind, edition_at, open_layer
from atalaya.law.boundary.inspection import inspect
from atalaya.law.boundary.reading.read import read_layer
from atalaya.law.boundary.record import record_of
from atalaya.law.boundary.shelf import RECORD_FILE, RINGS_FILE
from atalaya.store.vector import Layer as VectorLayer
from atalaya.store.vector import write_geopackage
from atalaya.store.workspace import Workspace
from tests.boundary_layers import layer, record

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
BROKEN = [[0, 0], [1, float("nan")], [1, 1], [0, 0]]
SWAPPED = [[30, -118], [32, -118], [32, -90], [30, -118]]
Folders = pytest.TempPathFactory
GEOD = Geod(ellps="WGS84")


def geojson(path: Path, *features: tuple[dict[str, Any], dict[str, Any] | None], **more: Any) -> Path:
    members = [{"type": "Feature", "properties": known, "geometry": shape} for known, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": members, **more}), encoding="utf-8")
    return path


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_geojson_geopackage_and_parquet_give_the_same_layer(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    shapes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    paths = [
        geojson(
            tmp_path / "a.geojson",
            *(
                ({"A3": code}, json.loads(shapely.to_geojson(shape)))
                for code, shape in zip("AB", shapes, strict=True)
            ),
        ),
        tmp_path / "a.gpkg",
        tmp_path / "a.parquet",
    ]
    write_geopackage(
        [VectorLayer("a", "Polygon", shapes, {"A3": np.array(["A", "B"], dtype=object)})], paths[1]
    )
    table = pyarrow.table({"A3": ["A", "B"], "geometry": list(shapely.to_wkb(shapes))})
    pyarrow.parquet.write_table(table, paths[2])
    for path in paths:
        found = read_layer(path, record(), "A3")
        assert found.areas == ("A", "B")
        assert shapely.equals(found.polygons, shapes).all()
        assert found.record.repairs == ()
        assert len(found.record.sha256) == 64


def test_topojson_of_shared_arcs(tmp_path: Path) -> None:
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
        "arcs": [[[2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2], [2, 0]], [[2, 0], [2, 0], [0, 2], [-2, 0]]],
        "objects": {
            "countries": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "id": "W", "arcs": [[0, 1]]},
                    {"type": "MultiPolygon", "id": "E", "arcs": [[[2, -1]]]},
                ],
            }
        },
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps(topology), encoding="utf-8")
    found = read_layer(path, record(), "id")
    assert found.areas == ("E", "W")
    assert shapely.equals(found.polygons, [shapely.box(11, 20, 12, 21), shapely.box(10, 20, 11, 21)]).all()


@pytest.mark.proves("BND-009")
def test_every_repair_is_recorded(tmp_path: Path) -> None:
    bow = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]
    collection = {
        "type": "GeometryCollection",
        "geometries": [polygon(SQUARE), {"type": "LineString", "coordinates": [[0, 0], [5, 5]]}],
    }
    over = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    path = geojson(
        tmp_path / "f.geojson",
        ({"id": "bow"}, polygon(bow)),
        ({"id": "open"}, polygon(SQUARE[:-1])),
        ({"id": "over"}, polygon(over)),
        ({"id": "twice"}, polygon(SQUARE)),
        ({"id": "twice"}, polygon([[x + 1, y] for x, y in SQUARE])),
        ({"id": "none"}, None),
    )
    found = read_layer(path, record(), "id")
    done = {one.feature: one for one in found.record.repairs}
    assert {name: one.what for name, one in done.items()} == {
        "bow": "made_valid",
        "open": "closed",
        "over": "cut_at_antimeridian",
        "twice": "merged",
    }
    assert found.areas == ("bow", "open", "over", "twice")
    assert shapely.is_valid(found.polygons).all()
    assert done["over"].area_after_km2 == pytest.approx(2 * 111.3 * 110.6, rel=0.01)
    assert done["twice"].changed_km2 < -10_000
    assert shapely.total_bounds(found.polygons).tolist() == [-180, 0, 180, 2]
    assert collection["type"] == "GeometryCollection"


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("LAY-007", lambda path: path.with_name("absent.geojson")),
        ("LAY-008", lambda path: _written(path.with_suffix(".txt"), "x")),
        ("LAY-009", lambda path: _written(path, "{")),
        ("LAY-009", lambda path: _written(path, "[1, 2]")),
        ("LAY-009", lambda path: _written(path.with_suffix(".gpkg"), "no package")),
        ("LAY-009", lambda path: _written(path.with_suffix(".parquet"), "PAR1")),
        ("LAY-010", lambda path: geojson(path)),
        ("LAY-010", lambda path: geojson(path, ({"id": "p"}, {"type": "Point", "coordinates": [1, 2]}))),
        ("LAY-011", lambda path: geojson(path, ({"x": 1}, polygon(SQUARE)), ({"x": 2}, polygon(SQUARE)))),
        ("LAY-012", lambda path: geojson(path, ({"id": "m"}, polygon(_scaled(1e5))), crs=_named("nonsense"))),
        ("LAY-013", lambda path: geojson(path, ({"id": "m"}, polygon(_scaled(1e5))))),
        (
            "LAY-013",
            lambda path: geojson(path, ({"id": "n"}, polygon(BROKEN))),
        ),
        (
            "LAY-014",
            lambda path: geojson(path, ({"id": "s"}, polygon(SWAPPED))),
        ),
    ],
)
@pytest.mark.proves("BND-010")
def test_nonsense_is_refused_with_one_error(code: str, make: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(AtalayaError) as raised:
        read_layer(make(tmp_path / "f.geojson"), record())
    assert raised.value.code == code
    assert raised.value.where


def test_a_named_column_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="LAY-011"):
        read_layer(geojson(tmp_path / "f.geojson", ({"id": "A"}, polygon(SQUARE))), record(), "iso3")


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _scaled(by: float) -> list[list[float]]:
    return [[x * by, y * by] for x, y in SQUARE]


def _named(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def test_a_projected_file_is_brought_to_degrees(tmp_path: Path) -> None:
    ring = [[400_000, 4_000_000], [600_000, 4_000_000], [600_000, 4_200_000], [400_000, 4_200_000]]
    path = geojson(tmp_path / "u.geojson", ({"id": "z"}, polygon([*ring, ring[0]])), crs=_named("EPSG:32612"))
    found = read_layer(path, record(), "id")
    west, south, east, north = shapely.total_bounds(found.polygons)
    assert (west, east) == pytest.approx((-112.13, -109.87), abs=0.1)
    assert 36.1 < south < north < 38.0


@given(st.binary(max_size=400), st.sampled_from([".geojson", ".gpkg", ".parquet", ".shp", ".topojson"]))
@settings(deadline=None, max_examples=60)
@pytest.mark.proves("BND-010")
def test_any_bytes_are_refused(tmp_path_factory: Folders, data: bytes, end: str) -> None:
    path = tmp_path_factory.mktemp("f") / f"f{end}"
    path.write_bytes(data)
    with pytest.raises((BadInput, NotFound)):
        read_layer(path, record())


WORDS = ["type", "features", "geometry", "coordinates", "properties", "arcs", "objects", "id", "crs"]
KINDS = st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection", "Topology"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | KINDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
@settings(deadline=None, max_examples=200)
@pytest.mark.proves("BND-010")
def test_any_json_is_read_or_refused(tmp_path_factory: Folders, content: Any) -> None:
    path = tmp_path_factory.mktemp("j") / "f.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    try:
        found = read_layer(path, record())
    except (BadInput, NotFound):
        return
    assert len(found.areas) > 0


@pytest.mark.proves("BND-012")
def test_lines_follow_what_edges_mean(tmp_path: Path) -> None:
    """The Arizona diagonal, and a parallel whose geodesic bulges by kilometres."""
    ring = [
        [-111.0745, 31.3322],
        [-114.8135, 32.4943],
        [-114.8135, 49.0],
        [-95.0, 49.0],
        [-111.0745, 31.3322],
    ]
    path = geojson(tmp_path / "f.geojson", ({"id": "A"}, polygon(ring)))
    off = {}
    for edge in Edge:
        shape = read_layer(path, record(edge=edge), "id").polygons[0]
        line = shapely.boundary(shape)
        azimuth, _, length = GEOD.inv(*ring[0], *ring[1])
        lon, lat, _ = GEOD.fwd(*ring[0], azimuth, length * 0.5)
        off[edge, "diagonal"] = 111_000 * shapely.distance(line, shapely.Point(lon, lat))
        off[edge, "parallel"] = 111_000 * shapely.distance(line, shapely.Point(-105.0, 49.0))
    assert off[Edge.PLANAR, "diagonal"] > 1_700
    assert off[Edge.GEODESIC, "diagonal"] < 1.0
    assert off[Edge.PARALLEL, "diagonal"] < 1.0
    assert off[Edge.PLANAR, "parallel"] < 1.0
    assert off[Edge.PARALLEL, "parallel"] < 1.0
    assert off[Edge.GEODESIC, "parallel"] > 10_000


def test_an_added_layer_opens_as_it_was_read(tmp_path: Path) -> None:
    file = geojson(
        tmp_path / "f.geojson",
        ({"id": "A"}, polygon(SQUARE[:-1])),
        ({"id": "B"}, polygon([[-170, -80], [170, -80], [170, 80], [-170, 80], [-170, -80]])),
    )
    workspace = Workspace.open(tmp_path / "w")
    known = record(Kind.FIR, name="mine", bound_m=25.0, valid_from_us=5)
    folder = add_layer(workspace, file, known, "id")
    found = open_layer(folder)
    assert folder.parent.name == "layers"
    assert folder.name == found.record.sha256
    assert (folder / "as-received.geojson").read_bytes() == file.read_bytes()
    assert found.record.repairs[0].what == "closed"
    assert (found.record.bound_m, found.record.valid_from_us, found.record.kind) == (25.0, 5, Kind.FIR)
    assert not found.record.is_sovereign
    read = read_layer(file, known, "id")
    assert shapely.equals_exact(
        shapely.normalize(found.polygons), shapely.normalize(read.polygons), tolerance=1e-7
    ).all()
    assert find_layer("mine", workspace).record == found.record
    assert record_of({**found.record.as_json()}) == found.record


@pytest.mark.proves("BND-016")
def test_an_edition_never_changes(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "w")
    first = geojson(tmp_path / "1.geojson", ({"id": "A"}, polygon(SQUARE)))
    second = geojson(tmp_path / "2.geojson", ({"id": "A"}, polygon(_scaled(2))))
    add_layer(workspace, first, record(edition="a"), "id")
    add_layer(workspace, first, record(edition="a"), "id")  # the same again is no change
    with pytest.raises(BadInput, match="LAY-015"):
        add_layer(workspace, second, record(edition="a"), "id")
    add_layer(workspace, second, record(edition="b"), "id")
    assert [one.record.edition for one in workspace_layers(workspace)] == ["a", "b"]


@pytest.mark.proves("BND-011")
def test_a_flight_is_judged_by_the_edition_in_force() -> None:
    box = {"A": shapely.box(0, 0, 1, 1)}
    old = layer(box, edition="old", valid_from_us=10, valid_to_us=20)
    new = layer(box, edition="new", valid_from_us=20)
    mend = layer(box, edition="mend", valid_from_us=25)
    editions = [new, mend, old]
    assert edition_at(editions, 10).record.edition == "old"
    assert edition_at(editions, 19).record.edition == "old"
    assert edition_at(editions, 20).record.edition == "new"
    assert edition_at(editions, 30).record.edition == "mend"
    with pytest.raises(NotFound, match="LAY-004"):
        edition_at(editions, 9)


@pytest.mark.proves("BND-014")
def test_damage_is_found(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "w")
    folder = add_layer(
        workspace, geojson(tmp_path / "f.geojson", ({"id": "A"}, polygon(SQUARE))), record(), "id"
    )
    rings, known = (folder / RINGS_FILE).read_bytes(), (folder / RECORD_FILE).read_text(encoding="utf-8")
    (folder / RINGS_FILE).write_bytes(rings[:-1] + b"x")
    with pytest.raises(VerificationFailed, match="LAY-006"):
        open_layer(folder)
    (folder / RINGS_FILE).write_bytes(rings)
    (folder / RECORD_FILE).write_text(known.replace('"sovereign"', '"castle"'), encoding="utf-8")
    with pytest.raises(BadInput, match="LAY-001"):
        open_layer(folder)
    (folder / RECORD_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="LAY-001"):
        open_layer(folder)
    with pytest.raises(NotFound, match="LAY-005"):
        open_layer(tmp_path / "nothing")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.proves("BND-008")
def test_only_territory_and_its_waters_are_sovereign(kind: Kind) -> None:
    assert record(kind).is_sovereign == (kind not in (Kind.FIR, Kind.ADIZ, Kind.EEZ))


def test_an_inspection_names_overlaps_and_misplaced_areas() -> None:
    boxes = {"A": (0, 0, 1, 1), "B": (1, 0, 2, 1), "C": (50, 0, 51, 1)}
    world = layer({code: shapely.box(*box) for code, box in boxes.items()})
    moved = {**boxes, "B": (0.9, 0, 2, 1), "C": (0, 50, 1, 51)}
    seen = inspect(layer({code: shapely.box(*box) for code, box in moved.items()}), world)
    assert [one.areas for one in seen.overlaps] == [("A", "B")]
    assert seen.overlaps[0].area_km2 == pytest.approx(0.1 * 111.3 * 110.6, rel=0.02)
    assert {finding.code for finding in seen.findings} == {"LAY-102", "LAY-104", "LAY-106"}
    assert [finding.where for finding in seen.findings if finding.code == "LAY-106"] == ["C"]


def test_a_sliver_between_neighbours_is_a_gap_and_a_lake_is_not() -> None:
    bank = shapely.Polygon([(1, 0), (2, 0), (2, 2), (1, 2), (1, 1.5), (1.001, 1.0), (1, 0.5)])
    lake = shapely.Polygon(shapely.box(0, 0, 1, 2).exterior, [shapely.box(0.4, 0.4, 0.41, 0.5).exterior])
    seen = inspect(layer({"A": lake, "B": bank}))
    assert seen.gaps_km2 == pytest.approx(0.5 * 1.0 * 0.001 * 111.3 * 110.6, rel=0.02)
    assert "LAY-103" in {finding.code for finding in seen.findings}


def test_an_edge_that_could_mean_two_lines_is_named() -> None:
    wide = layer({"A": shapely.box(-120, 40, -80, 50)}, bound_m=100.0)
    assert "LAY-105" in {finding.code for finding in inspect(wide).findings}
