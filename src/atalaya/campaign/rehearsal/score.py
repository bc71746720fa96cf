"""What a workspace made of recordings of the range, held against the truth."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.campaign.exploit import ID_LENGTH
from atalaya.campaign.rehearsal.flown_file import read_flown, truth_of
from atalaya.campaign.rehearsal.marker import MARKER
from atalaya.campaign.rehearsal.placed import Placed, marks_of, placed_things

if TYPE_CHECKING:
    import pyarrow

    from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]

SCHEMA = "atalaya.score/1"
LEAST_PX = 4.0
"""Pixels of a site that must be in sight for it to count as seen on video."""


@dataclass(frozen=True)
class Score:
    """The score of a workspace; see `as_json`."""

    sites: dict[str, Any]
    placing: dict[str, Any]
    faults: list[dict[str, Any]]
    recordings: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.score/1` object."""
        return {
            "schema": SCHEMA,
            "sites": self.sites,
            "placing": self.placing,
            "faults": self.faults,
            "recordings": self.recordings,
        }


def score(root: Path, flown: Path | None = None) -> Score:
    """Score a workspace.

    Args:
        root: of the workspace. flown: folder of the flights; None for the one the workspace names.

    Raises:
        NotFound: RHS-007, the workspace names no flights; RHS-005, there are none there.
        BadInput: RHS-006, what lies there is damaged; RHS-008, none of their clips is in the workspace;
            RHS-012, what the workspace has of a clip is damaged.
    """
    from atalaya.earth.terrain import Terrain

    folder = flown_of(root) if flown is None else flown
    record = read_flown(folder)
    taken = [clip for sortie in record["sorties"] for clip in sortie["clips"]]
    clips = [clip for clip in taken if clip["kind"] != "cube"]
    results = {clip["files"][0]: _result(root, folder / clip["files"][0]) for clip in clips if clip["files"]}
    known = [clip for clip in clips if clip["files"] and results[clip["files"][0]] is not None]
    if clips and not known:
        raise BadInput("RHS-008", where=str(root))
    with Terrain.open(folder / "country" / "terrain.tif") as terrain:
        placed = list(_placed(folder, [clip for clip in known if clip["kind"] == "video"], terrain))
    return Score(
        _sites(folder, record, known),
        _placing(
            placed, len({clip["files"][0].partition("/")[0] for clip in known}), str(record.get("errors", ""))
        ),
        [_faults(clip, results[clip["files"][0]]) for clip in known],
        {"flown": len(clips), "known": len(known)},
    )


def flown_of(root: Path) -> Path:
    """The folder of flights a workspace was filled from.

    Raises:
        NotFound: RHS-007.
    """
    marker = root / MARKER
    if not marker.is_file():
        raise NotFound("RHS-007", where=str(root))
    try:
        named = str(json.loads(marker.read_text(encoding="utf-8"))["flown"])
        return Path(normpath(root / named))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput("RHS-006", where=str(marker), detail=str(error)[:120]) from error


