"""SpaceNet's tables of outlines: ImageId, PolygonWKT_Pix, and Confidence for proposals."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.files.columns import read_table


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Rows of one table.

    image: (n,) names      shape: (n,) polygons in pixels, some empty      confidence: (n,) ones for truths
    """

    image: list[str]
    shape: NDArray[np.object_]
    confidence: NDArray[np.float64]


def read_outlines(path: Path, *, proposals: bool) -> Outlines:
    """A table of truths or proposals.

    Raises:
        NotFound: SCO-030. BadInput: SCO-031, SCO-032, SCO-033, SCO-034; SCO-037, an outline is no polygon.
    """
    from shapely import from_wkt, get_type_id

    table = read_table(path)
    image, texts = table.texts("ImageId"), table.texts("PolygonWKT_Pix", "PolygonWKT", "geometry", "wkt")
    sure = table.numbers("Confidence") if proposals else np.ones(len(texts))
    shape = np.array([None, *from_wkt(texts, on_invalid="ignore")], object)[1:]
    bad = [row for row, kind in enumerate(get_type_id(shape)) if kind not in (3, 6)]
    if bad:
        raise BadInput("SCO-037", where=f"{path.name}:{table.lines[bad[0]]}", count=len(bad))
    return Outlines(image, shape, sure)
