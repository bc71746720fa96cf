"""Ground in tiles, baked when a picture first needs them and kept while there is room."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.sun import sun_position
from atalaya.sim.country.country import Country
from atalaya.sim.material import by_code
from atalaya.sim.scene.scene import Scene
from atalaya.sim.texture import kernels
from atalaya.sim.texture.features import Features
from atalaya.sim.weather import Weather

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Kind = Literal["EO", "IR", "tone"]
Key = tuple[int, int, int, int]
"""Epoch, level, row and column of a tile."""

TILE = 256
FINEST_M = 0.125
LEVELS = 12
EPOCH_US = 120_000_000
"""Light and warmth are those of the middle of a stretch so long: half a degree of the sun's way."""
_LIGHT_EVERY_M = 24.0
_SHADOW_M = 6000.0


@dataclass(frozen=True)
class Light:
    """Sun, sky and temperatures of an epoch.

    sun: (3,) unit vector, east, north, up     direct, sky: see `Weather.direct_and_sky`
    level_k: (256,) of level ground     gain_k: (256,) more under a full sun     air_k: of the air
    middle_us: the instant of all these
    """

    sun: Floats
    direct: float
    sky: float
    level_k: Floats
    gain_k: Floats
    air_k: float
    middle_us: int


@dataclass(frozen=True)
class Needed:
    """Tiles a picture asks for: level, row and column, (n, 3) int32, and when."""

    tiles: Ints
    t_us: int


