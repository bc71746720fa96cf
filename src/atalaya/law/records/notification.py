"""Telling somebody of a flight: composed, sent, delivered, acknowledged; each step is a fact of its own.

"Must be notified", "was sent" and "was acknowledged" are three facts. A step that is not on record is not
known to have happened; a failed one names who was not reached, not only an address (ASTM F3548 CSTM0085).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.about import NOTHING, About, read_about
from atalaya.law.records.fields import Fields
from atalaya.law.records.record import Record
from atalaya.law.records.stated import Stated

STEPS = ("composed", "sent", "delivered", "acknowledged")


@dataclass(frozen=True, slots=True)
class Notification:
    """One step of one notice; the step happened at the start of its record's validity.

    Args:
        notice: what joins the steps of one notice.
        step: one of `STEPS`.
        to: office or State addressed. by: office that did the step (for "acknowledged", who acknowledged).
        medium: letter, e-mail, telephone, flight plan, message.
        about: what was told of.
        document_sha256: of what was sent or received.
        failed: whether the step was tried and did not succeed. not_reached: who was not reached, by name of
            the office. why: the reason given.
        required_lead_s: how long before the flight notice had to be given; None where no rule is stated.
    """

    notice: str
    step: str
    to: str
    by: str = ""
    medium: str = ""
    about: About = NOTHING
    document_sha256: str = ""
    failed: bool = False
    not_reached: tuple[str, ...] = ()
    why: str = ""
    required_lead_s: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of one notice; a step is None where none is on record.

    Args:
        notice: its name. to: every office addressed.
        steps: when each step succeeded, in the order of `STEPS`; the earliest where there are several.
        not_reached: offices that a failed step names and that no later step of the same kind reached.
    """

    notice: str
    to: tuple[str, ...]
    steps: tuple[Stated | None, ...]
    not_reached: tuple[str, ...]

    def lead_us(self, entry_us: int) -> tuple[int, int] | None:
        """Least and most time from sending to an entry, microseconds; None where no sending is on record."""
        sent = self.steps[STEPS.index("sent")]
        return None if sent is None else (entry_us - sent.latest_us, entry_us - sent.earliest_us)


def read_notification(body: Mapping[str, Any], where: str) -> Notification:
    """Read and check the body of one step.

    Raises:
        BadInput: REC-016 a failure that names nobody; REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    step = Notification(
        fields.text("notice", most=256),
        fields.choice("step", STEPS),
        fields.text("to", most=1000),
        fields.text("by", "", most=1000),
        fields.text("medium", "", most=200),
        read_about(fields),
        fields.sha256("document_sha256"),
        bool(fields.flag("failed")),
        fields.texts("not_reached"),
        fields.text("why", "", most=2000),
        fields.number("required_lead_s", least=0),
        fields.text("note", ""),
    )
    fields.close()
    if step.failed and not step.not_reached:
        raise BadInput("REC-016", where=where)
    return step


def chains(rows: Iterable[Record]) -> list[Chain]:
    """The notices among some rows, by name; the rows are those that stood at one instant (`as_known`)."""
    notices: dict[str, list[tuple[Stated | None, Notification]]] = {}
    for row in rows:
        if row.kind == "notification" and "withdrawn" not in row.body:
            step = read_notification(row.body, row.id)
            notices.setdefault(step.notice, []).append((row.valid.start, step))
    return [_chain(name, steps) for name, steps in sorted(notices.items())]


def _chain(name: str, steps: list[tuple[Stated | None, Notification]]) -> Chain:
    times: list[Stated | None] = []
    for wanted in STEPS:
        done = [at for at, step in steps if step.step == wanted and not step.failed and at is not None]
        times.append(min(done, key=lambda at: at.latest_us, default=None))
    reached = {(step.step, step.to) for _, step in steps if not step.failed}
    missed = (
        office
        for _, step in steps
        if step.failed
        for office in step.not_reached
        if (step.step, office) not in reached
    )
    return Chain(
        name, tuple(sorted({step.to for _, step in steps})), tuple(times), tuple(sorted(set(missed)))
    )
