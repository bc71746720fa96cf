"""The one-page account: the thirteen questions an overseer asks, each answer a figure with a proof.

The page prints nothing of its own: every figure stands at a JSON pointer of one logged body, and the bundle
beside the page proves each of them offline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atalaya.base.language import language, say
from atalaya.law.ledger.entry import LegalClass

STATES = 8
LINES = 5
"""Rows of a list that fit the sheet; the body holds all of them, and the page says how many more."""


@dataclass
class _Sheet:
    """Lines on their way to the template, and where each figure stands."""

    body: Mapping[str, Any]
    pointers: dict[str, str] = field(default_factory=dict)
    sections: list[dict[str, Any]] = field(default_factory=list)
    marks: int = 0

    def section(self, key: str) -> None:
        number = len(self.sections) + 1
        heading = f"{number}. {say(f'page.{key}')}"
        self.sections.append({"heading": heading, "lines": [], "table": None, "after": ""})

    def line(self, text: str, *pointers: str) -> None:
        self.sections[-1]["lines"].append(self.cell(text, *pointers))

    def cell(self, text: str, *pointers: str) -> dict[str, Any]:
        """Text with one mark for its figures, F7; each of them is proved by itself, F7.1, F7.2 ..."""
        if not pointers:
            return {"text": text, "figures": []}
        self.marks += 1
        mark = f"F{self.marks}"
        for number, pointer in enumerate(pointers, 1):
            self.pointers[f"{mark}.{number}"] = pointer
        return {"text": text, "figures": [mark]}

    def more(self, rows: Sequence[object], shown: int = LINES) -> None:
        """Below the rows: how many more the body holds."""
        if len(rows) > shown:
            self.sections[-1]["after"] = say("page.more", count=len(rows) - shown)


def page_of(body: Mapping[str, Any], footer: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What the template prints, and figure marks with their JSON pointers into `body`.

    Args:
        body: see `campaign.ledger_body`.
        footer: the last line: log, checkpoint, and how to check.
    """
    sheet = _Sheet(body)
    for write in (
        _completeness,
        _flown,
        _extent,
        _classes,
        _authorisations,
        _notices,
        _statements,
        _payload,
        _shared,
        _designations,
        _corrections,
        _requests,
    ):
        write(sheet)
    edition = say(f"page.edition.{body['edition']}")
    where = body["state"] or say("page.every_state")
    subtitle = say(
        "page.subtitle",
        edition=edition,
        state=where,
        start=_date(body["from"]),
        end=_date(body["to"]),
        known=body["as_known"][:16] + "Z",
    )
    page = {"title": say("page.title"), "subtitle": subtitle, "lang": language(), "footer": footer}
    return {**page, "sections": sheet.sections}, sheet.pointers


def _completeness(sheet: _Sheet) -> None:
    sheet.section("complete")
    found = sheet.body["completeness"]
    word = say(f"page.completeness.{found['verdict'].replace(' ', '_')}")
    text = say("page.complete.line", verdict=word, sorties=found["sorties"], missing=found["not_reconciled"])
    sheet.line(text, "/completeness/verdict", "/completeness/sorties", "/completeness/not_reconciled")


def _flown(sheet: _Sheet) -> None:
    sheet.section("flown")
    total = sheet.body["total"]
    text = say("page.flown.line", sorties=total["sorties"], hours=_hours(total["ms"]))
    sheet.line(text, "/total/sorties", "/total/ms")
    if total["not_accounted"]:
        sheet.line(say("page.flown.unaccounted", count=total["not_accounted"]), "/total/not_accounted")
    states = sheet.body["states"]
    kinds = ("certain_ms", "indeterminate_ms", "possible_ms", "not_credible_ms")
    rows = []
    for place, state in enumerate(states[:STATES]):
        cells = [sheet.cell(_hours(state[kind]), f"/states/{place}/{kind}") for kind in kinds]
        rows.append([sheet.cell(state["state"], f"/states/{place}/state"), *cells])
    _table(sheet, [say("page.state"), *(say(f"page.{kind}") for kind in kinds)], rows)
    sheet.more(states, STATES)


