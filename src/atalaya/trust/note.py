"""Signed notes (C2SP signed-note 1.0): a text, an empty line, and one line per signature."""

from dataclasses import dataclass, replace

from atalaya.base.errors import BadInput
from atalaya.trust.keys import valid_name
from atalaya.trust.wire import from_base64, shown, to_base64

DASH = "\u2014".encode()
MAX_SIGNATURES = 64
MAX_BYTES = 1_000_000
KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose it says it is, and the bytes behind the key id."""

    name: str
    key_id: bytes
    value: bytes

    @classmethod
    def parse(cls, line: bytes) -> "Signature":
        """A signature from its line, without the line feed.

        Raises:
            BadInput: TRU-018, it is not one; TRU-011.
        """
        parts = line.split(b" ")
        if len(parts) != 3 or parts[0] != DASH:
            raise BadInput("TRU-018", where=shown(line))
        name, data = utf8(parts[1]), from_base64(parts[2])
        if not valid_name(name) or len(data) <= KEY_ID_BYTES:
            raise BadInput("TRU-018", where=shown(line))
        return cls(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])

    @property
    def line(self) -> str:
        """As it stands in a note, with its line feed."""
        return f"\u2014 {self.name} {to_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (bytes, ending in a line feed) and its signatures, none checked yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """A note from its bytes: UTF-8, no control bytes but line feeds, every line ended.

        Raises:
            BadInput: TRU-019, not a note; TRU-018, TRU-011, a signature line is broken; TRU-020, one key
                signed twice or there are more than 64.
        """
        text, lines = _parted(data)
        signatures = tuple(Signature.parse(line) for line in lines)
        keys = {(signature.name, signature.key_id) for signature in signatures}
        if len(signatures) > MAX_SIGNATURES or len(keys) < len(signatures):
            raise BadInput("TRU-020", found=len(signatures))
        return cls(text, signatures)

    def signed(self, *signatures: Signature) -> "Note":
        """The note with more signatures; one of the same key replaces the former."""
        kept = {(s.name, s.key_id): s for s in (*self.signatures, *signatures)}
        return replace(self, signatures=tuple(kept.values()))

    @property
    def as_bytes(self) -> bytes:
        """The note as it is exchanged."""
        return self.text + b"\n" + "".join(signature.line for signature in self.signatures).encode()


def signature_lines(data: bytes) -> tuple[Signature, ...]:
    """Signature lines alone, as a witness answers with them.

    Raises:
        BadInput: TRU-019, TRU-018, TRU-011, TRU-020.
    """
    return Note.parse(b"-\n\n" + data).signatures


def utf8(data: bytes) -> str:
    """Text from UTF-8.

    Raises:
        BadInput: TRU-019.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("TRU-019", where=shown(data)) from error


def plain(data: bytes) -> bytes:
    """The same bytes where they are UTF-8 lines without control bytes, byte-order mark or missing last feed.

    Raises:
        BadInput: TRU-019.
    """
    utf8(data)
    controls = any(byte < 0x20 and byte != 0x0A for byte in data[:MAX_BYTES])
    if len(data) > MAX_BYTES or controls or data.startswith(b"\xef\xbb\xbf") or not data.endswith(b"\n"):
        raise BadInput("TRU-019", where=shown(data))
    return data


def _parted(data: bytes) -> tuple[bytes, list[bytes]]:
    """Text and signature lines, parted at the last empty line."""
    place = plain(data).rfind(b"\n\n")
    if place < 0:
        raise BadInput("TRU-019", where=shown(data))
    return data[: place + 1], data[place + 2 : -1].split(b"\n")