def _result(root: Path, clip: Path) -> dict[str, Any] | None:
    """What exploiting a clip gave; None where the workspace does not know it, or the clip is gone."""
    if not clip.is_file():
        return None
    folder = root / "clips" / sha256_file(clip)[:ID_LENGTH]
    # one reading for each terrain model; those "as recorded" repair nothing
    verdicts = [path for path in sorted(folder.glob("verdict*.json")) if "recorded" not in path.name]
    if not verdicts:
        return None
    verdict = verdicts[-1]
    try:
        found: dict[str, Any] = json.loads(verdict.read_text(encoding="utf-8"))
        for part in ("verdict", "repairs"):
            _ = [str(each["code"]) for each in found[part]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput("RHS-012", where=str(verdict), detail=str(error)[:120]) from error
    return found


def _placed(folder: Path, clips: Sequence[dict[str, Any]], terrain: "Terrain") -> Iterator[Placed]:
    marks = marks_of(read_table(folder / "truth" / "things.parquet"), _epsg(folder))
    for clip in clips:
        yield from placed_things(folder / clip["files"][0], sightings_of(folder, clip), marks, terrain)


def _epsg(folder: Path) -> int:
    path = folder / "country" / "country.json"
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["epsg"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("RHS-006", where=str(path), detail=str(error)[:120]) from error


def sightings_of(folder: Path, clip: dict[str, Any]) -> "pyarrow.Table":
    """The truth about a clip."""
    return read_table(folder / truth_of(clip))


def read_table(path: Path) -> "pyarrow.Table":
    """A Parquet table of the truth.

    Raises:
        BadInput: RHS-006, it is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise BadInput("RHS-006", where=str(path), detail=str(error)[:120]) from error


def _sites(folder: Path, record: dict[str, Any], clips: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How many facilities and look-alikes were flown over by a looking camera, and seen on video."""
    table = read_table(folder / "truth" / "sites.parquet")
    ids, facility = table["id"].to_pylist(), table["facility"].to_pylist()
    over = _flown_over(folder, record, table)
    seen: set[str] = set()
    for clip in clips:
        rows = sightings_of(folder, clip)
        visible = np.asarray(rows["visible_px"]) >= LEAST_PX
        seen |= {
            site for site, shown in zip(rows["site"].to_pylist(), visible, strict=True) if shown and site
        }

    def counts(wanted: bool) -> dict[str, int]:
        chosen = [name for name, is_one in zip(ids, facility, strict=True) if is_one is wanted]
        return {
            "there": len(chosen),
            "looked_at": sum(name in over | seen for name in chosen),
            "on_video": sum(name in seen for name in chosen),
        }

    return {"facilities": counts(True), "look_alikes": counts(False)}


def _flown_over(folder: Path, record: dict[str, Any], sites: "pyarrow.Table") -> set[str]:
    """Sites whose middle lies in a footprint of some look."""
    import shapely

    points = shapely.points(np.asarray(sites["lon_deg"]), np.asarray(sites["lat_deg"]))
    tree, found = shapely.STRtree(points), set[str]()
    ids = sites["id"].to_pylist()
    for sortie in record["sorties"]:
        looks = read_table(folder / sortie["files"]["looks"])
        rings = [
            shapely.polygons(np.column_stack((lon, lat)))
            for lon, lat in zip(looks["lon_deg"].to_pylist(), looks["lat_deg"].to_pylist(), strict=True)
            if len(lon) >= 4
        ]
        if rings:
            hits = tree.query(shapely.make_valid(np.array(rings)), predicate="contains")
            found |= {ids[n] for n in np.unique(hits[1])}
    return found


def _placing(placed: Sequence[Placed], sorties: int, errors: str) -> dict[str, Any]:
    """How far places are from the truth, and whether the stated error holds.

    Places of one sortie share most of their error: `sorties` says how much they prove together.
    """
    if not placed:
        return {"places": 0, "errors": errors}
    miss = np.array([each.miss_m for each in placed])
    stated = np.array([each.ce90_m for each in placed])
    return {
        "places": len(placed),
        "sorties": sorties,
        "errors": errors,
        "miss_median_m": round(float(np.median(miss)), 2),
        "miss_90_m": round(float(np.percentile(miss, 90.0)), 2),
        "stated_ce90_median_m": round(float(np.median(stated)), 2),
        "held": round(float(np.mean([each.held for each in placed])), 4),
    }


def _faults(clip: dict[str, Any], result: dict[str, Any] | None) -> dict[str, Any]:
    """Faults put into a clip, and which of them its reading found."""
    from atalaya.sim.record.faults import DAMAGES, FAULTS

    assert result is not None
    codes = Counter(repair["code"] for repair in result["repairs"])
    # what is repaired is in the verdict as well; the rest of the verdict counts once for each code
    codes += Counter({each["code"] for each in result["verdict"]} - set(codes))
    known = {fault.name: fault.codes for fault in FAULTS}
    known |= {damage.name: damage.codes for damage in DAMAGES}
    found = []
    for name in clip["faults"]:
        # each finding answers for one fault: two in units of two columns need two
        code = next((code for code in known[name] if codes[code]), None)
        if code is not None:
            codes[code] -= 1
            found.append(name)
    repairs = sorted({repair["code"] for repair in result["repairs"]})
    return {"file": clip["files"][0], "injected": clip["faults"], "found": found, "repairs": repairs}
