"""ICAO flight plan messages, read strictly: a field of another form is refused, never guessed at."""

import re
from itertools import pairwise

from atalaya.base.errors import BadInput
from atalaya.plan.exports.flight_plan_text import (
    AERODROME,
    DURATION,
    FORMS,
    LEVEL,
    LONGEST,
    OTHER,
    SPEED,
    SUPPLEMENT,
    TIME,
    FlightPlan,
    Named,
    RouteElement,
    checked_flight_plan,
)

_FIELDS = (
    ("item 7", rf"(?P<aircraft_id>{FORMS['aircraft_id']})(?:/(?P<code>A[0-7]{{4}}))?"),
    ("item 8", r"(?P<rules>[IVYZ])(?P<kind>[SNGMX])"),
    ("item 9", rf"(?P<number>\d{{0,2}})(?P<aircraft_type>{FORMS['aircraft_type']})/(?P<wake>[LMHJ])"),
    ("item 10", r"(?P<equipment>[A-Z0-9]+)/(?P<surveillance>[A-Z0-9]+)"),
    ("item 13", rf"(?P<departure>{AERODROME})(?P<off_block>{TIME})"),
    ("item 15", rf"(?P<speed>{SPEED})(?P<level>{LEVEL}|VFR) (?P<route>\S.*)"),
    (
        "item 16",
        rf"(?P<destination>{AERODROME})(?P<elapsed>{DURATION})(?P<alternates>(?: {AERODROME}){{0,2}})",
    ),
)


def read_flight_plan(text: str, *, where: str = "") -> FlightPlan:
    """The items of one FPL message.

    Raises:
        BadInput: XPT-015, naming the item that is not of its form; XPT-014, too long.
    """
    if len(text) > LONGEST:
        raise BadInput("XPT-014", where=where, length=len(text), most=LONGEST)
    whole = re.fullmatch(r"\s*\(FPL-(.*)\)\s*", text, re.DOTALL)
    if whole is None or not text.isascii() or "(" in whole[1] or ")" in whole[1]:
        raise BadInput("XPT-015", where=where, item="(FPL-...)", value=text[:40])
    fields = [" ".join(field.split()) for field in whole[1].split("-")]
    if len(fields) not in (len(_FIELDS) + 1, len(_FIELDS) + 2):
        raise BadInput("XPT-015", where=where, item="-", value=len(fields))
    found: dict[str, str] = {}
    for (item, form), field in zip(_FIELDS, fields, strict=False):
        matched = re.fullmatch(form, field)
        if matched is None:
            raise BadInput("XPT-015", where=where, item=item, value=field[:60])
        found |= {name: value or "" for name, value in matched.groupdict().items()}
    other = fields[len(_FIELDS)]
    supplement = fields[-1] if len(fields) == len(_FIELDS) + 2 else ""
    route, alternates = found.pop("route"), found.pop("alternates")
    plan = FlightPlan(
        **found,
        route=tuple(_element(word, where) for word in route.split()),
        alternates=tuple(alternates.split()),
        other=() if other == "0" else _named(other, OTHER, "item 18", where),
        supplement=_named(supplement, SUPPLEMENT, "item 19", where) if supplement else (),
    )
    return checked_flight_plan(plan, where=where)


def _element(word: str, where: str) -> RouteElement:
    if "/" not in word:
        return RouteElement(word)
    changed = re.fullmatch(rf"([A-Z0-9]+)/({SPEED})({LEVEL})", word)
    if changed is None:
        raise BadInput("XPT-015", where=where, item="item 15", value=word[:60])
    return RouteElement(*changed.groups())


def _named(field: str, known: tuple[str, ...], item: str, where: str) -> Named:
    """(indicator, text) of a field like `STS/STATE DOF/261122 RMK/TEXT`."""
    marks = list(re.finditer(rf"(?:^| )({'|'.join(sorted(known, key=len, reverse=True))})/", field))
    if not marks or marks[0].start() != 0 or len(marks) != field.count("/"):
        raise BadInput("XPT-015", where=where, item=item, value=field[:60])
    ends = [*(after.start() for _, after in pairwise(marks)), len(field)]
    return tuple((mark[1], field[mark.end() : end]) for mark, end in zip(marks, ends, strict=True))