class GroundTexture:
    """Tiles of one country and scene for one kind of camera; any number of threads may ask.

    Args:
        country, scene, weather: what is shown.
        kind: "EO" for brightness (reflectance times light), "IR" for apparent temperature, kelvin, "tone" for
            brightness over that of the material on the mean, without light.
        slots: tiles kept in memory, 0.33 MB each.
    """

    def __init__(
        self, country: Country, scene: Scene, weather: Weather, kind: Kind, *, slots: int = 384
    ) -> None:
        self.country, self.weather, self.kind = country, weather, kind
        self.values = np.zeros((slots, TILE + 2, TILE + 2), np.float32)
        self.codes = np.zeros((slots, TILE + 2, TILE + 2), np.uint8)
        self._features = Features(country, scene)
        self._scene, self._heats = scene, dict[int, list[float]]()
        self._held: OrderedDict[Key, int] = OrderedDict()
        self._pinned = np.zeros(slots, np.int64)
        self._free = list(range(slots - 1, -1, -1))
        self._lock = threading.Lock()
        self._lights: dict[int, Light] = {}
        west, south, east, north = country.bounds_m
        self._middle = country.lonlat((west + east) / 2.0, (south + north) / 2.0)
        self.baked = 0

    @contextmanager
    def holding(self, needed: Needed) -> Iterator[tuple[Ints, Ints]]:
        """The tiles of a picture, kept where they are until it is done.

        Yields:
            tables: (levels, rows, columns) int32 slots, -1 for none; origins: (levels, 3) row, column, level.
        """
        epoch = needed.t_us // EPOCH_US
        slots: list[int] = []
        try:
            with self._lock:
                for level, row, column in needed.tiles.tolist():
                    slots.append(self._slot((epoch, level, row, column)))
            yield _tables(needed.tiles, np.array(slots, np.int64))
        finally:
            with self._lock:
                np.subtract.at(self._pinned, slots, 1)

    def light(self, t_us: int) -> Light:
        """Of the epoch that holds an instant."""
        epoch = t_us // EPOCH_US
        if epoch not in self._lights:
            self._lights[epoch] = self._light_at(epoch * EPOCH_US + EPOCH_US // 2)
        return self._lights[epoch]

    def sunlight(self, east_m: Floats, north_m: Floats, t_us: int) -> Floats:
        """(...) cosine at which the sun of an epoch meets the relief at places; 0 in a mountain's shadow."""
        country, sun = self.country, self.light(t_us).sun
        row = np.ascontiguousarray((country.north_m - north_m) / country.post_m, np.float64)
        column = np.ascontiguousarray((east_m - country.west_m) / country.post_m, np.float64)
        lit = np.zeros(row.shape)
        if sun[2] > 0.0:
            posts = country.heights_msl_m
            kernels.sunlit(row.ravel(), column.ravel(), posts, country.post_m, sun, _SHADOW_M, lit.ravel())
        return lit

    def apparent_k(self, kelvin: Floats, emissivity: Floats, air_k: float) -> Floats:
        """What a thermal camera reads: the sky, 25 K colder than the air, mirrored by what does not emit."""
        return emissivity * kelvin + (1.0 - emissivity) * (air_k - 25.0)

    def _light_at(self, t_us: int) -> Light:
        lon, lat = float(self._middle[0]), float(self._middle[1])
        sun = sun_position(t_us, lon, lat, refraction=True)
        up, azimuth = np.radians(float(sun.elevation_deg)), np.radians(float(sun.azimuth_deg))
        vector = np.array([np.cos(up) * np.sin(azimuth), np.cos(up) * np.cos(azimuth), np.sin(up)])
        level, gain = self.weather.temperatures_k(t_us, lon, lat)
        direct, sky = self.weather.direct_and_sky(float(vector[2]))
        return Light(vector, direct, sky, level, gain, self.weather.air_at_k(t_us, lon), t_us)

    def _slot(self, key: Key) -> int:
        """Where a tile is, baked if it has to be; pinned once more."""
        slot = self._held.get(key)
        if slot is None:
            slot = self._room()
            try:
                self._bake(key, slot)
            except BaseException:
                self._free.append(slot)
                raise
            self._held[key] = slot
        else:
            self._held.move_to_end(key)
        self._pinned[slot] += 1
        return slot

    def _room(self) -> int:
        """A slot for a tile: a free one, else that of the tile longest not asked for."""
        if self._free:
            return self._free.pop()
        for key, slot in self._held.items():
            if not self._pinned[slot]:
                del self._held[key]
                return slot
        # pictures under way hold them all: room for as many again
        grown = len(self._pinned)
        self.values = np.concatenate((self.values, np.zeros_like(self.values)))
        self.codes = np.concatenate((self.codes, np.zeros_like(self.codes)))
        self._pinned = np.concatenate((self._pinned, np.zeros_like(self._pinned)))
        self._free = list(range(2 * grown - 1, grown, -1))
        return grown

    def _bake(self, key: Key, slot: int) -> None:
        epoch, level, tile_row, tile_column = key
        country, light = self.country, self.light(epoch * EPOCH_US)
        step = FINEST_M * 2.0**level
        west = country.west_m + (tile_column * TILE - 0.5) * step
        north = country.north_m - (tile_row * TILE - 0.5) * step
        value, code = self.values[slot], self.codes[slot]
        salt = country.seed & 0x7FFFFFFF
        warm = self.kind == "IR"
        base, contrast, crown = self._look(light)
        kernels.bake_cover(
            west, north, step, country.cover, np.array([country.west_m, country.north_m, country.cover_m]),
            salt, value, code, base, contrast, crown, light.sun,
        )  # fmt: skip
        reach = (TILE + 2) * step
        features = self._features
        heats = self._heats_of(light) if warm else features.heats
        for n in features.over(west, north - reach, west + reach, north):
            which = features.codes[n]
            level_value = float(base[which] + (heats[n] if warm else 0.0))
            last = (which, level_value, float(contrast[which]), salt, value, code)
            if features.widths[n] > 0.0:
                kernels.paint_line(west, north, step, features.points[n], features.widths[n], *last)
            else:
                kernels.paint_ring(west, north, step, features.points[n], *last)
        self.baked += 1
        if self.kind == "tone":
            return
        every = int(np.clip(_LIGHT_EVERY_M // step, 1, 32))
        frame = np.array([country.west_m, country.north_m, country.post_m])
        kernels.light(
            west, north, step, country.heights_msl_m, frame, light.sun, light.direct, light.sky,
            light.gain_k * by_code("emissivity"), every, warm, value, code,
        )  # fmt: skip

    def _heats_of(self, light: Light) -> list[float]:
        """Heat of each feature in an epoch."""
        if light.middle_us not in self._heats:
            self._heats[light.middle_us] = self._features.heats_with(self._scene.at(light.middle_us))
        return self._heats[light.middle_us]

    def _look(self, light: Light) -> tuple[Floats, Floats, Floats]:
        """(256,) value, relative contrast and crowns of each material in an epoch."""
        contrast, crown = by_code("contrast"), by_code("crown")
        if self.kind == "tone":
            return np.ones(256), contrast, crown
        if self.kind == "EO":
            return by_code("luma"), contrast, crown
        level = self.apparent_k(light.level_k, by_code("emissivity"), light.air_k)
        # bright grains are cooler than dark ones; a warm contrast is kelvin, not a share of 300 K
        swing = 0.12 * light.gain_k * light.sun[2] + 0.5
        relative = contrast * swing / np.maximum(level, 1.0)
        return level, relative, crown * swing / np.maximum(level, 1.0) * 0.5


def _tables(tiles: Ints, slots: NDArray[np.int64]) -> tuple[Ints, Ints]:
    used = np.unique(tiles[:, 0])
    origins = np.zeros((len(used), 3), np.int32)
    extent = np.ones(2, np.int64)
    for n, level in enumerate(used):
        mine = tiles[tiles[:, 0] == level]
        origins[n] = mine[:, 1].min(), mine[:, 2].min(), level
        extent = np.maximum(extent, mine[:, 1:].max(axis=0) - origins[n, :2] + 1)
    tables = np.full((len(used), int(extent[0]), int(extent[1])), -1, np.int32)
    place = np.searchsorted(used, tiles[:, 0])
    tables[place, tiles[:, 1] - origins[place, 0], tiles[:, 2] - origins[place, 1]] = slots
    return tables, origins
