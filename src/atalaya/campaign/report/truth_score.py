"""Sites of a rehearsal against the truth, as the page shows it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from atalaya.base.errors import AtalayaError
from atalaya.campaign.locating.located import Located
from atalaya.campaign.locating.site_score import found_of, matched, true_sites
from atalaya.campaign.rehearsal.score import flown_of
from atalaya.campaign.rehearsal.score import score as score_rehearsal
from atalaya.campaign.report.report import ReliabilityBin, Score, TruthRow
from atalaya.detect.scoring.calibration import Reliability, brier, calibration
from atalaya.earth.cells import areas_m2

LEAST_FOR_BINS = 8
"""Sites below which a reliability curve says nothing."""


def truth_score(root: Path, located: Located, known: Mapping[str, int] | None = None) -> Score | None:
    """The score of a rehearsal's sites; None where its truth cannot be read.

    Args:
        known: counts of facilities there, looked at and on video, where somebody has them.
    """
    try:
        folder = flown_of(root)
        truth = true_sites(folder)
        counts = score_rehearsal(root).sites["facilities"] if known is None else known
    except AtalayaError:
        return None
    found = found_of(located.sites)
    match = matched(found, truth)
    real = (match.truth >= 0) & truth.facility[match.truth] if len(truth.id) else np.zeros(len(found.p), bool)
    rows = tuple(_row(n, truth.id[n], bool(truth.facility[n]), located, match) for n in range(len(truth.id)))
    cells = np.unique(np.concatenate([np.asarray(one.coverage["cell"]) for one in located.known]))
    funnel = (
        ("there", counts["there"]),
        ("covered", counts["looked_at"]),
        ("shown", counts["on_video"]),
        ("located", int(real.sum())),
        ("likely", int((real & found.declared).sum())),
    )
    p, y = found.p, real.astype(np.float64)
    enough = len(p) >= LEAST_FOR_BINS
    curve = calibration(p, y, 5).reliability if enough else None
    return Score(
        funnel,
        int((found.declared & ~real).sum()),
        float(areas_m2(cells).sum()) / 1e6 if len(cells) else None,
        float(brier(p, y)) if len(p) else None,
        float(y.mean() * (1.0 - y.mean())) if len(p) else None,
        curve.ece if curve is not None else None,
        _bins(curve) if curve is not None else (),
        rows,
    )


def _bins(curve: Reliability) -> tuple[ReliabilityBin, ...]:
    columns = (curve.stated, curve.came_true, curve.n)
    return tuple(ReliabilityBin(float(a), float(b), int(n)) for a, b, n in zip(*columns, strict=True))


def _row(number: int, name: str, facility: bool, located: Located, match: object) -> TruthRow:
    from atalaya.campaign.locating.site_score import SiteMatch

    assert isinstance(match, SiteMatch)
    here = np.flatnonzero(match.truth == number)
    if not len(here):
        return TruthRow(name, facility)
    k = int(here[0])
    return TruthRow(name, facility, located.sites[k].id, float(match.offset_m[k]), bool(match.held[k]))
