"""Permissions asked for, also those denied and cancelled: an account that leaves them out is not complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.about import NOTHING, About, read_about
from atalaya.law.records.arms import arms_in
from atalaya.law.records.fields import Fields
from atalaya.law.records.stated import Stated

OUTCOMES = frozenset({"pending", "granted", "denied", "cancelled"})


@dataclass(frozen=True, slots=True)
class Request:
    """One permission asked for.

    Args:
        asked_of: State or organ asked. asked_by: who asked.
        outcome: one of `OUTCOMES`. answered: when; None while it is pending or not known.
        authorisation: id of what was granted. reason: words of the answer.
    """

    asked_of: str
    asked_by: str = ""
    purpose: str = ""
    outcome: str = "pending"
    answered: Stated | None = None
    authorisation: str = ""
    reason: str = ""
    about: About = NOTHING
    note: str = ""


def read_request(body: Mapping[str, Any], where: str) -> Request:
    """Read and check the body of a request.

    Raises:
        BadInput: LED-003 its purpose speaks of arms; REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    request = Request(
        fields.text("asked_of", most=1000),
        fields.text("asked_by", "", most=1000),
        fields.text("purpose", "", most=2000),
        fields.choice("outcome", OUTCOMES, "pending"),
        fields.stated("answered"),
        fields.text("authorisation", "", most=256),
        fields.text("reason", "", most=2000),
        read_about(fields),
        fields.text("note", ""),
    )
    fields.close()
    found = arms_in(request.purpose)
    if found:
        raise BadInput("LED-003", where=fields.place("purpose"), value=found)
    return request
