"""Exact first meetings of rays with gridded terrain; `atalaya.earth.terrain` is the way in."""
