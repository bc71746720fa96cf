"""Hyperspectral strips: a push-broom spectrometer over a country and its scene.

In: poses and times of lines, an imager. Out: ENVI cubes of radiance or reflectance with their geometry and
track, and the truth of every pixel: materials and their shares, site, thing, gas.
"""

from atalaya.sim.cube.cube_file import CubeFile
from atalaya.sim.cube.cube_form import CubeFormat
from atalaya.sim.cube.push_broom import CubeNoise, PushBroom
from atalaya.sim.cube.record import record_cube

__all__ = ["CubeFile", "CubeFormat", "CubeNoise", "PushBroom", "record_cube"]
