"""Reviews of people at rest: `reviews.jsonl` in the workspace, one JSON line each; nothing is ever taken out.

An append writes the whole file anew and puts it in the place of the old one at once, under a lock: a reader,
or a kill, finds all acknowledged reviews and no half one. Lines that cannot be read are kept and reported.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.locate.review import Review, read_review, review_line
from atalaya.store.file_lock import locked
from atalaya.trust.durable import replace_durable

REVIEWS_FILE = "reviews.jsonl"
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Reviews:
    """What the file holds.

    Args:
        reviews: every review once, in order of time. findings: lines that are none.
    """

    reviews: tuple[Review, ...]
    findings: tuple[Finding, ...] = ()

    def of(self, site: str) -> tuple[Review, ...]:
        """Every review of one site, those that would merge another site with it included."""
        return tuple(each for each in self.reviews if site in (each.site, each.other))


class ReviewStore:
    """The reviews of one workspace.

    Args:
        root: folder of the workspace.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / REVIEWS_FILE
        self._lock = root / f".{REVIEWS_FILE}.lock"

    def append(self, reviews: Sequence[Review]) -> int:
        """Keep reviews, all or none; on the disk before this returns. How many were new.

        Raises:
            AtalayaError: TRU-016, STO-005, the file cannot be written; TRU-047, another process holds it.
            BadInput: RPT-006, the file is larger than any file of reviews.
        """
        if not reviews:
            return 0
        with locked(self._lock):
            data = self._bytes()
            known = {each.id for each in _parsed(data, str(self._path)).reviews}
            fresh = {each.id: each for each in reviews if each.id not in known}
            if fresh:
                lines = "".join(review_line(each) + "\n" for each in fresh.values())
                whole = data if not data or data.endswith(b"\n") else data + b"\n"
                replace_durable(self._path, whole + lines.encode("utf-8"))
        return len(fresh)

    def read(self) -> Reviews:
        """Everything, with a finding for lines that are no review.

        Raises:
            AtalayaError: STO-005, the file cannot be read.
            BadInput: RPT-006.
        """
        return _parsed(self._bytes(), str(self._path))

    def _bytes(self) -> bytes:
        try:
            if self._path.stat().st_size > MOST_BYTES:
                raise BadInput("RPT-006", where=str(self._path))
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise AtalayaError("STO-005", where=str(self._path), detail=error.strerror or "") from error


def _parsed(data: bytes, where: str) -> Reviews:
    kept: dict[str, Review] = {}
    broken: list[int] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            review = read_review(json.loads(line.decode("utf-8")), where=f"{where}:{number}")
        except (BadInput, ValueError, RecursionError):
            broken.append(number)
        else:
            kept[review.id] = review
    ordered = tuple(sorted(kept.values(), key=lambda each: each.order))
    if not broken:
        return Reviews(ordered)
    finding = Finding("RPT-007", Severity.ERROR, len(broken), f"{where}:{broken[0]}", {"lines": len(broken)})
    return Reviews(ordered, (finding,))
