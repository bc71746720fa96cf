"""Tables of places in metres, scene by scene: for false alarms per square kilometre of ground."""

from pathlib import Path

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.base.language import printable
from atalaya.detect.scoring.files.columns import Table, read_table
from atalaya.detect.scoring.froc import Judged, judged
from atalaya.detect.scoring.inputs import Floats
from atalaya.detect.scoring.matching import within_distance


def judge_places(truth: Path, claims: Path, scenes: Path, within_m: float) -> list[Judged]:
    """Judge claims by their distance from truths.

    Args:
        truth: columns scene, east_m, north_m. claims: these and score. scenes: columns scene, km2: all ground
            seen, also where there was nothing; a scene seen in several looks has one row for each look.

    Raises:
        NotFound: SCO-030. BadInput: SCO-005, SCO-031 to SCO-034; SCO-007, a scene is not listed.
    """
    true, said, listed = (read_table(path) for path in (truth, claims, scenes))
    names, size = listed.texts("scene", "image"), listed.numbers("km2")
    place = {name: number for number, name in enumerate(dict.fromkeys(names))}
    seen = np.bincount([place[name] for name in names], size, minlength=len(place))
    where = _scene(true, place), _scene(said, place)
    spots, score = (_spots(true), _spots(said)), said.numbers("score", "confidence")
    return [
        _one(
            spots[0][where[0] == number],
            spots[1][where[1] == number],
            score[where[1] == number],
            km2,
            within_m,
        )
        for number, km2 in enumerate(seen.tolist())
    ]


def _one(truth_m: Floats, claim_m: Floats, score: Floats, km2: float, within_m: float) -> Judged:
    return judged(score, within_distance(claim_m, truth_m, within_m), len(truth_m), km2)


def _spots(table: Table) -> Floats:
    return np.stack((table.numbers("east_m", "x_m"), table.numbers("north_m", "y_m")), axis=1)


def _scene(table: Table, place: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    names = table.texts("scene", "image")
    strange = sorted(set(names) - set(place))
    if strange:
        raise BadInput("SCO-007", where=f"{table.file}: {printable(strange[0][:40])}", count=len(strange))
    return np.array([place[name] for name in names], np.int64)
