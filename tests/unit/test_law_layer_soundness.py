"""Polygons with very many holes are judged as GEOS judges them."""

import numpy as np
import pytest
import shapely

from atalaya.law.boundary.soundness import MANY, is_sound


def pierced(*more: shapely.Polygon) -> shapely.Polygon:
    x, y = np.meshgrid(np.arange(20.0), np.arange(20.0))
    holes = shapely.box(x.ravel(), y.ravel(), x.ravel() + 0.5, y.ravel() + 0.5)
    return shapely.Polygon(shapely.box(-1, -1, 21, 21).exterior, [hole.exterior for hole in [*holes, *more]])


@pytest.mark.parametrize(
    "shape",
    [
        pierced(),
        pierced(shapely.box(0.25, 0.25, 0.75, 0.75)),  # crosses a hole
        pierced(shapely.box(0.1, 0.1, 0.2, 0.2)),  # within a hole
        pierced(shapely.box(20, 20, 22, 22)),  # through the shell
        pierced(shapely.box(30, 30, 31, 31)),  # beside the shell
        pierced(shapely.box(0.5, 0.5, 0.75, 0.75)),  # touches a hole in one place
        shapely.MultiPolygon([pierced(), shapely.box(0.1, 0.1, 0.2, 0.2)]),  # an island in a lake
        shapely.MultiPolygon([pierced(), shapely.box(0.1, 0.1, 0.7, 0.7)]),  # an island over a shore
        shapely.MultiPolygon([pierced(), shapely.box(30, 30, 31, 31)]),
    ],
)
def test_soundness_is_validity(shape: shapely.Geometry) -> None:
    assert shapely.get_num_interior_rings(shapely.get_parts(shape)[0]) >= MANY
    assert is_sound(shape) == shapely.is_valid(shape)
