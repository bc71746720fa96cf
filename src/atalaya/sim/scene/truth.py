"""The truth of a scene in files: a GeoPackage to look at, Parquet from which the scene is read back equal.

    truth.gpkg       layers sites, solids, decals, plumes; longitude and latitude, WGS 84
    sites.parquet    `sites_table`
    things.parquet   `things_table`; its metadata hold theme, seed, projection and notes

The same scene gives the same bytes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import shapely

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.base.finding import Finding, Severity
from atalaya.sensing.evidence import evidence_types
from atalaya.sim.country.country import Country
from atalaya.sim.scene.scene import Scene, TrueSite
from atalaya.sim.scene.tables import SITE_COLUMNS, THING_COLUMNS, on_earth, sites_table, things_table
from atalaya.sim.scene.things import Decal, Plume, Solid

FORMAT = "atalaya.truth/1"
_KEY = b"atalaya"
_SITES, _THINGS, _MAP = "sites.parquet", "things.parquet", "truth.gpkg"
_STAMP = "2000-01-01T00:00:00Z"
_OUTLINE_CORNERS = 16
_MAY_BE_UNKNOWN = ("height_hae_m", "height_msl_m")
"""Heights of ground that a user's terrain does not know."""
_HEAVY_COLUMNS = ("ring_east_m", "ring_north_m", "footprint_wkt")


def write_truth(scene: Scene, country: Country, folder: Path | str) -> Mapping[str, Path]:
    """Write the truth of a scene; files are replaced whole.

    Returns:
        Paths by file name.

    Raises:
        AtalayaError: SCN-013, they cannot be written.
    """
    target = Path(folder)
    things, sites = things_table(scene, country), sites_table(scene, country)
    facts = {
        "schema": FORMAT,
        "theme": scene.theme,
        "seed": scene.seed,
        "epsg": country.epsg,
        "solar_offset_h": scene.solar_offset_h,
        "notes": [_noted(note) for note in scene.notes],
    }
    meta = {_KEY: json.dumps(facts, sort_keys=True).encode()}
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, table in ((_SITES, sites), (_THINGS, things)):
            with _whole(target / name) as partial:
                pq.write_table(table.replace_schema_metadata(meta), partial, compression="zstd")
        with _whole(target / _MAP) as partial:
            _write_map(partial, scene, country, sites, things)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise AtalayaError("SCN-013", where=str(target), detail=str(error)[:200]) from error
    return {name: target / name for name in (_SITES, _THINGS, _MAP)}


