"""Any GeoJSON-like text is volumes or one declared error."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.plan.airspace import Volume, read_volumes

numbers = st.one_of(st.floats(), st.integers(-400, 400), st.none(), st.text(max_size=3))
places = st.lists(numbers, max_size=4)
near = st.lists(st.floats(9.0, 11.0), min_size=2, max_size=3)
rings = st.lists(st.one_of(near, places), max_size=7).map(lambda ring: ring + ring[:1])
geometries = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "LineString", "", "Blob"]),
            "coordinates": st.one_of(
                st.lists(rings, max_size=3), st.lists(st.lists(rings, max_size=2), max_size=2), places
            ),
        }
    ),
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
)
names = [
    "name",
    "kind",
    "floor_m",
    "ceiling_m",
    "floor_fl",
    "datum",
    "valid_from",
    "valid_to",
    "buffer_m",
    "edge",
]
properties = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(names), values), st.lists(st.integers(), max_size=1)
)
features = st.fixed_dictionaries(
    {"type": st.just("Feature"), "properties": properties, "geometry": geometries}
)
files = st.one_of(
    st.lists(features, max_size=3).map(lambda found: {"type": "FeatureCollection", "features": found}),
    features,
    values,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=files)
def test_anything_is_volumes_or_one_declared_error(tmp_path: Path, content: object) -> None:
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    said: BadInput | None = None
    found: tuple[Volume, ...] = ()
    try:
        found = read_volumes(path)
    except BadInput as error:
        said = error
    assert found or (said is not None and said.code.startswith("FLT-0") and str(said))


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", b'{"type":' * 2000, b"[" * 100_000, b'{"features": [{"geometry": {}}]}']
)
def test_bytes_that_are_no_text_are_one_declared_error(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "zones.geojson"
    path.write_bytes(raw)
    with pytest.raises(BadInput) as caught:
        read_volumes(path)
    assert caught.value.code == "FLT-015"
