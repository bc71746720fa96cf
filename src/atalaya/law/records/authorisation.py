"""An authorisation: which State let whom fly where, how high, with what, when, and on what basis.

Fields of the diplomatic-clearance form used in Europe, with the basis added: Chicago Convention Art. 3(c)
("in accordance with the terms thereof") and Art. 8 (aircraft without a pilot). Armament is no field: an
authorisation that mentions any, in whichever field, is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.altitude_band import AltitudeBand, parse_band
from atalaya.law.records.area import geojson_area, state_code
from atalaya.law.records.arms import arms_among
from atalaya.law.records.fields import Fields


class LegalBasis(StrEnum):
    """What an authorisation rests on. A designation is none of these, by construction."""

    CHICAGO_3C = "chicago-3c"
    CHICAGO_8 = "chicago-8"
    BILATERAL = "bilateral"
    HOST_REQUEST = "host-request"
    STANDING_RULE = "standing-rule"
    DOMESTIC = "domestic"


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A condition that is geometry, not paper: within a distance of a State's boundary.

    FAA AIM 5-6-8: state aircraft of Canada and Mexico on certain missions within 50 NM of their border.

    Args:
        near: State whose boundary it is.
        within_m: at most this far from it, metres on the ellipsoid.
        purposes: missions it is meant for; empty for all.
        source: where the rule stands.
    """

    near: str
    within_m: float
    purposes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The terms of one authorisation; its times are those of its record.

    Args:
        airspace_of: State whose airspace it opens, ISO 3166-1 alpha-3.
        granted_by: State and organ that granted it.
        instrument: number or name of the document.
        basis: what it rests on.
        area: GeoJSON Polygon or MultiPolygon it is limited to; None for all of the State.
        band: altitudes it is limited to; None for all.
        airframes: registrations, spares included; empty for every one of the operator.
        sensors: kinds of payload that may be used; None where the document does not limit them.
        purposes: missions it is for; empty for all.
        lead_time_s: how long before entry the notice must have been sent; None where none is required.
        rule: its geometric condition, for a standing rule.
        conditions: what else it asks, in words; shown, and judged by people.
        revocable_by: who may end it early.
    """

    airspace_of: str
    granted_by: str
    instrument: str
    basis: LegalBasis
    area: Mapping[str, Any] | None = None
    band: AltitudeBand | None = None
    airframes: tuple[str, ...] = ()
    sensors: tuple[str, ...] | None = None
    purposes: tuple[str, ...] = ()
    lead_time_s: float | None = None
    rule: StandingRule | None = None
    conditions: tuple[str, ...] = ()
    revocable_by: tuple[str, ...] = ()


def read_authorisation(body: Mapping[str, Any], where: str = "") -> Authorisation:
    """The body of an authorisation record.

    Raises:
        BadInput: LED-001 no such State or area; LED-002 the band cannot be read; LED-003 it mentions
            armament; LED-004 a standing rule without its condition; REC-010, REC-011, REC-012.
    """
    fields = Fields({name: value for name, value in body.items() if name != "area"}, where)
    for flag in ("armament", "electronic_warfare"):
        if fields.flag(flag):
            raise BadInput("LED-003", where=where, value=flag)
    band = fields.text("band", "", most=60)
    basis = LegalBasis(fields.choice("basis", tuple(LegalBasis)))
    rule = _rule(fields)
    if basis is LegalBasis.STANDING_RULE and rule is None:
        raise BadInput("LED-004", where=where)
    sensors = fields.texts("sensors")
    authorisation = Authorisation(
        airspace_of=state_code(fields, "airspace_of"),
        granted_by=fields.text("granted_by", most=1000),
        instrument=fields.text("instrument", most=1000),
        basis=basis,
        area=geojson_area(body, "area", where),
        band=parse_band(band, where=fields.place("band")) if band else None,
        airframes=fields.texts("airframes"),
        sensors=sensors if "sensors" in body else None,
        purposes=fields.texts("purposes"),
        lead_time_s=fields.number("lead_time_s", least=0.0),
        rule=rule,
        conditions=fields.texts("conditions"),
        revocable_by=fields.texts("revocable_by"),
    )
    fields.close()
    _must_not_speak_of_arms(authorisation, where)
    return authorisation


def _must_not_speak_of_arms(paper: Authorisation, where: str) -> None:
    texts = (paper.granted_by, paper.instrument, *paper.airframes, *(paper.sensors or ()), *paper.purposes)
    rule = () if paper.rule is None else (*paper.rule.purposes, paper.rule.source)
    found = arms_among((*texts, *paper.conditions, *paper.revocable_by, *rule))
    if found:
        raise BadInput("LED-003", where=where, value=found)


def _rule(fields: Fields) -> StandingRule | None:
    part = fields.section("rule")
    within = part.number("within_m", least=0.0)
    near = part.text("near", "", most=60)
    rule = None
    if near or within is not None:
        if not near or within is None:
            raise BadInput("LED-004", where=fields.place("rule"))
        near = state_code(part, "near")
        rule = StandingRule(near, within, part.texts("purposes"), part.text("source", ""))
    part.close()
    return rule
