"""`atalaya viewshed DEM --lon X --lat Y --height Z --output V.tif`: what is seen from one place."""

import json
import math
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from atalaya.base.errors import BadInput, Usage
from atalaya.base.language import say
from atalaya.cli.guard import positive, refuse_to_replace
from atalaya.cli.terrain_option import DemDatum, open_terrain

Origin = Literal["ground", "msl", "hae"]


def viewshed(
    dem: Annotated[Path, Parameter(help=say("cli.viewshed.dem"))],
    /,
    *,
    lon: Annotated[float, Parameter(help=say("cli.viewshed.lon"))],
    lat: Annotated[float, Parameter(help=say("cli.viewshed.lat"))],
    height: Annotated[float, Parameter(help=say("cli.viewshed.height"))],
    counted_from: Annotated[Origin, Parameter(name="--from", help=say("cli.viewshed.datum"))] = "ground",
    output: Annotated[Path, Parameter(help=say("cli.ortho.output"))],
    dem_datum: DemDatum = None,
    within: Annotated[float | None, Parameter(help=say("cli.viewshed.within"))] = None,
    every: Annotated[int, Parameter(help=say("cli.viewshed.every"))] = 1,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
) -> int:
    """Compute a viewshed."""
    from atalaya.campaign.viewsheds import observer_height_m, write_viewshed

    refuse_to_replace([output], [dem])
    positive("--every", every)
    positive("--within", within)
    if not (math.isfinite(lon) and abs(lat) <= 90.0 and math.isfinite(height)):
        raise Usage("CLI-021", where="--lon, --lat, --height")
    lon = (lon + 180.0) % 360.0 - 180.0
    terrain = open_terrain(dem, dem_datum)
    assert terrain is not None
    hae = observer_height_m(terrain, lon, lat, height, counted_from)
    if not math.isfinite(hae):
        raise BadInput("EXP-016", where=f"{lat}, {lon}")
    seen = write_viewshed(terrain, lon, lat, hae, output, within_m=within, every=every)
    shown = {"schema": "atalaya.viewshed/1", "output": str(output), "lon_deg": lon, "lat_deg": lat}
    shown |= {"observer_hae_m": round(hae, 2), "seen_share": None if math.isnan(seen) else round(seen, 5)}
    if as_json:
        print(json.dumps(shown))
    else:
        share = "-" if math.isnan(seen) else f"{100 * seen:.1f}"
        print(say("viewshed.wrote", output=output, seen=share, lat=lat, lon=lon, hae=f"{hae:.1f}"))
    return 0
