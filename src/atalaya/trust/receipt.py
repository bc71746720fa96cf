"""Offline receipts (C2SP tlog-proof): that an entry is in a log, on one small page anyone can check."""

from dataclasses import dataclass

from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.merkle import verify_inclusion
from atalaya.trust.note import Note, plain
from atalaya.trust.policy import Policy, Trusted
from atalaya.trust.wire import decimal, from_base64, proof_from, proof_lines, shown, to_base64

HEADER = b"c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry's index, its inclusion proof (the leaf's sibling first) and the signed checkpoint it leads to.

    `extra` is not covered by any signature: never trust it.
    """

    index: int
    proof: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> "Receipt":
        """A receipt from its file.

        Raises:
            BadInput: TRU-023, it is not one; TRU-010 to TRU-013, a number or hash in it; TRU-018 to TRU-021,
                the checkpoint at its end.
        """
        head, found, note = plain(data).partition(b"\n\n")
        lines = head.split(b"\n")
        if not found or lines.pop(0) != HEADER:
            raise BadInput("TRU-023", where=shown(data))
        extra = None
        if lines and lines[0].startswith(b"extra "):
            extra = from_base64(lines.pop(0).removeprefix(b"extra "))
        if not lines or not lines[0].startswith(b"index "):
            raise BadInput("TRU-023", where=shown(data))
        index = decimal(lines.pop(0).removeprefix(b"index "))
        return cls(index, proof_from(lines), Note.parse(note), extra)

    @property
    def as_bytes(self) -> bytes:
        """The receipt's file."""
        extra = "" if self.extra is None else f"extra {to_base64(self.extra)}\n"
        head = f"{HEADER.decode()}\n{extra}index {self.index}\n{proof_lines(self.proof)}\n"
        return head.encode() + self.note.as_bytes

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note at its end states; nothing about it is checked.

        Raises:
            BadInput: TRU-021.
        """
        return Checkpoint.parse(self.note.text)

    def check(self, leaf: bytes, policy: Policy, now_s: int | None = None) -> Trusted:
        """That an entry with this leaf hash is in the log, at this index, as the policy demands.

        Raises:
            BadInput, VerificationFailed: as `Policy.check`.
            VerificationFailed: TRU-035, the proof does not lead from the leaf to the checkpoint.
        """
        trusted = policy.check(self.note, now_s)
        checkpoint = trusted.checkpoint
        if not verify_inclusion(self.index, checkpoint.size, leaf, self.proof, checkpoint.root):
            raise VerificationFailed("TRU-035", where=f"{checkpoint.origin} {self.index}")
        return trusted
