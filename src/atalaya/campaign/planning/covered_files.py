"""Covered against planned: a picture, and what was planned and not seen as polygons to fly again."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from atalaya.base.language import figure as shown
from atalaya.base.language import say
from atalaya.campaign.map_frame import INK, frame_map, map_figure, write_map
from atalaya.campaign.planning.flown import FlownSortie
from atalaya.campaign.planning.left_out import outline
from atalaya.campaign.planning.scene import Scene
from atalaya.store.vector import Layer, write_geopackage

LEAST_COVERAGE = 0.05
HALF = 0.5
SEEN, MISSED = "#0B7A75", "#B3003C"


def write_covered(scene: Scene, flown: Sequence[FlownSortie], folder: Path) -> float:
    """Write `covered.png` and `gaps.gpkg`.

    Returns:
        the share of the planned coverage that was flown.

    Raises:
        AtalayaError: STO-005.
    """
    planned = np.sum([each.planned for each in flown], axis=0)
    covered = np.sum([each.covered for each in flown], axis=0)
    wanted = planned > LEAST_COVERAGE
    missed = wanted & (covered < HALF * planned)
    seen = wanted & ~missed
    share = float(np.minimum(covered, planned).sum() / planned.sum()) if planned.sum() > 0.0 else 1.0
    figure, axes = map_figure()
    for cells, colour, name in ((seen, SEEN, "plan.covered.seen"), (missed, MISSED, "plan.covered.missed")):
        if not cells.any():
            continue
        for part in shapely.get_parts(outline(cells, scene.ground)):
            axes.fill(*part.exterior.xy, facecolor=colour, alpha=0.45, linewidth=0)
        axes.fill([], [], facecolor=colour, alpha=0.45, label=say(name))
    for area in scene.request.areas:
        for part in shapely.get_parts(area.geometry):
            axes.plot(*part.exterior.xy, color=INK, linestyle="--", linewidth=1.0)
    frame_map(axes, drawn=True)
    line = say("plan.covered.share", share=shown(100.0 * share), sorties=len(flown))
    write_map(figure, scene.request.name, (line,), folder / "covered.png")
    gaps = list(shapely.get_parts(outline(missed, scene.ground))) if missed.any() else []
    layer = Layer("gaps", "Polygon", np.array(gaps, np.object_), {"n": np.arange(len(gaps))})
    write_geopackage([layer], folder / "gaps.gpkg")
    return share
