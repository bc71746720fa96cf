"""What other detectors found in a recording before stays when one of them runs again."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from atalaya.campaign.detecting.detection_files import DetectionFiles

Parts = tuple[pa.Table, pa.Table, dict[str, Any]]


def with_earlier(files: DetectionFiles, table: pa.Table, coverage: pa.Table, result: dict[str, Any]) -> Parts:
    """Detections, coverage and result of this run, and of detectors that ran before and not now.

    Files that cannot be read are left to be written anew.
    """
    try:
        before = json.loads(files.result.read_text(encoding="utf-8"))
        now = {each["detector"] for each in result["detectors"]}
        kept = [each for each in before["detectors"] if each["detector"] not in now]
        names = pa.array([str(each["detector"]) for each in kept], pa.string())
        old = [pq.read_table(path) for path in (files.detections, files.coverage)]
        old = [part.filter(pc.is_in(part["detector"], value_set=names)) for part in old]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException):
        return table, coverage, result
    if not kept or before.get("clip") != result["clip"]:
        return table, coverage, result
    if now and before.get("sensor") != result["sensor"]:
        return table, coverage, result  # it was said to be of another sensor: what that led to is void
    if not now:
        result = before
    if not (old[0].schema.equals(table.schema) and old[1].schema.equals(coverage.schema)):
        return table, coverage, result
    table, coverage = pa.concat_tables([table, old[0]]), pa.concat_tables([coverage, old[1]])
    counts = {"detections": table.num_rows, "placed": len(table["lon_deg"].drop_null())}
    return table, coverage, {**result, **counts, "detectors": [*(result["detectors"] if now else ()), *kept]}
