"""Pictures from the air: a day camera or a thermal one over a country, and which things are in each picture.

In: a pose and a lens (those of `earth`), an instant. Out: luma and chroma as a video encoder takes them, and
a row for every thing in sight. Ground under a pixel is where `earth.Terrain` says its ray meets it.
"""

from atalaya.sim.camera.display import CameraLook
from atalaya.sim.camera.renderer import Picture, Renderer
from atalaya.sim.camera.sightings import Sightings

__all__ = ["CameraLook", "Picture", "Renderer", "Sightings"]
