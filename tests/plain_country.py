"""A small country made by hand: rough ground, a stream in its valley, a road, a village, wooded slopes."""

import numpy as np
from scipy.ndimage import gaussian_filter

from atalaya.earth.rough_terrain import rough_ground
from atalaya.sim.country.country import Country, GroundLine, Settlement
from atalaya.sim.material import materials
from atalaya.sim.scene.things import Solid

EPSG = 32613
WEST_M, NORTH_M, POST_M = 300_000.0, 2_870_000.0, 20.0
POSTS = 401  # 8 km


def plain_country(
    seed: int = 5, *, roads: bool = True, streams: bool = True, relief_m: float = 160.0
) -> Country:
    """Eight kilometres square in the western Sierra Madre."""
    generator = np.random.default_rng(seed)
    rough = rough_ground(generator, posts=POSTS, mean_m=0.0, deviation_m=relief_m).heights_m.astype(
        np.float64
    )
    east, north = np.meshgrid(WEST_M + POST_M * np.arange(POSTS), NORTH_M - POST_M * np.arange(POSTS))
    valley_north = NORTH_M - 4000.0 + 900.0 * np.sin((east - WEST_M) / 1300.0)
    valley = np.abs(north - valley_north)
    heights = 1500.0 + rough * np.minimum(1.0, valley / 2500.0) + 0.10 * np.minimum(valley, 2500.0)
    heights = gaussian_filter(heights, 2.0).astype(np.float32)
    steep = np.hypot(*np.gradient(heights, POST_M))
    cover = np.full((POSTS * 2 - 2,) * 2, materials()["scrub"].code, np.uint8)
    coarse = np.kron(steep[:-1, :-1], np.ones((2, 2)))
    wet = np.kron(valley[:-1, :-1], np.ones((2, 2)))
    cover[coarse > 0.18] = materials()["woodland"].code
    cover[coarse < 0.06] = materials()["dry_grass"].code
    cover[(wet < 350.0) & (coarse < 0.12)] = materials()["crop"].code
    along = np.arange(WEST_M + 10.0, WEST_M + 7990.0, 40.0)
    bed = NORTH_M - 4000.0 + 900.0 * np.sin((along - WEST_M) / 1300.0)
    lines: list[GroundLine] = []
    if streams:
        lines.append(GroundLine("stream", 6.0, "water", np.stack((along, bed), axis=1)))
        side = np.linspace(0.0, 1.0, 60)
        for start, end in (((2000.0, -600.0), (2500.0, -3000.0)), ((5200.0, -7500.0), (5600.0, -4900.0))):
            points = np.array(start) + np.outer(side, np.subtract(end, start)) + [WEST_M, NORTH_M]
            points[:, 0] += 120.0 * np.sin(side * 9.0)
            lines.append(GroundLine("stream", 2.0, "water", points))
    if roads:
        lines.append(GroundLine("road", 6.0, "gravel", np.stack((along, bed + 380.0), axis=1)))
        up = np.linspace(0.0, 1.0, 80)
        branch = np.stack(
            (WEST_M + 3000.0 + 900.0 * np.sin(up * 5.0), NORTH_M - 3500.0 + 3300.0 * up), axis=1
        )
        lines.append(GroundLine("track", 3.0, "bare_soil", branch))
        south = np.stack((WEST_M + 5000.0 + 700.0 * np.sin(up * 6.0), NORTH_M - 4600.0 - 3200.0 * up), axis=1)
        lines.append(GroundLine("track", 3.0, "bare_soil", south))
    middle = (WEST_M + 1200.0, NORTH_M - 2900.0)
    houses = tuple(
        Solid("", "", "", middle[0] + dx, middle[1] + dy, 11.0, 8.0, turn, 0.0, 3.2, "tile_roof", "adobe")
        for dx, dy, turn in zip(
            generator.normal(0.0, 90.0, 25),
            generator.normal(0.0, 60.0, 25),
            generator.uniform(0, 360, 25),
            strict=True,
        )
    )
    village = Settlement("San Juan", "village", *middle, 180.0, 25)
    return Country(
        "plain",
        seed,
        EPSG,
        WEST_M,
        NORTH_M,
        POST_M,
        heights,
        cover,
        10.0,
        tuple(lines),
        (),
        houses,
        (village,),
    )
