"""ST 1204.3, Motion Imagery Identification System: the core identifier (tag 94 of ST 0601, or alone)."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from atalaya.base.errors import BadInput
from atalaya.klv.table import Nested

QUALITIES: Final = ("none", "managed", "virtual", "physical")


@dataclass(frozen=True, slots=True)
class CoreIdentifier:
    """Who made a stream: sensor, platform, window, minor identifiers, in the order of the standard.

    `sensor_quality` and `platform_quality` are 0 to 3 (`QUALITIES`); 0 where the identifier is absent.
    """

    version: int
    sensor_quality: int = 0
    sensor: UUID | None = None
    platform_quality: int = 0
    platform: UUID | None = None
    window: UUID | None = None
    minor: UUID | None = None

    @property
    def usage(self) -> int:
        """The usage byte: which identifiers follow, and how good the first two are."""
        return (
            self.sensor_quality << 5
            | self.platform_quality << 3
            | (self.window is not None) << 2
            | (self.minor is not None) << 1
        )

    def to_bytes(self) -> bytes:
        """The identifier as it is transmitted."""
        parts = (self.sensor, self.platform, self.window, self.minor)
        return bytes((self.version, self.usage)) + b"".join(part.bytes for part in parts if part)

    def as_json(self) -> dict[str, object]:
        """Ready for JSON; identifiers as UUID text."""
        shown: dict[str, object] = {"version": self.version}
        if self.sensor:
            shown |= {"sensor": str(self.sensor), "sensor_quality": QUALITIES[self.sensor_quality]}
        if self.platform:
            shown |= {"platform": str(self.platform), "platform_quality": QUALITIES[self.platform_quality]}
        shown |= {name: str(part) for name, part in (("window", self.window), ("minor", self.minor)) if part}
        return shown


def read(data: bytes) -> CoreIdentifier:
    """The identifier in some bytes.

    Raises:
        BadInput: KLV-005, the length does not match the usage byte or reserved bits are set.
    """
    if len(data) < 2 or data[1] & 0x81 or data[0] != 1:
        raise BadInput("KLV-005", set="ST 1204")
    usage = data[1]
    sensor_quality, platform_quality = usage >> 5 & 3, usage >> 3 & 3
    present = (sensor_quality > 0, platform_quality > 0, bool(usage & 4), bool(usage & 2))
    if len(data) != 2 + 16 * sum(present):
        raise BadInput("KLV-005", set="ST 1204")
    places = iter(range(2, len(data), 16))
    found = [UUID(bytes=data[(at := next(places)) : at + 16]) if here else None for here in present]
    return CoreIdentifier(data[0], sensor_quality, found[0], platform_quality, found[1], found[2], found[3])


def _write(value: object, _length: int) -> bytes:
    if not isinstance(value, CoreIdentifier):
        raise BadInput("KLV-003", item="miis_core_id", value=value)
    return value.to_bytes()


NESTED: Final = Nested(read, _write)
