"""Autopilot logs: MAVLink telemetry (.tlog) and ArduPilot's onboard log (.bin), through pymavlink.

GLOBAL_POSITION_INT is the position the autopilot holds; GPS_RAW_INT serves where a log has none and states
the
accuracy; SYSTEM_TIME ties the time since boot to UTC. Without it the ground station's stamp of each packet is
the time. Onboard logs carry GPS weeks.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.clock import EARLIEST_US, LATEST_US
from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.track.collector import Collector
from atalaya.earth.track.containment import RAYLEIGH_95

GPS_EPOCH_US = 315_964_800_000_000
WEEK_US = 604_800_000_000
LEAP_S = 18
"""GPS is ahead of UTC by 18 s since 2017-01-01 (IERS Bulletin C)."""

FIX_2D = 2
_TELEMETRY = ("GLOBAL_POSITION_INT", "GPS_RAW_INT", "SYSTEM_TIME")
_ONBOARD = ("GPS", "GPA")

Row = dict[str, float]


def read_mavlink(path: Path, collector: Collector) -> None:
    """Read one log into the collector, one aircraft per MAVLink system.

    Raises:
        BadInput: TRK-007, not such a log; TRK-015, it has positions but no absolute time.
    """
    collector.unit = "us"
    onboard = path.suffix.lower() == ".bin"
    try:
        rows = list(_onboard(path) if onboard else _telemetry(path, collector))
    except BadInput:
        raise
    except Exception as error:  # pymavlink raises whatever its indexing meets in damaged logs
        raise BadInput(
            "TRK-007", where=collector.source, detail=f"{type(error).__name__}: {error}"[:120]
        ) from error
    by_system: dict[str, list[Row]] = {}
    for system, row in rows:
        by_system.setdefault(system, []).append(row)
    for system, mine in by_system.items():
        names = dict.fromkeys(name for row in mine for name in row)
        collector.add(system, {name: np.array([row.get(name, np.nan) for row in mine]) for name in names})


def _messages(path: Path, kinds: tuple[str, ...]) -> Iterator[Any]:
    """Messages of some kinds. What pymavlink prints about damaged stretches is kept from the terminal."""
    log = _opened(path)
    try:
        while (message := _quietly(log.recv_match, type=list(kinds))) is not None:
            yield message
    finally:
        _close(log)


def _opened(path: Path) -> Any:
    """The log; its file is closed again where pymavlink gives up on it half-way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its opinion about our Python is no matter of the log
        from pymavlink import DFReader, mavutil
    kind = DFReader.DFReader_binary if path.suffix.lower() == ".bin" else mavutil.mavlogfile
    log = kind.__new__(kind)
    try:
        _quietly(log.__init__, str(path))
    except BaseException:
        _close(log)
        raise
    return log


def _close(log: Any) -> None:
    """Its `close` gives up where a view of the mapped file is still held, and leaves the file open."""
    for name in ("filehandle", "f", "data_map"):
        if (held := getattr(log, name, None)) is not None:
            with suppress(BufferError):
                held.close()


def _quietly(action: Callable[..., Any], *args: Any, **named: Any) -> Any:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return action(*args, **named)


def _telemetry(path: Path, collector: Collector) -> Iterator[tuple[str, Row]]:
    held, raw, boot_us = [], [], None
    for message in _messages(path, _TELEMETRY):
        kind, system = message.get_type(), str(message.get_srcSystem())
        stamp_us = int(message._timestamp * 1e6)
        if kind == "SYSTEM_TIME":
            if boot_us is None and EARLIEST_US <= message.time_unix_usec < LATEST_US:
                boot_us = message.time_unix_usec - 1000 * message.time_boot_ms
        elif kind == "GLOBAL_POSITION_INT":
            held.append((system, stamp_us, message.time_boot_ms * 1000, _position(message)))
        elif message.fix_type >= FIX_2D:
            raw.append((system, stamp_us, message.time_usec, _receiver(message)))
    if not held and not raw:
        raise BadInput("TRK-002", where=collector.source)
    if boot_us is None:
        collector.notes.append(Finding("TRK-016", Severity.WARNING, 1, collector.source))
    accuracy = {
        (system, stamp_us // 1_000_000): row.get("containment_m", np.nan) for system, stamp_us, _, row in raw
    }
    for system, stamp_us, since_boot_us, row in held or raw:
        absolute = EARLIEST_US <= since_boot_us < LATEST_US
        t_us = since_boot_us if absolute else stamp_us if boot_us is None else boot_us + since_boot_us
        if not EARLIEST_US <= t_us < LATEST_US:
            raise BadInput("TRK-015", where=collector.source)
        near = accuracy.get((system, stamp_us // 1_000_000), np.nan)
        yield system, {"t": float(t_us), "containment_m": near, **row}


def _position(message: Any) -> Row:
    return {
        "lon_deg": message.lon * 1e-7,
        "lat_deg": message.lat * 1e-7,
        "height_msl_m": message.alt * 1e-3,
        "ground_speed_mps": float(np.hypot(message.vx, message.vy)) * 1e-2,
    }


def _receiver(message: Any) -> Row:
    ellipsoidal = getattr(message, "alt_ellipsoid", 0)  # extension field: 0 where the sender does not know it
    accuracy = getattr(message, "h_acc", 0)
    return {
        "lon_deg": message.lon * 1e-7,
        "lat_deg": message.lat * 1e-7,
        "height_msl_m": message.alt * 1e-3,
        "height_hae_m": ellipsoidal * 1e-3 if ellipsoidal else np.nan,
        "ground_speed_mps": np.nan if message.vel == 65535 else message.vel * 1e-2,
        "containment_m": RAYLEIGH_95 * accuracy * 1e-3 if accuracy else np.nan,
    }


def _onboard(path: Path) -> Iterator[tuple[str, Row]]:
    accuracy: dict[int, float] = {}
    for message in _messages(path, _ONBOARD):
        receiver = int(getattr(message, "I", 0))
        if message.get_type() == "GPA":
            accuracy[receiver] = RAYLEIGH_95 * float(message.HAcc)
            continue
        if receiver != 0 or message.Status < FIX_2D:  # a second receiver would double the track
            continue
        week_us = int(message.GWk) * WEEK_US + int(message.GMS) * 1000
        yield (
            "",
            {
                "t": float(GPS_EPOCH_US + week_us - LEAP_S * 1_000_000),
                "lon_deg": float(message.Lng),
                "lat_deg": float(message.Lat),
                "height_msl_m": float(message.Alt),
                "ground_speed_mps": float(message.Spd),
                "containment_m": accuracy.get(receiver, np.nan) or np.nan,
            },
        )
