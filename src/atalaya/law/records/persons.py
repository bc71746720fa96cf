"""Keeping persons out: the register knows organisations and offices, never people.

Lists of organisations name persons in remarks and aliases ("Linked To: SURNAME, Given."). They are stripped
by rules that keep only what is known to be harmless; no list of persons' names is kept anywhere, in no form.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from atalaya.base.errors import BadInput

ORGANISATION_SCHEMAS = frozenset({"Organization", "Company", "PublicBody"})
"""Schemas of FollowTheMoney that can only be bodies. A LegalEntity may be a person and is left out."""

PERSONAL_FIELDS = frozenset(
    {
        *("birthDate", "birthPlace", "birthCountry", "deathDate", "gender", "nationality", "citizenship"),
        *("firstName", "secondName", "middleName", "lastName", "fatherName", "motherName", "passportNumber"),
        *("socialSecurityNumber", "religion", "ethnicity", "political", "education", "eyeColor", "hairColor"),
        *(
            "height",
            "weight",
            "appearance",
            "spokenLanguage",
            "idNumber",
            "passport",
            "surname",
            "given_name",
        ),
        *("date_of_birth", "dob", "place_of_birth", "pob"),
    }
)
"""Fields that only a person has."""

_BODY_WORDS = re.compile(
    r"\b(ltd|limited|llc|inc|co|corp|company|compañía|s\.?\s?a|sociedad|jsc|ojsc|pjsc|ooo|oao|zao|ao|plc|gmbh|ag|"
    r"s\.?\s?r\.?\s?l|c\.?\s?v|bank|group|the|fze|llp|lp|pte|pty|bv|b\.v|kg|sl|s\.l|sas|spa|est|establishment|ulc|dmcc)\b",
    re.IGNORECASE,
)
_SURNAME_FIRST = re.compile(r"(?P<surname>[^\W\d_][\w'’ .\-]*),\s*(?P<given>[^\W\d_][\w'’ .\-]*)\.?")


def is_personal_form(text: str) -> bool:
    """Whether a name is written as lists write persons: SURNAME, Given names.

    The given names are in mixed case where the surname is in capitals ("TIMCHENKO, Gennady"); names of
    bodies after a comma ("BANK, LTD.", "SOLID, OOO") carry a word of their form or are in capitals too.
    """
    found = _SURNAME_FIRST.fullmatch(text.strip())
    if found is None or _BODY_WORDS.search(found["given"]):
        return False
    surname, given = found["surname"], found["given"]
    return not (surname.isupper() and given.isupper())


def refuse_persons(body: Mapping[str, Any], schema: str, names: Iterable[str], where: str) -> None:
    """Refuse a body that is, or may be, that of a person.

    Raises:
        BadInput: REC-015.
    """
    if schema not in ORGANISATION_SCHEMAS:
        raise BadInput("REC-015", where=where, reason=f"schema {schema[:40]}")
    personal = sorted(PERSONAL_FIELDS.intersection(body))
    if personal:
        raise BadInput("REC-015", where=where, reason=", ".join(personal))
    if any(is_personal_form(name) for name in names):
        raise BadInput("REC-015", where=where, reason="SURNAME, Given")  # the name itself is not repeated
