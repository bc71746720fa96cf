"""A spectrometer over a country: block by block, what its pixels are made of and what it records of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from atalaya.base.errors import BadInput
from atalaya.sim.country.country import Country
from atalaya.sim.cube import kernels
from atalaya.sim.cube.areas import Areas
from atalaya.sim.cube.cube_form import CubeFormat
from atalaya.sim.cube.daylight import NODES, Atmosphere, Daylight
from atalaya.sim.cube.gas_columns import GasColumns
from atalaya.sim.cube.line_ground import LineGround, line_ground
from atalaya.sim.cube.push_broom import PushBroom
from atalaya.sim.cube.standing import MASK_CELL_M, Standing
from atalaya.sim.cube.strip import Strip
from atalaya.sim.material import by_code, materials
from atalaya.sim.scene.dispersion import Air
from atalaya.sim.scene.scene import Scene
from atalaya.sim.texture.ground_texture import EPOCH_US, FINEST_M, LEVELS, TILE, GroundTexture, Light, Needed
from atalaya.sim.weather import Weather

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LIGHT_EVERY_M = 24.0
_LOWEST_SUN_DEG = 3.0
_QUANTILES = 4096


@dataclass(frozen=True)
class Lines:
    """A block of l recorded lines.

    ground: where they lie     values: (l, bands, c) as written
    material, count: (l, c, fine * fine) codes and samples of each, the list ends at a count of 0
    thing: (l, c, 2) area or box most seen and its samples     footprint: (l, c, 4); for both see `kernels`
    gas_kg_m2: (l, c, g) of each gas
    """

    ground: LineGround
    values: NDArray[np.generic]
    material: NDArray[np.uint8]
    count: NDArray[np.uint8]
    thing: NDArray[np.int32]
    footprint: Floats
    gas_kg_m2: Floats


@dataclass(frozen=True)
class _Mix:
    material: NDArray[np.uint8]
    direct: NDArray[np.float32]
    sky: NDArray[np.float32]
    count: NDArray[np.uint8]
    thing: NDArray[np.int32]
    footprint: Floats


class Spectrometer:
    """Records lines of one strip; the same whichever lines are asked for at a time.

    Args:
        country, scene, weather, imager, strip, seed, air, form, fine: see `record_cube`.

    Raises:
        BadInput: see `record_cube`.
    """

    def __init__(
        self, country: Country, scene: Scene, weather: Weather, imager: PushBroom, strip: Strip, *,
        seed: int, air: Air | None, form: CubeFormat, fine: int,
    ) -> None:  # fmt: skip
        self.country, self.scene, self.imager, self.strip, self.fine = country, scene, imager, strip, fine
        self.form = form
        self.atmosphere = Atmosphere(imager, weather)
        self.gases = GasColumns(scene.plumes, air, self.atmosphere.weights)
        # areas of the scene are exact polygons here, not texels
        self.texture = GroundTexture(country, Scene(), weather, "tone")
        self.areas = Areas(scene.decals)
        self.standing = Standing(country, (*scene.solids, *country.solids))
        self._lens = imager.lens
        self._travel = strip.travel_m(imager.exposed)
        self._noise = _noise_of(imager, self.atmosphere, seed)
        self._normal = _normal_quantiles()
        self._salts = _salts(seed, len(strip.t_us))
        self._also = np.empty((0, 2), np.int32)
        self._days: dict[int, Daylight] = {}
        self._lean = _lean(strip, imager)
        self.pixel_m = self._pixel_m()
        self._level = int(np.clip(np.rint(np.log2(self.pixel_m / (2.0 * FINEST_M))), 0, LEVELS - 1))
        self._every = int(np.clip(_LIGHT_EVERY_M // self.pixel_m, 1, 32))

    def lines(self, block: slice) -> Lines:
        """Lines of one epoch of light.

        Raises:
            BadInput: CUB-004, the sun is too low.
        """
        t_us = int(self.strip.t_us[block.start])
        light = self.texture.light(t_us)
        if light.sun[2] < np.sin(np.radians(_LOWEST_SUN_DEG)):
            raise BadInput("CUB-004", elevation=f"{np.degrees(np.arcsin(light.sun[2])):.1f}")
        origin, turn = self.strip.poses.origin_m[block], self.strip.poses.camera_to_ecef[block]
        ground = line_ground(self.country, self._lens, origin, turn)
        mix = self._mixed(ground, self._travel_on_grid(block, ground), light, t_us)
        gas = self.gases.over(ground.grid_m, mix.footprint)
        values = self._recorded(ground, mix, gas, self._day(light, t_us), block)
        return Lines(ground, values, mix.material, mix.count, mix.thing, mix.footprint, gas)

    def _pixel_m(self) -> float:
        """What a pixel spans on the ground in the middle of the strip."""
        tried = np.unique(np.linspace(0, len(self.strip.t_us) - 1, 17).astype(np.intp))
        poses = self.strip.poses
        ground = line_ground(self.country, self._lens, poses.origin_m[tried], poses.camera_to_ecef[tried])
        if not np.isfinite(ground.slant_m).any():
            raise BadInput("CUB-007")
        return float(np.nanmedian(ground.slant_m)) / self._lens.focal_x_px

    def _travel_on_grid(self, block: slice, ground: LineGround) -> Floats:
        turn, travel = self.strip.poses.camera_to_ecef[block], self._travel[block]
        camera = sum(turn[:, k, :] * travel[:, k, None] for k in range(3))
        return np.asarray(sum(ground.turn[:, :, k] * np.asarray(camera)[:, k, None] for k in range(3)))

    def _mixed(self, ground: LineGround, travel: Floats, light: Light, t_us: int) -> _Mix:
        lines, columns = ground.slant_m.shape
        count = self.fine * self.fine
        mix = _Mix(
            np.zeros((lines, columns, count), np.uint8),
            np.zeros((lines, columns, count), np.float32),
            np.zeros((lines, columns, count), np.float32),
            np.zeros((lines, columns, count), np.uint8),
            np.zeros((lines, columns, 2), np.int32),
            np.empty((lines, columns, 4)),
        )
        lit = self._lit(ground, t_us)
        sun_up = float(light.sun[2])
        boxes, near_from, near = self.standing.near(ground.grid_m, self.pixel_m, self._lean, sun_up)
        areas = self.areas
        rings_from, rings_near = areas.near(ground.grid_m, 8.0 * self.pixel_m + float(np.abs(travel).max()))
        tiles = self._tiles(ground.grid_m)
        missing = np.empty((4096, 2), np.int32)
        one_pixel = 1.0 / self._lens.focal_x_px
        country, texture = self.country, self.texture
        while True:
            with texture.holding(Needed(self._at_level(tiles), t_us)) as (tables, origins):
                lacking = kernels.mixtures(
                    ground.grid_m, ground.depth, self._aside, ground.turn, travel,
                    np.array([one_pixel, one_pixel]), self.fine, country.heights_hae_m,
                    np.array([country.west_m, country.north_m, country.post_m]), lit, self._every, light.sun,
                    tables[0], origins[0, :2], texture.values, texture.codes, FINEST_M * 2.0**self._level,
                    boxes, self.standing.faces, self.standing.masks, self.standing.mask, MASK_CELL_M,
                    near_from, near, areas.rings, areas.first, areas.box, areas.codes, rings_from, rings_near,
                    by_code("contrast"), materials()["woodland"].code, mix.material, mix.direct, mix.sky,
                    mix.count, mix.thing, mix.footprint, missing,
                )  # fmt: skip
            if not lacking:
                return mix
            tiles = np.unique(np.concatenate((tiles, missing[:lacking])), axis=0)

    @property
    def _aside(self) -> Floats:
        columns = np.arange(self.imager.columns, dtype=np.float64)
        return self._lens.directions(columns, np.zeros(len(columns)))[:, 1]

    def _lit(self, ground: LineGround, t_us: int) -> Floats:
        """(l, k) light of the sun on the relief at every so many columns, the last at or beyond the end."""
        columns = self.imager.columns
        nodes = np.minimum(np.arange(0, columns - 1 + self._every, self._every), columns - 1)
        places = ground.grid_m[:, np.append(nodes, columns - 1)]
        return self.texture.sunlight(places[..., 0], places[..., 1], t_us)

    def _tiles(self, grid_m: Floats) -> NDArray[np.int32]:
        span = FINEST_M * 2.0**self._level * TILE
        known = grid_m[np.isfinite(grid_m[..., 2])]
        if not len(known):
            return np.zeros((1, 2), np.int32)
        down = (self.country.north_m - known[:, 1]) / span
        right = (known[:, 0] - self.country.west_m) / span
        margin = 2.0 * self.pixel_m / span
        corners = [(a, b) for a in (-margin, margin) for b in (-margin, margin)]
        rows = [np.floor(down + a).astype(np.int32) for a, _ in corners]
        columns = [np.floor(right + b).astype(np.int32) for _, b in corners]
        first = np.array([min(r.min() for r in rows), min(c.min() for c in columns)])
        last = np.array([max(r.max() for r in rows), max(c.max() for c in columns)])
        held = np.zeros(last - first + 1, bool)
        for row, column in zip(rows, columns, strict=True):
            held[row - first[0], column - first[1]] = True
        return np.asarray(np.argwhere(held) + first, np.int32)

    def _at_level(self, tiles: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.column_stack((np.full(len(tiles), self._level, np.int32), tiles))

    def _day(self, light: Light, t_us: int) -> Daylight:
        key = t_us // EPOCH_US
        if key not in self._days:
            self._days = {key: self.atmosphere.daylight(light)}
        return self._days[key]

    def _recorded(
        self, ground: LineGround, mix: _Mix, gas: Floats, day: Daylight, block: slice
    ) -> NDArray[np.generic]:
        lines, columns = ground.slant_m.shape
        through = np.empty((lines, NODES, self.imager.bands), np.float32)
        path = np.empty_like(through)
        node = np.zeros((lines, columns), np.float32)
        for n, (slant, up) in enumerate(zip(ground.slant_m, ground.up_m, strict=True)):
            if not np.isfinite(slant).any():
                through[n], path[n] = 1.0, 0.0
                continue
            low, high = float(np.nanmin(slant)), float(np.nanmax(slant)) + 1e-3
            stops = np.linspace(low, high, NODES)
            through[n], path[n] = self.atmosphere.way_up(day, stops, float(np.nanmean(up)))
            node[n] = np.nan_to_num((slant - low) / (high - low) * (NODES - 1))
        way = day.sun_path + ground.slant_m / np.maximum(ground.up_m, 1.0)
        flat = np.where(self.atmosphere.usable, day.level, 0.0) if self.form.reflects else np.empty(0)
        still, shot, gain = self._noise
        out = np.empty((lines, self.imager.bands, columns), self.form.kind)
        kernels.spectra(
            mix.material, mix.direct, mix.sky, mix.count, day.by_sun, day.by_sky, node, through, path,
            np.nan_to_num(self.gases.ppm_m(gas) * way[..., None]), self.gases.absorb, gain, still, shot,
            flat.astype(np.float32), self._normal, self._salts[block],
            self.form.steps if self.form.whole else 0.0, self.form.ignore, out,
        )  # fmt: skip
        return out


def _lean(strip: Strip, imager: PushBroom) -> float:
    """Metres a ray of the strip moves aside per metre of height, at most."""
    origin = strip.poses.origin_m
    up = origin / np.linalg.norm(origin, axis=1, keepdims=True)
    down = -(strip.poses.camera_to_ecef[:, :, 0] * up).sum(axis=1).min()
    angle = np.arccos(np.clip(down, -1.0, 1.0)) + np.radians(imager.fov_deg / 2.0 + 0.5)
    return float(np.tan(min(angle, np.radians(75.0))))


def _noise_of(imager: PushBroom, atmosphere: Atmosphere, seed: int) -> tuple[NDArray[np.float32], ...]:
    """(bands,) variance without light and per unit of light; (columns, bands) gains."""
    reference = 0.3 * atmosphere.sun
    variance = (reference / imager.noise.snr) ** 2
    still = variance * imager.noise.read_share
    shot = variance * (1.0 - imager.noise.read_share) / reference
    generator = np.random.default_rng((seed, 1))
    gain = 1.0 + imager.noise.stripe * generator.standard_normal((imager.columns, imager.bands))
    return still.astype(np.float32), shot.astype(np.float32), gain.astype(np.float32)


def _normal_quantiles() -> NDArray[np.float32]:
    """Equally likely normal values, over the square root of two: a sum of two has unit variance."""
    values = ndtri((np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    return np.asarray(values / values.std() / np.sqrt(2.0), np.float32)


def _salts(seed: int, lines: int) -> NDArray[np.uint64]:
    return np.random.default_rng((seed, 2)).integers(0, 2**63, lines, dtype=np.uint64)
