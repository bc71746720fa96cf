"""Blocks of table rows, as texts or values, turned into numbers for the collector."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.base.language import say
from atalaya.earth.track.collector import Collector
from atalaya.earth.track.dialects import Columns
from atalaya.earth.track.times import NO_TIME, iso_microseconds

Floats = NDArray[np.float64]

TRUE_WORDS = frozenset({"true", "t", "yes", "1", "1.0", "y", "ground"})


def note_unclear(columns: Columns, collector: Collector) -> None:
    """Say which columns are left aside, and what their names lack; remember which are read."""
    collector.columns.update(columns.names)
    by_lack: dict[str, list[str]] = {}
    for name, lack in columns.unclear.items():
        by_lack.setdefault(lack, []).append(name)
    for lack, names in by_lack.items():
        details: dict[str, object] = {"columns": ", ".join(names)[:200], "lack": say(f"track.lack.{lack}")}
        collector.notes.append(Finding("TRK-010", Severity.WARNING, len(names), collector.source, details))


def add_block(
    block: Mapping[str, Sequence[object]], columns: Columns, collector: Collector, *, utc: bool = False
) -> None:
    """Convert one block and hand it to the collector; rows without time or place are counted and left out.

    Args:
        block: source column -> values (texts, numbers, booleans, None), all of one length.
        utc: ISO times without a zone are UTC.
    """
    names = columns.names
    numbers = {}
    for field, name in names.items():
        if field in ("aircraft", "callsign"):
            continue
        values = block[name]
        if field == "t":
            numbers[field] = _times(values, name, collector, utc=utc)
        elif field == "on_ground":
            numbers[field] = np.array([_truth(value) for value in values])
        elif field == "last_position":
            numbers[field] = _times(values, name, collector, utc=utc)
        else:
            numbers[field] = floats(values) * columns.factors[field]
    usable = np.isfinite(numbers["t"]) & np.isfinite(numbers["lon_deg"]) & np.isfinite(numbers["lat_deg"])
    collector.reject("t, lon, lat", int((~usable).sum()))
    if not usable.any():
        return
    words = {field: _words(block, names.get(field), len(usable)) for field in ("aircraft", "callsign")}
    tail = words["aircraft"] if "aircraft" in names else words["callsign"]
    if not usable.all():
        numbers = {field: values[usable] for field, values in numbers.items()}
        tail, words["callsign"] = tail[usable], words["callsign"][usable]
    collector.split(tail, words["callsign"], numbers)


def floats(values: Sequence[object]) -> Floats:
    """(n,) numbers; NaN for whatever is not one."""
    try:
        made = np.array([np.nan if value is None or value == "" else value for value in values], np.float64)
    except (ValueError, TypeError, OverflowError):
        made = None
    if made is None or made.ndim != 1:
        return np.array([_float(value) for value in values], np.float64)
    return made


def _float(value: object) -> float:
    try:
        return float(value) if isinstance(value, (str, int, float)) else np.nan
    except (ValueError, OverflowError):
        return np.nan


def _times(values: Sequence[object], name: str, collector: Collector, *, utc: bool) -> Floats:
    """Counts in the collector's unit: as they stand, or microseconds made of ISO texts."""
    if collector.unit == "iso" or (collector.unit is None and _first_is_iso(values)):
        collector.unit = "iso"
        texts = [value if isinstance(value, str) else None for value in values]
        zoned = utc or "utc" in name.lower() or "zulu" in name.lower()
        t_us = iso_microseconds(texts, utc=zoned, where=collector.source)
        return np.where(t_us == NO_TIME, np.nan, t_us)
    if collector.unit is None:
        collector.unit = _unit_of_name(name)
    return floats(values)


def _first_is_iso(values: Sequence[object]) -> bool:
    first = next((value for value in values if value not in (None, "")), None)
    return isinstance(first, str) and np.isnan(_float(first))


def _unit_of_name(name: str) -> str | None:
    ending = name.strip().lower().rpartition("_")[2]
    return ending if ending in ("ms", "us", "ns", "s") and "_" in name else None


def _truth(value: object) -> float:
    return float(str(value).strip().lower() in TRUE_WORDS)


def _words(block: Mapping[str, Sequence[object]], name: str | None, count: int) -> NDArray[np.str_]:
    if name is None:
        return np.full(count, "", dtype="<U1")
    return np.array(
        ["" if value is None else str(value).strip()[:64] for value in block[name]], dtype=np.str_
    )
