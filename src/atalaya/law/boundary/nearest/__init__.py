"""The nearest place of an area's boundary, exact on the ellipsoid at any distance."""
