"""Cheap certain bounds of depth: distances of cell centres, worked out where positions actually are."""
