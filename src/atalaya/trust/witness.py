"""A witness: signs a log's checkpoint only when it continues the one it signed before (C2SP tlog-witness).

Requests and answers are plain text, so that they travel over HTTP or as files by courier:

    old 20                                  the size the witness signed last, 0 for never
    <base64>                                consistency proof from there, up to 63 lines
                                            (an empty line, then the checkpoint with its signature)
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.keys import SigningKey, VerifierKey
from atalaya.trust.merkle import verify_consistency
from atalaya.trust.note import Note, plain
from atalaya.trust.signature import cosign, verified
from atalaya.trust.wire import decimal, proof_from, proof_lines, shown

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks of a witness: the size it signed last, the proof from there, the new checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, data: bytes) -> "Request":
        """A request from its body.

        Raises:
            BadInput: TRU-050, it is not one; what numbers, hashes and notes raise.
        """
        head, found, note = plain(data).partition(b"\n\n")
        lines = head.split(b"\n")
        if not found or not lines[0].startswith(b"old "):
            raise BadInput("TRU-050", where=shown(data))
        return cls(decimal(lines[0].removeprefix(b"old ")), proof_from(lines[1:]), Note.parse(note))

    @property
    def as_bytes(self) -> bytes:
        """The request's body."""
        return f"old {self.old_size}\n{proof_lines(self.proof)}\n".encode() + self.note.as_bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A witness's answer: HTTP status, body and its type. 200 carries cosignature lines, 409 a size."""

    status: int
    body: bytes
    content_type: str = TEXT


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness signed last for a log: size, tree hash, when (POSIX seconds), and the cosigned note."""

    size: int
    root: bytes
    time_s: int
    note: bytes


class WitnessMemory(Protocol):
    """Where a witness remembers, per origin, what it signed last."""

    def latest(self, origin: str) -> Seen | None:
        """What was signed last."""

    def replace(self, origin: str, before: Seen | None, after: Seen) -> bool:
        """Put `after` in the place of `before` in one step, durable on return; False where it was not
        there.
        """


class Witness:
    """Keys to cosign with, the logs to watch by origin, a memory and a clock (POSIX seconds)."""

    def __init__(
        self,
        keys: Sequence[SigningKey],
        logs: Iterable[VerifierKey],
        memory: WitnessMemory,
        clock_s: Callable[[], int],
    ) -> None:
        self._keys = tuple(keys)
        self._logs = {key.name: key for key in logs}
        self._memory, self._clock_s = memory, clock_s

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request: cosignatures (200), or a refusal.

        400 malformed, or older than what it claims to follow; 403 not signed by the log; 404 unknown log;
        409 the witness signed another size last (told in the body); 422 it does not continue that one;
        503 the witness's clock has gone back.
        """
        try:
            request = Request.parse(body)
            checkpoint = Checkpoint.parse(request.note.text)
        except BadInput as error:
            return _refusal(400, error.code)
        log = self._logs.get(checkpoint.origin)
        if log is None:
            return _refusal(404, "unknown origin")
        try:
            verified(request.note, (log,))
        except VerificationFailed as error:
            return _refusal(403, error.code)
        if request.old_size > checkpoint.size:
            return _refusal(400, "old size is larger")
        return self._follow(request, checkpoint)

    def checkpoint(self, origin_sha256: str) -> Answer:
        """The last cosigned checkpoint of the log whose origin hashes to this (hex), for monitors."""
        for origin in self._logs:
            if hashlib.sha256(origin.encode()).hexdigest() == origin_sha256:
                seen = self._memory.latest(origin)
                if seen is not None:
                    return Answer(200, seen.note)
        return _refusal(404, "unknown origin")

    def _follow(self, request: Request, checkpoint: Checkpoint) -> Answer:
        seen = self._memory.latest(checkpoint.origin)
        if request.old_size != (seen.size if seen else 0):
            return _conflict(seen)
        if not checkpoint.possible or not _continues(request, checkpoint, seen):
            return _refusal(422, "not consistent")
        time_s = self._clock_s()
        if time_s <= 0 or (seen and time_s < seen.time_s):
            return _refusal(503, "clock")
        lines = tuple(cosign(request.note.text, key, time_s) for key in self._keys)
        note = request.note.signed(*lines).as_bytes
        after = Seen(checkpoint.size, checkpoint.root, time_s, note)
        if not self._memory.replace(checkpoint.origin, seen, after):
            return _conflict(self._memory.latest(checkpoint.origin))
        return Answer(200, "".join(line.line for line in lines).encode())


def _continues(request: Request, checkpoint: Checkpoint, seen: Seen | None) -> bool:
    if seen is None or seen.size == 0:
        return not request.proof
    return verify_consistency(seen.size, checkpoint.size, request.proof, seen.root, checkpoint.root)


def _conflict(seen: Seen | None) -> Answer:
    return Answer(409, b"%d\n" % (seen.size if seen else 0), SIZE)


def _refusal(status: int, reason: str) -> Answer:
    return Answer(status, f"{reason}\n".encode())
