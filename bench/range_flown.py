"""Claims of whole trials of the range, kept in a folder so that a run can be stopped and goes on."""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather

from atalaya.detect import Detector
from bench.range_looks import Pass, Trial, claims_on, shots, trial, usual_passes

DETECTORS = ("range-signs-eo", "hot-spot", "track-end")


@dataclass(frozen=True)
class Flown:
    """One pass: when it began, how many pictures it took, what was claimed."""

    way: Pass
    t_us: int
    pictures: int
    claims: pa.Table


def asked(description: str | None) -> argparse.Namespace:
    """What a tool that works through trials is asked: seeds, and where their claims are kept."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seeds", nargs="+", required=True)
    parser.add_argument("--keep", type=Path, help="folder where claims of trials are kept")
    return parser.parse_args()


def seeds_of(parts: Iterable[str]) -> list[tuple[str, int]]:
    """Themes and seeds of spans such as "lab:6000-6020" (the last left out), theme by theme in turn."""
    spans = []
    for part in parts:
        theme, _, span = part.partition(":")
        first, _, last = span.partition("-")
        spans.append([(theme, seed) for seed in range(int(first), int(last))])
    most = max(map(len, spans), default=0)
    return [span[n] for n in range(most) for span in spans if n < len(span)]


def trials(
    wanted: Iterable[tuple[str, int]], detectors: Sequence[Detector], keep: Path | None = None
) -> Iterator[tuple[Trial, str, list[Flown]]]:
    """Each trial with its theme and passes: from the folder where they are kept, else flown now.

    Args:
        keep: folder to keep them in; it belongs to one set of detectors.
    """
    for theme, seed in wanted:
        one = trial(seed, theme)
        kept = None if keep is None else keep / f"{theme}-{seed}"
        if kept is not None and (kept / "passes.json").is_file():
            yield one, theme, _read(kept)
            continue
        flown = []
        for way in usual_passes(seed):
            t_us, taken = shots(one, way)
            flown.append(Flown(way, t_us, len(taken), claims_on(one, way, t_us, taken, detectors)))
        if kept is not None:
            _write(kept, flown)
        yield one, theme, flown


def _write(folder: Path, flown: Sequence[Flown]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(flown):
        feather.write_feather(one.claims, folder / f"{number}.feather", compression="zstd")
    heads = [{"way": asdict(one.way), "t_us": one.t_us, "pictures": one.pictures} for one in flown]
    (folder / "passes.json").write_text(json.dumps(heads), encoding="utf-8")


def _read(folder: Path) -> list[Flown]:
    heads = json.loads((folder / "passes.json").read_text(encoding="utf-8"))
    return [
        Flown(
            Pass(**head["way"]),
            head["t_us"],
            head["pictures"],
            feather.read_table(folder / f"{number}.feather"),
        )
        for number, head in enumerate(heads)
    ]
