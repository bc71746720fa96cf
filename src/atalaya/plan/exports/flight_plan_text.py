"""The words of an ICAO flight plan message: its fields, their exact forms, and the message they make.

Source: ICAO Doc 4444 (PANS-ATM), 16th edition, Appendix 2 (items of the form) and Appendix 3 (message FPL).
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from atalaya.base.errors import BadInput

LONGEST = 2100
"""Letters of one AFTN message (Annex 10, volume II, 4.4.15.3.11)."""

LINE = 69

SPEED = r"(?:N\d{4}|K\d{4}|M\d{3})"
LEVEL = r"(?:F\d{3}|S\d{4}|A\d{3}|M\d{4})"
POINT = r"(?:\d{2}[NS]\d{3}[EW]|\d{4}[NS]\d{5}[EW]|[A-Z]{2,5}(?:\d{6})?)"
WAY = r"[A-Z][A-Z0-9]{1,6}"
AERODROME = r"[A-Z]{4}"
TIME = r"(?:[01]\d|2[0-3])[0-5]\d"
DURATION = r"\d{2}[0-5]\d"
FREE = r"[A-Z0-9 .,?:'+=]+"

STS = (
    "ALTRV", "ATFMX", "FFR", "FLTCK", "HAZMAT", "HEAD", "HOSP", "HUM", "MARSA", "MEDEVAC", "NONRVSM", "SAR",
    "STATE",
)  # fmt: skip
OTHER = (
    "STS", "PBN", "NAV", "COM", "DAT", "SUR", "DEP", "DEST", "DOF", "REG", "EET", "SEL", "TYP", "CODE", "DLE",
    "OPR", "ORGN", "PER", "ALTN", "RALT", "TALT", "RIF", "RMK",
)  # fmt: skip
"""Indicators of item 18, in the order they are sent."""
SUPPLEMENT = ("E", "P", "R", "S", "J", "D", "A", "N", "C")

FORMS = {
    "aircraft_id": r"[A-Z0-9]{2,7}",
    "code": r"|A[0-7]{4}",
    "rules": r"[IVYZ]",
    "kind": r"[SNGMX]",
    "number": r"|[1-9]\d?",
    "aircraft_type": r"[A-Z][A-Z0-9]{1,3}",
    "wake": r"[LMHJ]",
    "equipment": r"N|[A-Z0-9]{1,64}",
    "surveillance": r"N|[A-Z0-9]{1,20}",
    "departure": AERODROME,
    "off_block": TIME,
    "speed": SPEED,
    "level": rf"{LEVEL}|VFR",
    "destination": AERODROME,
    "elapsed": DURATION,
}
"""Form of each field with one value, by the name it has in FlightPlan."""

Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RouteElement:
    """One element of the route: DCT, a point or a way, and speed and level where they change there."""

    text: str
    speed: str = ""
    level: str = ""

    def __str__(self) -> str:
        return f"{self.text}/{self.speed}{self.level}" if self.speed else self.text


@dataclass(frozen=True, slots=True)
class FlightPlan:
    """The items of the message, each in the letters it is sent in.

    Args:
        aircraft_id, code: item 7. rules, kind: item 8. number ("" for one), aircraft_type, wake:
            item 9.
        equipment, surveillance: item 10. departure, off_block: item 13. speed, level, route: item 15.
        destination, elapsed, alternates: item 16. other: item 18, (indicator, text) in order.
        supplement: item 19, (indicator, text) in order.
    """

    aircraft_id: str
    code: str
    rules: str
    kind: str
    number: str
    aircraft_type: str
    wake: str
    equipment: str
    surveillance: str
    departure: str
    off_block: str
    speed: str
    level: str
    route: tuple[RouteElement, ...]
    destination: str
    elapsed: str
    alternates: tuple[str, ...] = ()
    other: Named = ()
    supplement: Named = ()


def checked_flight_plan(plan: FlightPlan, *, where: str = "") -> FlightPlan:
    """The same plan, every field of the form the message allows.

    Raises:
        BadInput: XPT-015, naming the field.
    """
    for name, form in FORMS.items():
        require_form(getattr(plan, name), form, name, where)
    for alternate in plan.alternates:
        require_form(alternate, AERODROME, "alternates", where)
    if len(plan.alternates) > 2:
        raise BadInput("XPT-015", where=where, item="alternates", value=len(plan.alternates))
    for element in plan.route:
        _check_element(element, where)
    _check_named(plan.other, OTHER, "item 18", where)
    _check_named(plan.supplement, SUPPLEMENT, "item 19", where)
    given = dict(plan.other)
    for status in given.get("STS", "").split():
        if status not in STS:
            raise BadInput("XPT-015", where=where, item="STS/", value=status)
    for place, field in (("DEP", plan.departure), ("DEST", plan.destination), ("TYP", plan.aircraft_type)):
        if field == "ZZZZ" and place not in given:
            raise BadInput("XPT-015", where=where, item=f"{place}/", value="")
    return plan


def _check_element(element: RouteElement, where: str) -> None:
    require_form(element.text, rf"DCT|IFR|VFR|{POINT}|{WAY}", "route", where)
    check_point(element.text, where)
    if element.speed or element.level:
        require_form(element.speed, SPEED, "route", where)
        require_form(element.level, LEVEL, "route", where)
        require_form(element.text, POINT, "route", where)


def check_point(text: str, where: str) -> None:
    """Refuse latitudes and longitudes that do not exist.

    Raises:
        BadInput: XPT-015.
    """
    found = re.fullmatch(r"(\d{2})(\d{2})?[NS](\d{3})(\d{2})?[EW]", text)
    if found is None:
        return
    lat, lat_minutes, lon, lon_minutes = (int(part or 0) for part in found.groups())
    if max(lat_minutes, lon_minutes) > 59 or lat * 60 + lat_minutes > 5400 or lon * 60 + lon_minutes > 10800:
        raise BadInput("XPT-015", where=where, item="route", value=text)


def _check_named(fields: Named, known: Sequence[str], item: str, where: str) -> None:
    order = [name for name, _ in fields]
    if any(name not in known for name in order) or order != sorted(set(order), key=list(known).index):
        raise BadInput("XPT-015", where=where, item=item, value=" ".join(order)[:60])
    for name, text in fields:
        require_form(text, FREE, f"{name}/", where)
        if text != " ".join(text.split()):
            raise BadInput("XPT-015", where=where, item=f"{name}/", value=text[:60])


def require_form(value: str, form: str, item: str, where: str) -> None:
    """Refuse a field of another form.

    Raises:
        BadInput: XPT-015.
    """
    if not re.fullmatch(form, value):
        raise BadInput("XPT-015", where=where, item=item, value=value[:60])


def flight_plan_text(plan: FlightPlan) -> str:
    """The message, fields on lines of their own, lines of at most 69 letters.

    Raises:
        BadInput: XPT-014, longer than one message may be; XPT-015, a field of a wrong form.
    """
    checked_flight_plan(plan)
    code = f"/{plan.code}" if plan.code else ""
    route = " ".join(str(element) for element in plan.route)
    fields = [
        f"(FPL-{plan.aircraft_id}{code}-{plan.rules}{plan.kind}",
        f"-{plan.number}{plan.aircraft_type}/{plan.wake}-{plan.equipment}/{plan.surveillance}",
        f"-{plan.departure}{plan.off_block}",
        f"-{plan.speed}{plan.level} {route}",
        " ".join([f"-{plan.destination}{plan.elapsed}", *plan.alternates]),
        "-" + (" ".join(f"{name}/{text}" for name, text in plan.other) or "0"),
    ]
    if plan.supplement:
        fields.append("-" + " ".join(f"{name}/{text}" for name, text in plan.supplement))
    lines = [
        line
        for field in fields
        for line in textwrap.wrap(field, LINE, break_long_words=False, break_on_hyphens=False)
    ]
    text = "\n".join(lines) + ")\n"
    if len(text) > LONGEST:
        raise BadInput("XPT-014", where=plan.aircraft_id, length=len(text), most=LONGEST)
    return text
