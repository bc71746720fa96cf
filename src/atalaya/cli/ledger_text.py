"""The ledger in words and columns."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from atalaya.base.clock import iso
from atalaya.base.language import printable, say
from atalaya.campaign.gate_words import reason_text
from atalaya.campaign.ledger_summary import LedgerSummary, TempoSummary
from atalaya.campaign.overflights import Overflight
from atalaya.law.account import Standing
from atalaya.law.ledger.entry import LedgerEntry, LegalClass, seconds_by_class

SHOWN_S = 0.05
"""Less than this is not worth a line: it would be printed as nothing."""


def ledger_lines(found: LedgerSummary, *, detailed: bool) -> list[str]:
    """A line per sortie, the classes of all, and whether the list is complete."""
    lines = []
    for each in found.found:
        lines += [*_sortie(each, detailed=detailed), ""]
    if not found.found:
        lines += [say("ledger.nothing"), ""]
    if len(found.found) > 1:
        lines += [say("ledger.all"), *_classes(found.seconds), ""]
    reconciliation = found.reconciliation
    word = say(f"page.completeness.{str(reconciliation.verdict).replace(' ', '_')}")
    missing = reconciliation.not_reconciled
    lines.append(say("page.complete.line", verdict=word, sorties=reconciliation.sorties, missing=missing))
    for gap in reconciliation.discrepancies[:20]:
        lines.append(
            say(
                "ledger.discrepancy",
                airframe=printable(gap.airframe),
                what=say(f"ledger.gap.{gap.what.replace(' ', '_')}"),
                listed=f"{gap.listed:g}",
                counted=f"{gap.counted:g}",
            )
        )
    return lines


def _sortie(found: Overflight, *, detailed: bool) -> list[str]:
    if found.error is not None:
        return [
            printable(found.record.id),
            f"  {found.error.code}  {found.error.text.what}",
            f"  {found.error.where}",
        ]
    assert found.facts is not None
    start, end = iso(found.facts.start_us)[:19], iso(found.facts.end_us)[:19]
    head = f"{printable(found.record.id)}  {start}Z – {end}Z  {printable(found.sortie.call_sign)}".rstrip()
    lines = [head, *(_states(found)), *_classes(seconds_by_class(found.entries))]
    if detailed:
        lines += ["", *(entry_line(entry) for entry in found.entries)]
    return lines


def _states(found: Overflight) -> list[str]:
    lines = []
    for name, each in sorted(found.states.items()):
        if name == found.sortie.operator_state:
            continue
        spent = each.intervals.seconds()
        depth = "-" if each.deepest is None else f"{each.deepest.depth_m / 1000:.1f} km"
        doubtful = spent[Standing.INDETERMINATE] + spent[Standing.POSSIBLE]
        if each.deepest is None and doubtful + spent[Standing.NOT_CREDIBLE] < SHOWN_S:
            continue
        lines.append(
            "  "
            + say(
                "ledger.state",
                state=name,
                certain=_clock(spent[Standing.CERTAIN_INSIDE]),
                doubtful=_clock(doubtful),
                refused=_clock(spent[Standing.NOT_CREDIBLE]),
                depth=depth,
                layer=f"{each.layer} {each.edition}".strip(),
            )
        )
    return lines


def _classes(spent: dict[LegalClass, float]) -> list[str]:
    total = sum(spent.values())
    rows = [(say(f"ledger.class.{name.name.lower()}"), _clock(seconds)) for name, seconds in spent.items()]
    return _columns([*rows, (say("page.sum"), _clock(total))])


def entry_line(entry: LedgerEntry) -> str:
    """One interval of a sortie: when, how long, over whom, which class, why."""
    where = "/".join(entry.states) or "–"
    why = "; ".join(reason_text(reason.record, reason.term) for reason in entry.reasons)
    name = say(f"ledger.class.{entry.legal_class.name.lower()}")
    told = f"{name}: {why}" if why else name
    return f"  {iso(entry.start_us)[:19]}Z  {_clock(entry.seconds):>12}  {where:8} {told}"


def tempo_lines(found: TempoSummary, plot: Path | None) -> list[str]:
    """One line per week or month, what changed, and where the picture lies."""
    if not found.rows:
        return [say("ledger.nothing")]
    heads = (
        say("tempo.period"),
        say("tempo.sorties"),
        say("tempo.hours"),
        say("tempo.abroad"),
        say("tempo.deepest"),
    )
    rows = [heads]
    for row in found.rows:
        abroad = ", ".join(f"{state} {hours:.2f} h" for state, hours in sorted(row.hours_by_state.items()))
        deepest = ", ".join(
            f"{state} {depth / 1000:.1f} km" for state, depth in sorted(row.deepest_m.items())
        )
        rows.append((row.label, str(row.sorties), f"{row.hours:.2f}", abroad or "-", deepest or "-"))
    lines = _columns(rows)
    if found.step is not None:
        step = found.step
        text = say("tempo.step", label=step.label, before=f"{step.before:.1f}", after=f"{step.after:.1f}")
        lines.append(text)
    if plot is not None:
        lines.append(str(plot))
    return lines


def _columns(rows: Sequence[Sequence[str]] | Iterable[Sequence[str]]) -> list[str]:
    listed = list(rows)
    widths = [max(len(row[place]) for row in listed) for place in range(len(listed[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in listed
    ]


def _clock(seconds: float) -> str:
    whole, part = divmod(round(seconds * 10), 10)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}.{part}"
