"""Checkpoints: the state of a log on three lines, signed (C2SP tlog-checkpoint 1.0)."""

from dataclasses import dataclass

from atalaya.base.errors import BadInput
from atalaya.trust.merkle import EMPTY_ROOT
from atalaya.trust.note import plain, utf8
from atalaya.trust.wire import decimal, hash_from, shown, to_base64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin (which log), size (how many entries), root (their tree hash, 32 bytes)."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: bytes) -> "Checkpoint":
        """A checkpoint from the text of a note.

        Extension lines are accepted and not looked at.

        Raises:
            BadInput: TRU-021, it is not one; TRU-010, TRU-011, TRU-012, TRU-019.
        """
        lines = plain(text)[:-1].split(b"\n")
        if len(lines) < 3 or not all(lines):
            raise BadInput("TRU-021", where=shown(text))
        return cls(utf8(lines[0]), decimal(lines[1]), hash_from(lines[2]))

    @property
    def possible(self) -> bool:
        """False for an empty log that shows the hash of something."""
        return self.size > 0 or self.root == EMPTY_ROOT

    @property
    def text(self) -> bytes:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n".encode()


def contradict(one: Checkpoint, other: Checkpoint) -> bool:
    """Whether two checkpoints of one log cannot both be honest: same size, another tree.

    Both signed, they prove to anyone that the log shows different readers different histories.
    """
    return one.origin == other.origin and one.size == other.size and one.root != other.root
