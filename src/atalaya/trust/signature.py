"""Signing and checking the lines of a note: plain Ed25519, and cosignatures that carry a time.

A cosignature (C2SP tlog-cosignature) says: at this second this was the largest tree of that log I had seen,
and it continued every earlier one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.keys import SIGNATURE_BYTES, KeyType, SigningKey, VerifierKey
from atalaya.trust.note import Note, Signature

TIME_BYTES = 8
MAX_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds: whose, and for a cosignature when (POSIX seconds)."""

    key: VerifierKey
    time_s: int | None


def sign_note(text: bytes, key: SigningKey) -> Signature:
    """A plain signature over a text.

    Raises:
        BadInput: TRU-015, the key is a witness's.
    """
    if key.verifier.type is not KeyType.ED25519:
        raise BadInput("TRU-015", where=key.verifier.name, found=int(key.verifier.type))
    return Signature(key.verifier.name, key.verifier.key_id, key.sign(text))


def cosign(text: bytes, key: SigningKey, time_s: int) -> Signature:
    """A witness's signature over the text of a checkpoint, at a time.

    Raises:
        BadInput: TRU-015, the key is not a witness's; TRU-021, the text is no checkpoint.
    """
    verifier = key.verifier
    if verifier.type is KeyType.ED25519:
        raise BadInput("TRU-015", where=verifier.name, found=int(verifier.type))
    stamp = time_s.to_bytes(TIME_BYTES, "big")
    return Signature(verifier.name, verifier.key_id, stamp + key.sign(_message(verifier, text, time_s)))


def verified(note: Note, keys: Iterable[VerifierKey]) -> tuple[Signed, ...]:
    """The signatures of known keys; lines of unknown keys are ignored.

    Raises:
        VerificationFailed: TRU-030, a known key's signature does not hold; TRU-031, no known key signed.
        BadInput: TRU-021, cosignatures over something that is no checkpoint.
    """
    known = {(key.name, key.key_id): key for key in keys}
    held = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None:
            held.append(_checked(note.text, line, key))
    if not held:
        raise VerificationFailed("TRU-031", where=", ".join(sorted({line.name for line in note.signatures})))
    return tuple(held)


def _checked(text: bytes, line: Signature, key: VerifierKey) -> Signed:
    if len(line.value) != SIGNATURE_BYTES[key.type]:
        raise VerificationFailed("TRU-030", where=key.name)
    if key.type is KeyType.ED25519:
        time_s, message, bare = None, text, line.value
    else:
        time_s = int.from_bytes(line.value[:TIME_BYTES], "big")
        message, bare = _message(key, text, time_s), line.value[TIME_BYTES:]
    if time_s == 0 or not key.verifies(message, bare):
        raise VerificationFailed("TRU-030", where=key.name)
    return Signed(key, time_s)


def _message(key: VerifierKey, text: bytes, time_s: int) -> bytes:
    """What a cosignature of this type of key signs."""
    checkpoint = Checkpoint.parse(text)
    if key.type is KeyType.COSIGNATURE:
        return b"cosignature/v1\ntime %d\n" % time_s + text
    start, end = 0, checkpoint.size
    numbers = start.to_bytes(8, "big") + end.to_bytes(8, "big")
    stamp = time_s.to_bytes(TIME_BYTES, "big")
    return (
        b"subtree/v1\n\0"
        + _counted(key.name)
        + stamp
        + _counted(checkpoint.origin)
        + numbers
        + checkpoint.root
    )


def _counted(name: str) -> bytes:
    """A name behind one byte of its length."""
    data = name.encode()
    if len(data) > MAX_NAME_BYTES:
        raise BadInput("TRU-014", where=name[:60])
    return bytes([len(data)]) + data
