"""Tracks and their accounts in words and columns."""

import math

import numpy as np

from atalaya.base.clock import iso
from atalaya.base.language import printable, say
from atalaya.earth.track import Integrity, Track
from atalaya.law.account import Account, Standing, StateAccount
from atalaya.law.account.visits import NONE, Visits

VISITS_SHOWN = 12

Row = tuple[str, ...]


def account_lines(found: Account) -> list[str]:
    """Who, when, what is believed and assumed; a table by State and layer; the visits by the first layer."""
    track, path = found.track, found.path
    lines = [_head(track, path.start_us, path.end_us), _positions(found.integrity)]
    speed = say(f"track.speed.{path.speed_source}", speed=f"{path.speed_mps:.0f}")
    assumed = say(
        "track.assumed", speed=speed, gap=f"{found.options.gap_s:g}",
        radius=f"{found.options.containment_m:g}", fixes=path.assumed, all=len(path),
    )  # fmt: skip
    lines += [f"  {assumed}", *_findings(track), ""]
    lines += _table(found)
    seen: set[str] = set()
    for one in found.states:
        if one.state not in seen:
            seen.add(one.state)
            lines += _visits(one)
    moving = [one for one in found.comparisons if len(one.layers) > 1]
    if moving:
        lines += ["", "  " + say("track.between")]
    for each in moving:
        low, high = (_clock(value) for value in each.estimate_s)
        shallow, deep = (f"{value / 1000:.2f}" for value in each.depth_m)
        text = say("track.between.line", low=low, high=high, shallow=shallow, deep=deep)
        lines.append(f"    {each.state:5} {text}")
    return lines


def track_lines(track: Track, integrity: Integrity) -> list[str]:
    """What a track holds and how far it can be believed."""
    lines = [_head(track, int(track.t_us[0]), int(track.t_us[-1])), _positions(integrity)]
    step = np.diff(track.t_us) / 1e6
    longest = f"{step.max():.0f}" if len(step) else "-"
    median = f"{np.median(step):.3g}" if len(step) else "-"
    lines.append("  " + say("track.sampling", median=median, longest=longest))
    lines += [f"  {text}" for text in _read(track)]
    stated = track.containment_m[np.isfinite(track.containment_m)]
    if len(stated):
        worst = f"{stated.max():.0f}"
        lines.append(
            "  " + say("track.radius", fixes=len(stated), worst=worst, median=f"{np.median(stated):.0f}")
        )
    else:
        lines.append("  " + say("track.radius_none"))
    for start, end, first, last in zip(
        integrity.runs.start_us, integrity.runs.end_us, integrity.runs.first, integrity.runs.last, strict=True
    ):
        span = f"{iso(int(start))[:19]}Z – {iso(int(end))[11:19]}Z"
        lines.append("  " + say("track.run", span=span, fixes=int(last - first + 1)))
    return lines + _findings(track)


def track_json(track: Track, integrity: Integrity) -> dict[str, object]:
    """The same as values."""
    return {
        "schema": "atalaya.track-show/1",
        "source": track.source,
        "sha256": track.sha256,
        "format": track.format,
        "aircraft": track.aircraft,
        "callsigns": list(track.callsigns),
        "start": iso(int(track.t_us[0])),
        "end": iso(int(track.t_us[-1])),
        "heights": {name: spread for name in HEIGHTS if (spread := _spread(track, name))},
        "ground_speed": _spread(track, SPEED) or None,
        "integrity": integrity.as_json(),
        "findings": [finding.as_json() for finding in track.findings],
    }


HEIGHTS = {"height_hae_m": "hae", "height_msl_m": "msl", "height_pressure_m": "pressure"}
SPEED = "ground_speed_mps"


def _spread(track: Track, name: str) -> dict[str, object]:
    """Smallest and largest value of a column, how many fixes have one, and which column it was read from."""
    values = getattr(track, name)
    some = values[np.isfinite(values)]
    if not len(some):
        return {}
    low, high = float(some.min()), float(some.max())
    return {"lowest": low, "highest": high, "fixes": len(some), "column": track.columns.get(name)}


def _read(track: Track) -> list[str]:
    """Which heights and which speed were read, from which columns, and their range."""
    lines = [
        _range(track, name, say(f"track.height.{datum}", **_shown(track, name)))
        for name, datum in HEIGHTS.items()
        if _spread(track, name)
    ]
    if not lines:
        lines.append(say("track.no_height"))
    if _spread(track, SPEED):
        return [*lines, _range(track, SPEED, say("track.ground_speed", **_shown(track, SPEED)))]
    return [*lines, say("track.no_speed")]


