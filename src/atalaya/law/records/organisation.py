"""Organisations that designations speak of, and the spellings of their names; never persons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from atalaya.law.records.fields import Fields
from atalaya.law.records.persons import refuse_persons
from atalaya.law.records.stated import Stated

BASES = frozenset({"curated", "confirmed"})
"""Why a spelling counts: a person entered it as known, or confirmed one that the program suggested."""


@dataclass(frozen=True, slots=True)
class Listed:
    """How a published list carries an organisation, by its issues: record times, not legal dates.

    Args:
        entry: its number in the list.
        name, names: its name there, and the others (a.k.a., f.k.a.).
        programmes: programme codes as the list writes them.
        first_seen: the first issue we hold that carries the entry; the entry may be older.
        gone: the entry left the list between two issues; None while it is there.
        details: harmless facts (kind of body, year established).
        linked_to: organisations the list links it to; links to persons are not kept.
        text_sha256: of name, programmes and remarks as issued: tells that the words changed.
    """

    entry: str
    name: str
    names: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    first_seen: Stated | None = None
    gone: Stated | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    linked_to: tuple[str, ...] = ()
    text_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body: a group, a company, a public body.

    Args:
        name: what this register calls it.
        schema: "Organization", "Company" or "PublicBody"; nothing else is taken.
        country: ISO code of where it is based; "" where not stated.
        refs: its number in lists of others: {"ofac-sdn": "11440"}.
        listed: how lists carry it, by list.
        distinct_from: ids of organisations it is easily taken for and is not.
        sources: where the facts come from.
    """

    name: str
    schema: str = "Organization"
    country: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Listed] = field(default_factory=dict)
    distinct_from: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """One spelling of an organisation's name, valid as long as its record is.

    Args:
        organisation: id of the organisation it means.
        text: the spelling.
        basis: one of `BASES`.
        language, script: "es", "Latn"; "" where not stated.
        former: whether it is a name it no longer has.
        by: role of the person who curated or confirmed it.
        suggested_score: how like it was when the program suggested it, 0 to 100; None for a curated one.
    """

    organisation: str
    text: str
    basis: str = "curated"
    language: str = ""
    script: str = ""
    former: bool = False
    by: str = ""
    suggested_score: float | None = None
    sources: tuple[str, ...] = ()


def read_organisation(body: Mapping[str, Any], where: str) -> Organisation:
    """Read and check the body of an organisation.

    Raises:
        BadInput: REC-015 it is, or may be, a person; REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    schema = fields.text("schema", "Organization", most=64)
    listed = {name: _listed(part) for name, part in fields.sections("listed").items()}
    name = fields.text("name", most=1000)
    known = [name, *(text for entry in listed.values() for text in (entry.name, *entry.names))]
    refuse_persons(body, schema, known, where)
    organisation = Organisation(
        name,
        schema,
        fields.text("country", "", most=8).upper(),
        fields.words("refs"),
        listed,
        fields.texts("distinct_from"),
        fields.texts("sources"),
        fields.text("note", ""),
    )
    fields.close()
    return organisation


def read_alias(body: Mapping[str, Any], where: str) -> Alias:
    """Read and check the body of an alias.

    Raises:
        BadInput: REC-015 it is written as a person's name; REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    text = fields.text("text", most=1000)
    refuse_persons(body, "Organization", [text], where)
    alias = Alias(
        fields.text("organisation", most=256),
        text,
        fields.choice("basis", BASES, "curated"),
        fields.text("language", "", most=16),
        fields.text("script", "", most=16),
        bool(fields.flag("former")),
        fields.text("by", "", most=200),
        fields.number("suggested_score", least=0, most=100),
        fields.texts("sources"),
    )
    fields.close()
    return alias


def _listed(part: Fields) -> Listed:
    listed = Listed(
        part.text("entry", most=200),
        part.text("name", most=1000),
        part.texts("names"),
        part.texts("programmes"),
        part.stated("first_seen"),
        part.stated("gone"),
        part.words("details"),
        part.texts("linked_to"),
        part.sha256("text_sha256"),
    )
    part.close()
    return listed
