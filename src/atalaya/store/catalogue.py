"""The catalogue port: what was received and what was made of it."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """One recording, known by the hash of its bytes.

    Args:
        sha256: hex, of the file as received.
        name: file name as first received.
        bytes: size.
        kind: "mpegts", "mp4", "klv", "still" or "live".
        received_us: when it was first registered, microseconds UTC.
        start_us, end_us: first and last frame, microseconds UTC; None where no clock could be trusted.
        frames: number of frames (of packets, for bare KLV).
        bounds_deg: (west, south, east, north) of footprints and track, WGS 84; None without any.
    """

    sha256: str
    name: str
    bytes: int
    kind: str
    received_us: int
    start_us: int | None
    end_us: int | None
    frames: int
    bounds_deg: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """One file made from a recording; `path` is relative to the workspace, with forward slashes."""

    kind: str
    path: str
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ExploitRecord:
    """One reading of one recording: the result as `--json` prints it and the files it made."""

    sha256: str
    variant: str
    version: str
    result: dict[str, Any]
    outputs: tuple[OutputRecord, ...]


class Catalogue(Protocol):
    """What callers may ask of a catalogue, whichever database keeps it.

    Writing is all or nothing: after an error or a kill the catalogue holds the whole record or none of it.
    """

    def register(self, clip: ClipRecord, exploit: ExploitRecord) -> bool:
        """Keep a clip and one reading of it; False where exactly this was known already and nothing changed.

        A clip keeps the name and time of its first registration. A reading of the same variant is replaced
        together with its outputs.
        """

    def clip(self, sha256: str) -> ClipRecord | None:
        """The clip with these bytes."""

    def clips(self) -> list[ClipRecord]:
        """All clips, by time received, then hash."""

    def clips_between(self, start_us: int, end_us: int) -> list[ClipRecord]:
        """Clips with a frame in the closed interval, by start time."""

    def exploit(self, sha256: str, variant: str) -> ExploitRecord | None:
        """One reading, with its outputs by kind."""

    def close(self) -> None:
        """Give the database back."""