def read_scene(folder: Path | str) -> Scene:
    """Read a scene back, equal to what was written.

    Raises:
        NotFound: SCN-009, there is none.
        BadInput: SCN-010, the files are damaged or something else.
    """
    source = Path(folder)
    sites, facts = _table(source / _SITES, SITE_COLUMNS)
    things, _ = _table(source / _THINGS, THING_COLUMNS)
    try:
        rows = things.to_pylist()
        return Scene(
            sites=tuple(
                TrueSite(**{key: row[key] for key in TrueSite.__dataclass_fields__})
                for row in sites.to_pylist()
            ),
            decals=tuple(_decal(row) for row in rows if row["form"] == "decal"),
            solids=tuple(_solid(row) for row in rows if row["form"] == "solid"),
            plumes=tuple(_plume(row) for row in rows if row["form"] == "plume"),
            theme=str(facts["theme"]),
            seed=int(facts["seed"]),
            solar_offset_h=float(facts["solar_offset_h"]),
            notes=tuple(_note(one) for one in facts["notes"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("SCN-010", where=str(source), detail=str(error)[:200]) from error


def _table(path: Path, schema: pa.Schema) -> tuple[pa.Table, dict[str, Any]]:
    if not path.is_file():
        raise NotFound("SCN-009", where=str(path), detail=path.name)
    try:
        table = pq.read_table(path)
        facts = json.loads((table.schema.metadata or {}).get(_KEY, b"{}"))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadInput("SCN-010", where=str(path), detail=str(error)[:200]) from error
    if not isinstance(facts, dict) or facts.get("schema") != FORMAT or not table.schema.equals(schema):
        raise BadInput("SCN-010", where=str(path), detail=FORMAT)
    _require_sane(table, path)
    return table, facts


def _require_sane(table: pa.Table, path: Path) -> None:
    """No value missing, no number that is none, no word of evidence that nobody knows."""
    for name in table.schema.names:
        column = table[name]
        if column.null_count:
            raise BadInput("SCN-010", where=str(path), detail=f"{name}: null")
        if name in _MAY_BE_UNKNOWN or not pa.types.is_floating(column.type):
            continue
        if not pc.all(pc.is_finite(column), min_count=0).as_py():
            raise BadInput("SCN-010", where=str(path), detail=f"{name}: NaN")
    words = {word for text in pc.unique(table["evidence"]).to_pylist() for word in text.split()}
    if not words <= evidence_types().keys():
        raise BadInput(
            "SCN-010", where=str(path), detail=", ".join(sorted(words - evidence_types().keys()))[:80]
        )


def _decal(row: Mapping[str, Any]) -> Decal:
    ring = np.stack((row["ring_east_m"], row["ring_north_m"]), axis=1).astype(np.float64)
    if len(ring) < 3 or not np.isfinite(ring).all():
        raise ValueError(f"ring of {row['id']}")
    on_h = (row["on_from_h"], row["on_to_h"])
    return Decal(row["id"], row["evidence"], row["site"], row["material"], ring, row["heat_k"], on_h)


def _solid(row: Mapping[str, Any]) -> Solid:
    same = {key: row[key] for key in Solid.__dataclass_fields__ if key not in ("bearing_deg", "on_h")}
    return Solid(bearing_deg=row["bearing_grid_deg"], on_h=(row["on_from_h"], row["on_to_h"]), **same)


def _plume(row: Mapping[str, Any]) -> Plume:
    same = {key: row[key] for key in Plume.__dataclass_fields__ if key != "height_m"}
    return Plume(height_m=row["bottom_m"], **same)


def _noted(note: Finding) -> dict[str, object]:
    return {
        "code": note.code,
        "severity": str(note.severity),
        "count": note.count,
        "where": note.where,
        "details": note.details,
    }


def _note(entry: Mapping[str, Any]) -> Finding:
    severity = Severity(entry["severity"])
    return Finding(entry["code"], severity, int(entry["count"]), entry["where"], dict(entry["details"]))


def _write_map(path: Path, scene: Scene, country: Country, sites: pa.Table, things: pa.Table) -> None:
    """The four layers; a layer without rows is there all the same."""
    discs = np.array(
        [
            shapely.Point(site.east_m, site.north_m).buffer(
                site.radius_m / np.cos(np.pi / 64), quad_segs=_OUTLINE_CORNERS
            )
            for site in scene.sites
        ],
        object,
    )
    _write_layer(path, "sites", sites, on_earth(discs, country), "Polygon")
    shapes = shapely.from_wkt(np.array(things["footprint_wkt"].to_pylist(), object))
    forms = np.array(things["form"].to_pylist(), object)
    plain = things.drop_columns(list(_HEAVY_COLUMNS))
    for form, kind in (("solid", "Polygon"), ("decal", "Polygon"), ("plume", "Point")):
        chosen = forms == form
        _write_layer(path, f"{form}s", plain.filter(pa.array(chosen, pa.bool_())), shapes[chosen], kind)


def _write_layer(path: Path, layer: str, table: pa.Table, shapes: Any, kind: str) -> None:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapes) if len(shapes) else np.empty(0, object),
            [_plain(table[name]) for name in table.schema.names],
            table.schema.names,
            geometry_type=kind,
            crs="EPSG:4326",
            driver="GPKG",
            layer=layer,
            append=path.exists(),
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _plain(column: pa.ChunkedArray) -> Any:
    values = column.to_pylist()
    return (
        np.array(values, object)
        if pa.types.is_string(column.type)
        else np.array(values, column.type.to_pandas_dtype())
    )


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A path beside the target that becomes it at the end, or vanishes."""
    partial = target.with_name(f".partial-{target.name}")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
