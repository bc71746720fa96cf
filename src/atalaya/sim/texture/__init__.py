"""The look of the ground, baked in tiles on demand: brightness for day cameras, warmth for thermal ones."""

from atalaya.sim.texture.ground_texture import GroundTexture, Kind, Needed

__all__ = ["GroundTexture", "Kind", "Needed"]
