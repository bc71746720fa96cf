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
    r"\b(ltda?|limited|llc|llp|lp|inc|corp|corporation|company|compañía|sociedad|asociaci[oó]n|jsc|ojsc|pjsc|ooo|oao|"
    r"zao|pao|ao|tov|too|plc|gmbh|ag|bank|banco|group|grupo|the|fze|fzco|pte|pty|bv|kg|sas|spa|est|ulc|dmcc|org\w*|"
    r"department|institute|instituto|academy|foundation|fundaci[oó]n|cent(er|re)|centro|council|party|cartel|and|y|e)\b"
    r"|\b\w\.\s?\w\.",
    re.IGNORECASE,
)
"""What is said of bodies and not of people: forms of companies, initials of such forms, and "and"."""

_SURNAME_FIRST = re.compile(r"(?P<surname>[^\W\d_][\w'’ .\-]*),\s*(?P<given>[^\W\d_][\w'’ .\-]*)")
_MOST_NAMES = 6


def is_personal_form(text: str) -> bool:
    """Whether a name is written as lists write persons: SURNAME, Given names ("SMITH, John Henry").

    In lists of organisations the whole name is in capitals, or a word of the form of a body follows the
    comma ("Solid, OOO"); then it is no person's.
    """
    found = _SURNAME_FIRST.fullmatch(text.strip())
    if found is None or text.isupper() or _BODY_WORDS.search(found["given"]):
        return False
    return max(len(found["surname"].split()), len(found["given"].split())) <= _MOST_NAMES


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
