"""Files from anywhere: read with a limit, parsed without trust, values taken out with their names."""

import json
import math
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from atalaya.base.errors import BadInput, NotFound

LARGEST = 64 << 20
"""Bytes after unpacking: a plan of 10,000 items has 4 MB."""

MOST_ITEMS = 200_000

Object = dict[str, Any]


def read_limited(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        NotFound: XPT-026, no such file.
        BadInput: XPT-003, too large; XPT-001, the disk does not give it.
    """
    if not path.is_file():
        raise NotFound("XPT-026", where=str(path))
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise BadInput("XPT-001", where=path.name, format="", detail=error.strerror or "") from error
    if len(data) > LARGEST:
        raise BadInput("XPT-003", where=path.name, limit=LARGEST >> 20)
    return data


def text_of_bytes(data: bytes, format_: str, where: str) -> str:
    """UTF-8 text, a byte order mark taken off.

    Raises:
        BadInput: XPT-001, other bytes.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise damaged(format_, where, str(error)) from error


def json_object(data: bytes, format_: str, where: str) -> Object:
    """The object a JSON file holds; NaN and Infinity, which JSON has not, are refused.

    Raises:
        BadInput: XPT-001.
    """
    try:
        found = json.loads(text_of_bytes(data, format_, where), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise damaged(format_, where, str(error)) from error
    if not isinstance(found, dict):
        raise damaged(format_, where, type(found).__name__)
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def xml_root(data: bytes, format_: str, where: str) -> Element:
    """The root of an XML file; entities and external references are refused.

    Raises:
        BadInput: XPT-001.
    """
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise damaged(format_, where, str(error) or type(error).__name__) from error
    return root


def damaged(format_: str, where: str, detail: str) -> BadInput:
    """The one error of a file that is not what its name says."""
    return BadInput("XPT-001", where=where, format=format_, detail=detail[:160])


def number(value: object, name: str, where: str) -> float:
    """A finite number, from JSON or text.

    Raises:
        BadInput: XPT-004.
    """
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ValueError(type(value).__name__)
        found = float(value)
    except (ValueError, OverflowError) as error:
        raise BadInput("XPT-004", where=where, name=name, value=str(value)[:60]) from error
    if not math.isfinite(found):
        raise BadInput("XPT-004", where=where, name=name, value=str(value)[:60])
    return found


def whole(value: object, name: str, where: str) -> int:
    """A whole number.

    Raises:
        BadInput: XPT-004.
    """
    found = number(value, name, where)
    if found != int(found) or abs(found) > 2**53:
        raise BadInput("XPT-004", where=where, name=name, value=str(value)[:60])
    return int(found)


def table(value: object, name: str, where: str) -> Object:
    """A JSON object.

    Raises:
        BadInput: XPT-002, it is something else.
    """
    if not isinstance(value, dict):
        raise BadInput("XPT-002", where=where, name=name, found=_kind(value), known="{}")
    return value


def listing(value: object, name: str, where: str) -> list[Any]:
    """A JSON array of bounded length.

    Raises:
        BadInput: XPT-002, it is something else; XPT-003, far too long.
    """
    if not isinstance(value, list):
        raise BadInput("XPT-002", where=where, name=name, found=_kind(value), known="[]")
    if len(value) > MOST_ITEMS:
        raise BadInput("XPT-003", where=where, limit=LARGEST >> 20)
    return value


def require(found: object, known: object, name: str, where: str) -> None:
    """Refuse another version or type than the one that is understood.

    Raises:
        BadInput: XPT-002.
    """
    if found != known or isinstance(found, bool) != isinstance(known, bool):
        raise BadInput("XPT-002", where=where, name=name, found=_kind(found), known=known)


def _kind(value: object) -> str:
    return str(value)[:60] if isinstance(value, (str, int, float)) else type(value).__name__
