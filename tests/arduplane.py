"""Fly a mission in an ArduPlane SITL over MAVLink and say when each item was reached, in simulation time.

What it takes: simulation time (`time_boot_ms`), since the simulation may run far faster than the clock; the
wind set and waited for; an estimator that uses GPS before arming; AUTO and arming repeated until taken.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from atalaya.plan.exports.mavlink import Link, Vehicle

ARM, SET_MODE, SET_INTERVAL = 400, 176, 511
AUTO_MODE, CUSTOM = 10, 1
ARMED = 128
HORIZONTAL_ABSOLUTE = 1 << 4
"""EKF_POS_HORIZ_ABS of ESTIMATOR_STATUS and EKF_STATUS_REPORT: the estimator knows where it is."""


@dataclass(frozen=True)
class Flown:
    """Rows (simulation s, lon, lat, height MSL m) and the time at which each mission item was reached."""

    track: list[tuple[float, float, float, float]]
    reached_s: dict[int, float]


class Plane:
    """One ArduPlane on an open link."""

    def __init__(self, link: Link, vehicle: Vehicle) -> None:
        self._link, self._vehicle = link, vehicle
        self._target = (vehicle.system, vehicle.component)

    def set_parameter(self, name: str, value: float) -> None:
        """Set a parameter and wait until the vehicle says it has it."""
        words = self._link.words
        for _ in range(20):
            self._link.send(words.MAVLink_param_set_message(*self._target, name.encode(), value, 9))
            said = self._link.receive(
                lambda m: m.get_type() == "PARAM_VALUE" and m.param_id.rstrip("\0") == name, 1.0
            )
            if said is not None and abs(said.param_value - value) < 1e-3:
                return
        raise AssertionError(f"{name} was not taken")

    def command(self, number: int, *params: float) -> bool:
        """Send one command; whether the vehicle accepted it."""
        filled = (*params, *(0.0,) * (7 - len(params)))
        self._link.send(self._link.words.MAVLink_command_long_message(*self._target, number, 0, *filled))
        said = self._link.receive(lambda m: m.get_type() == "COMMAND_ACK" and m.command == number, 2.0)
        return said is not None and said.result == 0

    def wait_for_position(self, patience_s: float = 180.0) -> None:
        """Until GPS has a fix and the estimator an absolute position."""
        self.command(SET_INTERVAL, 230, 200_000.0)
        self.command(SET_INTERVAL, 193, 200_000.0)
        self.command(SET_INTERVAL, 33, 100_000.0)
        sound = self._link.receive(
            lambda m: (
                m.get_type() in ("ESTIMATOR_STATUS", "EKF_STATUS_REPORT")
                and bool(m.flags & HORIZONTAL_ABSOLUTE)
            ),
            patience_s,
        )
        placed = self._link.receive(
            lambda m: m.get_type() == "GLOBAL_POSITION_INT" and (m.lat, m.lon) != (0, 0), 30.0
        )
        assert sound is not None or placed is not None, "the estimator has no position"

    def wait_simulated(self, seconds: float) -> None:
        """Until so much simulation time has passed."""
        first = self._position(60.0)
        while self._position(60.0)[0] - first[0] < seconds:
            pass

    def start(self, patience_s: float = 240.0) -> None:
        """AUTO and armed, repeated until taken."""
        end = monotonic() + patience_s
        while monotonic() < end:
            self.command(SET_MODE, CUSTOM, AUTO_MODE)
            self.command(ARM, 1.0)
            beat = self._link.receive(self._own_heartbeat, 3.0)
            if beat is not None and beat.base_mode & ARMED and beat.custom_mode == AUTO_MODE:
                return
        raise AssertionError("the vehicle did not arm in AUTO")

    def _own_heartbeat(self, message: Any) -> bool:
        """Of component 1 and type 1: gimbals, cameras and transponders send heartbeats too."""
        return bool(
            message.get_type() == "HEARTBEAT"
            and message.get_srcSystem() == self._vehicle.system
            and message.get_srcComponent() == 1
            and message.type == 1
        )

    def _position(self, patience_s: float) -> tuple[float, float, float, float]:
        message = self._link.receive(lambda m: m.get_type() == "GLOBAL_POSITION_INT", patience_s)
        assert message is not None, "no position"
        return (message.time_boot_ms / 1e3, message.lon / 1e7, message.lat / 1e7, message.alt / 1e3)

    def fly(self, last: int, patience_s: float = 3600.0) -> Flown:
        """Follow the flight until item `last` (ArduPilot's number: home is 0) is reached."""
        track: list[tuple[float, float, float, float]] = []
        reached: dict[int, float] = {}
        end = monotonic() + patience_s
        while last not in reached and monotonic() < end:
            message = self._link.receive(
                lambda m: m.get_type() in ("GLOBAL_POSITION_INT", "MISSION_ITEM_REACHED"), 60.0
            )
            assert message is not None, "the vehicle fell silent"
            if message.get_type() == "MISSION_ITEM_REACHED":
                if track:
                    reached.setdefault(message.seq, track[-1][0])
                continue
            row = (message.time_boot_ms / 1e3, message.lon / 1e7, message.lat / 1e7, message.alt / 1e3)
            track.append(row)
        assert last in reached, f"item {last} was not reached"
        return Flown(track, reached)
