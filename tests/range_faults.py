"""Recordings with one fault each, and what the reader says of a recording. For tests and the bench."""

import tempfile
from pathlib import Path

import numpy as np

from atalaya.base.finding import Severity
from atalaya.footage.analyse import Analysis, Reading, analyse
from atalaya.footage.clip import Clip
from atalaya.sim.record.faults import DAMAGES, FAULTS, Damage, Fault
from tests.range_trials import trial

ALL: tuple[Fault | Damage, ...] = (*FAULTS, *DAMAGES)
_ATTEMPTS, _FLIGHTS = 12, 40


def read(data: bytes) -> Analysis:
    """A bare KLV file of these bytes, read as any recording is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.klv")
        path.write_bytes(data)
        with Clip.open(path) as clip:
            return analyse(clip, Reading())


def verdict(data: bytes) -> set[str]:
    """Codes of repairs and of findings that are more than a remark."""
    found = read(data)
    said = {one.code for one in found.findings if one.severity is not Severity.INFO}
    return said | {one.code for one in found.audit.repairs}


def faulted(seed: int) -> tuple[Fault | Damage, bytes]:
    """A recording with fault number `seed` modulo their count, in the first clip where it can be seen."""
    fault = ALL[seed % len(ALL)]
    for further in range(_FLIGHTS):
        for attempt in range(_ATTEMPTS):
            rng = np.random.default_rng((15, seed, further, attempt))
            clip = trial(seed + 10_000 * further, attempt)
            if isinstance(fault, Damage):
                return fault, fault.inject(clip.packets(), rng)
            record = fault.inject(clip.record, rng)
            if record is not None:
                return fault, clip.packets(record).data.tobytes()
    raise AssertionError(f"{fault.name}: not visible in any clip")
