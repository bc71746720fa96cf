"""Issue an account: work it out, log it, print it, and write the proofs of its figures beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atalaya.base.clock import now_us
from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.base.language import say
from atalaya.campaign.collections import mark_collections, stores_claimed
from atalaya.campaign.ledger_body import Issue, body_of
from atalaya.campaign.ledger_page import print_page
from atalaya.campaign.ledger_sections import page_of
from atalaya.campaign.overflights import Assumptions, Overflight, only_state, overflights
from atalaya.campaign.press import coarsened
from atalaya.campaign.reconciling import reconciled
from atalaya.campaign.registers import Registers, open_registers
from atalaya.campaign.rehearsal.marker import is_rehearsed
from atalaya.campaign.sorties import sorties_of
from atalaya.store.workspace import written_whole
from atalaya.trust.bundle import Bundle, write_bundle
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
        `page`, `bundle`, `policy`, `entry` (index in the log), `figures` (how many), `sorties`,
        `not_accounted` (sorties without an account), `witnessed` (whether enough witnesses have signed).

    Raises:
        AtalayaError: STO-005; and what opening the registers raises.
    """
    bundle_path = target.with_name(f"{target.name}.bundle.json")
    policy_path = target.with_name(f"{target.name}.policy")
    with open_registers(root) as registers:
        registers.verify()
        register = registers.register()
        known_us = min(known_us, max(register.last_recorded_us, now_us()))
        all_found = list(overflights(registers, register, known_us, assumptions))
        found = _of_period(all_found, period_us)
        if state:
            found = [only_state(each, state) for each in found if each.error or each.about(state)]
        collected, stores = _collected(registers, all_found, found)
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
        witnessed = policy.accepts(bundle.facts[0].receipt.note)
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
    if is_rehearsed(root):
        footer = f"{say('range.ledger')}  {footer}"
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
        "not_accounted": body["total"]["not_accounted"],
        "witnessed": witnessed,
    }


def renew_proofs(root: Path, bundle_path: Path) -> dict[str, Any]:
    """Write the proofs of an account anew, to the latest checkpoint that witnesses have signed.

    Returns:
        `bundle`, `entry`, `figures`, `witnessed` (whether the workspace's own policy accepts them).

    Raises:
        BadInput: TRU-038, it is no bundle; LED-033, it is none of an account.
        VerificationFailed: LED-034, its fact is not in this workspace's log.
    """
    old = Bundle.parse(bundle_path.read_bytes())
    if len(old.facts) != 1:
        raise BadInput("LED-033", where=str(bundle_path))
    index = old.facts[0].receipt.index
    with open_registers(root) as registers:
        if registers.journal.entry(index).entry != old.facts[0].entry:
            raise VerificationFailed("LED-034", where=str(bundle_path), entry=index)
        figures = {name: (index, cited.pointer) for name, cited in old.figures.items()}
        bundle = registers.journal.bundle(figures)
        witnessed = registers.journal.policy.accepts(bundle.facts[0].receipt.note)
    write_bundle(bundle_path, bundle)
    return {"bundle": str(bundle_path), "entry": index, "figures": len(figures), "witnessed": witnessed}


def _collected(
    registers: Registers, every: Sequence[Overflight], shown: Sequence[Overflight]
) -> tuple[tuple[int, int], dict[str, int]]:
    """Recordings of the sorties shown and how many are marked; and what their metadata say of stores."""
    clips = {clip for each in shown for clip in each.sortie.clips}
    catalogue = registers.workspace.catalogue()
    try:
        marked = mark_collections(registers, catalogue, every)
        known = {clip.sha256 for clip in catalogue.clips()} & clips
        return (len(known), len(known & marked)), stores_claimed(catalogue, known)
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
