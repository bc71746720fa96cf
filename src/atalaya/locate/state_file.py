"""The state of a filter in one file: scans, reviews and where the walk stands, to be continued later."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.whole_file import whole_file
from atalaya.locate.area import Area
from atalaya.locate.filter import Met, Places, Undetected
from atalaya.locate.judgement import Judgement
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.site_filter import Running, SiteFilter

_FORMAT = "atalaya.sites/2"
_ROWS = ("z_m", "own_m2", "shared_m", "llr", "cutpoint")
_COLUMNS = ("serial", "founder", "r", "cls", "x", "p", "a")
_MET = ("site", "tracklet", "share", "heard")
# how a damaged archive fails: NotImplementedError is a member packed in a way zipfile does not know
_ERRORS = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, NotImplementedError)

Arrays = dict[str, NDArray[Any]]


def save_sites(state: SiteFilter, path: Path) -> None:
    """Write a filter to a file, whole or not at all."""
    run = state.running
    head = {
        "format": _FORMAT,
        "area": _area_key(state.area),
        "model": _model_key(state.model),
        "scans": [_head(scan) for scan in state.scans],
        "reviews": [asdict(review) for review in state.reviews],
        "t_us": run.t_us,
        "raster_us": run.raster_us,
        "born": run.places.born,
        "sharing": run.places.sharing,
        "met": len(run.met),
    }
    arrays: Arrays = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}
    arrays |= _of_scans(state.scans)
    arrays |= {f"place_{name}": getattr(run.places, name) for name in _COLUMNS}
    arrays |= {f"place_node_{kind}": node for kind, node in run.places.node.items()}
    arrays |= {f"cell_node_{kind}": node for kind, node in run.undetected.node.items()}
    arrays |= {"cell_density": run.undetected.density, "cell_looks": run.undetected.looks}
    arrays |= {f"met_{name}": _joined([getattr(met, name) for met in run.met]) for name in _MET}
    arrays["met_count"] = np.array([len(met.site) for met in run.met], np.int64)
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load_sites(path: Path, area: Area, model: SiteModel) -> SiteFilter:
    """Read a filter back; it goes on where it stood.

    Raises:
        BadInput: LOC-009, no such file or a damaged one; LOC-010, it was made for another area or model.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays: Arrays = {name: stored[name] for name in stored.files}
        head = json.loads(arrays["head"].tobytes())
        if head["format"] != _FORMAT:
            raise ValueError(head["format"])
        same = head["area"] == _area_key(area) and head["model"] == _model_key(model)
        state = SiteFilter(area, model)
        if same:
            _restore(state, head, arrays)
    except BadInput:
        raise
    except _ERRORS as error:
        raise BadInput("LOC-009", where=str(path), detail=str(error)[:120]) from error
    if not same:
        raise BadInput("LOC-010", where=str(path))
    return state


def _restore(state: SiteFilter, head: dict[str, Any], arrays: Arrays) -> None:
    state.scans = _scans(head["scans"], arrays)
    state.reviews = [
        Judgement(**{**one, "rates": tuple(one["rates"]) if one["rates"] else None})
        for one in head["reviews"]
    ]
    columns: dict[str, Any] = {name: arrays[f"place_{name}"] for name in _COLUMNS}
    places = Places(**columns, born=int(head["born"]), sharing=bool(head["sharing"]))
    places.node = _by_kind(arrays, "place_node_")
    nodes = _by_kind(arrays, "cell_node_")
    undetected = Undetected(state.area, arrays["cell_density"], nodes, arrays["cell_looks"])
    edges = np.concatenate(([0], np.cumsum(arrays["met_count"])))
    met = [
        Met(*(arrays[f"met_{name}"][a:b] for name in _MET))
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    if len(met) != len(state.scans) or undetected.density.shape != state.area.density.shape:
        raise ValueError("met, cell_density")
    state.running = Running(places, undetected, met, int(head["t_us"]), int(head["raster_us"]))


def _by_kind(arrays: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


def _head(scan: Scan) -> dict[str, object]:
    names = ("sortie", "t_us", "evidence", "sensor", "clutter_per_m2", "id")
    known = {name: getattr(scan, name) for name in names}
    return {**known, "tracklet": list(scan.tracklet), "v": len(scan.cells)}


def _of_scans(scans: Sequence[Scan]) -> Arrays:
    found = {f"scan_{name}": _joined([getattr(scan, name) for scan in scans]) for name in _ROWS}
    found["scan_cells"] = _joined([scan.cells for scan in scans])
    found["scan_chance"] = _joined([scan.chance for scan in scans])
    return found


def _scans(heads: Sequence[dict[str, Any]], arrays: Arrays) -> list[Scan]:
    scans, row, cell = [], 0, 0
    for head in heads:
        rows, cells = slice(row, row + len(head["tracklet"])), slice(cell, cell + int(head.pop("v")))
        row, cell = rows.stop, cells.stop
        parts: dict[str, Any] = {name: arrays[f"scan_{name}"][rows] for name in _ROWS}
        parts |= {"cells": arrays["scan_cells"][cells], "chance": arrays["scan_chance"][cells]}
        scans.append(Scan(**{**head, **parts, "tracklet": tuple(head["tracklet"])}))
    return scans


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0)


def _area_key(area: Area) -> list[object]:
    grid = [getattr(area.grid, one.name) for one in fields(area.grid)]
    return [*grid, area.split, float(area.density.sum())]


def _model_key(model: SiteModel) -> str:
    return json.dumps(asdict(model), sort_keys=True, default=str)
