"""The public edition: the same account, coarsened so that no aircraft, place or habit can be read from it."""

from collections.abc import Mapping
from typing import Any

from atalaya.law.records.notification import STEPS

QUARTER_HOUR_MS = 900_000
TEN_KILOMETRES_M = 10_000


def coarsened(body: Mapping[str, Any]) -> dict[str, Any]:
    """Times to the quarter hour, depths to ten kilometres, no registrations, instruments without numbers.

    Args:
        body: of an account (`campaign.ledger_body`).
    """
    classes = [{**each, "ms": _quarter(each["ms"])} for each in body["classes"]]
    states = [_state(state) for state in body["states"]]
    completeness = {**body["completeness"], "unverified": [], "discrepancies": []}
    payload = {**body["payload"], "inspections": [_unnamed(each) for each in body["payload"]["inspections"]]}
    papers = [{**each, "id": "", "instrument": "", **_quarters(each)} for each in body["authorisations"]]
    return {
        **body,
        "from": body["from"][:10],
        "to": body["to"][:10],
        "total": {**body["total"], "ms": sum(each["ms"] for each in classes)},
        "classes": classes,
        "sum_ms": sum(each["ms"] for each in classes),
        "states": states,
        "completeness": completeness,
        "payload": payload,
        "authorisations": papers,
        "notices": [_dated(each) for each in body["notices"]],
    }


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    depth = state["deepest_m"]
    layers = [{**each, "certain_ms": _quarter(each["certain_ms"])} for each in state["by_layer"]]
    rounded = None if depth is None else round(depth / TEN_KILOMETRES_M) * TEN_KILOMETRES_M
    return {
        **state,
        **_quarters(state),
        "deepest_m": rounded,
        "heights": [],
        "withheld": True,
        "by_layer": layers,
    }


def _dated(notice: Mapping[str, Any]) -> dict[str, Any]:
    """A notice with days instead of times."""
    steps = {name: notice[name] and notice[name][:10] for name in STEPS}
    lead_s = notice["lead_s"]
    return {
        **notice,
        **steps,
        "notice": "",
        "lead_s": None if lead_s is None else round(lead_s / 3600) * 3600,
    }


def _quarters(values: Mapping[str, Any]) -> dict[str, int]:
    return {name: _quarter(value) for name, value in values.items() if name.endswith("_ms")}


def _unnamed(inspection: Mapping[str, Any]) -> dict[str, Any]:
    return {**inspection, "airframe": "", "software_sha256": ""}


def _quarter(ms: int) -> int:
    return round(ms / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
