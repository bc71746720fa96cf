"""The truth of a scene as tables: a row per site, a row per thing, on the Earth and in metres."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from atalaya.earth.geoid import undulation_m
from atalaya.sim.country.country import Country
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.shapes import footprint
from atalaya.sim.scene.things import Decal, Plume, Solid

Floats = NDArray[np.float64]
Thing = Decal | Solid | Plume
Point = tuple[float, float]

_NUMBER, _WORD = pa.float64(), pa.string()
SITE_COLUMNS = pa.schema(
    [
        ("id", _WORD),
        ("kind", _WORD),
        ("facility", pa.bool_()),
        ("lon_deg", _NUMBER),
        ("lat_deg", _NUMBER),
        ("height_hae_m", _NUMBER),
        ("height_msl_m", _NUMBER),
        ("east_m", _NUMBER),
        ("north_m", _NUMBER),
        ("radius_m", _NUMBER),
        ("evidence", _WORD),
        ("things", pa.int64()),
        ("concealment", _NUMBER),
    ]
)
THING_COLUMNS = pa.schema(
    [
        ("id", _WORD),
        ("site", _WORD),
        ("kind", _WORD),
        ("facility", pa.bool_()),
        ("form", _WORD),
        ("part", _WORD),
        ("evidence", _WORD),
        ("material", _WORD),
        ("side", _WORD),
        ("lon_deg", _NUMBER),
        ("lat_deg", _NUMBER),
        ("height_hae_m", _NUMBER),
        ("height_msl_m", _NUMBER),
        ("east_m", _NUMBER),
        ("north_m", _NUMBER),
        ("length_m", _NUMBER),
        ("width_m", _NUMBER),
        ("bearing_grid_deg", _NUMBER),
        ("bottom_m", _NUMBER),
        ("top_m", _NUMBER),
        ("heat_k", _NUMBER),
        ("on_from_h", _NUMBER),
        ("on_to_h", _NUMBER),
        ("concealment", _NUMBER),
        ("canopy_m", _NUMBER),
        ("gas", _WORD),
        ("rate_kg_h", _NUMBER),
        ("ring_east_m", pa.list_(_NUMBER)),
        ("ring_north_m", pa.list_(_NUMBER)),
        ("footprint_wkt", _WORD),
    ]
)


def sites_table(scene: Scene, country: Country) -> pa.Table:
    """One row per site: where, what, and the types of evidence it shows, joined by spaces.

    Heights are of the ground at its middle. `concealment` is the largest of its things.
    """
    sites = scene.sites
    columns = _placed(country, [(site.east_m, site.north_m) for site in sites])
    shown: dict[str, set[str]] = {site.id: set() for site in sites}
    things: dict[str, int] = dict.fromkeys(shown, 0)
    hidden: dict[str, float] = dict.fromkeys(shown, 0.0)
    everything: list[Thing] = [*scene.decals, *scene.solids, *scene.plumes]
    for thing in everything:
        if thing.site in shown:
            shown[thing.site] |= {thing.evidence} - {""}
            things[thing.site] += 1
            hidden[thing.site] = max(hidden[thing.site], getattr(thing, "concealment", 0.0))
    columns |= {
        name: [getattr(site, name) for site in sites] for name in ("id", "kind", "facility", "radius_m")
    }
    columns["evidence"] = [" ".join(sorted(shown[site.id])) for site in sites]
    columns["things"] = [things[site.id] for site in sites]
    columns["concealment"] = [hidden[site.id] for site in sites]
    return pa.table({name: columns[name] for name in SITE_COLUMNS.names}, schema=SITE_COLUMNS)


def things_table(scene: Scene, country: Country) -> pa.Table:
    """One row per thing: decals in the order they are painted, then solids, then plumes.

    `form` is "decal", "solid" or "plume"; `part` its name in the recipe; `kind`, `facility` its site's.
    `bottom_m` and `top_m` are above the ground under its middle, whose heights the table gives; a plume's are
    both the height of its source. `footprint_wkt` is its outline in longitude and latitude; a plume's its
    source.
    """
    things: list[Thing] = [*scene.decals, *scene.solids, *scene.plumes]
    kinds = {site.id: (site.kind, site.facility) for site in scene.sites}
    boxes = [_box(thing) for thing in things]
    columns = _placed(country, [box[:2] for box in boxes])
    for i, name in enumerate(("length_m", "width_m", "bearing_grid_deg", "bottom_m", "top_m"), 2):
        columns[name] = [box[i] for box in boxes]
    for name in ("id", "evidence", "site", "heat_k"):
        columns[name] = [getattr(thing, name) for thing in things]
    for name in ("material", "side", "gas"):
        columns[name] = [getattr(thing, name, "") for thing in things]
    for name in ("concealment", "canopy_m", "rate_kg_h"):
        columns[name] = [getattr(thing, name, 0.0) for thing in things]
    columns["form"] = [type(thing).__name__.lower() for thing in things]
    columns["part"] = [thing.id.rpartition("/")[2].rpartition("-")[0] for thing in things]
    columns["kind"] = [kinds.get(thing.site, ("", False))[0] for thing in things]
    columns["facility"] = [kinds.get(thing.site, ("", False))[1] for thing in things]
    for i, name in enumerate(("on_from_h", "on_to_h")):
        columns[name] = [getattr(thing, "on_h", (0.0, 24.0))[i] for thing in things]
    rings = [thing.ring_m if isinstance(thing, Decal) else np.empty((0, 2)) for thing in things]
    columns["ring_east_m"] = [ring[:, 0].tolist() for ring in rings]
    columns["ring_north_m"] = [ring[:, 1].tolist() for ring in rings]
    columns["footprint_wkt"] = shapely.to_wkt(outlines_deg(things, country), rounding_precision=9).tolist()
    return pa.table({name: columns[name] for name in THING_COLUMNS.names}, schema=THING_COLUMNS)


def outlines_deg(things: Sequence[Thing], country: Country) -> NDArray[np.object_]:
    """(n,) polygons of longitude and latitude, WGS 84; points of plumes."""
    shapes = np.array(
        [
            shapely.Point(one.east_m, one.north_m) if isinstance(one, Plume) else footprint(one)
            for one in things
        ],
        object,
    )
    return on_earth(shapes, country)


def on_earth(shapes: NDArray[np.object_], country: Country) -> NDArray[np.object_]:
    """Shapes in the country's metres as shapes of longitude and latitude."""
    if not shapes.size:
        return shapes
    change: Callable[[Floats], Floats] = lambda xy: np.stack(country.lonlat(xy[:, 0], xy[:, 1]), axis=1)  # noqa: E731
    return np.asarray(shapely.transform(shapes, change))


