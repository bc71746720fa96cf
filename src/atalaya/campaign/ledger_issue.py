"""Issue an account: work it out, log it, print it, and write the proofs of its figures beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atalaya.base.clock import now_us
from atalaya.base.language import say
from atalaya.campaign.collections import mark_collections, stores_claimed
from atalaya.campaign.ledger_body import Issue, body_of
from atalaya.campaign.ledger_page import print_page
from atalaya.campaign.ledger_sections import page_of
from atalaya.campaign.overflights import Assumptions, Overflight, only_state, overflights
from atalaya.campaign.press import coarsened
from atalaya.campaign.reconciling import reconciled
from atalaya.campaign.registers import Registers, open_registers
from atalaya.campaign.sorties import sorties_of
from atalaya.store.workspace import written_whole
from atalaya.trust.bundle import write_bundle
from atalaya.trust.checkpoint import Checkpoint

ACCOUNT = "ledger.account"
"""Kind of the log entry of an account."""


def issue_page(
    root: Path,
    target: Path,
    *,
    edition: str,
    state: str,
    period_us: tuple[int, int] | None,
    known_us: int,
    assumptions: Assumptions,
) -> dict[str, Any]:
    """Write the page and, beside it, the bundle that proves every figure on it.

    Returns:
        `page`, `bundle`, `policy`, `entry` (index in the log), `figures` (how many), `sorties`.

    Raises:
        AtalayaError: STO-005; and what opening the registers raises.
    """
    bundle_path, policy_path = target.with_suffix(".bundle.json"), target.with_suffix(".policy")
    with open_registers(root) as registers:
        registers.verify()
        register = registers.register()
        known_us = min(known_us, max(register.last_recorded_us, now_us()))
        all_found = list(overflights(registers, register, known_us, assumptions))
        collected, stores = _collected(registers, all_found)
        found = _of_period(all_found, period_us)
        if state:
            found = [only_state(each, state) for each in found if each.error or each.about(state)]
        issue = Issue(
            edition, state, *_period(found, period_us, known_us), known_us, _last_issue_us(registers)
        )
        reconciliation = reconciled(register, sorties_of(register, known_us=known_us), known_us)
        body = body_of(issue, found, reconciliation, register, collected, stores)
        if edition == "press":
            body = coarsened(body)
        entry = registers.act(ACCOUNT, body, about=f"account:{edition}:{state}")
        _, pointers = page_of(body, "")
        bundle = registers.journal.bundle({mark: (entry, f"/body{at}") for mark, at in pointers.items()})
        policy = registers.journal.policy
        checkpoint = Checkpoint.parse(registers.journal.note().text)
    footer = say(
        "page.footer",
        count=len({mark.partition(".")[0] for mark in pointers}),
        entry=entry,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex()[:16] + "…",
        bundle=bundle_path.name,
        policy=policy_path.name,
    )
    page, _ = page_of(body, footer)
    print_page(page, target)
    write_bundle(bundle_path, bundle)
    with written_whole(policy_path) as partial:
        partial.write_text(policy.text, encoding="utf-8")
    return {
        "page": str(target),
        "bundle": str(bundle_path),
        "policy": str(policy_path),
        "entry": entry,
        "figures": len(pointers),
        "sorties": len(found),
    }


def _collected(registers: Registers, found: Sequence[Overflight]) -> tuple[tuple[int, int], dict[str, int]]:
    """Recordings and how many are marked; and what their metadata say of stores."""
    catalogue = registers.workspace.catalogue()
    try:
        return mark_collections(registers, catalogue, found), stores_claimed(catalogue)
    finally:
        catalogue.close()


def _of_period(found: Sequence[Overflight], period_us: tuple[int, int] | None) -> list[Overflight]:
    if period_us is None:
        return list(found)
    start_us, end_us = period_us
    return [each for each in found if start_us <= _start_us(each) < end_us]


def _start_us(found: Overflight) -> int:
    start = found.record.valid.start
    return 0 if start is None else start.earliest_us


def _period(found: Sequence[Overflight], period_us: tuple[int, int] | None, known_us: int) -> tuple[int, int]:
    """The period asked for, else that of the sorties, else the instant of knowledge."""
    if period_us is not None:
        return period_us
    ends = [each.record.valid.end.latest_us for each in found if each.record.valid.end is not None]
    return min((_start_us(each) for each in found), default=known_us), max(ends, default=known_us)


def _last_issue_us(registers: Registers) -> int | None:
    times = [entry.t_us for entry in registers.journal.entries(ACCOUNT)]
    return max(times, default=None)
