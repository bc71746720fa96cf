"""traffic (MIT) and movingpandas (BSD-3) on the same track and polygon, run by the peers' own Python;
prints one JSON object of seconds inside and seconds taken.

.venv-peers/bin/python bench/peers/clip_bench.py TRACK.csv POLYGON.wkb FIRST_SECONDS
"""

import importlib
import importlib.metadata
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    warnings.simplefilter("ignore")
    pandas, shapely = importlib.import_module("pandas"), importlib.import_module("shapely")
    frame = pandas.read_csv(sys.argv[1])
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], unit="us", utc=True)
    polygon = shapely.from_wkb(Path(sys.argv[2]).read_bytes())
    found: dict[str, Any] = {"traffic": importlib.metadata.version("traffic")}
    found["movingpandas"] = importlib.metadata.version("movingpandas")
    flight = importlib.import_module("traffic.core").Flight(frame)
    start = time.perf_counter()
    clipped = flight.clip(polygon)
    found["traffic_clip_taken_s"] = time.perf_counter() - start
    found["traffic_clip_s"] = clipped.duration.total_seconds()
    start = time.perf_counter()
    parts = list(flight.clip_iterate(polygon))
    found["traffic_iterate_taken_s"] = time.perf_counter() - start
    found["traffic_iterate_s"] = sum(part.duration.total_seconds() for part in parts)
    found["fixes"] = len(frame)
    few = frame[frame["timestamp"] < frame["timestamp"].iloc[0] + pandas.Timedelta(seconds=int(sys.argv[3]))]
    found |= _movingpandas(few, polygon)
    print(json.dumps(found))


def _movingpandas(frame: Any, polygon: Any) -> dict[str, float]:
    moving, geo = importlib.import_module("movingpandas"), importlib.import_module("geopandas")
    local = frame.assign(timestamp=frame["timestamp"].dt.tz_localize(None)).set_index("timestamp")
    points = geo.GeoDataFrame(
        local, geometry=geo.points_from_xy(local["longitude"], local["latitude"]), crs="EPSG:4326"
    )
    track = moving.Trajectory(points, 1)
    start = time.perf_counter()
    parts = track.clip(polygon)
    taken = time.perf_counter() - start
    inside = sum(part.get_duration().total_seconds() for part in parts)
    return {"moving_s": inside, "moving_taken_s": taken, "moving_fixes": len(frame)}


if __name__ == "__main__":
    main()
