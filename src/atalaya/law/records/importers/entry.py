"""One issue of a published list as importers hand it on: organisations only, persons already left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from atalaya.base.finding import Finding
from atalaya.law.records.stated import Stated


@dataclass(frozen=True, slots=True)
class Status:
    """One programme that an entry carries.

    Args:
        programme: as the list writes it.
        authority, reference: where the list states them.
        published, effective, ended: legal dates where the list states them; None otherwise.
    """

    programme: str
    authority: str = ""
    reference: str = ""
    published: Stated | None = None
    effective: Stated | None = None
    ended: Stated | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One organisation as a list carries it.

    Args:
        entry: its number in the list. name, names: its name, and the others.
        statuses: programmes, in the order of the list.
        details: harmless facts. linked_to: organisations of the same list it is linked to.
        text_sha256: of the remarks as issued; "" for none.
    """

    entry: str
    name: str
    names: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    schema: str = "Organization"
    country: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    linked_to: tuple[str, ...] = ()
    text_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of one list.

    Args:
        source: name of the list, such as "ofac-sdn".
        time: when it was issued, or when we had it where that is not known: a record time, no legal date.
        entries: by number.
        findings: rows left out, persons left out, and what else a reader should know.
        evidence: SHA-256 of the file; "" where there is none.
    """

    source: str
    time: Stated
    entries: Mapping[str, Entry]
    findings: tuple[Finding, ...] = ()
    evidence: str = ""
