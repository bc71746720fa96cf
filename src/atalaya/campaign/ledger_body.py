"""What an account states, as one logged body: numbers and texts that a page prints and a bundle proves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atalaya.base.clock import iso
from atalaya.campaign.build import build_identity
from atalaya.campaign.kept_account import KeptState
from atalaya.campaign.ledger_records import (
    authorisations,
    corrections,
    designations,
    inspections,
    notices,
    requests,
    statements,
)
from atalaya.campaign.overflights import Overflight
from atalaya.law.account import Standing
from atalaya.law.ledger.completeness import Reconciliation
from atalaya.law.ledger.entry import LegalClass
from atalaya.law.records.register import Register

SCHEMA = "atalaya.ledger-account/1"


@dataclass(frozen=True)
class Issue:
    """What one account is about.

    Args:
        edition: "committee", "host" (one State's airspace only) or "press" (coarsened).
        state: State it is limited to; "" for all.
        start_us, end_us: period, microseconds UTC.
        known_us: instant of knowledge.
        since_us: when the last account was issued; None for the first.
    """

    edition: str
    state: str
    start_us: int
    end_us: int
    known_us: int
    since_us: int | None = None


def body_of(
    issue: Issue,
    found: Sequence[Overflight],
    reconciliation: Reconciliation,
    register: Register,
    collected: tuple[int, int],
    stores: Mapping[str, int],
) -> dict[str, Any]:
    """The body of an account.

    Args:
        found: the sorties of the period, already limited to the State where there is one.
        collected: recordings, and how many of them carry a mark.
        stores: what the recordings' metadata say of stores (`campaign.collections.stores_claimed`).
    """
    entries = [entry for each in found for entry in each.entries]
    spent = dict.fromkeys(LegalClass, 0)
    for entry in entries:
        spent[entry.legal_class] += entry.end_us - entry.start_us
    classes = [{"class": str(each), "ms": _ms(spent[each])} for each in LegalClass if spent[each]]
    used = sorted({sensor for each in found for sensor in each.sortie.sensors})
    airframes = {each.sortie.airframe for each in found}
    seen = inspections(register, airframes, issue.end_us, issue.known_us)
    unarmed = _found_unarmed(seen)
    return {
        "schema": SCHEMA,
        "edition": issue.edition,
        "state": issue.state,
        "from": iso(issue.start_us),
        "to": iso(issue.end_us),
        "as_known": iso(issue.known_us),
        "completeness": _completeness(reconciliation),
        "total": _total(found),
        "states": _states(found),
        "classes": classes,
        "sum_ms": sum(each["ms"] for each in classes),
        "authorisations": authorisations(register, entries, issue.state, issue.known_us),
        "notices": notices(register, found, issue.state, issue.known_us),
        "statements": statements(register, issue.state, issue.start_us, issue.end_us, issue.known_us),
        "payload": {
            "sensors": ", ".join(used),
            "armament": "no" if airframes and airframes <= unarmed else "not stated",
            "inspections": seen,
            "recordings": dict(stores),
            "build": build_identity(),
        },
        "collected": {"clips": collected[0], "marked": collected[1]},
        "designations": designations(register, issue.end_us, issue.known_us),
        "corrections": corrections(register, issue.since_us, issue.known_us),
        "requests": requests(register, issue.state, issue.start_us, issue.end_us, issue.known_us)
        | {"alerts": _alerts(found)},
    }


def _found_unarmed(inspections: Sequence[Mapping[str, Any]]) -> set[str]:
    """Airframes that the newest inspection found unarmed."""
    newest: dict[str, bool | None] = {}
    for each in inspections:  # the newest first
        newest.setdefault(each["airframe"].removeprefix("airframe/"), each["unarmed"])
    return {airframe for airframe, found in newest.items() if found is True}


def _completeness(found: Reconciliation) -> dict[str, Any]:
    return {
        "verdict": str(found.verdict),
        "sorties": found.sorties,
        "not_reconciled": found.not_reconciled,
        "unverified": list(found.unverified),
        "discrepancies": [
            {
                "airframe": each.airframe,
                "what": each.what,
                "listed": round(each.listed),
                "counted": round(each.counted),
            }
            for each in found.discrepancies[:200]
        ],
    }


def _total(found: Sequence[Overflight]) -> dict[str, int]:
    accounted = [each for each in found if each.facts is not None]
    spent = sum(each.facts.end_us - each.facts.start_us for each in accounted if each.facts is not None)
    return {"sorties": len(found), "ms": _ms(spent), "not_accounted": len(found) - len(accounted)}


def _alerts(found: Sequence[Overflight]) -> int:
    """Sorties with a possible or indeterminate entry."""
    return sum(any(e.legal_class is LegalClass.INDETERMINATE for e in each.entries) for each in found)


def _states(found: Sequence[Overflight]) -> list[dict[str, Any]]:
    """Each State that a sortie of another one certainly or possibly entered; the longest first."""
    names = {name for each in found for name in each.states if name != each.sortie.operator_state}
    shown = [_state(name, [each for each in found if each.sortie.operator_state != name]) for name in names]
    return sorted(shown, key=lambda state: (-state["certain_ms"], -state["most_ms"], state["state"]))


def _state(name: str, found: Sequence[Overflight]) -> dict[str, Any]:
    accounts = [each.states[name] for each in found if name in each.states]
    standing = {kind: sum(each.intervals.seconds()[kind] for each in accounts) for kind in Standing}
    open_s = sum(
        standing[kind] for kind in (Standing.INDETERMINATE, Standing.POSSIBLE, Standing.NOT_CREDIBLE)
    )
    deepest = max((each.deepest.depth_m for each in accounts if each.deepest), default=None)
    by_layer: dict[str, list[KeptState]] = {}
    for each in found:
        for one in each.account.states if each.account else ():
            if one.state == name and one.sovereign:
                by_layer.setdefault(one.layer, []).append(one)
    return {
        "state": name,
        "layer": accounts[0].layer if accounts else "",
        "certain_ms": _s(standing[Standing.CERTAIN_INSIDE]),
        "indeterminate_ms": _s(standing[Standing.INDETERMINATE]),
        "possible_ms": _s(standing[Standing.POSSIBLE]),
        "not_credible_ms": _s(standing[Standing.NOT_CREDIBLE]),
        "most_ms": _s(standing[Standing.CERTAIN_INSIDE] + open_s),
        "deepest_m": None if deepest is None else round(deepest),
        "heights": _heights(accounts),
        "by_layer": [
            {"layer": layer, "certain_ms": _s(sum(_certain_s(one) for one in ones))}
            for layer, ones in by_layer.items()
        ],
    }


def _heights(accounts: Sequence[KeptState]) -> list[dict[str, Any]]:
    bands = [band for each in accounts for band in each.heights]
    return [
        {
            "datum": datum,
            "lowest_m": round(min(band.lowest_m for band in bands if band.datum == datum)),
            "highest_m": round(max(band.highest_m for band in bands if band.datum == datum)),
        }
        for datum in sorted({band.datum for band in bands})
    ]


def _certain_s(one: KeptState) -> float:
    return one.intervals.seconds()[Standing.CERTAIN_INSIDE]


def _ms(t_us: int) -> int:
    return round(t_us / 1000)


def _s(seconds: float) -> int:
    return round(seconds * 1000)
