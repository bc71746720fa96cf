"""Faults real senders have, put into a recording on purpose, each with the code that must find it.

A fault is injected in a size that can be seen in the flight it is injected into, or not at all: an absolute
azimuth says nothing while the aircraft flies north, a stopped angle nothing while it does not move. What
counts as visible is said by each and checked before (`inject` answers None where it is not).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import angles_zyx
from atalaya.earth.geoid import converted_height_m
from atalaya.klv.encode_columns import Packets
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import cameras
from atalaya.sim.flight.seen import Seen
from atalaya.sim.record.stated import missed_deg

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Record:
    """What an aircraft is about to send: its state as stated, and what it says it sees."""

    stated: FrameTrack
    seen: Seen


Injector = Callable[[Record, np.random.Generator], Record | None]
Harm = Callable[[int, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of a sender.

    Args:
        name: of it. codes: of repairs or findings, any of which finds it. inject: gives the record with the
            fault, None where it could not be seen in it.
    """

    name: str
    codes: tuple[str, ...]
    inject: Injector


@dataclass(frozen=True, slots=True)
class Damage:
    """One mistake of the way the packets went, likewise.

    Args:
        name: of it. codes: of findings, any of which finds it.
        harm: from how many packets there are to what becomes of each, by its row; empty for one that is lost.
    """

    name: str
    codes: tuple[str, ...]
    harm: Callable[[int, np.random.Generator], Harm]

    def inject(self, packets: Packets, rng: np.random.Generator) -> bytes:
        """Packets end to end, with the mistake."""
        harm = self.harm(len(packets), rng)
        return b"".join(harm(row, packets[row]) for row in range(len(packets)))


SMALLEST_DEG = 1.5
"""Angles that a fault moves the line of sight by, at least."""

SMALLEST_LEVEL_SHARE = 0.05
"""Of the height above ground: smallest error of a frame centre's height."""

SMALLEST_UNDULATION_M = 8.0
"""A datum mix-up smaller than this is not injected."""

_FOOT = 0.3048
_TARGET = ("range_m", "lon_deg", "lat_deg", "height_hae_m")
LAGGING: dict[str, tuple[str, ...]] = {
    "position": ("lon_deg", "lat_deg", "height_hae_m"),
    "attitude": ("heading_deg", "pitch_deg", "roll_deg"),
    "gimbal": ("rel_azimuth_deg", "rel_elevation_deg", "rel_roll_deg"),
    "target": (),
}
"""Columns that come from one source; "target" is all of `Seen`."""

FREEZING: dict[str, tuple[str, ...]] = {
    "position": ("lon_deg", "lat_deg"),
    "heading": ("heading_deg",),
    "azimuth": ("rel_azimuth_deg",),
    "centre": (),
}


def _changed(record: Record, **columns: Floats) -> Record:
    return replace(record, stated=replace(record.stated, **columns))  # type: ignore[arg-type]


def _world(track: FrameTrack) -> tuple[Floats, Floats, Floats]:
    return angles_zyx(cameras(track))


def _off(first: Floats, second: Floats) -> Floats:
    return np.abs((first - second + 180.0) % 360.0 - 180.0)


def absolute_azimuth(record: Record, _rng: np.random.Generator) -> Record | None:
    """Item 18 from north. Visible where that moves the line of sight by 1.5 degrees in the middle."""
    azimuth, _, _ = _world(record.stated)
    level = np.cos(np.radians(record.stated.rel_elevation_deg))
    moved = _off(azimuth, record.stated.rel_azimuth_deg) * level
    return _changed(record, rel_azimuth_deg=azimuth) if np.median(moved) >= SMALLEST_DEG else None


def absolute_elevation(record: Record, _rng: np.random.Generator) -> Record | None:
    """Item 19 from the level plane. Visible where the two differ by 1.5 degrees in the middle."""
    _, elevation, _ = _world(record.stated)
    moved = _off(elevation, record.stated.rel_elevation_deg)
    return _changed(record, rel_elevation_deg=elevation) if np.median(moved) >= SMALLEST_DEG else None


def absolute_both(record: Record, rng: np.random.Generator) -> Record | None:
    """Items 18, 19 and 20 from north, the level plane and the horizon; visible if both are."""
    if absolute_azimuth(record, rng) is None or absolute_elevation(record, rng) is None:
        return None
    azimuth, elevation, roll = _world(record.stated)
    return _changed(record, rel_azimuth_deg=azimuth, rel_elevation_deg=elevation, rel_roll_deg=roll % 360.0)


def azimuth_bias(record: Record, rng: np.random.Generator) -> Record | None:
    """Item 18 off by a constant that turns the line of sight by 1.5 to 6 degrees, 25 in azimuth at most.

    Not visible straight down.
    """
    level = float(np.median(np.cos(np.radians(record.stated.rel_elevation_deg))))
    bias = _signed(rng, SMALLEST_DEG, 4.0 * SMALLEST_DEG) / max(level, 1e-3)
    if abs(bias) > 25.0:
        return None
    return _changed(record, rel_azimuth_deg=(record.stated.rel_azimuth_deg + bias) % 360.0)