def _extent(sheet: _Sheet) -> None:
    sheet.section("extent")
    states = sheet.body["states"]
    if not states:
        sheet.line(say("page.none_entered"))
    for place, state in enumerate(states[:3]):
        at = f"/states/{place}"
        if state["deepest_m"] is not None:
            text = say(
                "page.extent.line",
                state=state["state"],
                depth=_kilometres(state["deepest_m"]),
                layer=state["layer"],
                heights=_heights(state),
            )
            limits = [
                f"{at}/heights/{n}/{limit}"
                for n in range(len(state["heights"]))
                for limit in ("lowest_m", "highest_m", "datum")
            ]
            sheet.line(text, f"{at}/state", f"{at}/deepest_m", f"{at}/layer", *limits)
        others = [
            sheet.cell(f"{layer['layer']}: {_hours(layer['certain_ms'])}", f"{at}/by_layer/{n}/certain_ms")
            for n, layer in enumerate(state["by_layer"])
        ]
        told = len(others) > 1 and state["deepest_m"] is not None
        for cell in others if told else []:
            text = say("page.extent.layer", state=state["state"], answer=cell["text"])
            sheet.sections[-1]["lines"].append({**cell, "text": text})


def _classes(sheet: _Sheet) -> None:
    sheet.section("classes")
    rows = []
    for place, each in enumerate(sheet.body["classes"]):
        name = LegalClass(each["class"]).name.lower()
        rows.append([say(f"ledger.class.{name}"), sheet.cell(_clock(each["ms"]), f"/classes/{place}/ms")])
    rows.append([say("page.sum"), sheet.cell(_clock(sheet.body["sum_ms"]), "/sum_ms")])
    _table(sheet, [say("page.class"), "h:min:s"], rows)


def _authorisations(sheet: _Sheet) -> None:
    sheet.section("authorisations")
    papers = sheet.body["authorisations"]
    if not papers:
        sheet.line(say("page.no_authorisation"))
    for place, paper in enumerate(papers[:LINES]):
        text = say(
            "page.authorisation.line",
            instrument=paper["instrument"] or say("page.withheld"),
            granted_by=paper["granted_by"],
            basis=paper["basis"],
            valid=paper["valid"],
            recorded=_date(paper["recorded"]),
            within=_clock(paper["within_ms"]),
        )
        at = f"/authorisations/{place}"
        names = ("instrument", "granted_by", "basis", "valid", "recorded", "within_ms")
        sheet.line(text, *(f"{at}/{name}" for name in names))
    sheet.more(papers)


def _notices(sheet: _Sheet) -> None:
    sheet.section("notices")
    notices = sheet.body["notices"]
    if not notices:
        sheet.line(say("page.no_notice"))
    unknown = say("page.not_known")
    for place, notice in enumerate(notices[:LINES]):
        lead = unknown if notice["lead_s"] is None else _hours(notice["lead_s"] * 1000)
        steps = {step: notice[step] or unknown for step in ("sent", "delivered", "acknowledged")}
        text = say("page.notice.line", to=notice["to"], lead=lead, **steps)
        at = f"/notices/{place}"
        names = ("to", "sent", "delivered", "acknowledged", "lead_s")
        sheet.line(text, *(f"{at}/{name}" for name in names))
        if notice["not_reached"]:
            sheet.line(say("page.notice.missed", who=notice["not_reached"]), f"{at}/not_reached")
    sheet.more(notices)


def _statements(sheet: _Sheet) -> None:
    sheet.section("statements")
    said = sheet.body["statements"]
    if not said:
        sheet.line(say("page.no_statement"))
    for place, each in enumerate(said[:LINES]):
        text = say("page.statement.line", **{name: each[name] for name in ("speaker", "date", "wording")})
        at = f"/statements/{place}"
        sheet.line(text, f"{at}/speaker", f"{at}/date", f"{at}/wording")
    sheet.more(said)


