"""A link that carries MAVLink 2 packets: opened, kept alive with heartbeats, read with patience."""

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Self

from atalaya.base.errors import NotFound, Usage
from atalaya.plan.exports.mavlink.endpoint import Endpoint

GROUND_STATION, NO_AUTOPILOT, ACTIVE = 6, 8, 4
OUR_SYSTEM, OUR_COMPONENT = 255, 190
AUTOPILOT_COMPONENT = 1
AIRCRAFT = frozenset({0, 1, 2, 3, 4, 7, 8, 13, 14, 15, 16, *range(19, 26), 28, 29, 35})
"""Types of MAV_TYPE that are flown; ground stations, gimbals, cameras, transponders and the rest are not."""

HEARTBEAT_S = 1.0
_LARGEST = 65_535


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Who answers on a link: addresses, MAV_AUTOPILOT and MAV_TYPE of its heartbeat."""

    system: int
    component: int
    autopilot: int
    type: int


class Link:
    """An open link; use it in a `with` block.

    Raises:
        Usage: XPT-017, it cannot be opened.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        from pymavlink.dialects.v20 import common  # 0.3 s: not before a link is opened

        self.words: Any = common
        self._mav: Any = common.MAVLink(None, srcSystem=OUR_SYSTEM, srcComponent=OUR_COMPONENT)
        self._mav.robust_parsing = True
        self._pending: list[Any] = []
        self._next_heartbeat = 0.0
        self._peer: Any = None
        self._listening: socket.socket | None = None
        self._over = False
        self._endpoint = endpoint
        try:
            self._socket = self._opened()
        except OSError as error:
            raise Usage(
                "XPT-017", where=str(endpoint), endpoint=str(endpoint), detail=error.strerror or str(error)
            ) from error

    def _opened(self) -> socket.socket:
        address = (self._endpoint.host, self._endpoint.port)
        family = socket.AF_INET6 if ":" in self._endpoint.host else socket.AF_INET
        kind = socket.SOCK_STREAM if self._endpoint.kind.startswith("tcp") else socket.SOCK_DGRAM
        opened = socket.socket(family, kind)
        try:
            if self._endpoint.kind in ("udpin", "tcpin"):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                opened.bind(address)
            else:
                opened.settimeout(10.0)
                opened.connect(address)
            if self._endpoint.kind == "tcpin":
                opened.listen(1)
                self._listening = opened
        except OSError:
            opened.close()
            raise
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        if self._listening is not None:
            self._listening.close()

    def send(self, message: Any) -> None:
        """Send one message; lost silently where no peer is known yet, as packets may be."""
        data = message.pack(self._mav)
        with suppress(OSError):  # a refused or full socket is a lost packet: the protocol repeats
            if self._endpoint.kind == "udpin":
                if self._peer is not None:
                    self._socket.sendto(data, self._peer)
            elif self._socket is not self._listening:
                self._socket.sendall(data)

    def receive(self, wanted: Callable[[Any], bool], patience_s: float) -> Any:
        """The first message that is wanted, or None when patience ends; the others are passed over."""
        end = monotonic() + patience_s
        while True:
            while self._pending:
                message = self._pending.pop(0)
                if wanted(message):
                    return message
            now = monotonic()
            if now >= end:
                return None
            if now >= self._next_heartbeat:
                self._next_heartbeat = now + HEARTBEAT_S
                self.send(self.words.MAVLink_heartbeat_message(GROUND_STATION, NO_AUTOPILOT, 0, 0, ACTIVE, 3))
            self._read(min(end - now, 0.2))

    def _read(self, patience_s: float) -> None:
        if self._over:  # a closed connection is silence, which ends in the same error
            sleep(max(patience_s, 0.0))
            return
        ready, _, _ = select.select([self._socket], [], [], max(patience_s, 0.0))
        if not ready:
            return
        if self._socket is self._listening:
            self._socket, _ = self._listening.accept()
            return
        try:
            data, peer = self._socket.recvfrom(_LARGEST)
        except OSError:  # an ICMP refusal of an earlier packet: nobody listens there yet
            return
        self._over = not data and self._endpoint.kind.startswith("tcp")
        if self._endpoint.kind == "udpin":
            self._peer = peer
        self._pending += self._mav.parse_buffer(data) or []

    def vehicle(self, patience_s: float) -> Vehicle:
        """The first autopilot heard.

        Raises:
            NotFound: XPT-018, none within the patience.
        """
        heard = self.receive(is_autopilot, patience_s)
        if heard is None:
            raise NotFound("XPT-018", where=str(self._endpoint), seconds=f"{patience_s:g}")
        return Vehicle(heard.get_srcSystem(), heard.get_srcComponent(), heard.autopilot, heard.type)


def is_autopilot(message: Any) -> bool:
    """Whether a message is the heartbeat of an aircraft's autopilot, not of something else on the link."""
    return bool(
        message.get_type() == "HEARTBEAT"
        and message.get_srcComponent() == AUTOPILOT_COMPONENT
        and message.autopilot != NO_AUTOPILOT
        and message.type in AIRCRAFT
    )
