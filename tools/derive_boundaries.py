"""Derive the packaged boundary layers of `atalaya.law` from npm packages.

world: countries-10m.json of world-atlas 2.0.2 (ISC; Natural Earth, public domain).
north-america: map.geo.json of @geo-maps/countries-maritime-10m 0.6.0 (code MIT; data OpenStreetMap
contributors, ODbL 1.0): land, internal waters and territorial sea.

    npm pack world-atlas@2.0.2
    npm pack @geo-maps/countries-maritime-10m@0.6.0
    python tools/derive_boundaries.py FOLDER_OF_THE_TARBALLS
"""

import argparse
import hashlib
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from atalaya.law.boundary.antimeridian import crosses, cut
from atalaya.law.boundary.packed import Quantum, on_grid, packed
from atalaya.law.boundary.polygons import polygons_in, rings_in
from atalaya.law.boundary.record import Edge, Kind, LayerRecord
from atalaya.law.boundary.shelf import RECORD_FILE, RINGS_FILE, record_bytes
from atalaya.law.boundary.topojson import arcs_of, polygon_of

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src/atalaya/law/boundary/data"

WORLD = ("world-atlas-2.0.2.tgz", "package/countries-10m.json")
MARITIME = ("geo-maps-countries-maritime-10m-0.6.0.tgz", "package/map.geo.json")
SHA256 = {
    WORLD: "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79",
    MARITIME: "02174f35ee0a901ac6be20d0587e44e37ec6c601069e9e8002467770a69436fb",
}

NORTH_AMERICA = [
    "CAN",
    "USA",
    "MEX",
    "GTM",
    "BLZ",
    "HND",
    "SLV",
    "NIC",
    "CRI",
    "PAN",
    "CUB",
    "BHS",
    "JAM",
    "HTI",
    "DOM",
    "ATG",
    "BRB",
    "DMA",
    "GRD",
    "KNA",
    "LCA",
    "VCT",
    "TTO",
    "PRI",
    "VIR",
]
FIVE_DECIMALS = Quantum(1e-5, 1e-5)


def member(folder: Path, what: tuple[str, str]) -> Any:
    """A JSON file of a tarball.

    Raises:
        SystemExit: it is not the one this script was written for.
    """
    with tarfile.open(folder / what[0]) as archive:
        stream = archive.extractfile(what[1])
        data = stream.read() if stream else b""
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[what]:
        raise SystemExit(f"{what[0]}: {what[1]} has sha256 {found}")
    return json.loads(data)


def whole(shape: shapely.Geometry, quantum: Quantum) -> shapely.Geometry:
    """Valid, within ±180 degrees, polygons only."""
    parts = [
        cut(part) if crosses(rings_in(part)) else shapely.make_valid(part) for part in polygons_in(shape)
    ]
    return on_grid(shapely.union_all(parts), quantum)


def write(
    name: str, record: LayerRecord, areas: tuple[str, ...], shapes: list[Any], quantum: Quantum
) -> None:
    """Store one layer and say how large it is."""
    rings = packed(areas, np.array(shapes, dtype=object), quantum)
    folder = TARGET / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RINGS_FILE).write_bytes(rings)
    (folder / RECORD_FILE).write_bytes(record_bytes(record, rings))
    print(f"{name}: {len(areas)} areas, {len(rings)} bytes")


def world(folder: Path) -> None:
    """The coarse world layer."""
    topology = member(folder, WORLD)
    text = (HERE / "iso3166.txt").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"\b(\d{3}) ([A-Z]{3})\b", text))
    names = dict(re.findall(r"^(.+)=([A-Z]{3})$", text, re.MULTILINE))
    arcs = arcs_of(topology)
    scale, origin = topology["transform"]["scale"], topology["transform"]["translate"]
    quantum = Quantum(*scale, *origin)
    found: dict[str, Any] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        name = country["properties"]["name"]
        found[names.get(name) or numbers[country["id"]]] = whole(polygon_of(country, arcs), quantum)
    lost = sorted(area for area, shape in found.items() if shape.is_empty)
    record = LayerRecord(
        name="world",
        edition="Natural Earth 1:10m in world-atlas 2.0.2",
        source="npm world-atlas 2.0.2, countries-10m.json; Natural Earth, 1:10 million",
        licence="public domain",
        attribution="Made with Natural Earth",
        viewpoint="de facto",
        kind=Kind.TERRITORY,
        edge=Edge.PLANAR,
        bound_m=3300.0,
        sigma_m=900.0,
        measured="",
        notes=(f"left out, smaller than the step of the coordinates: {', '.join(lost)}",) if lost else (),
        sha256=SHA256[WORLD],
    )
    areas = tuple(sorted(set(found) - set(lost)))
    write("world", record, areas, [found[area] for area in areas], quantum)


def north_america(folder: Path) -> None:
    """The precise sovereign layer."""
    features = {part["properties"]["A3"]: part["geometry"] for part in member(folder, MARITIME)["features"]}
    areas = tuple(sorted(NORTH_AMERICA))
    shapes = [whole(shapely.from_geojson(json.dumps(features[area])), FIVE_DECIMALS) for area in areas]
    record = LayerRecord(
        name="north-america",
        edition="OpenStreetMap, November 2017",
        source="npm @geo-maps/countries-maritime-10m 0.6.0, map.geo.json; OpenStreetMap",
        licence="ODbL 1.0",
        attribution="© OpenStreetMap contributors",
        viewpoint="de facto",
        kind=Kind.SOVEREIGN,
        edge=Edge.PLANAR,
        bound_m=160.0,
        sigma_m=40.0,
        measured="",
        sha256=SHA256[MARITIME],
    )
    write("north-america", record, areas, shapes, FIVE_DECIMALS)


def main() -> None:
    """Write every packaged layer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where `npm pack` put the tarballs")
    folder = parser.parse_args().folder
    world(folder)
    north_america(folder)


if __name__ == "__main__":
    main()
