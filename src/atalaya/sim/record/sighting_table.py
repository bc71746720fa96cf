"""The truth about a clip as a table: a row for each thing in each frame."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.camera.renderer import Renderer
from atalaya.sim.camera.sightings import Sightings
from atalaya.sim.record.video import RecordedClip

if TYPE_CHECKING:
    import pyarrow


def sighting_table(clip: RecordedClip, renderer: Renderer) -> "pyarrow.Table":
    """The table of a clip; see `table_of`."""
    return table_of(clip.sightings, clip.t_us, renderer)


def table_of(sightings: Sequence[Sightings], t_us: NDArray[np.int64], renderer: Renderer) -> "pyarrow.Table":
    """Columns: frame, t_us, id, site, evidence; column, row of its middle; box_column_0, box_row_0,
    box_column_1, box_row_1; outline_px, visible_px; slant_m. Pixels count from 0 in the middle of the first.
    """
    import pyarrow as pa

    counts = [len(each) for each in sightings]
    frame = np.repeat(np.arange(len(counts)), counts)
    index = _together(sightings, "index").astype(np.int64)
    things = renderer.things
    columns: dict[str, Any] = {
        "frame": frame.astype(np.int32),
        "t_us": t_us[frame],
        "id": pa.array([things[n].id for n in index], pa.string()),
        "site": pa.array([things[n].site for n in index], pa.string()),
        "evidence": pa.array([things[n].evidence for n in index], pa.string()),
        "column": _together(sightings, "column"),
        "row": _together(sightings, "row"),
    }
    box = _together(sightings, "box").reshape(-1, 4)
    for n, name in enumerate(("box_column_0", "box_row_0", "box_column_1", "box_row_1")):
        columns[name] = box[:, n]
    for name in ("outline_px", "visible_px", "slant_m"):
        columns[name] = _together(sightings, name)
    return pa.table(columns)


def _together(sightings: Sequence[Sightings], name: str) -> Any:
    parts = [getattr(each, name) for each in sightings]
    return np.concatenate(parts) if parts else np.empty(0)
