"""Render pictures of a country and its scene as a day camera or a thermal one takes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.lens import Pinhole
from atalaya.sim.camera import kernels
from atalaya.sim.camera.boxes import Boxes
from atalaya.sim.camera.display import CameraLook, blur_taps, display_of
from atalaya.sim.camera.frame_geometry import FrameGeometry, frame_geometry, tops_of
from atalaya.sim.camera.marks import Marks
from atalaya.sim.camera.sightings import Sightings
from atalaya.sim.camera.tiles_in_sight import distinct_tiles, tiles_in_sight
from atalaya.sim.country.country import Country
from atalaya.sim.material import by_code, materials
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Decal, Solid
from atalaya.sim.texture.ground_texture import FINEST_M, GroundTexture, Light, Needed
from atalaya.sim.weather import Weather

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

_NOISE = 1 << 22
_SHADED_K = 4.0


@dataclass(frozen=True)
class Picture:
    """One picture. luma: (h, w), cb, cr: (h / 2, w / 2) uint8, video range. sightings: things in it."""

    luma: Bytes
    cb: Bytes
    cr: Bytes
    sightings: Sightings


class Renderer:
    """Pictures of one country, scene and camera; any number of threads may ask, answers depend on none.

    `things` are what `Sightings.index` counts: solids of the scene, those of the country, areas of the scene.

    Args:
        country, scene, weather: what is seen, and through what air.
        look: of the camera.
        seed: of its noise.
    """

    def __init__(
        self, country: Country, scene: Scene, weather: Weather, look: CameraLook, *, seed: int
    ) -> None:
        self.country, self.weather, self.look = country, weather, look
        self.texture = GroundTexture(country, scene, weather, look.kind)
        self.solids: tuple[Solid, ...] = (*scene.solids, *country.solids)
        self.things: tuple[Solid | Decal, ...] = (*self.solids, *scene.decals)
        self._scene = scene
        self._marks = Marks(country, scene.decals)
        self._seed = seed
        self._also = np.empty((0, 3), np.int32)
        self._tops = tops_of(country.heights_hae_m)
        self._noise = np.clip(
            np.rint(np.random.default_rng(seed).normal(0.0, look.noise, _NOISE)), -127, 127
        ).astype(np.int8)
        self._boxes = Boxes(country, self.solids)
        self._taps = blur_taps(look.blur_px)
        self._codes = np.array([materials()[s.material].code for s in self.solids], np.uint8)
        self._sides = np.array([materials()[s.side].code for s in self.solids], np.uint8)
        self._heats: dict[int, Floats] = {}
        self._tone, self._blue, self._red = display_of(look.kind)

    def picture(self, lens: Pinhole, pose: Pose, t_us: int, number: int) -> Picture:
        """One picture.

        Args:
            lens: without distortion, even width and height. pose: one place and attitude.
            t_us: microseconds UTC. number: of the picture in its flight, which its noise follows.

        Raises:
            BadInput: CAM-001, a lens that bends straight lines, or an odd size.
        """
        _check(lens)
        shape = (lens.height, lens.width)
        light = self.texture.light(t_us)
        value, inverse = np.empty(shape, np.float32), np.empty(shape, np.float32)
        material = np.empty(shape, np.uint8)
        geometry = frame_geometry(self.country, lens, pose)
        low, high = self._scale(light)
        sightings = Sightings.none()
        if geometry is None:
            value.fill(self._veil(light))
            material.fill(0)
        else:
            clear = self._clear(geometry)
            self._ground(geometry, clear, light, t_us, value, material, inverse)
            owner = np.full(shape, -1, np.int32)
            boxes = self._solids(geometry, clear, light, lens, value, material, inverse, owner)
            sightings = boxes + self._marks.sightings(geometry, lens, inverse, owner, len(self.solids))
        half = (shape[0] // 2, shape[1] // 2)
        luma, cb, cr = np.empty(shape, np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8)
        start = int(np.random.SeedSequence((self._seed, number)).generate_state(1)[0]) % (_NOISE // 2)
        kernels.finished(
            value, material, self._taps, low, high, self._tone, self._noise, start, self._blue, self._red,
            np.empty(shape, np.float32), luma, cb, cr,
        )  # fmt: skip
        return Picture(luma, cb, cr, sightings)

    def depth_m(self, lens: Pinhole, pose: Pose, t_us: int) -> Floats:
        """(h, w) depth of the ground of each pixel along the optical axis; NaN for none.

        Args:
            lens, pose, t_us: as of `picture`.

        Raises:
            BadInput: CAM-001.
        """
        _check(lens)
        shape = (lens.height, lens.width)
        inverse = np.zeros(shape, np.float32)
        geometry = frame_geometry(self.country, lens, pose)
        if geometry is not None:
            value, material = np.empty(shape, np.float32), np.empty(shape, np.uint8)
            light = self.texture.light(t_us)
            self._ground(geometry, self._clear(geometry), light, t_us, value, material, inverse)
        return 1.0 / np.where(inverse > 0.0, inverse.astype(np.float64), np.nan)

    def _ground(
        self, geometry: FrameGeometry, clear: Floats, light: Light, t_us: int,
        value: NDArray[np.float32], material: Bytes, inverse: NDArray[np.float32],
    ) -> None:  # fmt: skip
        levels, pixel, tiles = tiles_in_sight(geometry, self.country.post_m)
        also = self._also
        tiles = distinct_tiles(np.concatenate((tiles, also[np.isin(also[:, 0], tiles[:, 0])])))
        missing = np.empty((4096, 3), np.int32)
        todo = np.ones(geometry.kinds.shape, np.uint8)
        while True:
            with self.texture.holding(Needed(tiles, t_us)) as (tables, origins):
                index = np.searchsorted(origins[:, 2], levels).astype(np.int16)
                lacking = kernels.ground(
                    geometry.eye, geometry.corner, geometry.across, geometry.down, geometry.nodes,
                    geometry.kinds, geometry.folds, geometry.slack, geometry.exact_of, geometry.exact, index,
                    geometry.chart.forward, self.country.heights_hae_m, self._tops, self.country.post_m,
                    self.country.terrain.ceiling_hae_m, tables, origins, self.texture.values,
                    self.texture.codes, FINEST_M, clear, pixel, self._veil(light), self._veil(light),
                    todo, value, material, inverse, missing,
                )  # fmt: skip
            if not lacking:
                return
            # the next picture sees much the same from much the same place
            self._also = missing[:lacking].copy()
            tiles = distinct_tiles(np.concatenate((tiles, missing[:lacking])))

    def _solids(
        self, geometry: FrameGeometry, clear: Floats, light: Light, lens: Pinhole,
        value: NDArray[np.float32], material: Bytes, inverse: NDArray[np.float32], owner: NDArray[np.int32],
    ) -> Sightings:  # fmt: skip
        near = self._boxes.in_sight(geometry, lens)
        which = near.index
        if not len(which):
            return Sightings.none()
        block = tuple(
            np.clip(part / kernels.BLOCK, 0, size - 1).astype(int)
            for part, size in zip((near.row, near.column), clear.shape, strict=True)
        )
        near.boxes[:, 11] = clear[block]
        top, side = self._codes[which], self._sides[which]
        veil = np.full(len(which), self._veil(light))
        paint = np.column_stack((self._face(top, which, light), self._face(side, which, light), veil))
        wood = np.array([materials()["woodland"].code], np.uint8)
        found = np.zeros((len(which), 6))
        kernels.solids(
            geometry.eye, geometry.corner, geometry.across, geometry.down, near.boxes, paint, top, which,
            light.sun, light.direct, light.sky, self.look.kind == "IR", self._ambient(wood, light)[0],
            _SHADED_K, value, material, inverse, owner, np.zeros(owner.shape, np.float32), found,
        )  # fmt: skip
        return near.sightings(geometry, found)

    def _face(self, codes: Bytes, which: NDArray[np.intp], light: Light) -> Floats:
        """Reflectance of a face, or what a thermal camera reads of it."""
        if self.look.kind == "EO":
            return by_code("luma")[codes]
        kelvin = light.level_k[codes] + self._heat(light)[which]
        return self.texture.apparent_k(kelvin, by_code("emissivity")[codes], light.air_k)

    def _heat(self, light: Light) -> Floats:
        """(n,) how much warmer each solid is than its material, in an epoch."""
        if light.middle_us not in self._heats:
            warm = self._scene.at(light.middle_us).solids
            self._heats[light.middle_us] = np.array([s.heat_k for s in (*warm, *self.country.solids)])
        return self._heats[light.middle_us]

    def _ambient(self, codes: Bytes, light: Light) -> Floats:
        if self.look.kind == "EO":
            return by_code("luma")[codes] * (light.direct * max(float(light.sun[2]), 0.0) + light.sky)
        return self.texture.apparent_k(light.level_k[codes], by_code("emissivity")[codes], light.air_k)

    def _veil(self, light: Light) -> float:
        """What the air itself sends: its temperature, or the sky's light scattered."""
        if self.look.kind == "IR":
            return light.air_k - 2.0
        return 0.5 * (light.direct * max(float(light.sun[2]), 0.0) * 0.4 + light.sky)

    def _clear(self, geometry: FrameGeometry) -> Floats:
        slant = np.nan_to_num(geometry.slant_m, nan=float(np.nanmax(geometry.slant_m)))
        return self.weather.transmission(slant, float(geometry.eye[2]))

    def _scale(self, light: Light) -> tuple[float, float]:
        """Values shown as black and as white: exposure for the light there is, or a span of temperatures."""
        if self.look.kind == "EO":
            return 0.0, max(0.52 * (light.direct * max(float(light.sun[2]), 0.0) + light.sky), 1e-4)
        common = [materials()[name].code for name in ("woodland", "bare_soil", "rock", "dry_grass", "scrub")]
        seen = self.texture.apparent_k(light.level_k[common], by_code("emissivity")[common], light.air_k)
        return float(seen.min()) - 5.0, float(seen.max()) + 9.0


def _check(lens: Pinhole) -> None:
    if type(lens) is not Pinhole or lens.width % 2 or lens.height % 2:
        raise BadInput("CAM-001", where=f"{type(lens).__name__} {lens.width} x {lens.height}")
