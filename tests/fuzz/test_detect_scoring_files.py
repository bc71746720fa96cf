"""Damaged files of scoring: one declared error, or a result; never anything else."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError
from atalaya.detect.scoring.drift import drift
from atalaya.detect.scoring.files.coco import read_detections, read_truth
from atalaya.detect.scoring.files.columns import read_table
from atalaya.detect.scoring.files.maps import read_map
from atalaya.detect.scoring.files.pictures import learn, read_reference
from atalaya.detect.scoring.files.polygons import read_outlines
from tests.coco_sets import random_set

MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LEAF = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3)
JSON = st.recursive(
    LEAF, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=3), x, max_size=4)
)
KEYS = (
    "images",
    "annotations",
    "categories",
    "id",
    "image_id",
    "category_id",
    "bbox",
    "area",
    "iscrowd",
    "name",
)


def total(action: Callable[[], object]) -> None:
    told = ""
    try:
        action()
    except AtalayaError as error:
        told, text = error.code, str(error)
        text.encode("utf-8", "replace")
    assert told == "" or told.startswith("SCO-")


def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    at, length = draw(st.integers(0, len(raw))), draw(st.integers(0, 12))
    return raw[:at] + draw(st.binary(max_size=8)) + (b"" if draw(st.booleans()) else raw[at + length :])


@pytest.mark.proves("SCO-005")
@given(st.data())
@MANY
def test_coco_files(tmp_path: Path, data: st.DataObject) -> None:
    truth, claims = random_set(np.random.default_rng(1), images=2, truths=3, claims=4)
    good = tmp_path / "good.json"
    good.write_text(json.dumps(truth), encoding="utf-8")
    rows = data.draw(st.sampled_from(["annotations", "images", "categories"]))
    row = data.draw(st.integers(0, 1))
    truth[rows][row][data.draw(st.sampled_from(KEYS))] = data.draw(JSON)
    claims[row][data.draw(st.sampled_from([*KEYS, "score"]))] = data.draw(JSON)
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(truth), encoding="utf-8")
    total(lambda: read_truth(bad))
    bad.write_text(json.dumps(claims), encoding="utf-8")
    total(lambda: read_detections(bad, read_truth(good)))
    bad.write_bytes(damaged(data.draw, good.read_bytes()))
    total(lambda: read_truth(bad))
    bad.write_text(json.dumps(data.draw(JSON)), encoding="utf-8")
    total(lambda: read_truth(bad))
    total(lambda: read_detections(bad, read_truth(good)))


@pytest.mark.proves("SCO-005")
@given(st.data())
@MANY
def test_tables(tmp_path: Path, data: st.DataObject) -> None:
    raw = (
        b'ImageId,PolygonWKT_Pix,Confidence,p\na,"POLYGON ((0 0, 9 0, 9 9, 0 0))",0.5,0.1\n'
        b"b,POLYGON EMPTY,1,.2\n"
    )
    path = tmp_path / "t.csv"
    path.write_bytes(damaged(data.draw, raw))
    total(lambda: read_table(path).numbers("p"))
    total(lambda: read_outlines(path, proposals=True))
    path.write_bytes(data.draw(st.binary(max_size=60)))
    total(lambda: read_outlines(path, proposals=False))


@pytest.mark.proves("SCO-005")
@given(st.data())
@MANY
def test_maps(tmp_path: Path, data: st.DataObject) -> None:
    from scipy.io import savemat

    array = np.arange(12.0).reshape(3, 4)
    kind = data.draw(st.sampled_from(["npy", "npz", "mat", "tif"]))
    path = tmp_path / f"m.{kind}"
    if kind == "npy":
        np.save(path, array)
    elif kind == "npz":
        np.savez(path, a=array)
    elif kind == "mat":
        savemat(path, {"a": array})
    else:
        path.write_bytes(b"II*\0\x08\0\0\0")
    path.write_bytes(damaged(data.draw, path.read_bytes()))
    total(lambda: read_map(path))


@pytest.mark.proves("SCO-005")
@given(st.data())
@MANY
def test_pictures_and_references(tmp_path: Path, data: st.DataObject) -> None:
    picture, path = tmp_path / "p.tif", tmp_path / "r.json"
    picture.write_bytes(data.draw(st.binary(max_size=40)))
    total(lambda: learn([picture] * 8, np.random.default_rng(1)))
    kept = {
        "names": ["a"],
        "edges": [[0, 1, 2]],
        "share": [[0.5, 0.5]],
        "sizes": [1, 2],
        "limit": [[0.2], [0.1]],
    }
    kept[data.draw(st.sampled_from(sorted(kept)))] = data.draw(JSON)
    path.write_text(json.dumps(data.draw(st.sampled_from([kept, {"properties": kept}]))), encoding="utf-8")
    total(lambda: drift(read_reference(path), np.ones((3, 1, 2))))
    path.write_bytes(data.draw(st.binary(max_size=40)))
    total(lambda: read_reference(path))


def test_maps_are_read_and_several_must_be_named(tmp_path: Path) -> None:
    one, two = np.arange(12.0).reshape(3, 4), np.ones((3, 4))
    np.savez(tmp_path / "m.npz", one=one, two=two)
    assert (read_map(tmp_path / "m.npz", "one") == one).all()
    for name in ("", "three"):
        with pytest.raises(AtalayaError) as error:
            read_map(tmp_path / "m.npz", name)
        assert error.value.code == "SCO-035"
    np.save(tmp_path / "m.npy", np.array([{"a": 1}], object), allow_pickle=True)
    for path in ("m.npy", "absent.npy", "m.xyz"):
        total(lambda path=path: read_map(tmp_path / path))  # type: ignore[misc]


def test_a_header_that_promises_the_world_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "m.npy"
    np.save(path, np.zeros((3, 4)))
    path.write_bytes(path.read_bytes().replace(b"(3, 4), }         ", b"(99999999, 999999)"))
    total(lambda: read_map(path))


@pytest.mark.proves("SCO-006")
def test_persons_are_not_scored_but_swallow(tmp_path: Path) -> None:
    truth, claims = random_set(np.random.default_rng(1), images=2, truths=6, claims=8)
    truth["categories"][0]["name"] = "Pedestrian (lying)"
    truth["categories"][1]["name"] = "Manhole"
    (tmp_path / "t.json").write_text(json.dumps(truth), encoding="utf-8")
    (tmp_path / "d.json").write_text(json.dumps(claims), encoding="utf-8")
    known = read_truth(tmp_path / "t.json")
    assert (known.ignored == (known.boxes.category == 0)).all()
    assert known.ignored.any()
    assert 0 not in read_detections(tmp_path / "d.json", known).category