def _payload(sheet: _Sheet) -> None:
    sheet.section("payload")
    payload = sheet.body["payload"]
    sensors = payload["sensors"] or say("page.not_known")
    armament = say(f"page.armament.{payload['armament'].replace(' ', '_')}")
    text = say("page.payload.line", sensors=sensors, armament=armament)
    sheet.line(text, "/payload/sensors", "/payload/armament")
    inspections = payload["inspections"]
    if not inspections:
        sheet.line(say("page.no_inspection"))
    for place, each in enumerate(inspections[:2]):
        if each["unarmed"] is not True:
            continue
        text = say("page.inspection.line", airframe=each["airframe"], by=each["inspector"], at=each["at"])
        at = f"/payload/inspections/{place}"
        sheet.line(text, *(f"{at}/{name}" for name in ("airframe", "inspector", "at", "unarmed")))
    recordings = payload["recordings"]
    if recordings["checked"]:
        text = say("page.recordings.line", **recordings)
        sheet.line(text, *(f"/payload/recordings/{name}" for name in ("checked", "claim_stores", "silent")))
    build = payload["build"]
    text = say("page.build.line", version=build["version"], sha256=build["sha256"][:16])
    sheet.line(text, "/payload/build/version", "/payload/build/sha256")


def _shared(sheet: _Sheet) -> None:
    sheet.section("collected")
    collected = sheet.body["collected"]
    text = say("page.collected.line", clips=collected["clips"], marked=collected["marked"])
    sheet.line(text, "/collected/clips", "/collected/marked")


def _designations(sheet: _Sheet) -> None:
    sheet.section("designations")
    rows = sheet.body["designations"]
    if not rows:
        sheet.line(say("page.no_designation"))
    for place, each in enumerate(rows[:LINES]):
        text = say(
            "page.designation.line",
            organisation=each["organisation"],
            regime=each["regime"],
            effective=each["effective"] or say("page.not_known"),
            then=say(f"page.{each['then']}"),
            now=say(f"page.{each['now']}"),
        )
        at = f"/designations/{place}"
        names = ("organisation", "regime", "effective", "then", "now")
        sheet.line(text, *(f"{at}/{name}" for name in names))
    sheet.more(rows)


def _corrections(sheet: _Sheet) -> None:
    sheet.section("corrections")
    corrections = sheet.body["corrections"]
    since = corrections["since"]
    text = (
        say("page.corrections.line", rows=corrections["rows"], since=_date(since))
        if since
        else say("page.corrections.first", rows=corrections["rows"])
    )
    sheet.line(text, "/corrections/rows", "/corrections/since")


def _requests(sheet: _Sheet) -> None:
    sheet.section("requests")
    requests = sheet.body["requests"]
    text = say("page.requests.line", **requests)
    sheet.line(text, "/requests/denied", "/requests/cancelled", "/requests/alerts")


def _table(sheet: _Sheet, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        columns = ["1", *("auto" for _ in heads[1:])]
        sheet.sections[-1]["table"] = {"columns": columns, "head": list(heads), "rows": rows}


def _heights(state: Mapping[str, Any]) -> str:
    parts = [_height(each) for each in state["heights"]]
    return "; ".join(parts) or say("page.withheld" if state.get("withheld") else "page.not_known")


def _height(band: Mapping[str, Any]) -> str:
    datum = say(f"datum.{band['datum']}")
    return f"{band['lowest_m']}–{band['highest_m']} m {datum}"


def _date(text: str | None) -> str:
    return say("page.not_known") if not text else text[:10]


def _hours(ms: int) -> str:
    return f"{ms / 3.6e6:.2f} h"


def _kilometres(metres: int) -> str:
    return f"{metres / 1000:.1f} km"


def _clock(ms: int) -> str:
    seconds = ms / 1000
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}:{seconds % 60:04.1f}"
