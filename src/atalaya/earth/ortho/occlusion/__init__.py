"""Whether something stands between a cell of the ground and the camera."""
