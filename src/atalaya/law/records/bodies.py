"""The body of a record, read as its kind demands: one table, one reader per kind."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, cast

from atalaya.base.errors import BadInput
from atalaya.law.records.record import KINDS

Reader = Callable[[Mapping[str, Any], str], object]

READERS: Mapping[str, str] = {
    "organisation": "organisation:read_organisation",
    "alias": "organisation:read_alias",
    "designation": "designation:read_designation",
    "notification": "notification:read_notification",
    "attestation": "attestation:read_attestation",
    "request": "request:read_request",
    "airframe": "airframe:read_airframe",
    "inspection": "airframe:read_inspection",
    "payload": "payload:read_payload",
    "counter": "counter:read_counter",
    "reading": "reading:read_reading",
    "authorisation": "authorisation:read_authorisation",
    "revocation": "revocation:read_revocation",
    "sortie": "sortie:read_sortie",
}
"""Module of this package and function that reads the body of each kind: (body, where) -> typed body. A kind
that is in `KINDS` and not here is kept as it is, once it is JSON."""

_DEEPEST = 20


def read_body(kind: str, body: Mapping[str, Any], where: str) -> object:
    """Read and check a body; the typed form of its kind.

    A body `{"withdrawn": why}` is that of a row recorded by mistake, for every kind; it is returned as it is.

    Raises:
        BadInput: REC-013 no such kind; REC-014 not made of JSON values; and what the kind's reader refuses.
    """
    if kind not in KINDS:
        raise BadInput("REC-013", where=where, value=str(kind)[:40], known=", ".join(sorted(KINDS)))
    if not isinstance(body, Mapping) or not _is_json(body, _DEEPEST):
        raise BadInput("REC-014", where=where)
    if body.keys() == {"withdrawn"}:
        return body
    return _reader(kind)(body, where) if kind in READERS else body


@cache
def _reader(kind: str) -> Reader:
    module, _, function = READERS[kind].partition(":")
    return cast(Reader, getattr(import_module(f"{__package__}.{module}"), function))


def _is_json(value: object, deep: int) -> bool:
    if value is None or isinstance(value, str | bool | int):
        return True
    if isinstance(value, float):
        return value - value == 0  # neither NaN nor infinite: JSON has no such numbers
    if deep == 0:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_json(part, deep - 1) for key, part in value.items())
    return isinstance(value, list | tuple) and all(_is_json(part, deep - 1) for part in value)
