"""The truth about each pixel of a strip: what it shows, of which site, under how much gas."""

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import Country
from atalaya.sim.cube.spectrometer import Lines
from atalaya.sim.material import materials
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Decal, Solid

Floats = NDArray[np.float64]


class PixelTruth:
    """Numbers of sites and things, and what lies under pixels.

    Things are the areas of the scene, its boxes and those of the country, counted from 1 in this order; sites
    from 1 in the order of the scene. 0 is none.

    Args:
        scene, country: what is seen. gases: names of the columns.
    """

    def __init__(self, scene: Scene, country: Country, gases: tuple[str, ...]) -> None:
        self._scene, self._country = scene, country
        self.bands = ("material", "share", "site", "thing", *(f"{gas} kg/m2" for gas in gases))

    def of(self, lines: Lines) -> NDArray[np.float32]:
        """(l, bands, c): code of the material most seen, its share, site, thing, gases; 0 for no ground.

        A site is the one (the nearest, of several) whose circle holds the middle of the pixel. A thing is the
        area or box that most samples see.
        """
        place = np.nan_to_num(lines.ground.grid_m[..., :2])
        seen = lines.count[..., 0] > 0
        alive = np.logical_and.accumulate(lines.count > 0, axis=2)
        counted = np.where(alive, lines.count, 0)
        top = counted.argmax(axis=2)[..., None]
        material = np.take_along_axis(lines.material, top, axis=2)[..., 0]
        share = np.take_along_axis(counted, top, axis=2)[..., 0] / np.maximum(counted.sum(axis=2), 1)
        layers = [material, share, self._sites(place), lines.thing[..., 0] + 1]
        layers += [lines.gas_kg_m2[..., g] for g in range(lines.gas_kg_m2.shape[2])]
        return np.stack([np.where(seen, layer, 0.0) for layer in layers], axis=1).astype(np.float32)

    def names(self) -> dict[str, object]:
        """What the numbers mean."""
        things: list[Decal | Solid] = [*self._scene.decals, *self._scene.solids, *self._country.solids]
        return {
            "schema": "atalaya.cube-truth/1",
            "materials": {str(m.code): m.name for m in materials().values()},
            "sites": [
                {"number": n + 1, "id": s.id, "kind": s.kind, "facility": s.facility}
                for n, s in enumerate(self._scene.sites)
            ],
            "things": [
                {"number": n + 1, "id": t.id, "site": t.site, "evidence": t.evidence}
                for n, t in enumerate(things)
                if t.id or t.site
            ],
        }

    def _sites(self, place: Floats) -> Floats:
        number = np.zeros(place.shape[:2])
        nearest = np.full(place.shape[:2], np.inf)
        for n, site in enumerate(self._scene.sites):
            off = np.hypot(place[..., 0] - site.east_m, place[..., 1] - site.north_m)
            mine = (off <= site.radius_m) & (off < nearest)
            number[mine], nearest[mine] = n + 1, off[mine]
        return number
