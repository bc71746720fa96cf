"""What a recording says of itself: markings, countries overflown, and whether it claims to be armed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.footage.metadata import COUNTRY_TAG, SECURITY_TAG, STORES_TAGS, StreamMetadata
from atalaya.klv import packs, st0102
from atalaya.klv.keys import Family
from atalaya.klv.st0601 import BY_TAG
from atalaya.klv.table import LocalSet

Basis = Literal["absent", "zero", "no metadata", "damaged", "claimed"]


@dataclass(frozen=True)
class Markings:
    """Security markings as stated (ST 0102), of all streams together.

    Args:
        classification: the highest that occurs, None where none is stated.
        releasing_instructions, caveats: every distinct text.
        countries_overflown: every distinct code of ST 0601 item 122, in order of appearance.
    """

    classification: str | None
    releasing_instructions: tuple[str, ...]
    caveats: tuple[str, ...]
    countries_overflown: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The `security` object of verdict.json."""
        return {
            "classification": self.classification,
            "releasing_instructions": "; ".join(self.releasing_instructions) or None,
            "caveats": "; ".join(self.caveats) or None,
            "countries_overflown": list(self.countries_overflown),
        }


def markings_of(streams: Iterable[StreamMetadata]) -> Markings:
    """Join the markings of all streams; an unreadable set says nothing."""
    levels: set[int] = set()
    release: dict[str, None] = {}
    caveats: dict[str, None] = {}
    countries: dict[str, None] = {}
    for stream in streams:
        for content in (*stream.contents[SECURITY_TAG], *stream.security_sets):
            found = _security_set(content)
            level = found.number("classification")
            if level is not None:
                levels.add(int(level))
            for kept, name in ((release, "releasing_instructions"), (caveats, "caveats")):
                text = found.text(name)
                if text:
                    kept[text] = None
        for content in stream.contents[COUNTRY_TAG]:
            overflown = _overflown(content)
            if overflown:
                countries[overflown] = None
    named = dict(st0102.CLASSIFICATIONS)
    highest = named.get(max(levels), str(max(levels))) if levels else None
    return Markings(highest, tuple(release), tuple(caveats), tuple(countries))


def _security_set(content: bytes) -> LocalSet:
    table = st0102.UNIVERSAL_TABLE if content.startswith(b"\x06\x0e\x2b\x34") else st0102.TABLE
    return table.read(content)


def _overflown(content: bytes) -> str | None:
    try:
        country = packs.read_country_codes(content).overflight
    except BadInput:
        return None
    return country if isinstance(country, str) else None


@dataclass(frozen=True)
class Unarmed:
    """Whether the recording is consistent with an unarmed aircraft.

    Items on stores and weapons that are absent or all zero in metadata that was read assert it; any other
    content is a finding for the audit log. The bytes are kept and never interpreted.

    Args:
        asserted: None where no metadata could be read, or some that was rejected might have said otherwise.
        basis: why.
    """

    asserted: bool | None
    basis: Basis
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, object]:
        """The `unarmed` object of verdict.json."""
        findings = [finding.as_json() for finding in self.findings]
        return {"asserted": self.asserted, "basis": self.basis, "findings": findings}


def unarmed(streams: Iterable[StreamMetadata]) -> Unarmed:
    """Look at items 60, 61 and 140 (ST 0601) of every stream, in damaged packets too."""
    findings = []
    zero, packets, damaged = False, 0, 0
    for stream in streams:
        for tag in STORES_TAGS:
            findings += _claims(stream, tag)
            zero |= bool(stream.contents[tag])
        packets += stream.packets.get(Family.ST0601, 0) + stream.packets.get(Family.EG0104, 0)
        damaged += stream.bad_checksum
    if findings:
        return Unarmed(False, "claimed", tuple(findings))
    if not packets:
        return Unarmed(None, "damaged" if damaged else "no metadata", ())
    if damaged > packets:
        return Unarmed(None, "damaged", ())
    return Unarmed(True, "zero" if zero else "absent", ())


def _claims(stream: StreamMetadata, tag: int) -> list[Finding]:
    """Findings on one item of one stream: in sound packets, and in those whose checksum does not match."""
    found = []
    details: dict[str, object] = {"item": f"{tag} {BY_TAG[tag].name}"}
    claims = [content for content in stream.contents[tag] if any(content)]
    if claims:
        where = f"PID {stream.pid}, packet {stream.contents[tag][claims[0]]}"
        count = stream.presence.get(tag, len(claims))
        found.append(Finding("KLV-032", Severity.ERROR, count, where, details))
    elif any(any(content) for content in stream.damaged_stores.get(tag, ())):
        found.append(Finding("KLV-039", Severity.ERROR, 1, f"PID {stream.pid}", details))
    return found
