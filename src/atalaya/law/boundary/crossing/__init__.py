"""Where geodesic segments cross an area's boundary."""
