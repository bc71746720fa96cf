"""Keys of logs and witnesses: named, typed, written on one line (C2SP signed-note).

example.com/log+1a2b3c4d+base64(type || public key)               a verifier key, to be handed out
PRIVATE+KEY+example.com/log+1a2b3c4d+base64(type || seed)         a signing key, to be kept (mode 0600)
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.trust.wire import from_base64, shown, to_base64

SEED_BYTES = 32
PRIVATE = "PRIVATE+KEY+"


class KeyType(IntEnum):
    """What a key signs: notes, or checkpoints of others with a time."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


PUBLIC_BYTES = {KeyType.ED25519: 32, KeyType.COSIGNATURE: 32, KeyType.ML_DSA_44: 1312}
SIGNATURE_BYTES = {KeyType.ED25519: 64, KeyType.COSIGNATURE: 72, KeyType.ML_DSA_44: 2428}
"""Of a signature line without its key id; cosignatures begin with eight bytes of time."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half: name, type and public key."""

    name: str
    type: KeyType
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """A key from `name+hex8+base64`.

        Raises:
            BadInput: TRU-014, it is not one; TRU-011; TRU-015, a type of key this program does not know.
        """
        name, key_id, data = _parts(text)
        key_type = _type_of(data[0], text)
        key = cls(name, key_type, data[1:])
        if len(key.public) != PUBLIC_BYTES[key_type] or key.key_id.hex() != key_id:
            raise BadInput("TRU-014", where=printed(text))
        return key

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(named).digest()[:4]

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the bare signature over a message is this key's."""
        try:
            if self.type is KeyType.ML_DSA_44:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.type]) + self.public)}"


class SigningKey:
    """The private half, made from a seed of 32 bytes."""

    def __init__(self, name: str, key_type: KeyType, seed: bytes) -> None:
        """Make the key pair of a seed.

        Raises:
            BadInput: TRU-014, the name or the seed cannot be a key's.
        """
        if not valid_name(name) or len(seed) != SEED_BYTES:
            raise BadInput("TRU-014", where=printed(name))
        self._seed = seed
        self._private = (
            MLDSA44PrivateKey.from_seed_bytes(seed)
            if key_type is KeyType.ML_DSA_44
            else Ed25519PrivateKey.from_private_bytes(seed)
        )
        self.verifier = VerifierKey(name, key_type, self._private.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """A key from its one line.

        Raises:
            BadInput: TRU-014, TRU-011, TRU-015. The message never shows the key.
        """
        if not text.startswith(PRIVATE):
            raise BadInput("TRU-014")
        name, key_id, data = _parts(text.removeprefix(PRIVATE), secret=True)
        key = cls(name, _type_of(data[0], name), data[1:])
        if key.verifier.key_id.hex() != key_id:
            raise BadInput("TRU-014", where=printed(name))
        return key

    @property
    def text(self) -> str:
        """The line to be kept in secret."""
        verifier = self.verifier
        data = to_base64(bytes([verifier.type]) + self._seed)
        return f"{PRIVATE}{verifier.name}+{verifier.key_id.hex()}+{data}"

    def sign(self, message: bytes) -> bytes:
        """The bare signature over a message."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier.name})"


def valid_name(name: str) -> bool:
    """Whether a key may be called so: not empty, no space of any kind, no plus, nothing unprintable."""
    return bool(name) and "+" not in name and name.isprintable() and not any(c.isspace() for c in name)


def save_key(key: SigningKey, path: Path) -> None:
    """Write a new signing key, readable by its owner only, and its verifier key beside it (`.vkey`).

    Raises:
        AtalayaError: TRU-016, there is a file already, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(key.text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        path.with_suffix(".vkey").write_text(f"{key.verifier}\n", encoding="utf-8")
    except OSError as error:
        raise AtalayaError("TRU-016", where=str(path), detail=error.strerror or str(error)) from error


def load_key(path: Path) -> SigningKey:
    """A signing key from its file.

    Raises:
        AtalayaError: TRU-017, the file cannot be read.
        BadInput: TRU-014, TRU-011, TRU-015.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AtalayaError("TRU-017", where=str(path), detail=type(error).__name__) from error
    return SigningKey.parse(text.removesuffix("\n"))


def new_key(name: str, key_type: KeyType, random_bytes: Callable[[int], bytes]) -> SigningKey:
    """A key made of 32 bytes of the given source of randomness."""
    return SigningKey(name, key_type, random_bytes(SEED_BYTES))


def _parts(text: str, *, secret: bool = False) -> tuple[str, str, bytes]:
    """Name, key id and typed bytes of a key's line (base64 may itself hold a plus)."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not valid_name(parts[0]) or not parts[2].isascii():
        raise BadInput("TRU-014", where="" if secret else printed(text))
    try:
        data = from_base64(parts[2].encode("ascii"))
    except BadInput as error:
        raise BadInput("TRU-014", where=printed(parts[0])) from (None if secret else error)
    if len(data) < 2:
        raise BadInput("TRU-014", where=printed(parts[0]))
    return parts[0], parts[1], data


def _type_of(number: int, text: str) -> KeyType:
    try:
        return KeyType(number)
    except ValueError as error:
        raise BadInput("TRU-015", where=printed(text), found=number) from error


def printed(text: str) -> str:
    """The beginning of a text from outside, fit for a message."""
    return shown(text.encode("utf-8", "replace"))
