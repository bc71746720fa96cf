"""The ground asked about: areas of the plan a rehearsal was flown from."""

from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from atalaya.campaign.report.report import Area

PLAN = Path("..") / "plan" / "plan.gpkg"


def plan_areas(root: Path) -> tuple[Area, ...]:
    """Outlines of all areas, flown and left out; none where there is no plan beside the workspace."""
    file = root / PLAN
    if not file.is_file():
        return ()
    found: list[Area] = []
    for layer, name in (("areas", "name"), ("left_out", "area")):
        try:
            _, _, shapes, (names,) = pyogrio.raw.read(file, layer=layer, columns=[name])
        except (DataLayerError, DataSourceError):
            continue  # a plan that leaves nothing out has no such layer, a damaged one no outlines
        known = {each.name for each in found}
        found += [
            Area(str(label), np.asarray(part.exterior.coords)[:, :2])
            for label, shape in zip(names, shapely.from_wkb(shapes), strict=True)
            if str(label) not in known
            for part in getattr(shape, "geoms", [shape])
        ]
    return tuple(found)