def elevation_bias(record: Record, rng: np.random.Generator) -> Record | None:
    """Item 19 off by a constant of 1.5 to 6 degrees."""
    bias = _signed(rng, SMALLEST_DEG, 4.0 * SMALLEST_DEG)
    return _changed(record, rel_elevation_deg=record.stated.rel_elevation_deg + bias)


def sensor_height_msl(record: Record, _rng: np.random.Generator) -> Record | None:
    """Height above the sea in item 104, which is above the ellipsoid. Visible where they differ by 8 m."""
    track = record.stated
    moved = converted_height_m(track.height_hae_m, track.lon_deg, track.lat_deg, have="hae", want="msl")
    if np.median(np.abs(moved - track.height_hae_m)) < SMALLEST_UNDULATION_M or not _sloped(record, 8.0):
        return None
    return _changed(record, height_hae_m=moved)


def centre_height_msl(record: Record, _rng: np.random.Generator) -> Record | None:
    """Height above the sea in item 78, likewise."""
    seen = record.seen
    moved = converted_height_m(seen.height_hae_m, seen.lon_deg, seen.lat_deg, have="hae", want="msl")
    if np.nanmedian(np.abs(moved - seen.height_hae_m)) < SMALLEST_UNDULATION_M or not _sloped(record, 8.0):
        return None
    return replace(record, seen=replace(seen, height_hae_m=moved))


def centre_height_shift(record: Record, rng: np.random.Generator) -> Record | None:
    """Item 78 off by a constant, 5 to 25 % of the height above ground. Not visible straight down."""
    seen = record.seen
    above = float(np.nanmedian(record.stated.height_hae_m - seen.height_hae_m[:, 0]))
    shift = _signed(rng, SMALLEST_LEVEL_SHARE * above, 5.0 * SMALLEST_LEVEL_SHARE * above)
    if not _sloped(record, abs(shift)):
        return None
    return replace(record, seen=replace(seen, height_hae_m=seen.height_hae_m + shift))


def corners_swapped(record: Record, rng: np.random.Generator) -> Record | None:
    """Corners in another order: left and right, or above and below, or numbered the other way round."""
    orders = ([0, 2, 1, 4, 3], [0, 4, 3, 2, 1], [0, 1, 4, 3, 2])
    order = orders[int(rng.integers(len(orders)))]
    seen = record.seen
    parts = {name: getattr(seen, name)[:, order] for name in ("lon_deg", "lat_deg", "height_hae_m")}
    return replace(record, seen=replace(seen, **parts))


def slant_in_feet(record: Record, _rng: np.random.Generator) -> Record | None:
    """Item 21 in feet."""
    return replace(record, seen=replace(record.seen, range_m=record.seen.range_m / _FOOT))


def half_view(record: Record, rng: np.random.Generator) -> Record | None:
    """Items 16 and 17 as half angles, or twice what they are."""
    factor = float(rng.choice([0.5, 2.0]))
    track = record.stated
    return _changed(record, hfov_deg=track.hfov_deg * factor, vfov_deg=track.vfov_deg * factor)


def late(group: str) -> Injector:
    """A group of columns half a second to three seconds older than the rest of its packet.

    Visible where, after the best constant correction of azimuth and elevation, half a degree of the line of
    sight remains unexplained, in the odd eighths of the time and in the even ones: a straight flight or an
    even turn looks like a constant error, and what shows only once cannot be proved elsewhere.
    """

    def inject(record: Record, rng: np.random.Generator) -> Record | None:
        clock = (record.stated.t_us - record.stated.t_us[0]) / 1e6
        rows = np.searchsorted(clock, clock - rng.uniform(0.5, 3.0))
        made = _from_rows(record, LAGGING[group], rows)
        return made if _lasts(missed_deg(made.stated, made.seen, but_for_constants=True)) else None

    return inject


def frozen(group: str) -> Injector:
    """Columns that stop for a quarter to a half of the time, ten seconds at least.

    Visible where the line of sight misses by three degrees and more before they move again.
    """

    def inject(record: Record, rng: np.random.Generator) -> Record | None:
        clock = (record.stated.t_us - record.stated.t_us[0]) / 1e6
        lasts = max(10.0, float(rng.uniform(0.25, 0.5)) * float(clock[-1]))
        if lasts > 0.7 * clock[-1]:
            return None
        begin = int(np.searchsorted(clock, rng.uniform(0.1, 0.9) * (clock[-1] - lasts)))
        end = int(np.searchsorted(clock, clock[begin] + lasts))
        rows = np.arange(len(clock))
        rows[begin:end] = begin
        made = _from_rows(record, FREEZING[group], rows)
        within = np.arange(begin, end)
        off = missed_deg(made.stated, made.seen)[within]
        return made if np.nanpercentile(off, 95.0) >= 3.0 and _moves_alone(record, group, within) else None

    return inject


