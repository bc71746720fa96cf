"""Where a vehicle is reached: `udpin:`, `udpout:`, `tcp:` and `tcpin:` with host and port, as in pymavlink.

`udpin` waits for the vehicle's packets at a port of ours, `udpout` sends to a port of the vehicle's.
"""

import ipaddress
import re
from dataclasses import dataclass

from atalaya.base.errors import NotAuthorised, Usage

KINDS = ("udpin", "udpout", "tcp", "tcpin")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a link."""

    kind: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.host}:{self.port}"


def endpoint_of(text: str, *, allow_remote: bool = False) -> Endpoint:
    """The endpoint a text names; MAVSDK's spelling with `//` is understood too.

    Raises:
        Usage: XPT-017, not such a text.
        NotAuthorised: XPT-016, it is not on this machine and that was not allowed.
    """
    found = re.fullmatch(r"(\w+):(?://)?(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})", text.strip())
    if found is None or found[1] not in KINDS or not 0 < int(found[3]) < 65536:
        raise Usage("XPT-017", where=text[:80], endpoint=text[:80], detail=", ".join(KINDS))
    endpoint = Endpoint(found[1], found[2].strip("[]"), int(found[3]))
    if not allow_remote and not _loopback(endpoint.host):
        raise NotAuthorised("XPT-016", where=text[:80], endpoint=str(endpoint))
    return endpoint


def _loopback(host: str) -> bool:
    """Names other than localhost are not looked up: what they mean can change between asking and sending."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
