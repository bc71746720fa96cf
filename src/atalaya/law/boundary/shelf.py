"""Where layers lie: those of the package, and folders that `law layer add` made."""

import json
import lzma
import os
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from atalaya.base.errors import BadInput, NotFound, VerificationFailed
from atalaya.base.hashing import sha256_bytes
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.record import LayerRecord, record_of

RECORD_FILE = "layer.json"
RINGS_FILE = "rings.xz"
HEAD_BYTES = 1 << 20

_DATA = files("atalaya.law.boundary") / "data"


def packaged_names() -> tuple[str, ...]:
    """Names of the layers that come with the package."""
    return tuple(sorted(entry.name for entry in _DATA.iterdir() if (entry / RECORD_FILE).is_file()))


def open_layer(name_or_path: str | os.PathLike[str]) -> Layer:
    """A layer of the package by name ("world", "north-america"), or one that was added, by its folder.

    Raises:
        NotFound: LAY-005, neither a packaged name nor a folder with a layer in it.
        BadInput: LAY-001, LAY-002, its record or its polygons cannot be read.
        VerificationFailed: LAY-006, the polygons are not those of the record.
    """
    name = os.fspath(name_or_path)
    if name in packaged_names():
        return _packaged(name)
    folder = Path(name)
    if not (folder / RECORD_FILE).is_file():
        raise NotFound("LAY-005", where=name, known=", ".join(packaged_names()))
    record = (folder / RECORD_FILE).read_bytes()
    return _decoded(record, (folder / RINGS_FILE).read_bytes(), where=str(folder))


def open_record(name_or_path: str | os.PathLike[str]) -> LayerRecord:
    """The record of a layer alone, without reading its polygons; see `open_layer`."""
    return _known_record(os.fspath(name_or_path), _record_bytes(name_or_path))


def layer_identity(name_or_path: str | os.PathLike[str]) -> str:
    """SHA-256 of a layer's record, which names its polygons' own: another edition or bound has another.

    Raises:
        NotFound: LAY-005.
    """
    return sha256_bytes(_record_bytes(name_or_path))


def _record_bytes(name_or_path: str | os.PathLike[str]) -> bytes:
    name = os.fspath(name_or_path)
    folder = _DATA / name if name in packaged_names() else Path(name)
    if not (folder / RECORD_FILE).is_file():
        raise NotFound("LAY-005", where=name, known=", ".join(packaged_names()))
    return (folder / RECORD_FILE).read_bytes()


@lru_cache(maxsize=64)
def _known_record(name: str, data: bytes) -> LayerRecord:
    return _record(data, name)[0]


def records_in(folder: Path) -> dict[Path, LayerRecord]:
    """The records of the layers in a workspace's `layers` folder, by place."""
    places = [place for place in sorted(folder.glob("*")) if (place / RECORD_FILE).is_file()]
    return {place: open_record(place) for place in places}


def areas_in(name_or_path: str | os.PathLike[str]) -> tuple[str, ...]:
    """The area codes of a layer, from the head of its polygons alone (nothing is verified).

    Raises:
        BadInput: LAY-002, the file cannot be read.
    """
    name = os.fspath(name_or_path)
    folder = _DATA / name if name in packaged_names() else Path(name)
    try:
        head = lzma.LZMADecompressor().decompress((folder / RINGS_FILE).read_bytes(), HEAD_BYTES)
        return tuple(map(str, json.loads(head.partition(b"\n")[0])["areas"]))
    except (lzma.LZMAError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("LAY-002", where=name, detail=str(error)) from error


def layers_in(folder: Path) -> tuple[Layer, ...]:
    """Every layer that was added to a workspace's `layers` folder, ordered by name and edition."""
    places = [place for place in sorted(folder.glob("*")) if (place / RECORD_FILE).is_file()]
    return tuple(
        sorted((open_layer(place) for place in places), key=lambda x: (x.record.name, x.record.edition))
    )


def record_bytes(record: LayerRecord, rings: bytes) -> bytes:
    """The record as its file holds it, tied to the polygons by their hash."""
    shown = {"schema": "atalaya.boundary-layer/1", **record.as_json(), "rings_sha256": sha256_bytes(rings)}
    return (json.dumps(shown, indent=1, ensure_ascii=False) + "\n").encode()


@cache
def _packaged(name: str) -> Layer:
    folder = _DATA / name
    return _decoded((folder / RECORD_FILE).read_bytes(), (folder / RINGS_FILE).read_bytes(), where=name)


def _decoded(record: bytes, rings: bytes, *, where: str) -> Layer:
    known, expected = _record(record, where)
    if sha256_bytes(rings) != expected:
        raise VerificationFailed("LAY-006", where=where)
    from atalaya.law.boundary.packed import unpacked  # polygons need shapely, records do not

    areas, polygons = unpacked(rings, where=where)
    return Layer(known, areas, polygons)


def _record(data: bytes, where: str) -> tuple[LayerRecord, str]:
    """The record, and the hash its polygons must have."""
    try:
        values = json.loads(data)
        schema, expected = values.pop("schema"), values.pop("rings_sha256")
    except (ValueError, KeyError, AttributeError) as error:
        raise BadInput("LAY-001", where=where, detail=str(error)) from error
    if schema != "atalaya.boundary-layer/1":
        raise BadInput("LAY-001", where=where, detail=str(schema))
    return record_of(values, where=where), str(expected)