def _placed(country: Country, middles: Sequence[Point]) -> dict[str, object]:
    """Columns of places: on the Earth, and in the country."""
    east, north = np.array(middles, np.float64).reshape(-1, 2).T
    lon, lat = country.lonlat(east, north)
    msl = country.height_msl_m(east, north)
    hae = msl + undulation_m(lon, lat)
    named = {"lon_deg": lon, "lat_deg": lat, "height_msl_m": msl, "height_hae_m": hae}
    return {
        name: np.atleast_1d(column) for name, column in {**named, "east_m": east, "north_m": north}.items()
    }


def _box(thing: Thing) -> tuple[float, float, float, float, float, float, float]:
    """Middle, length, width, bearing, bottom and top; of a decal those of its smallest rectangle."""
    if isinstance(thing, Solid):
        size = (thing.length_m, thing.width_m, thing.bearing_deg)
        return thing.east_m, thing.north_m, *size, thing.bottom_m, thing.top_m
    if isinstance(thing, Plume):
        return thing.east_m, thing.north_m, 0.0, 0.0, 0.0, thing.height_m, thing.height_m
    corners = shapely.get_coordinates(shapely.oriented_envelope(shapely.polygons(thing.ring_m)))
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longest = sides[int(np.argmax(lengths))]
    bearing = float(np.degrees(np.arctan2(longest[0], longest[1])) % 180.0)
    east, north = corners[:4].mean(axis=0)
    return float(east), float(north), float(lengths.max()), float(lengths.min()), bearing, 0.0, 0.0
