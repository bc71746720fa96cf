"""ADS-B JSON in the shapes people have: readsb day traces, lists or lines of records, column-wise tables."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.track.collector import NUMBERS, Collector
from atalaya.earth.track.column_names import FOOT_M, KNOT_MPS
from atalaya.earth.track.dialects import Columns, columns_of
from atalaya.earth.track.json_stream import Objects, whole_object
from atalaya.earth.track.rows import add_block, note_unclear

Floats = NDArray[np.float64]

BLOCK = 20_000
_HEAD = 1 << 16
INTEGRITY_HOLDS_S = 600.0
"""A trace repeats its integrity fields only when they change or now and then: they are carried on this
long."""


def read_adsb_json(open_text: Callable[[], IO[str]], collector: Collector) -> None:
    """Read one file into the collector.

    Args:
        open_text: opens the file from its beginning.

    Raises:
        BadInput: TRK-003, TRK-006, TRK-007, TRK-008, TRK-009 as the file deserves.
    """
    with open_text() as stream:
        head = stream.read(_HEAD).lstrip("\ufeff \t\r\n")
    with open_text() as stream:
        if head.startswith("[") or _is_line(head):
            _records(Objects(stream), collector)
            return
        document = whole_object(stream, collector.source)
    if isinstance(document, dict) and isinstance(document.get("trace"), list):
        _trace(document, collector)
    elif isinstance(document, dict) and document:
        _column_wise(document, collector)
    else:
        raise BadInput("TRK-009", where=collector.source)


def _is_line(head: str) -> bool:
    """Whether the first object is short and looks like a record, so that the file is JSON lines."""
    try:
        found, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return False
    flat = isinstance(found, dict) and not any(isinstance(value, (dict, list)) for value in found.values())
    return flat and (not head[end:].strip() or head[end:].lstrip().startswith("{"))


def _records(objects: Objects, collector: Collector) -> None:
    columns: Columns | None = None
    stream = iter(objects)
    while block := list(islice(stream, BLOCK)):
        if columns is None:
            names = dict.fromkeys(name for record in block[:1000] for name in record)
            columns = columns_of(names, collector.source)
            note_unclear(columns, collector)
        wanted = columns.names.values()
        add_block({name: [record.get(name) for record in block] for name in wanted}, columns, collector)
    collector.reject("JSON", objects.bad)
    if columns is None:
        raise BadInput("TRK-009", where=collector.source)


def _column_wise(document: dict[str, Any], collector: Collector) -> None:
    lists = {
        name: list(_values(column)) for name, column in document.items() if isinstance(column, (dict, list))
    }
    count = max((len(values) for values in lists.values()), default=0)
    if not count:
        raise BadInput("TRK-009", where=collector.source)
    columns = columns_of(lists, collector.source)
    note_unclear(columns, collector)
    wanted = {name: lists[name] for name in columns.names.values()}
    if any(len(values) != count for values in wanted.values()):
        raise BadInput("TRK-009", where=collector.source)
    for start in range(0, count, BLOCK):
        part = {name: values[start : start + BLOCK] for name, values in wanted.items()}
        add_block(part, columns, collector)


def _values(column: dict[str, Any] | list[Any]) -> Iterator[Any]:
    return iter(column.values() if isinstance(column, dict) else column)


def _trace(document: dict[str, Any], collector: Collector) -> None:
    """readsb README-json, "trace jsons": time, lat, lon, altitude or "ground", speed, track, flags, rate,
    object, source, geometric altitude, ..."""
    start = document.get("timestamp")
    if not isinstance(start, (int, float)) or isinstance(start, bool):
        raise BadInput(
            "TRK-003", where=collector.source, missing="timestamp", names=", ".join(document)[:200]
        )
    collector.unit = "s"
    rows = [row for row in document["trace"] if isinstance(row, list) and len(row) >= 5]
    collector.reject("trace", len(document["trace"]) - len(rows))
    out = {name: np.full(len(rows), np.nan) for name in NUMBERS if name != "last_position"}
    callsigns: dict[str, None] = {}
    held: dict[str, float] = {}
    held_at = -np.inf
    for i, row in enumerate(rows):
        seconds = _number(row[0])
        out["t"][i] = start + seconds
        out["lat_deg"][i], out["lon_deg"][i] = _number(row[1]), _number(row[2])
        out["on_ground"][i] = float(row[3] == "ground")
        out["height_pressure_m"][i] = _number(row[3]) * FOOT_M
        out["ground_speed_mps"][i] = _number(row[4]) * KNOT_MPS
        out["height_hae_m"][i] = _number(row[10]) * FOOT_M if len(row) > 10 else np.nan
        more = row[8] if len(row) > 8 else None
        if isinstance(more, dict):
            callsigns.setdefault(str(more.get("flight", "")).strip())
            stated = {name: _number(more.get(key)) for name, key in _INTEGRITY}
            if any(np.isfinite(value) for value in stated.values()):
                held, held_at = stated, seconds
        if held and seconds - held_at <= INTEGRITY_HOLDS_S:
            for name, value in held.items():
                out[name][i] = value
    collector.add(str(document.get("icao", "")), out)
    for name in callsigns:
        collector.heard(str(document.get("icao", "")), name)


_INTEGRITY = (("nac_p", "nac_p"), ("nic", "nic"), ("containment_m", "rc"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else np.nan
