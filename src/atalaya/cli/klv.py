"""`atalaya klv FILE`: the metadata packets of a recording, as JSON lines or a table."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from cyclopts import Parameter

from atalaya.base.clock import iso
from atalaya.base.errors import NotFound, Usage
from atalaya.base.language import say
from atalaya.footage.clip import Clip
from atalaya.footage.packet_stream import PlacedPacket, packets_of
from atalaya.klv.packet import TABLES

USUAL = (
    *("sensor_latitude_deg", "sensor_longitude_deg", "sensor_altitude_msl_m", "platform_heading_true_deg"),
    *("sensor_rel_azimuth_deg", "sensor_rel_elevation_deg", "slant_range_m"),
    *("frame_centre_latitude_deg", "frame_centre_longitude_deg"),
)
HEADS = ("packet", "pid", "offset", "family", "time", "sum")
WIDTHS = (7, 5, 10, 8, 27, 4)


def klv(
    file: Annotated[str, Parameter(help=say("cli.klv.file"))],
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.klv.json"))] = False,
    table: Annotated[bool, Parameter(negative="", help=say("cli.klv.table"))] = False,
    items: Annotated[str, Parameter(help=say("cli.klv.items"))] = ",".join(USUAL),
    limit: Annotated[int | None, Parameter(help=say("cli.klv.limit"))] = None,
    pid: Annotated[int | None, Parameter(help=say("cli.klv.pid"))] = None,
    rejected: Annotated[bool, Parameter(negative="", help=say("cli.klv.rejected"))] = False,
) -> int:
    """Print metadata packets."""
    if table and as_json:
        raise Usage("CLI-006")
    if limit is not None and limit < 1:
        raise Usage("CLI-009", where="--limit", value=limit)
    names = _names(items) if table else ()
    with Clip.open(file) as clip:
        if pid is not None and pid not in {stream.pid for stream in clip.streams}:
            known = ", ".join(str(stream.pid) for stream in clip.streams)
            raise NotFound("CLI-018", where="--pid", pid=pid, known=known)
        printed = 0
        if table:
            print(_row((*HEADS, *names), names))
        for placed in _limited(packets_of(clip, pid), limit, rejected=rejected):
            printed += placed.packet is not None
            print(_as_row(placed, names) if table else _as_line(placed))
        if not printed:
            streams = (
                ", ".join(f"{stream.kind} (PID {stream.pid})" for stream in clip.streams) or clip.container
            )
            raise NotFound("CLI-007", where=file, streams=streams)
    return 0


def _limited(found: Iterator[PlacedPacket], limit: int | None, *, rejected: bool) -> Iterator[PlacedPacket]:
    count = 0
    for placed in found:
        if placed.packet is None:
            if rejected:
                yield placed
            continue
        if limit is not None and count >= limit:
            return
        count += 1
        yield placed


def _as_line(placed: PlacedPacket) -> str:
    shown: dict[str, Any] = {"schema": "atalaya.klv/1", "pid": placed.pid}
    if placed.rejected is not None:
        reason = placed.rejected.reason.name.lower().replace("_", "-")
        where = {"offset": placed.offset, "length": placed.length}
        shown |= {"rejected": {**where, "code": placed.rejected.code, "reason": reason}}
    elif placed.packet is not None:
        shown |= {"packet": placed.number, "offset": placed.offset, "length": placed.length}
        stamp = placed.packet.time_us
        shown |= {"pts": placed.pts if placed.pts >= 0 else None}
        shown |= {"time": None if stamp is None else iso(placed.utc_us(stamp))}
        shown |= placed.packet.as_json()
    return json.dumps(shown, ensure_ascii=False)


def _as_row(placed: PlacedPacket, names: tuple[str, ...]) -> str:
    if placed.packet is None or placed.rejected is not None:
        gap = placed.rejected
        return f"{'-':>{WIDTHS[0]}} {placed.pid:>{WIDTHS[1]}} {placed.offset:>{WIDTHS[2]}} " + (
            f"{gap.code} {gap.reason.name.lower()} {gap.length}" if gap else ""
        )
    packet = placed.packet
    stamp = packet.time_us
    checksum = {True: "good", False: "BAD", None: "-"}[packet.checksum_ok]
    cells = [str(placed.number), str(placed.pid), str(placed.offset), packet.family.name.lower()]
    cells += ["-" if stamp is None else iso(placed.utc_us(stamp)), checksum]
    return _row((*cells, *(_cell(packet.get(name)) for name in names)), names)


def _row(cells: tuple[str, ...], names: tuple[str, ...]) -> str:
    widths = (*WIDTHS, *(max(len(name), 12) for name in names))
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    if isinstance(value, (int, str)):
        return str(value)
    state = getattr(value, "state", None)
    return state.name.lower() if state is not None else type(value).__name__.lower()


def _names(items: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in items.split(",") if name.strip())
    known = {name for table in TABLES.values() for name in table.by_name}
    for name in names:
        if name not in known:
            raise Usage("CLI-008", where=name)
    return names
