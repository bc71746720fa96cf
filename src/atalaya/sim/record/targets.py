"""Things in sight as moving-target reports carry them (ST 0903), though none of them moves."""

import numpy as np

from atalaya.earth.geoid import undulation_m
from atalaya.footage.writer import StreamFormat
from atalaya.klv import st0903, timebase
from atalaya.klv.location import Location
from atalaya.sim.camera.renderer import Renderer
from atalaya.sim.camera.sightings import Sightings
from atalaya.sim.scene.things import Solid


def targets_set(
    renderer: Renderer, sightings: Sightings, form: StreamFormat, t_us: int
) -> dict[int | str, object]:
    """The VMTI item of a frame: every solid of a site that is in sight, with pixel, box and place."""
    targets: list[tuple[int, dict[int | str, object]]] = []
    for n in np.flatnonzero(sightings.visible_px > 0.0):
        index = int(sightings.index[n])
        thing = renderer.things[index]
        column, row = round(float(sightings.column[n])), round(float(sightings.row[n]))
        if not isinstance(thing, Solid) or not thing.site:
            continue
        if not (0 <= column < form.width and 0 <= row < form.height):
            continue
        targets.append((index + 1, _target(renderer, thing, row, column)))
    values: dict[int | str, object] = {
        "precision_time_stamp_us": t_us + 1_000_000 * timebase.doubt_s(t_us),
        "frame_width_px": form.width,
        "frame_height_px": form.height,
    }
    return {"vmti": st0903.build(values, targets)}


def _target(renderer: Renderer, thing: Solid, row: int, column: int) -> dict[int | str, object]:
    country = renderer.country
    lon, lat = (float(part) for part in country.lonlat(thing.east_m, thing.north_m))
    height = float(country.height_msl_m(thing.east_m, thing.north_m)) + float(undulation_m(lon, lat))
    return {
        "location": Location(lat, lon, height + thing.top_m),
        "detection_status": 1,
        "centroid_row": row + 1,
        "centroid_column": column + 1,
    }
