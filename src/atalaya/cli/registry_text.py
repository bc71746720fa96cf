"""What the register's verbs print for people, in English and Spanish."""

from collections.abc import Iterable, Mapping, Sequence

from atalaya.base.clock import iso
from atalaya.base.finding import Finding
from atalaya.base.language import printable, say
from atalaya.law.records.attestation import Matter
from atalaya.law.records.designated import RegimeAnswer
from atalaya.law.records.designation import DATE_NAMES
from atalaya.law.records.names import Resolution, Suggestion
from atalaya.law.records.record import Record, Span
from atalaya.law.records.stated import InForce, Stated

GAP = "  "
WIDEST = 60


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, up to `WIDEST`; the last one as it is."""
    cells = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [min(WIDEST, max(len(row[column]) for row in cells)) for column in range(len(head) - 1)]
    lines = []
    for row in cells:
        padded = [cell[:width].ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append(GAP.join([*padded, row[-1]]).rstrip())
    return "\n".join(lines)


def stated_text(stated: Stated | None) -> str:
    """A time in the words it was stated in; "-" for none."""
    if stated is None:
        return "-"
    told = not stated.zone or stated.text.endswith(("Z", stated.zone))
    return stated.text if told else f"{stated.text} {stated.zone}"


def span_text(span: Span) -> str:
    """`2025-02-20 America/New_York → -`."""
    return f"{stated_text(span.start)} → {stated_text(span.end)}"


def clock_text(t_us: int | None) -> str:
    """An instant of the register's own clocks, to the second; "-" for none."""
    return "-" if t_us is None else iso(t_us)[:19] + "Z"


def summary(record: Record) -> str:
    """What a record says, in one line of its own words."""
    body = record.body
    if "withdrawn" in body:
        return say("registry.withdrawn", why=str(body["withdrawn"]))
    keys = ("name", "text", "regime", "registration", "speaker", "notice", "airspace_of", "counter", "of")
    more = (
        "step",
        "to",
        "stance",
        "wording",
        "organisation",
        "sensor",
        "granted_by",
        "value",
        "unit",
        "airframe",
    )
    said = [str(body[key]) for key in (*keys, *more) if isinstance(body.get(key), str | int | float)]
    return " · ".join(said)[:100] or ", ".join(sorted(body))[:100]


def listing(rows: Iterable[tuple[Record, InForce | None]]) -> str:
    """Records as a table, with what is known of them at the instant asked."""
    head = ("id", say("registry.in_force"), say("registry.valid"), say("registry.says"))
    return table(head, ((row.id, said(status), span_text(row.valid), summary(row)) for row, status in rows))


def history(rows: Sequence[Record]) -> str:
    """Every row of an id with its four clocks, then the body of each."""
    names = ("row", "valid", "issued", "received", "recorded", "superseded")
    head = [say(f"registry.{name}") for name in names]
    lines = [
        (
            str(row.row),
            span_text(row.valid),
            stated_text(row.issued),
            clock_text(row.received_us),
            clock_text(row.recorded_us),
            clock_text(row.superseded_us),
        )
        for row in rows
    ]
    bodies = [f"\n{say('registry.row')} {row.row}\n{_body(row.body)}" for row in rows]
    return "\n".join([f"{rows[0].id} ({rows[0].kind})", table(head, lines), *bodies])


def said(status: InForce | None) -> str:
    """`yes`, `no`, `indeterminate` in the reader's language; "-" where nothing was asked."""
    return "-" if status is None else say(f"registry.status.{status}")


def resolution(found: Resolution, suggestions: Sequence[Suggestion]) -> str:
    """What a name means, or whom a person might mean by it."""
    lines = [say("registry.name.ambiguous", text=printable(found.text))] if found.ambiguous else []
    for meaning in found.meanings:
        former = f" ({say('registry.name.former')})" if meaning.former else ""
        basis = say(f"registry.basis.{meaning.basis}")
        lines.append(f"{meaning.organisation}  {printable(meaning.name)}{former}  [{basis}]")
    for meaning in found.also:
        basis = say(f"registry.basis.{meaning.basis}")
        lines.append(
            f"  {say('registry.name.also')} {meaning.organisation}  {printable(meaning.name)}  [{basis}]"
        )
    if not found.meanings:
        lines.append(say("registry.name.none", text=printable(found.text)))
        if suggestions:
            lines.append(say("registry.name.suggested"))
        lines += [_suggestion(one) for one in suggestions]
    return "\n".join(lines)


