"""Sites of a scene: what public sources say hidden facilities show, and what looks like them."""

from atalaya.sim.scene.scene import Scene, TrueSite
from atalaya.sim.scene.things import Decal, Plume, Solid

__all__ = ["Decal", "Plume", "Scene", "Solid", "TrueSite"]
