"""Polygons as a small file: whole quantum steps, differences along each ring, byte planes, xz.

Layout before compression: one JSON line (areas, quanta, counts), then int32 little-endian arrays as byte
planes (all lowest bytes, then the next ...): area of each polygon, rings of each polygon, vertices of each
ring, longitude steps, latitude steps. The last two are differences from vertex to vertex over the whole file.
The closing vertex of a ring is left out.
"""

import json
import lzma
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.law.boundary.polygons import multipolygon
from atalaya.law.boundary.soundness import is_sound

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quantum:
    """What the whole numbers of the file stand for: degrees = origin + n * step."""

    lon_step_deg: float
    lat_step_deg: float
    lon_origin_deg: float = 0.0
    lat_origin_deg: float = 0.0


def packed(
    areas: tuple[str, ...],
    polygons: NDArray[np.object_],
    quantum: Quantum,
    *,
    preset: int = 9 | lzma.PRESET_EXTREME,
) -> bytes:
    """One polygon or multipolygon per area code as bytes.

    Args:
        areas: codes by area number.
        polygons: (len(areas),) shapely geometries in degrees, on the quantum's grid (they are rounded to it).
        preset: of xz; 1 is eight times as quick and the file a fifth larger.
    """
    parts, area_of = shapely.get_parts(polygons, return_index=True)
    rings, polygon_of = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring_of[1:] != ring_of[:-1], True)
    lon = np.rint((coordinates[:, 0] - quantum.lon_origin_deg) / quantum.lon_step_deg).astype(np.int64)[~last]
    lat = np.rint((coordinates[:, 1] - quantum.lat_origin_deg) / quantum.lat_step_deg).astype(np.int64)[~last]
    head = {
        "areas": list(areas),
        "quantum": [getattr(quantum, name) for name in Quantum.__slots__],
        "polygons": len(parts),
        "rings": len(rings),
        "vertices": len(lon),
    }
    arrays = (
        area_of,
        np.bincount(polygon_of, minlength=len(parts)),
        np.bincount(ring_of[~last], minlength=len(rings)),
        np.diff(lon, prepend=0),
        np.diff(lat, prepend=0),
    )
    body = b"".join(_planes(array) for array in arrays)
    return lzma.compress(json.dumps(head).encode() + b"\n" + body, preset=preset)


def on_grid(polygon: shapely.Geometry, quantum: Quantum) -> shapely.Geometry:
    """A polygon with every vertex on the quantum's grid, still valid (snap rounding); polygons only."""
    steps = np.array([quantum.lon_step_deg, quantum.lat_step_deg])
    origin = np.array([quantum.lon_origin_deg, quantum.lat_origin_deg])
    rounded = shapely.transform(polygon, lambda xy: np.rint((xy - origin) / steps) * steps + origin)
    if is_sound(rounded):  # nearly always, and ten times as quick as snap rounding
        return multipolygon(rounded)
    snapped = shapely.set_precision(shapely.transform(polygon, lambda xy: (xy - origin) / steps), 1.0)
    return shapely.transform(multipolygon(snapped), lambda xy: xy * steps + origin)


def unpacked(data: bytes, *, where: str = "") -> tuple[tuple[str, ...], NDArray[np.object_]]:
    """Area codes and one multipolygon each, as `packed` wrote them.

    Raises:
        BadInput: LAY-002, the bytes are not such a file.
    """
    try:
        line, _, body = lzma.decompress(data).partition(b"\n")
        head = json.loads(line)
        counts = [head["polygons"], head["polygons"], head["rings"], head["vertices"], head["vertices"]]
        if 4 * sum(counts) != len(body):
            raise ValueError("length")
        area_of, rings_in, vertices_in, lon, lat = _arrays(body, counts)
        quantum = Quantum(*head["quantum"])
        degrees = np.column_stack(
            (
                _running(lon) * quantum.lon_step_deg + quantum.lon_origin_deg,
                np.clip(_running(lat) * quantum.lat_step_deg + quantum.lat_origin_deg, -90.0, 90.0),
            )
        )
        return tuple(head["areas"]), _polygons(degrees, vertices_in, rings_in, area_of, len(head["areas"]))
    except (lzma.LZMAError, ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise BadInput("LAY-002", where=where, detail=str(error)) from error


def _polygons(
    degrees: NDArray[np.float64], vertices_in: Ints, rings_in: Ints, area_of: Ints, areas: int
) -> NDArray[np.object_]:
    ring_of = np.repeat(np.arange(len(vertices_in)), vertices_in)
    rings = shapely.linearrings(degrees, indices=ring_of)  # closes them
    polygons = shapely.polygons(rings, indices=np.repeat(np.arange(len(rings_in)), rings_in))
    shapes: NDArray[np.object_] = shapely.multipolygons(polygons, indices=area_of)
    if len(shapes) != areas:
        raise ValueError("an area without a polygon")
    return shapes


def _running(steps: Ints) -> NDArray[np.int32]:
    """Sums of differences; they are kept modulo 2^32, as a leap over the whole globe may not fit."""
    return np.cumsum(steps.astype(np.int32), dtype=np.int32)


def _planes(values: NDArray[np.int_]) -> bytes:
    return values.astype("<i4").view(np.uint8).reshape(-1, 4).T.tobytes()


def _arrays(body: bytes, counts: list[int]) -> list[Ints]:
    found, at = [], 0
    for count in counts:
        planes = np.frombuffer(body, np.uint8, 4 * count, at).reshape(4, count)
        found.append(np.ascontiguousarray(planes.T).view("<i4").ravel().astype(np.int64))
        at += 4 * count
    return found
