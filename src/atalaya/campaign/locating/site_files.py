"""Sites of a workspace on disk: JSON, GeoJSON, GeoPackage, and the search map planning reads next."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.campaign.locating.located import Located
from atalaya.locate.dossier import Dossier
from atalaya.locate.dossier_json import dossier_json
from atalaya.sensing.map_geotiff import write_search_map
from atalaya.store.vector import Layer, write_geopackage
from atalaya.store.workspace import Workspace, written_whole

SCHEMA = "atalaya.sites/1"
FOLDER, MAPS = "sites", "maps"
_AROUND = 48


def sites_json(located: Located, dossiers: Sequence[Dossier]) -> dict[str, Any]:
    """The `atalaya.sites/1` object."""
    return {
        "schema": SCHEMA,
        "sites": [dossier_json(each) for each in dossiers],
        "sought": located.sought,
        "recordings": len(located.known),
        "looks": len(located.coverage),
        "tracklets": len(located.tracklets),
        "moving": located.moving,
        "astray": located.astray,
        "expected_before": round(located.before.expected, 6),
        "expected_undetected": round(located.after.expected, 6),
        "errors": [error.as_json() for error in located.errors],
    }


def geojson(dossiers: Sequence[Dossier]) -> dict[str, Any]:
    """A feature collection: each site's point, its 90 % ellipse as a property ring beside it."""
    features = []
    for each in dossiers:
        whole = dossier_json(each)
        kept = (
            "id",
            "rank",
            "p_facility",
            "word",
            "confidence",
            "exists",
            "ce90_m",
            "kinds",
            "looks",
            "misses",
        )
        shown = {name: whole[name] for name in kept} | {"mgrs": each.mgrs, "part": "place"}
        ring = ellipse_ring(each)
        features.append(
            {"type": "Feature", "id": each.id, "properties": shown,
             "geometry": {"type": "Point", "coordinates": [round(each.lon_deg, 7), round(each.lat_deg, 7)]}}
        )  # fmt: skip
        features.append(
            {"type": "Feature", "id": f"{each.id}-90", "properties": {"id": each.id, "part": "ellipse_90"},
             "geometry": {"type": "Polygon", "coordinates": [np.round(ring, 7).tolist()]}}
        )  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def ellipse_ring(each: Dossier) -> NDArray[np.float64]:
    """(n, 2) longitude and latitude of a site's 90 % ellipse, closed, counter-clockwise."""
    from atalaya.earth.ellipsoid import geod

    angle = np.linspace(0.0, 2.0 * np.pi, _AROUND + 1)
    along, across = each.semi_major_m * np.cos(angle), each.semi_minor_m * np.sin(angle)
    turn = np.radians(each.azimuth_deg)
    east = along * np.sin(turn) + across * np.cos(turn)
    north = along * np.cos(turn) - across * np.sin(turn)
    bearing, reach = np.degrees(np.arctan2(east, north)), np.hypot(east, north)
    n = len(angle)
    lon, lat, _ = geod().fwd(np.full(n, each.lon_deg), np.full(n, each.lat_deg), bearing, reach)
    ring = np.stack((lon, lat), axis=1)[::-1]
    ring[-1] = ring[0]
    return np.asarray(ring)


def write_sites(workspace: Workspace, located: Located, dossiers: Sequence[Dossier]) -> list[Path]:
    """Write `sites/` and `maps/` of a workspace; every file whole or not at all.

    Raises:
        AtalayaError: STO-005, EAR-085, a file cannot be written.
    """
    folder, maps = workspace.root / FOLDER, workspace.root / MAPS
    texts = {
        folder / "sites.json": sites_json(located, dossiers),
        folder / "sites.geojson": geojson(dossiers),
    }
    for path, content in texts.items():
        with written_whole(path) as partial:
            partial.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_geopackage(_layers(dossiers), folder / "sites.gpkg")
    maps.mkdir(parents=True, exist_ok=True)
    write_search_map(located.before, maps / "before.tif")
    write_search_map(located.after, maps / "search.zarr")
    write_search_map(located.after, maps / "search.tif")
    return [*texts, folder / "sites.gpkg", maps / "before.tif", maps / "search.zarr", maps / "search.tif"]


def _layers(dossiers: Sequence[Dossier]) -> list[Layer]:
    def texts(name: str) -> NDArray[Any]:
        return np.array([str(getattr(each, name)) for each in dossiers], object)

    fields: dict[str, NDArray[Any]] = {name: texts(name) for name in ("id", "word", "confidence", "mgrs")}
    for name in ("rank", "p_facility", "exists", "ce90_m", "semi_major_m", "semi_minor_m", "azimuth_deg"):
        fields[name] = np.array([float(getattr(each, name)) for each in dossiers])
    fields["kinds"] = np.array([", ".join(each.kinds) for each in dossiers], object)
    places = [shapely.Point(each.lon_deg, each.lat_deg, each.height_hae_m or 0.0) for each in dossiers]
    rings = [shapely.Polygon(ellipse_ring(each)) for each in dossiers]
    return [
        Layer("ellipses_90", "Polygon", np.array(rings, object), {"id": fields["id"]}),
        Layer("sites", "Point Z", np.array(places, object), fields),
    ]
