"""The files made from one recording: frame table, map layers, targets, picture, verdict."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from atalaya.base.clock import iso
from atalaya.base.language import say
from atalaya.campaign.exploit_result import as_text
from atalaya.campaign.overview_map import Overview, draw_overview
from atalaya.campaign.vector_layers import footprint_layer, map_layers, numbers, thinned, track_layer
from atalaya.footage.analyse import Analysis, Reading
from atalaya.store.catalogue import OutputRecord
from atalaya.store.parquet import write_parquet
from atalaya.store.vector import write_flatgeobuf, write_geopackage
from atalaya.store.workspace import Workspace, written_whole

MOST_DRAWN = 400
"""Footprints in the picture; more would cost time and show nothing new."""


def write_outputs(
    workspace: Workspace, clip_id: str, name: str, analysis: Analysis, reading: Reading
) -> list[OutputRecord]:
    """Write everything but the verdict; files of another way of reading stay beside them.

    Raises:
        AtalayaError: STO-005, a file cannot be written.
    """
    suffix = "" if reading.variant == "repaired" else f".{reading.variant}"
    folder = workspace.clip_folder(clip_id)
    paths = {
        "frames": workspace.frames_path(clip_id + suffix),
        "geopackage": folder / f"footage{suffix}.gpkg",
        "footprints": folder / f"footprints{suffix}.fgb",
        "track": folder / f"track{suffix}.fgb",
        "targets": folder / f"targets{suffix}.parquet",
        "map": folder / f"map{suffix}.png",
    }
    shown, step = thinned(analysis.frames)
    write_parquet(analysis.frames, paths["frames"])
    write_geopackage(map_layers(shown, analysis.targets), paths["geopackage"])
    write_flatgeobuf(footprint_layer(shown), paths["footprints"])
    write_flatgeobuf(track_layer(shown), paths["track"])
    write_parquet(analysis.targets, paths["targets"])
    draw_overview(_overview(name, shown, step, analysis), paths["map"])
    return [workspace.output(kind, path) for kind, path in paths.items()]


def write_verdict(
    workspace: Workspace, clip_id: str, reading: Reading, result: dict[str, Any]
) -> OutputRecord:
    """Write verdict.json: the result object, for people and programs that come later.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    suffix = "" if reading.variant == "repaired" else f".{reading.variant}"
    path: Path = workspace.clip_folder(clip_id) / f"verdict{suffix}.json"
    with written_whole(path) as partial:
        partial.write_text(as_text(result, indent=1) + "\n", encoding="utf-8")
    return workspace.output("verdict", path)


def _overview(name: str, frames: pa.Table, step: int, analysis: Analysis) -> Overview:
    footprints = footprint_layer(frames).geometries
    every = max(1, -(-len(footprints) // MOST_DRAWN))
    drawn = np.concatenate([footprints[:-1:every], footprints[-1:]])
    worst = [f for f in analysis.findings if f.severity != "info"]
    remark = say("map.findings", count=len(worst)) if worst else say("map.no_findings")
    return Overview(
        title=name,
        lines=(_when(frames, analysis), remark),
        track=_pairs(frames, "sensor_lon_deg", "sensor_lat_deg"),
        centres=_pairs(frames, "centre_lon_deg", "centre_lat_deg"),
        footprints=drawn,
        targets=_pairs(analysis.targets, "lon_deg", "lat_deg"),
        remark=say("map.nothing"),
    )


def _when(frames: pa.Table, analysis: Analysis) -> str:
    count = len(analysis.index) or frames.num_rows
    t_us = frames["t_us"].drop_null()
    if not len(t_us):
        return say("map.frames", frames=count)
    first, last = (iso(t_us[row].as_py())[:19].replace("T", " ") + "Z" for row in (0, -1))
    return say("map.when", first=first, last=last, frames=count)


def _pairs(table: pa.Table, lon: str, lat: str) -> np.ndarray:
    return np.column_stack([numbers(table, lon), numbers(table, lat)])
