"""GPX 1.0 and 1.1 tracks. Elevations are read as above mean sea level, which receivers write and the schema
leaves open; a finding says so."""

import zlib
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.track.collector import Collector
from atalaya.earth.track.times import NO_TIME, iso_microseconds

BLOCK = 20_000


def read_gpx(stream: IO[bytes], collector: Collector) -> None:
    """Read all track points, one aircraft per `trk` (its name where it has one).

    Raises:
        BadInput: TRK-007, no XML, or it breaks off before the first point.
    """
    collector.unit = "us"
    rows: list[tuple[str | None, float, float, float]] = []
    track, seen = "", False
    try:
        for event, element in iterparse(stream, events=("start", "end")):
            kind = element.tag.rpartition("}")[2]
            if event == "start":
                continue
            if kind == "name" and not rows:
                track = (element.text or "").strip()[:64]
            elif kind == "trkpt":
                rows.append(_point(element))
                seen = True
                element.clear()
            elif kind == "trk":
                _flush(track, rows, collector)
                track = ""
                element.clear()
            if len(rows) >= BLOCK:
                _flush(track, rows, collector)
    except (ParseError, DefusedXmlException, ValueError, EOFError, OSError, zlib.error) as error:
        if not seen:
            raise BadInput("TRK-007", where=collector.source, detail=str(error)[:120]) from error
        collector.reject("XML")
    _flush(track, rows, collector)


def _point(element: Any) -> tuple[str | None, float, float, float]:
    children = {child.tag.rpartition("}")[2]: child.text for child in element}
    place = (element.get("lon"), element.get("lat"), children.get("ele"))
    lon, lat, height = (_float(text) for text in place)
    return children.get("time"), lon, lat, height


def _float(text: str | None) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:
        return np.nan


def _flush(track: str, rows: list[tuple[str | None, float, float, float]], collector: Collector) -> None:
    if not rows:
        return
    times, lon, lat, height = zip(*rows, strict=True)
    t_us = iso_microseconds(times, utc=True)  # the schema: "Date and time in are in ... UTC"
    numbers = {
        name: np.array(part) for name, part in (("lon_deg", lon), ("lat_deg", lat), ("height_msl_m", height))
    }
    usable = (t_us != NO_TIME) & np.isfinite(numbers["lon_deg"] + numbers["lat_deg"])
    collector.reject("trkpt", int((~usable).sum()))
    if usable.any():
        if np.isfinite(numbers["height_msl_m"]).any() and not any(
            n.code == "TRK-014" for n in collector.notes
        ):
            collector.notes.append(Finding("TRK-014", Severity.INFO, 1, collector.source))
        kept = {name: values[usable] for name, values in numbers.items()}
        collector.add(track, {"t": t_us[usable].astype(np.float64), **kept})
    rows.clear()
