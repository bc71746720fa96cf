"""A small vehicle on the loopback that stores missions, fences and rally points, with faults on request."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from pymavlink.dialects.v20 import common

FIXED_WING, GENERIC, ARDUPILOT = 1, 0, 3
HEARTBEAT_S = 0.05


def free_port() -> int:
    """A UDP port nobody holds now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class SmallVehicle:
    """Runs in a thread inside its `with` block and sends to `port`.

    Args:
        port: where the ground station listens.
        autopilot: MAV_AUTOPILOT of its heartbeat.
        lose_every: every n-th packet to it is lost; 0 for none.
        not_ready: how many uploads it answers with NO_SPACE first.
        refuse: MAV_MISSION_RESULT for every upload; 0 accepts.
        noise: heartbeats of a ground station, a gimbal and a transponder besides its own.
        old: asks with MISSION_REQUEST, as old autopilots do.
        kind: "udp" sends to `port`, "tcp" listens there for one ground station at a time.
    """

    port: int
    autopilot: int = GENERIC
    lose_every: int = 0
    not_ready: int = 0
    refuse: int = 0
    noise: bool = False
    old: bool = False
    kind: str = "udp"
    held: dict[int, list[Any]] = field(default_factory=lambda: {0: [], 1: [], 2: []})

    def __enter__(self) -> Self:
        self._socket = self._opened()
        self._socket.settimeout(0.02)
        self._mav = common.MAVLink(None, srcSystem=7, srcComponent=1)
        self._mav.robust_parsing = True
        self._stop = threading.Event()
        self._seen = 0
        self._incoming: tuple[int, int, list[Any]] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5.0)
        self._socket.close()
        if self.kind == "tcp":
            self._server.close()

    def _opened(self) -> socket.socket:
        if self.kind == "tcp":  # listens, as a simulation does
            self._server = socket.create_server(("127.0.0.1", self.port))
            return self._server
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind(("127.0.0.1", 0))
        return opened

    def _run(self) -> None:
        next_heartbeat = 0.0
        while self.kind == "tcp" and self._socket is self._server and not self._stop.is_set():
            with suppress(TimeoutError):
                self._socket, _ = self._server.accept()
                self._socket.settimeout(0.02)
        while not self._stop.is_set():
            if time.monotonic() >= next_heartbeat:
                next_heartbeat = time.monotonic() + HEARTBEAT_S
                self._heartbeats()
            try:
                data = self._socket.recv(65535)
            except OSError:
                continue
            for message in self._mav.parse_buffer(data) or []:
                self._seen += 1
                if not self.lose_every or self._seen % self.lose_every:
                    self._heard(message)

    def _heartbeats(self) -> None:
        if self.noise:
            for system, component, kind in ((255, 190, 6), (7, 154, 26), (9, 156, 27)):
                other = common.MAVLink(None, srcSystem=system, srcComponent=component)
                beat = common.MAVLink_heartbeat_message(kind, 8, 0, 0, 4, 3)
                self._socket.sendto(beat.pack(other), ("127.0.0.1", self.port))
        self._send(common.MAVLink_heartbeat_message(FIXED_WING, self.autopilot, 0, 0, 4, 3))

    def _send(self, message: Any) -> None:
        data = message.pack(self._mav)
        if self.kind == "tcp":
            self._socket.sendall(data)
        else:
            self._socket.sendto(data, ("127.0.0.1", self.port))

    def _heard(self, message: Any) -> None:
        kind, to = message.get_type(), (message.get_srcSystem(), message.get_srcComponent())
        if kind == "MISSION_COUNT":
            self._offered(message, to)
        elif kind == "MISSION_ITEM_INT" and self._incoming is not None:
            self._item(message, to)
        elif kind == "MISSION_CLEAR_ALL":
            self.held[message.mission_type] = []
            self._send(common.MAVLink_mission_ack_message(*to, 0, message.mission_type))
        elif kind == "MISSION_REQUEST_LIST":
            count = len(self.held[message.mission_type])
            self._send(common.MAVLink_mission_count_message(*to, count, message.mission_type))
        elif kind == "MISSION_REQUEST_INT":
            self._asked(message, to)

    def _offered(self, message: Any, to: tuple[int, int]) -> None:
        result = 4 if self.not_ready > 0 else self.refuse
        self.not_ready -= 1
        if result:
            self._send(common.MAVLink_mission_ack_message(*to, result, message.mission_type))
            return
        self._incoming = (message.mission_type, message.count, [])
        self._want(to)

    def _want(self, to: tuple[int, int]) -> None:
        assert self._incoming is not None
        sort, count, items = self._incoming
        if len(items) == count:
            self.held[sort] = items
            self._send(common.MAVLink_mission_ack_message(*to, 0, sort))
            return
        ask = (
            common.MAVLink_mission_request_message if self.old else common.MAVLink_mission_request_int_message
        )
        self._send(ask(*to, len(items), sort))

    def _item(self, message: Any, to: tuple[int, int]) -> None:
        assert self._incoming is not None
        sort, count, items = self._incoming
        if message.mission_type != sort:
            return
        if message.seq == len(items) and len(items) < count:
            items.append(message)
        self._want(to)

    def _asked(self, message: Any, to: tuple[int, int]) -> None:
        sort = message.mission_type
        item = self.held[sort][message.seq]
        head = (*to, message.seq, item.frame, item.command, 0, item.autocontinue)
        params = (item.param1, item.param2, item.param3, item.param4, item.x, item.y, item.z)
        self._send(common.MAVLink_mission_item_int_message(*head, *params, sort))
