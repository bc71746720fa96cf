"""The terrain options several verbs share, and the model they open."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from atalaya.base.hashing import sha256_bytes
from atalaya.base.language import say

if TYPE_CHECKING:
    from atalaya.earth.terrain import Terrain

VerticalName = Literal["msl", "hae", "egm96", "egm2008"]
Dem = Annotated[Path | None, Parameter(name="--dem", help=say("cli.dem"))]
DemDatum = Annotated[VerticalName | None, Parameter(name="--dem-datum", help=say("cli.dem_datum"))]


def open_terrain(dem: Path | None, datum: VerticalName | None) -> "Terrain | None":
    """The terrain a user named, None where none was.

    Raises:
        NotFound, BadInput, DatumError: EAR-010 to EAR-022, see `Terrain.open`.
    """
    if dem is None:
        return None
    from atalaya.earth.terrain import Terrain  # rasters and compiled rays: only who asks for terrain pays

    return Terrain.open(dem, vertical_datum=datum)


def identity(dem: Path | None, terrain: "Terrain | None") -> dict[str, Any] | None:
    """What tells this model from another, for records of what was computed on it."""
    if dem is None or terrain is None:
        return None
    stat = dem.stat()
    return {
        "file": dem.name,
        "source": terrain.source,
        "kind": terrain.kind,
        "bytes": stat.st_size,
        "modified_us": stat.st_mtime_ns // 1000,
    }


def short_id(identity: dict[str, Any] | None) -> str:
    """A few letters of a model's identity, "" for none."""
    return "" if identity is None else sha256_bytes(repr(sorted(identity.items())).encode())[:8]
