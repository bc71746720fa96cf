"""Missions, fences and rally points to a vehicle and back, by the MAVLink mission protocol.

In: an endpoint and a mission. Out: what the vehicle now holds, for `compare`. Only the loopback is spoken to
unless more is allowed. Source: https://mavlink.io/en/services/mission.html

    upload("udpin:127.0.0.1:14550", mission)
    held = download("udpin:127.0.0.1:14550")
    compare(mission, held)
"""

from atalaya.plan.exports.mavlink.endpoint import Endpoint, endpoint_of
from atalaya.plan.exports.mavlink.link import Link, Vehicle
from atalaya.plan.exports.mavlink.transfer import PATIENT, Patience, receive_items, send_items
from atalaya.plan.exports.mavlink.vehicle import compare, connected, download, upload

__all__ = [
    "PATIENT",
    "Endpoint",
    "Link",
    "Patience",
    "Vehicle",
    "compare",
    "connected",
    "download",
    "endpoint_of",
    "receive_items",
    "send_items",
    "upload",
]