def regimes(name: str, asked: str, answers: Sequence[RegimeAnswer]) -> str:
    """One line per regime: whether it held, whether the list showed it, its dates; then readings."""
    lines = [say("registry.designated", name=printable(name), at=asked)]
    if not answers:
        return "\n".join([*lines, say("registry.designated.none")])
    head = [say(f"registry.{part}") for part in ("regime", "in_force", "in_list", "dates")]
    lines.append(
        table(head, ((one.regime, said(one.in_force), said(one.listed), _dates(one)) for one in answers))
    )
    for one in answers:
        for row, reading in one.readings:
            words = say("registry.reading", reader=reading.reader, wording=reading.wording, id=row.id)
            lines.append(printable(words))
    return "\n".join([*lines, say("registry.designated.note")])


def imported(shown: Mapping[str, object], findings: Iterable[Finding]) -> str:
    """What an import did, in three or four lines."""
    key = "registry.import.would" if shown["dry_run"] else "registry.import.done"
    lines = [
        say(
            key,
            source=shown["source"] or shown["file"],
            **{name: shown[name] for name in ("rows", "corrected", "unchanged", "issues")},
        )
    ]
    events = shown["events"]
    if isinstance(events, Mapping) and events:
        lines.append("  " + ", ".join(f"{name} {count}" for name, count in sorted(events.items())))
    lines += [f"  {finding.code}  {finding.message} ({finding.count})" for finding in findings]
    return "\n".join(lines)


def matter(one: Matter) -> str:
    """The statements on one subject, by stance; that they contradict is said, who is right is not."""
    title = f"{printable(one.subject)} ({one.state})" if one.state else printable(one.subject)
    lines = [title, say("registry.contradictory") if one.contradictory else say("registry.not_contradictory")]
    for stance, statements in one.by_stance.items():
        lines.append(f"  {say(f'registry.stance.{stance}')}:")
        for row, said_words in statements:
            speaker = ", ".join(part for part in (said_words.speaker, said_words.office) if part)
            words = f"    {stated_text(row.issued)}  {speaker}: «{said_words.wording}»"
            lines.append(printable(f"{words} [{said_words.medium}]" if said_words.medium else words))
    return "\n".join(lines)


def _dates(answer: RegimeAnswer) -> str:
    parts = []
    for statement in answer.statements:
        dates = statement.designation.dates
        same: dict[str, list[str]] = {}
        for name in DATE_NAMES:
            date = getattr(dates, name)
            if date is not None:
                same.setdefault(stated_text(date), []).append(say(f"registry.date.{name}"))
        known = [f"{' = '.join(names)} {date}" for date, names in same.items()]
        listed = statement.designation.listed
        if listed is not None and listed.first_seen is not None:
            known.append(f"{say('registry.first_seen')} {stated_text(listed.first_seen)}")
        if listed is not None and listed.gone is not None:
            known.append(f"{say('registry.gone')} {stated_text(listed.gone)}")
        parts.append(", ".join(known) or say("registry.no_dates"))
    return "; ".join(dict.fromkeys(parts))


def _suggestion(one: Suggestion) -> str:
    apart = (
        f"  {say('registry.name.distinct', ids=', '.join(one.distinct_from))}" if one.distinct_from else ""
    )
    return f"  {one.score:5.1f}  {one.organisation}  {printable(one.matched)}{apart}"


def _body(body: Mapping[str, object], indent: str = "  ") -> str:
    lines = []
    for key, value in body.items():
        if isinstance(value, Mapping):
            lines.append(f"{indent}{printable(key)}:")
            lines.append(_body(value, indent + "  "))
        else:
            shown = (
                "; ".join(map(str, value))
                if isinstance(value, list)
                else str("-" if value is None else value)
            )
            lines.append(f"{indent}{printable(key)}: {printable(shown)}")
    return "\n".join(lines)
