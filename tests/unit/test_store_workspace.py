"""The workspace keeps what it has, refuses what it does not know, and never leaves half a file."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.hashing import sha256_file
from atalaya.store.sql_catalogue import open_sqlite
from atalaya.store.vector import Layer, parts_across_antimeridian, write_flatgeobuf, write_geopackage
from atalaya.store.workspace import Workspace, written_whole


def test_a_folder_with_other_things_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(BadInput, match="STO-004"):
        Workspace.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("settings", "code"), [("format = 99", "STO-002"), ("format = ", "STO-006"), ("format = 'x'", "STO-002")]
)
def test_settings_it_does_not_understand_are_refused(tmp_path: Path, settings: str, code: str) -> None:
    (tmp_path / "atalaya.toml").write_text(settings)
    with pytest.raises(BadInput, match=code):
        Workspace.open(tmp_path)


def test_a_recording_is_kept_once_byte_for_byte(tmp_path: Path) -> None:
    source = tmp_path / "a.ts"
    source.write_bytes(b"\x47" * 1000)
    workspace = Workspace.open(tmp_path / "w")
    kept = workspace.keep(source, sha256_file(source))
    assert kept.read_bytes() == source.read_bytes()
    source.unlink()
    assert workspace.keep(source, kept.name) == kept


def test_a_recording_that_changes_while_read_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.ts"
    source.write_bytes(b"now")
    workspace = Workspace.open(tmp_path / "w")
    with pytest.raises(AtalayaError, match="STO-007"):
        workspace.keep(source, "0" * 64)
    assert not any((workspace.root / "footage").iterdir())


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    target.write_bytes(b"old")
    with pytest.raises(ValueError, match="broken"), written_whole(target) as partial:
        partial.write_bytes(b"half")
        raise ValueError("broken")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_catalogue_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    with pytest.raises(BadInput, match="STO-001"):
        open_sqlite(path)


def _layer() -> Layer:
    points = shapely.points([[-107.0, 25.0, 1000.0], [-106.0, 26.0, 900.0]])
    fields = {
        "frame": np.array([0, 1]),
        "slant_m": np.ma.masked_invalid([3.5, np.nan]),
        "time": np.array(["2024-01-01T00:00:00.123", "NaT"], dtype="datetime64[ms]"),
        "source": np.array(["exact", "held"], dtype=object),
    }
    return Layer("points", "Point Z", points, fields)


def test_geopackage_reads_back_with_heights_and_nulls_and_equal_bytes(tmp_path: Path) -> None:
    layers = [_layer(), Layer("none", "Polygon", np.empty(0, object), {"frame": np.empty(0, np.int64)})]
    write_geopackage(layers, tmp_path / "a.gpkg")
    write_geopackage(layers, tmp_path / "b.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert [name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")] == ["points", "none"]
    meta, _, geometry, columns = pyogrio.raw.read(tmp_path / "a.gpkg", layer="points")
    assert shapely.from_wkb(geometry[0]).coords[0] == (-107.0, 25.0, 1000.0)
    values = dict(zip(meta["fields"], columns, strict=True))
    assert np.isnan(values["slant_m"][1])
    assert np.isnat(values["time"][1])


def test_flatgeobuf_reads_back(tmp_path: Path) -> None:
    write_flatgeobuf(_layer(), tmp_path / "a.fgb")
    assert pyogrio.read_info(tmp_path / "a.fgb")["features"] == 2


def test_a_footprint_over_the_antimeridian_is_cut_in_two() -> None:
    ring = shapely.Polygon([(179.9, 0), (-179.9, 0), (-179.9, 0.1), (179.9, 0.1)])
    whole = parts_across_antimeridian(ring)
    assert whole.is_valid
    assert whole.area == pytest.approx(0.02, rel=1e-9)
    assert shapely.get_num_geometries(whole) == 2
    west, _, east, _ = whole.bounds
    assert (west, east) == (-180.0, 180.0)
