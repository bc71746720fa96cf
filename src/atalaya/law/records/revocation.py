"""A revocation: an authorisation ended early, even in flight.

Its record's `valid.start` is when it takes effect, `received_us` when this organisation had it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.law.records.fields import Fields


@dataclass(frozen=True, slots=True)
class Revocation:
    """What was revoked, and by whom.

    Args:
        authorisation: id of the authorisation's record.
        by: State and organ that revoked it.
        reason: as stated; "" where none was.
    """

    authorisation: str
    by: str
    reason: str = ""


def read_revocation(body: Mapping[str, Any], where: str = "") -> Revocation:
    """The body of a revocation record.

    Raises:
        BadInput: REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    revocation = Revocation(
        fields.text("authorisation", most=256), fields.text("by", most=1000), fields.text("reason", "")
    )
    fields.close()
    return revocation
