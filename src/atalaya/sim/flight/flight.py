"""A planned sortie as it is truly flown: the state of aircraft and camera at any instant.

The planned track is smoothed in time by a uniform cubic B-spline whose step follows from how fast the
aircraft
rolls: turns are rolled into and out of, speeds and climbs change gradually, and the flight stays within some
metres of the plan. Attitude follows from the motion: the nose into the moving air, the bank that a turn
without slip needs, the pitch of the climb. Nothing is integrated, so that any window of a flight is the same
by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.geoid import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.plan.flight.wind import CALM, WindField
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import Waypoint
from atalaya.sensing.platform import Platform
from atalaya.sim.flight import kernels
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.pointing import TURRET_STEP_S, Program, program_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONGEST_S = 7 * 86_400.0
"""A path that lasts longer was not flown by one aircraft."""

_GUST_STEP_S = 0.8
_BUMP_STEP_S = 5.0


@dataclass(frozen=True, slots=True)
class Handling:
    """How the aircraft flies, where its profile does not say.

    Args:
        roll_deg_s: how fast it rolls; None for 250 m/s over its loiter speed, 3 ... 60 (assumed: 3 of a
            large, 15 of a small aircraft).
        attack_deg: angle of attack in level flight (assumed).
        rough_deg: one sigma of what the air does to heading, pitch and roll (assumed: light turbulence).
    """

    roll_deg_s: float | None = None
    attack_deg: float = 2.5
    rough_deg: tuple[float, float, float] = (0.12, 0.2, 0.4)

    def roll_rate(self, platform: Platform) -> float:
        """Degrees a second."""
        if self.roll_deg_s is not None:
            return self.roll_deg_s
        return float(np.clip(900.0 / platform.loiter_ms, 3.0, 60.0))


@dataclass(frozen=True, eq=False)
class Flight:
    """A sortie as flown.

    Args:
        start_us: time of the take-off; seconds of this flight count from there.
        duration_s: until the landing.
        step_s: of the splines of place. control: (k, 6) as in `kernels.motion`.
        gusts, bumps: (m, 3) unit noise of the air, quick and slow.
        path: the plan, for fuel and legs.
        program: what the turret is told, and how it follows.
        handling: of the aircraft.
    """

    start_us: int
    duration_s: float
    step_s: float
    control: Floats
    gusts: Floats
    bumps: Floats
    path: FlightPath
    program: Program
    handling: Handling

    def motion(self, seconds: Floats) -> Floats:
        """(n, 9) of `kernels.motion`, radians: the smooth flight without what the air does to it."""
        return _motion(np.asarray(seconds, np.float64), self.step_s, self.control, self.handling)

    def at(self, t_us: Ints, *, late_s: Floats | float = 0.0) -> FrameTrack:
        """The state at instants.

        Args:
            t_us: (n,) int64 UTC, in any order; before the take-off and after the landing its ends are held.
            late_s: (n,) what is told is so much older than it says (negative: newer).
        """
        t_us = np.asarray(t_us, np.int64)
        seconds = np.clip((t_us - self.start_us) / 1e6 - late_s, 0.0, self.duration_s)
        state = self.motion(seconds)
        attitude = state[:, 6:9] + self._rough(seconds)
        segment, looked = self.program.at(seconds)
        chosen = self.program.segments
        angles = np.empty((len(seconds), 3))
        fixed = chosen.kind[segment] == kernels.FIXED
        kernels.relative(attitude, looked, fixed, chosen.low[segment], chosen.high[segment], angles)
        lon, lat, height, north, east, down = state[:, :6].T
        heading, pitch, roll = np.degrees(attitude).T
        azimuth, elevation, turn = np.degrees(angles).T
        return FrameTrack(
            t_us=t_us,
            lon_deg=np.degrees(lon),
            lat_deg=np.degrees(lat),
            height_hae_m=np.ascontiguousarray(height),
            heading_deg=heading % 360.0,
            pitch_deg=np.ascontiguousarray(pitch),
            roll_deg=np.ascontiguousarray(roll),
            rel_azimuth_deg=azimuth % 360.0,
            rel_elevation_deg=np.ascontiguousarray(elevation),
            rel_roll_deg=turn % 360.0,
            hfov_deg=chosen.hfov_deg[segment],
            vfov_deg=chosen.vfov_deg[segment],
            north_ms=np.ascontiguousarray(north),
            east_ms=np.ascontiguousarray(east),
            down_ms=np.ascontiguousarray(down),
            fuel=np.interp(seconds, (self.path.t_us - self.start_us) / 1e6, self.path.fuel),
            leg=self._leg(seconds),
            sensor=chosen.sensor[segment],
            sensors=self.program.sensors,
        )

    def _rough(self, seconds: Floats) -> Floats:
        out = np.zeros((len(seconds), 3))
        kernels.noise(seconds, 0.0, _GUST_STEP_S, self.gusts, out)
        kernels.noise(seconds, 0.0, _BUMP_STEP_S, self.bumps, out)
        return np.asarray(out * np.radians(self.handling.rough_deg) / np.sqrt(2.0))

    def _leg(self, seconds: Floats) -> Ints:
        starts = (self.path.t_us - self.start_us) / 1e6
        row = np.searchsorted(starts, seconds, side="right") - 1
        return self.path.waypoint[np.clip(row, 0, len(starts) - 1)]


def flight_of(
    path: FlightPath,
    waypoints: Sequence[Waypoint],
    platform: Platform,
    *,
    wind: WindField = CALM,
    seed: int = 0,
    terrain: Surface | None = None,
    handling: Handling | None = None,
) -> Flight:
    """The flight that follows from a plan.

    Args:
        path, waypoints: of the sortie; `path.waypoint` counts in `waypoints`.
        wind: it is really flown in; usually the one it was planned with.
        seed: of what the air does to the attitude.
        terrain: for the height of places that are stared at; needed where a LOITER has a task.

    Raises:
        BadInput: RNG-001 a path that goes nowhere or back in time; RNG-002 a task for a sensor or mode the
            platform does not have; RNG-003 no ground height under a place to stare at.
    """
    hand = handling or Handling()
    _require_path(path, len(waypoints))
    start_us = int(path.t_us[0])
    seconds = (path.t_us - start_us) / 1e6
    duration = float(seconds[-1])
    step = min(1.5 * platform.bank_deg / hand.roll_rate(platform), duration)
    control = _control(path, seconds, duration, step, wind)
    generator = np.random.default_rng((0x0F11, seed))
    gusts, bumps = (
        generator.standard_normal((int(duration / every) + 5, 3)) for every in (_GUST_STEP_S, _BUMP_STEP_S)
    )

    def state(at: Floats) -> Floats:
        return _motion(at, step, control, hand)

    program = program_of(path, waypoints, platform, state, terrain)
    return Flight(start_us, duration, step, control, gusts, bumps, path, program, hand)


def _motion(seconds: Floats, step: float, control: Floats, handling: Handling) -> Floats:
    out = np.empty((len(seconds), 9))
    kernels.motion(
        np.ascontiguousarray(seconds), 0.0, step, control, float(np.radians(handling.attack_deg)), out
    )
    return out


def _require_path(path: FlightPath, waypoints: int) -> None:
    seconds = (path.t_us - path.t_us[:1]) / 1e6
    finite = np.isfinite(path.lon_deg + path.lat_deg + path.height_msl_m + path.fuel).all()
    rising = len(seconds) >= 2 and bool(np.all(np.diff(path.t_us) >= 0))
    lasted = float(seconds[-1]) if len(seconds) else 0.0
    legs = bool(len(path.waypoint)) and path.waypoint.min() >= 0 and path.waypoint.max() < waypoints
    if not (finite and rising and legs and TURRET_STEP_S < lasted <= LONGEST_S):
        raise BadInput("RNG-001", rows=len(seconds), seconds=f"{lasted:.0f}", waypoints=waypoints)


def _control(path: FlightPath, seconds: Floats, duration: float, step: float, wind: WindField) -> Floats:
    """(k, 6) control points: place on the ellipsoid, height above it, wind; some beyond either end."""
    count = int(np.ceil(duration / step)) + 4
    at = (np.arange(count) - 1) * step
    inside = np.clip(at, 0.0, duration)
    place = geodetic_to_ecef(path.lon_deg, path.lat_deg, 0.0)
    height = converted_height_m(path.height_msl_m, path.lon_deg, path.lat_deg, have="msl", want="hae")
    known = np.column_stack((place, height))
    control = _read(seconds, known, inside)
    # beyond the ends the flight runs straight on: the spline then meets them at speed
    for where, edge, back in ((at < 0.0, 0.0, step), (at > duration, duration, -step)):
        slope = (
            _read(seconds, known, np.array([edge + back])) - _read(seconds, known, np.array([edge]))
        ) / back
        control[where] += (at[where] - inside[where])[:, None] * slope
    t_us = path.t_us[0] + np.rint(inside * 1e6).astype(np.int64)
    lon, lat = (np.interp(inside, seconds, part) for part in (_unwound(path.lon_deg), path.lat_deg))
    msl = np.interp(inside, seconds, path.height_msl_m)
    return np.ascontiguousarray(np.column_stack((control, wind.at(t_us, msl, lon, lat))))


def _unwound(lon_deg: Floats) -> Floats:
    return np.asarray(np.unwrap(lon_deg, period=360.0))


def _read(seconds: Floats, known: Floats, at: Floats) -> Floats:
    return np.stack([np.interp(at, seconds, column) for column in known.T], axis=-1)
