"""Synthetic country: made from a seed at a real place, or read from a user's own layers."""

from atalaya.sim.country.country import Country, GroundLine, Settlement

__all__ = ["Country", "GroundLine", "Settlement"]
