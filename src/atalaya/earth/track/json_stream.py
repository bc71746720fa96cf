"""JSON of any size: the objects of a list or of lines one by one, or a single object up to a limit."""

import json
import zlib
from collections.abc import Iterator
from typing import IO, Any

from atalaya.base.errors import BadInput

CHUNK = 1 << 20
LONGEST_OBJECT = 1 << 22
"""Characters of one record of a list; a longer one is not a traffic record."""

WHOLE_LIMIT = 1 << 30
"""Characters of a file that must be held whole (one big object)."""

_SPACE = " \t\r\n,"


class Objects:
    """Objects of a JSON list or of JSON lines, in bounded memory. `bad` counts what could not be read."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._text = ""
        self._ended = False
        self.bad = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        decode = json.JSONDecoder().raw_decode
        at = 0
        while True:
            at = self._next_start(at)
            if at < 0:
                return
            try:
                found, at = decode(self._text, at)
            except (ValueError, RecursionError):
                if not self._ended and len(self._text) - at < LONGEST_OBJECT:
                    self._more(at)
                    at = 0
                    continue
                self.bad += 1
                at += 1  # look for the next object from here
                continue
            if isinstance(found, dict):
                yield found
            else:
                self.bad += 1

    def _next_start(self, at: int) -> int:
        """Where the next object begins, reading on; -1 at the end."""
        while True:
            place = self._text.find("{", at)
            if place >= 0:
                if len(self._text) - place < CHUNK // 4 and not self._ended:
                    self._more(place)
                    place = 0
                return place
            if self._ended:
                return -1
            self._more(len(self._text))
            at = 0

    def _more(self, keep_from: int) -> None:
        try:
            new = self._stream.read(CHUNK)
        except (OSError, EOFError, zlib.error):  # a packed file that breaks off: what came before is kept
            new = ""
            self.bad += 1
        self._ended = not new
        self._text = self._text[keep_from:] + new


def whole_object(stream: IO[str], where: str) -> Any:
    """A file that is one JSON value.

    Raises:
        BadInput: TRK-007, it is not JSON, or breaks off; TRK-008, it is too large to hold.
    """
    text = stream.read(WHOLE_LIMIT + 1)
    if len(text) > WHOLE_LIMIT:
        raise BadInput("TRK-008", where=where, limit=f"{WHOLE_LIMIT >> 20} MB")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("TRK-007", where=where, detail=str(error)[:120]) from error
