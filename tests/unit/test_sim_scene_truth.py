"""Truth files: read back equal, the same bytes from the same seed, opened by other tools, damage refused."""

from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.earth.geoid import undulation_m
from atalaya.sim.country.country import Country
from atalaya.sim.scene import (
    Decal,
    Scene,
    Solid,
    TrueSite,
    make_scene,
    read_scene,
    sites_table,
    things_table,
    write_truth,
)
from tests.plain_country import plain_country


@cache
def country() -> Country:
    return plain_country()


@cache
def leaks() -> Scene:
    return make_scene(country(), 8, theme="leak", facilities=2)


def equal(one: Decal, other: Decal) -> bool:
    facts = [(d.id, d.evidence, d.site, d.material, d.heat_k, d.on_h) for d in (one, other)]
    return facts[0] == facts[1] and np.array_equal(one.ring_m, other.ring_m)


@pytest.mark.proves("SCN-007")
def test_a_scene_is_read_back_equal(tmp_path: Path) -> None:
    scene = leaks()
    write_truth(scene, country(), tmp_path)
    back = read_scene(tmp_path)
    assert back.sites == scene.sites
    assert back.solids == scene.solids
    assert back.plumes == scene.plumes
    assert len(back.decals) == len(scene.decals)
    assert all(equal(*pair) for pair in zip(back.decals, scene.decals, strict=True))
    assert (back.theme, back.seed, back.solar_offset_h) == (scene.theme, scene.seed, scene.solar_offset_h)
    assert back.notes == scene.notes


@pytest.mark.proves("SCN-004")
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_truth(make_scene(country(), 8, theme="leak", facilities=2), country(), tmp_path / name)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_other_tools_open_the_map(tmp_path: Path) -> None:
    scene = leaks()
    path = write_truth(scene, country(), tmp_path)["truth.gpkg"]
    counts = {"sites": scene.sites, "solids": scene.solids, "decals": scene.decals, "plumes": scene.plumes}
    for layer, things in counts.items():
        meta, _, blobs, _ = pyogrio.raw.read(path, layer=layer)
        assert meta["crs"] == "EPSG:4326"
        shapes = shapely.from_wkb(blobs)
        assert len(shapes) == len(things)
        assert shapely.is_valid(shapes).all()
        lon, lat = country().lonlat(*shapely.get_coordinates([shapely.box(*country().bounds_m)]).T)
        frame = shapely.box(lon.min(), lat.min(), lon.max(), lat.max())
        assert frame.contains(shapely.union_all(shapely.centroid(shapes)))
    _, _, blobs, columns = pyogrio.raw.read(path, layer="solids", columns=["length_m", "width_m"])
    area = [one.area for one in shapely.from_wkb(blobs)]
    lat = np.radians(np.mean(things_table(scene, country())["lat_deg"].to_numpy()))
    metres2 = np.array(area) * 110_770.0 * 111_320.0 * np.cos(lat)
    assert metres2 == pytest.approx(columns[0] * columns[1], rel=0.02)


def test_rows_say_where_things_are() -> None:
    scene, ground = leaks(), country()
    table = things_table(scene, ground)
    east, north = ground.metres(table["lon_deg"], table["lat_deg"])
    assert east == pytest.approx(table["east_m"].to_numpy(), abs=1e-5)
    assert north == pytest.approx(table["north_m"].to_numpy(), abs=1e-5)
    msl = table["height_msl_m"].to_numpy()
    assert msl == pytest.approx(ground.height_msl_m(east, north), abs=1e-3)
    assert table["height_hae_m"].to_numpy() - msl == pytest.approx(
        undulation_m(table["lon_deg"], table["lat_deg"])
    )
    assert set(table["form"].to_pylist()) == {"decal", "solid", "plume"}
    sites = sites_table(scene, ground).to_pylist()
    assert all(len(row["evidence"].split()) >= 3 for row in sites if row["facility"])
    assert sum(row["things"] for row in sites) == table.num_rows


def test_a_decal_is_told_by_its_smallest_rectangle() -> None:
    ring = np.array(
        [
            [300_000.0, 2_866_000.0],
            [300_030.0, 2_866_040.0],
            [300_022.0, 2_866_046.0],
            [299_992.0, 2_866_006.0],
        ]
    )
    scene = Scene(
        (TrueSite("s", "x", False, 3e5, 2.866e6, 60.0),), (Decal("s/scar-1", "scar", "s", "char", ring),)
    )
    row = things_table(scene, country()).to_pylist()[0]
    assert (row["length_m"], row["width_m"]) == pytest.approx((50.0, 10.0))
    assert row["bearing_grid_deg"] == pytest.approx(36.8699, abs=1e-3)
    assert (row["part"], row["form"], row["kind"]) == ("scar", "decal", "x")


def test_an_empty_scene_is_written_and_read(tmp_path: Path) -> None:
    write_truth(Scene(), country(), tmp_path)
    assert read_scene(tmp_path).solids == ()
    assert len(pyogrio.list_layers(tmp_path / "truth.gpkg")) == 4


@pytest.mark.proves("SCN-007")
def test_damaged_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_scene(tmp_path)
    paths = write_truth(leaks(), country(), tmp_path)
    things = paths["things.parquet"]
    whole = things.read_bytes()
    generator = np.random.default_rng(0)
    for cut in (0, 1, 8, len(whole) // 2, len(whole) - 1):
        things.write_bytes(whole[:cut])
        with pytest.raises(BadInput):
            read_scene(tmp_path)
    for _ in range(60):
        damaged = bytearray(whole)
        for place in generator.integers(0, len(whole), 4):
            damaged[place] ^= int(generator.integers(1, 256))
        things.write_bytes(bytes(damaged))
        with suppress(BadInput):
            read_scene(tmp_path)


@pytest.mark.proves("SCN-007")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("heat_k", float("nan")),
        ("evidence", "smell"),
        ("east_m", None),
        ("material", None),
        ("ring_east_m", [1.0]),
    ],
)
def test_strange_rows_are_refused(tmp_path: Path, column: str, value: object) -> None:
    things = write_truth(leaks(), country(), tmp_path)["things.parquet"]
    table = pq.read_table(things)
    at = table.schema.get_field_index(column)
    values = [value, *table[column].to_pylist()[1:]]
    pq.write_table(
        table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type)), things
    )
    with pytest.raises(BadInput) as caught:
        read_scene(tmp_path)
    assert caught.value.code == "SCN-010"


def test_other_peoples_parquet_is_refused(tmp_path: Path) -> None:
    for name in ("sites.parquet", "things.parquet"):
        pq.write_table(pa.table({"a": [1]}), tmp_path / name)
    with pytest.raises(BadInput):
        read_scene(tmp_path)


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(AtalayaError) as caught:
        write_truth(Scene(), country(), tmp_path / "file")
    assert caught.value.code == "SCN-013"


def test_a_solid_keeps_its_hours(tmp_path: Path) -> None:
    solid = Solid(
        "s/g-1",
        "heat",
        "s",
        3.01e5,
        2.866e6,
        2.0,
        1.0,
        10.0,
        0.0,
        1.0,
        "char",
        "char",
        30.0,
        on_h=(19.0, 28.5),
    )
    write_truth(Scene(solids=(solid,)), country(), tmp_path)
    assert read_scene(tmp_path).solids == (solid,)
