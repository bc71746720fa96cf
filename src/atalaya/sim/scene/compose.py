"""One site: the parts of a recipe laid out about a place, so that nothing lies where it could not."""

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.sim.scene.ground import Ground
from atalaya.sim.scene.recipe import Part, Recipe
from atalaya.sim.scene.shapes import any_overlap, blob_ring, box_ring, line_polygon, outer_ring
from atalaya.sim.scene.things import Decal, Plume, Solid
from atalaya.sim.scene.way import way_to_road

Floats = NDArray[np.float64]

_TRIES = 60
_GAP_M = 0.25
_SPREAD_DEG = 35.0
_SHORTEST_LINE_M = 2.0
_LONGEST_HOSE_M = 400.0
_LEAST_ROW_GAP_M = 0.15
_STEEPEST_UNDER_BOX = math.tan(math.radians(38.0))


@dataclass
class Layout:
    """A site in the making.

    Args:
        taken: what other sites cover. concealment: share of this site's hidden parts under crowns.
        steepest: rise per metre that a long strip may have from end to end.
    """

    ground: Ground
    recipe: Recipe
    site: str
    east_m: float
    north_m: float
    generator: np.random.Generator
    taken: list[shapely.Geometry]
    concealment: float
    steepest: float
    solids: list[Solid] = field(default_factory=list)
    decals: list[Decal] = field(default_factory=list)
    plumes: list[Plume] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    main: shapely.Geometry = None
    main_bearing_deg: float = 0.0
    _standing: list[shapely.Geometry] = field(default_factory=list)
    _lying: list[shapely.Geometry] = field(default_factory=list)
    _under: list[shapely.Geometry] = field(default_factory=list)
    _under_ids: set[str] = field(default_factory=set)

    @property
    def covered(self) -> list[shapely.Geometry]:
        """All outlines of the site on the ground."""
        return [*self._standing, *self._lying, *self._under]

    def is_under(self, decal: Decal) -> bool:
        """Whether other things may lie on a decal of the site."""
        return decal.id in self._under_ids

    @property
    def radius_m(self) -> float:
        """Of a circle about the middle that holds all of it."""
        corners = np.concatenate([shapely.get_coordinates(one) for one in self.covered])
        return float(np.hypot(corners[:, 0] - self.east_m, corners[:, 1] - self.north_m).max())

    def fits(self) -> bool:
        """Lay all parts out; False where a part that must be there finds no room."""
        return all(self._placed(part) for part in self.recipe.parts)

    def _placed(self, part: Part) -> bool:
        if part.chance < 1.0 and self.generator.random() >= part.chance:
            return True
        count = int(self.generator.integers(part.count[0], part.count[1] + 1))
        if part.form == "line":
            return self._line(part, count)
        done = self._rows(part, count) if part.rows else sum(self._one(part, k) for k in range(1, count + 1))
        return done >= part.count[0] or part.chance < 1.0

    def _one(self, part: Part, number: int) -> bool:
        """Place one thing of a part."""
        if part.form == "plume":
            return self._leak(part, number)
        size = self._size(part)
        for _ in range(1 if self.main is None else _TRIES):
            east, north = self._spot(part, size)
            bearing = self._bearing(part, east, north, size[0])
            ring = self._ring(part, east, north, size, bearing)
            shape = shapely.polygons(ring)
            if self._free(part, shape) and self._level(part, east, north, size[0], bearing):
                self._add(part, number, ring, shape, (east, north, *size, bearing))
                return True
        return False

    def _rows(self, part: Part, count: int) -> int:
        """Place things of a part in rows beside each other; how many found room."""
        size = self._size(part)
        across = max(1, round(math.sqrt(count * self.generator.uniform(1.0, 3.0))))
        step = max(size) * self.generator.uniform(1.1, 1.35) + _LEAST_ROW_GAP_M
        block = (step * across, step * math.ceil(count / across))
        for _ in range(_TRIES):
            east, north = self._spot(part, block)
            bearing = self._bearing(part, east, north, block[0])
            sine, cosine = math.sin(math.radians(bearing)), math.cos(math.radians(bearing))
            rings = []
            for k in range(count):
                along = (k % across - (across - 1) / 2.0) * step
                beside = (k // across - (count // across) / 2.0) * step
                x, y = east + along * sine + beside * cosine, north + along * cosine - beside * sine
                rings.append((box_ring(x, y, *size, bearing), (x, y, *size, bearing)))
            shapes = [shapely.polygons(ring) for ring, _ in rings]
            if self._free(part, shapely.union_all(shapes)):
                material = self._drawn(part.materials)
                for k, (ring, box) in enumerate(rings, 1):
                    self._add(part, k, ring, shapes[k - 1], box, material)
                return count
        return 0

    def _size(self, part: Part) -> tuple[float, float]:
        length, width = (float(self.generator.uniform(*span)) for span in (part.length_m, part.width_m))
        return max(length, width), min(length, width)

    def _spot(self, part: Part, size: tuple[float, float]) -> tuple[float, float]:
        """A place for the middle of a part."""
        if self.main is None:
            return self.east_m, self.north_m
        if part.where == "inside":
            if part.under:
                return self.east_m, self.north_m
            west, south, east, north = self.main.bounds
            return float(self.generator.uniform(west, east)), float(self.generator.uniform(south, north))
        bearing = math.radians(self._towards(part.where))
        reach = self._half_main(bearing) + self.generator.uniform(*part.away_m) + 0.5 * size[0]
        return self.east_m + reach * math.sin(bearing), self.north_m + reach * math.cos(bearing)

    def _half_main(self, bearing_rad: float) -> float:
        """Metres from the middle to the edge of the main part that way."""
        far = 3000.0
        tip = (self.east_m + far * math.sin(bearing_rad), self.north_m + far * math.cos(bearing_rad))
        ray = shapely.LineString([(self.east_m, self.north_m), tip])
        return float(shapely.intersection(ray, self.main).length)

    def _towards(self, where: str) -> float:
        """A bearing that way, degrees."""
        if where == "any":
            return float(self.generator.uniform(0.0, 360.0))
        lines = {"stream": self.ground.waters, "road": self.ground.roads}.get(where)
        if lines is not None and len(lines):
            east, north, _ = lines.nearest(self.east_m, self.north_m)
            bearing = math.degrees(math.atan2(east - self.east_m, north - self.north_m))
        else:
            bearing = self.ground.downhill_deg(self.east_m, self.north_m) + (
                180.0 if where == "upslope" else 0.0
            )
        return bearing + float(self.generator.uniform(-_SPREAD_DEG, _SPREAD_DEG))

    def _bearing(self, part: Part, east_m: float, north_m: float, length_m: float) -> float:
        wobble = float(self.generator.normal(0.0, 4.0))
        if part.facing == "main":
            return (self.main_bearing_deg + 0.25 * wobble) % 360.0
        if part.facing in ("contour", "slope"):
            downhill = self.ground.downhill_deg(east_m, north_m)
            return (downhill + (90.0 if part.facing == "contour" else 0.0) + 2.0 * wobble) % 360.0
        if part.facing == "stream" and len(self.ground.waters):
            return (self.ground.waters.bearing_deg(east_m, north_m) + wobble) % 360.0
        if part.facing == "flattest":
            return self._flattest_deg(east_m, north_m, length_m)
        return float(self.generator.uniform(0.0, 360.0))

    def _flattest_deg(self, east_m: float, north_m: float, length_m: float) -> float:
        bearings = np.arange(0.0, 180.0, 7.5)
        along = np.linspace(-0.5, 0.5, 9) * length_m
        sine, cosine = np.sin(np.radians(bearings))[:, None], np.cos(np.radians(bearings))[:, None]
        heights = self.ground.country.height_msl_m(east_m + sine * along, north_m + cosine * along)
        return float(bearings[int(np.argmin(np.nan_to_num(np.ptp(heights, axis=1), nan=np.inf)))])

    def _ring(
        self, part: Part, east_m: float, north_m: float, size: tuple[float, float], bearing_deg: float
    ) -> Floats:
        if part.form == "solid" or part.outline == "box":
            return box_ring(east_m, north_m, *size, bearing_deg)
        return blob_ring(self.generator, east_m, north_m, *size, bearing_deg)

    def _free(self, part: Part, shape: shapely.Geometry) -> bool:
        if not self.ground.free(shape) or any_overlap(shape, self.taken, 1.0):
            return False
        if part.where == "inside" and not part.under and not self.main.contains(shape):
            return False
        return part.under or not any_overlap(shape, [*self._standing, *self._lying], _GAP_M)

    def _level(self, part: Part, east_m: float, north_m: float, length_m: float, bearing_deg: float) -> bool:
        """Whether boxes stand on no cliff and long strips rise little."""
        if part.form == "solid":
            return bool(np.hypot(*self.ground.gradient(east_m, north_m)) <= _STEEPEST_UNDER_BOX)
        if part.facing != "flattest":
            return True
        half = 0.5 * length_m * np.array([-1.0, 0.0, 1.0])
        turn = math.radians(bearing_deg)
        heights = self.ground.country.height_msl_m(
            east_m + half * math.sin(turn), north_m + half * math.cos(turn)
        )
        return bool(np.ptp(heights) <= self.steepest * length_m)

    def _add(
        self,
        part: Part,
        number: int,
        ring: Floats,
        shape: shapely.Geometry,
        box: tuple[float, float, float, float, float],
        material: str = "",
    ) -> None:
        """Keep a thing; the first is the main part."""
        name, chosen = f"{self.site}/{part.name}-{number}", material or self._drawn(part.materials)
        heat, on_h = self._heat(part)
        if part.form == "decal":
            self.decals.append(Decal(name, part.evidence, self.site, chosen, ring, heat, on_h))
            (self._under if part.under else self._lying).append(shape)
            if part.under:
                self._under_ids.add(name)
        else:
            bottom = float(self.generator.uniform(*part.bottom_m))
            top = bottom + float(self.generator.uniform(*part.height_m))
            east, north, length, width, bearing = box
            self.solids.append(
                Solid(
                    name,
                    part.evidence,
                    self.site,
                    east,
                    north,
                    length,
                    width,
                    bearing % 360.0,
                    bottom,
                    top,
                    chosen,
                    part.side or chosen,
                    heat,
                    self.concealment if part.hidden else 0.0,
                    self.ground.canopy_m(east, north),
                    on_h,
                )
            )
            self._standing.append(shape)
        if self.main is None:
            self.main, self.main_bearing_deg = shape, box[4]

    def _heat(self, part: Part) -> tuple[float, tuple[float, float]]:
        """How much warmer it is while it runs, and when it runs."""
        if part.heat_k == (0.0, 0.0):
            return 0.0, (0.0, 24.0)
        heat = float(self.generator.uniform(*part.heat_k))
        start, runs = (float(self.generator.uniform(*span)) for span in (part.on_from_h, part.on_for_h))
        return heat, (0.0, 24.0) if runs >= 24.0 else (start, start + runs)

    def _leak(self, part: Part, number: int) -> bool:
        """Let gas out of one of the things of a part."""
        begins = f"{self.site}/{part.at}-"
        spots = [(one.east_m, one.north_m) for one in self.solids if one.id.startswith(begins)]
        for one in self.decals:
            if one.id.startswith(begins):
                inside = shapely.point_on_surface(shapely.polygons(one.ring_m))
                spots.append((inside.x, inside.y))
        if not spots:
            return False
        east, north = spots[int(self.generator.integers(len(spots)))]
        rate, height = (float(self.generator.uniform(*span)) for span in (part.rate_kg_h, part.bottom_m))
        name = f"{self.site}/{part.name}-{number}"
        self.plumes.append(Plume(name, part.evidence, self.site, east, north, height, part.gas, rate))
        return True

    def _line(self, part: Part, count: int) -> bool:
        """Lead a track to the road or hoses to the stream; left out, with a note, where neither is near."""
        lines = self.ground.roads if part.to == "road" else self.ground.waters
        reach = float(lines.away_m(self.east_m, self.north_m))
        limit = 1e9 if part.to == "road" else _LONGEST_HOSE_M
        for number in range(1, count + 1):
            path = None
            if len(lines) and reach <= limit:
                path = self._path(part, number)
            if path is None:
                self.left_out.append(part.name)
                return True
            strip = line_polygon(path, float(self.generator.uniform(*part.width_m)))
            solid = shapely.union_all([*self._standing, *self._lying, self.main])
            strip = shapely.difference(strip, shapely.buffer(solid, _GAP_M))
            strip = shapely.difference(strip, lines.bed(strip))
            ring = outer_ring(strip)
            if len(ring) < 3 or strip.length < _SHORTEST_LINE_M:
                continue
            shape = shapely.polygons(ring)
            if not self.ground.bounds.contains(shape) or any_overlap(shape, self.taken, 0.5):
                return False
            material = self._drawn(part.materials)
            name = f"{self.site}/{part.name}-{number}"
            self.decals.append(Decal(name, part.evidence, self.site, material, ring))
            self._lying.append(shape)
        return True

    def _path(self, part: Part, number: int) -> Floats | None:
        if part.to == "road":
            barred = [*self.taken, *self.ground.houses_near(self.east_m, self.north_m)]
            return way_to_road(self.ground, self.east_m, self.north_m, barred, self.generator)
        spot = self._half_main(math.radians(self._towards("stream"))) * 0.5 * (number - 1)
        east, north, _ = self.ground.waters.nearest(self.east_m + spot, self.north_m + spot)
        start = np.array([self.east_m + spot, self.north_m + spot])
        end = np.array([east, north])
        bend = self.generator.normal(0.0, 0.06) * np.array([end[1] - start[1], start[0] - end[0]])
        return np.stack((start, 0.5 * (start + end) + bend, end))

    def _drawn(self, names: tuple[str, ...]) -> str:
        return names[int(self.generator.integers(len(names)))]
