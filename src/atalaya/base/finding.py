"""A finding: something true about an input that its reader should know, with a code and a severity."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from atalaya.base.catalogue import text_of


class Severity(StrEnum):
    """How much a finding matters, from a remark to something that must not be overlooked."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, and how often.

    Args:
        code: key of the catalogue (`base/codes`), for example "KLV-003".
        severity: how much it matters.
        count: how many packets, frames or ranges show it.
        where: the first place it was seen (PID, byte offset, tag); "" for the whole input.
        details: values for the placeholders of the code's text.
    """

    code: str
    severity: Severity
    count: int = 1
    where: str = ""
    details: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What it says, in the reader's language."""
        return text_of(self.code).filled(self.details).what

    def as_json(self) -> dict[str, object]:
        """The finding as it stands in verdict.json and `--json`."""
        shown: dict[str, object] = {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "count": self.count,
        }
        if self.where:
            shown["where"] = self.where
        return shown


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one code and text joined into one with the summed count; errors first, then by code."""
    by_key: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.message)
        seen = by_key.get(key)
        by_key[key] = replace(seen, count=seen.count + finding.count) if seen else finding
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return sorted(by_key.values(), key=lambda f: (rank[f.severity], f.code, f.message))
