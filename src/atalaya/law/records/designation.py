"""The status of an organisation under one regime, with each of its dates; never a permission to fly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.law.records.fields import Fields
from atalaya.law.records.stated import Stated

STATUSES = frozenset({"designated", "amended", "revoked"})


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a designation (8 U.S.C. 1189 knows all of them); None where not known, never filled in.

    congress_notified: the notice to the legislature, seven days before publication. decided: signed.
    public_inspection: open to be read before publication. published: in the official journal. effective: as
    the instrument says, mostly on publication. amended, revoked: by the body, the legislature or a court.
    """

    congress_notified: Stated | None = None
    decided: Stated | None = None
    public_inspection: Stated | None = None
    published: Stated | None = None
    effective: Stated | None = None
    amended: Stated | None = None
    revoked: Stated | None = None

    def known(self) -> bool:
        """Whether any date is known."""
        return any(getattr(self, name) is not None for name in DATE_NAMES)


DATE_NAMES = tuple(Dates.__dataclass_fields__)
"""The dates in the order in which they happen."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list showed of it: times of issues we hold, which are record times and no legal dates.

    Args:
        source: the list. entry: its number there. programme: the words of the list, which may change.
        first_seen: the first issue that carries it. not_in: the last issue before that without it; None where
            we hold none. gone: between which issues it left; None while it is there. last_seen: the last
            issue looked at that carries it, where no later one was.
    """

    source: str
    entry: str = ""
    programme: str = ""
    first_seen: Stated | None = None
    not_in: Stated | None = None
    gone: Stated | None = None
    last_seen: Stated | None = None


@dataclass(frozen=True, slots=True)
class Designation:
    """One designation of one organisation under one regime.

    Args:
        organisation: id of the organisation.
        regime: code of the regime: "FTO", "SDGT", "SDNTK", "ILLICIT-DRUGS-EO14059".
        basis: the law it rests on, in words.
        authority: who designated.
        reference: the instrument: number of the notice; page "" where not verified.
        dates: legal dates. listed: record times of a list; None without one.
        status: one of `STATUSES`.
    """

    organisation: str
    regime: str
    basis: str = ""
    authority: str = ""
    reference: str = ""
    page: str = ""
    dates: Dates = Dates()
    listed: Listing | None = None
    status: str = "designated"
    sources: tuple[str, ...] = ()
    note: str = ""


def read_designation(body: Mapping[str, Any], where: str) -> Designation:
    """Read and check the body of a designation.

    Raises:
        BadInput: REC-001, REC-002, REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    part = fields.section("dates")
    dates = Dates(*(part.stated(name) for name in DATE_NAMES))
    part.close()
    designation = Designation(
        fields.text("organisation", most=256),
        fields.text("regime", most=200),
        fields.text("basis", "", most=1000),
        fields.text("authority", "", most=1000),
        fields.text("reference", "", most=1000),
        fields.text("page", "", most=100),
        dates,
        _listing(fields, present=body.get("listed") is not None),
        fields.choice("status", STATUSES, "designated"),
        fields.texts("sources"),
        fields.text("note", ""),
    )
    fields.close()
    return designation


def _listing(fields: Fields, *, present: bool) -> Listing | None:
    part = fields.section("listed")
    if not present:
        return None
    listing = Listing(
        part.text("source", most=200),
        part.text("entry", "", most=200),
        part.text("programme", "", most=1000),
        part.stated("first_seen"),
        part.stated("not_in"),
        part.stated("gone"),
        part.stated("last_seen"),
    )
    part.close()
    return listing
