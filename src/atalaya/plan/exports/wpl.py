"""QGC WPL 110: missions as a text table, which Mission Planner, MAVProxy and others read. It holds no fence.

Source: https://mavlink.io/en/file_formats/ (mission plain-text file format): index, current, frame, command,
p1-p4, latitude, longitude, altitude, autocontinue; row 0 is home. In frame 2 the three are plain parameters.
"""

import math
from dataclasses import replace

from atalaya.base.errors import BadInput
from atalaya.plan.exports.mission import (
    Command,
    Frame,
    Home,
    Mission,
    MissionItem,
    checked_home,
    checked_item,
    known_frame,
)
from atalaya.plan.exports.source import MOST_ITEMS, damaged, number, text_of_bytes, whole

FORMAT = "QGC WPL"
HEADER = "QGC WPL 110"
COLUMNS = 12


def wpl_bytes(mission: Mission) -> bytes:
    """The file; NaN, which readers of this format do not agree on, is written as the 0 it means for most.

    Raises:
        BadInput: XPT-025, a mission without home, whose row 0 would be invented.
    """
    if mission.home is None:
        raise BadInput("XPT-025", where=FORMAT, count=0)
    home = mission.home
    first = MissionItem(
        Command.WAYPOINT, Frame.MSL, (0.0,) * 4, home.lat_deg, home.lon_deg, home.height_msl_m
    )
    rows = [_row(index, item) for index, item in enumerate((first, *mission.items))]
    return "\n".join([HEADER, *rows, ""]).encode("ascii")


def without_nan(mission: Mission) -> Mission:
    """What of a mission the format can say: NaN parameters are 0."""
    return replace(mission, items=tuple(_item_without_nan(item) for item in mission.items))


def _item_without_nan(item: MissionItem) -> MissionItem:
    first, second, third, fourth = map(_plain, item.params)
    return replace(item, params=(first, second, third, fourth))


def _plain(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _row(index: int, item: MissionItem) -> str:
    places = f"{item.lat_deg:.8f}\t{item.lon_deg:.8f}\t{item.height_m:.6f}"
    params = "\t".join(f"{_plain(value):.8f}" for value in item.params)
    current = int(index == 0)
    head = f"{index}\t{current}\t{int(item.frame)}\t{int(item.command)}"
    return f"{head}\t{params}\t{places}\t{int(item.autocontinue)}"


def read_wpl_bytes(data: bytes, where: str) -> Mission:
    """The mission of a text file; row 0 is its home, None where its height does not count from the sea.

    Raises:
        BadInput: XPT-001, no such table; XPT-002, another version; XPT-004, XPT-005, impossible values.
    """
    lines = text_of_bytes(data, FORMAT, where).splitlines()
    if not lines or not lines[0].startswith(FORMAT):
        raise damaged(FORMAT, where, lines[0] if lines else "")
    if lines[0].split() != HEADER.split():
        raise BadInput("XPT-002", where=where, name=FORMAT, found=lines[0][:40], known=HEADER)
    rows = [(n, line) for n, line in enumerate(lines[1:], 2) if line.strip() and not line.startswith("#")]
    if len(rows) > MOST_ITEMS:
        raise BadInput("XPT-003", where=where, limit=64)
    items = [_item(line, index, f"{where} line {n}") for index, (n, line) in enumerate(rows)]
    if not items:
        return Mission(())
    home = items[0]
    if home.frame != Frame.MSL:  # some programs write home in frame 3 with height 0: its height is not known
        return Mission(tuple(items[1:]))
    return Mission(
        tuple(items[1:]), checked_home(Home(home.lon_deg, home.lat_deg, home.height_m), where=where)
    )


def _item(line: str, index: int, where: str) -> MissionItem:
    parts = line.split()
    if len(parts) != COLUMNS:
        raise BadInput("XPT-002", where=where, name="columns", found=len(parts), known=COLUMNS)
    if whole(parts[0], "index", where) != index:
        raise BadInput("XPT-002", where=where, name="index", found=parts[0], known=index)
    params = [number(part, f"p{n}", where) for n, part in enumerate(parts[4:8], 1)]
    return checked_item(
        MissionItem(
            whole(parts[3], "command", where),
            known_frame(whole(parts[2], "frame", where), where=where),
            (params[0], params[1], params[2], params[3]),
            number(parts[8], "latitude", where),
            number(parts[9], "longitude", where),
            number(parts[10], "altitude", where),
            whole(parts[11], "autocontinue", where) != 0,
        ),
        where=where,
    )