def _shown(track: Track, name: str) -> dict[str, str]:
    spread = _spread(track, name)
    return {
        "low": f"{spread['lowest']:.0f}",
        "high": f"{spread['highest']:.0f}",
        "fixes": f"{spread['fixes']}",
    }


def _range(track: Track, name: str, text: str) -> str:
    column = track.columns.get(name)
    return say("track.column_read", text=text, column=printable(column)) if column else text


def _head(track: Track, start_us: int, end_us: int) -> str:
    names = " ".join(printable(name) for name in (track.aircraft, *track.callsigns[:4]) if name)
    span = f"{iso(start_us)[:19]}Z – {iso(end_us)[:19]}Z"
    return f"{names or '-'}  {span}  {_clock((end_us - start_us) / 1e6)}  {printable(track.source)}"


def _positions(integrity: Integrity) -> str:
    believed, fixes = int(integrity.credible.sum()), len(integrity.flags)
    odd = ", ".join(say(f"track.flag.{name}") + f" {count}" for name, count in integrity.counts().items())
    return "  " + say("track.positions", fixes=fixes, believed=believed, odd=odd or say("track.nothing_odd"))


def _findings(track: Track) -> list[str]:
    return [
        f"  {each.code}  {each.message}" + (f" ({each.count}×)" if each.count > 1 else "")
        for each in track.findings
    ]


def _table(found: Account) -> list[str]:
    keys = ("state", "layer", "bound", "verdict", *(kind.word for kind in SHOWN), "drawn", "range", "deepest")
    rows: list[Row] = [tuple(say(f"track.column.{key}") for key in keys)]
    rows += [_row(one) for one in found.states]
    widths = [max(len(row[i]) for row in rows) for i in range(len(keys))]
    return [
        "  "
        + "  ".join(
            cell.ljust(w) if i < 4 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


SHOWN = (Standing.CERTAIN_INSIDE, Standing.INDETERMINATE, Standing.POSSIBLE, Standing.NOT_CREDIBLE)


def _row(one: StateAccount) -> Row:
    spent = one.intervals.seconds()
    bound = f"{one.bound_m:.0f} m" if math.isfinite(one.bound_m) else "?"
    depth = "-" if one.deepest is None else f"{one.deepest.depth_m / 1000:.2f} km"
    drawn = one.seconds
    return (
        one.state, one.layer, bound, say(f"track.verdict.{one.verdict.word}"),
        *(_clock(spent[kind]) if spent[kind] else "-" for kind in SHOWN),
        _clock(drawn.estimate), f"{_clock(drawn.minimum)}–{_clock(drawn.maximum)}", depth,
    )  # fmt: skip


def _visits(one: StateAccount) -> list[str]:
    visits = one.visits
    lines = []
    if len(visits) or len(one.claimed_from_us):
        lines = ["", "  " + say("track.visits", state=one.state, layer=one.layer)]
    for row in range(min(len(visits), VISITS_SHOWN)):
        entry = _window(visits.entry_earliest_us[row], visits.entry_latest_us[row])
        leave = _window(visits.exit_earliest_us[row], visits.exit_latest_us[row])
        if visits.fixes[row]:
            lines.append(
                "    "
                + say("track.visit", entry=entry, exit=leave, fixes=visits.fixes[row], **_spent(visits, row))
            )
        else:
            lines.append("    " + say("track.possible", window=entry, **_spent(visits, row)))
    if len(visits) > VISITS_SHOWN:
        lines.append("    " + say("track.more_visits", count=len(visits) - VISITS_SHOWN))
    table = one.intervals
    doubted = np.flatnonzero(table.standing == Standing.NOT_CREDIBLE)[:VISITS_SHOWN]
    for start, end in zip(table.start_us[doubted].tolist(), table.end_us[doubted].tolist(), strict=True):
        seconds = f"{(end - start) / 1e6:.0f}"
        lines.append("    " + say("track.claimed", window=_window(start, end), seconds=seconds))
    for band in one.heights:
        lines.append(
            "    "
            + say(
                f"track.height.{band.datum}",
                low=f"{band.lowest_m:.0f}",
                high=f"{band.highest_m:.0f}",
                fixes=band.fixes,
            )
        )
    return lines


def _spent(visits: Visits, row: int) -> dict[str, str]:
    return {
        "least": _clock(float(visits.minimum_s[row])),
        "most": _clock(float(visits.maximum_s[row])),
        "supported": _clock(float(visits.supported_s[row])),
    }


def _window(earliest_us: int, latest_us: int) -> str:
    if earliest_us == NONE:
        return say("track.outside_record")
    early, late = iso(int(earliest_us))[11:19], iso(int(latest_us))[11:19]
    return early if early == late else f"{early}–{late}"


def _clock(seconds: float) -> str:
    """`1:02:03`, or `5.3 s` below a minute."""
    if seconds < 60.0:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