def _lasts(off: Floats) -> bool:
    """Whether half a degree is exceeded by a fifth of both the odd and the even eighths of the rows."""
    eighth = np.arange(len(off)) * 8 // len(off)
    return all(bool(np.nanpercentile(off[eighth % 2 == side], 80.0) >= 0.5) for side in (0, 1))


def _moves_alone(record: Record, group: str, rows: NDArray[np.intp]) -> bool:
    """Whether a stopped value is told from one that rests: else it moves in most packets."""
    name = {"position": "lat_deg", "heading": "heading_deg", "azimuth": "rel_azimuth_deg"}.get(group)
    values = record.seen.lat_deg[:, 0] if name is None else getattr(record.stated, name)
    return bool(np.mean(np.diff(values[rows]) != 0.0) > 0.5)


def _from_rows(record: Record, columns: tuple[str, ...], rows: NDArray[np.intp]) -> Record:
    """Some columns (none: what is seen) taken from other rows."""
    if columns:
        return _changed(record, **{name: getattr(record.stated, name)[rows] for name in columns})
    return replace(record, seen=Seen(*(getattr(record.seen, name)[rows] for name in _TARGET)))


def _signed(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(low, high))


def _sloped(record: Record, shift_m: float) -> bool:
    """Whether a change of a height turns the line of sight by 0.1 degrees: not straight down or far off."""
    slant = float(np.nanmedian(record.seen.range_m))
    level = float(np.nanmedian(np.cos(np.radians(_world(record.stated)[1]))))
    return float(np.degrees(shift_m * level / max(slant, 1.0))) >= 0.1


def lost(count: int, rng: np.random.Generator) -> Harm:
    """Two to fifteen packets in a hundred gone, and once a second's worth of them in a row."""
    kept = rng.random(count) > rng.uniform(0.02, 0.15)
    begin = int(rng.integers(0, max(count - 40, 1)))
    kept[begin : begin + 30] = False
    kept[[0, -1]] = True
    return lambda row, packet: packet if kept[row] else b""


def damaged(count: int, rng: np.random.Generator) -> Harm:
    """Bytes changed in one to ten packets in a hundred, at least three."""
    hit = max(3, int(count * rng.uniform(0.01, 0.1)))
    seeds = dict.fromkeys(rng.choice(count, min(hit, count), replace=False).tolist(), 0)
    seeds = {row: int(rng.integers(2**63)) for row in seeds}

    def harm(row: int, packet: bytes) -> bytes:
        if row not in seeds:
            return packet
        own, data = np.random.default_rng(seeds[row]), np.frombuffer(packet, np.uint8).copy()
        places = own.integers(0, len(data), int(own.integers(1, 5)))
        data[np.unique(places)] ^= np.uint8(own.integers(1, 256))
        return data.tobytes()

    return harm


FAULTS: tuple[Fault, ...] = (
    Fault("absolute azimuth", ("AUD-010",), absolute_azimuth),
    Fault("absolute elevation", ("AUD-011",), absolute_elevation),
    Fault("absolute azimuth and elevation", ("AUD-012",), absolute_both),
    Fault("azimuth bias", ("AUD-030",), azimuth_bias),
    Fault("elevation bias", ("AUD-031",), elevation_bias),
    Fault("sensor height above the sea", ("AUD-022",), sensor_height_msl),
    Fault("frame centre height above the sea", ("AUD-023",), centre_height_msl),
    Fault("frame centre height shifted", ("AUD-020",), centre_height_shift),
    Fault("corners in another order", ("AUD-050",), corners_swapped),
    Fault("slant range in feet", ("AUD-070",), slant_in_feet),
    Fault("half or double field of view", ("AUD-070",), half_view),
    Fault("positions late", ("AUD-040",), late("position")),
    Fault("attitudes late", ("AUD-041",), late("attitude")),
    Fault("camera angles late", ("AUD-042",), late("gimbal")),
    Fault("frame centres late", ("AUD-044",), late("target")),
    Fault("positions frozen", ("AUD-060",), frozen("position")),
    Fault("heading frozen", ("AUD-060",), frozen("heading")),
    Fault("azimuth frozen", ("AUD-060",), frozen("azimuth")),
    Fault("frame centres frozen", ("AUD-060",), frozen("centre")),
)
"""What the audit of the geometry must find and repair."""

DAMAGES: tuple[Damage, ...] = (
    Damage("packets lost", ("FTG-088",), lost),
    Damage("packets damaged", ("KLV-101", "KLV-102", "KLV-103", "KLV-105", "KLV-106", "KLV-107"), damaged),
)
"""What the reader of the stream must find."""
