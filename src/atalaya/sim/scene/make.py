"""A scene from a seed: facilities and their look-alikes placed in a country by plausible rules.

In: a country, a seed, a theme. Out: a `Scene`. The same seed gives the same scene whatever the order of the
country's lines, the recipes or the areas: every site draws from a generator of its own, seeded with the seed,
its kind and its number.
"""

import math
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.finding import Finding, Severity, merged
from atalaya.sim.country.country import Country
from atalaya.sim.scene.candidates import Candidates
from atalaya.sim.scene.compose import Layout
from atalaya.sim.scene.ground import Ground
from atalaya.sim.scene.recipe import Place, Recipe, Span
from atalaya.sim.scene.recipe_file import recipes, require_look_alikes, themes
from atalaya.sim.scene.scene import Scene, TrueSite
from atalaya.sim.scene.way import LONGEST_M

MOST_SITES = 5000
SEPARATION_M = 400.0
REACH_M = 2.0 * LONGEST_M
"""No thing of a site, nor the window in which its track is sought, lies farther from its middle."""

_CANDIDATES_PER_LEVEL = 24


def make_scene(
    country: Country,
    seed: int,
    *,
    theme: str = "lab",
    facilities: int = 6,
    confusers_per_facility: float = 3.0,
    concealment: Span = (0.2, 0.7),
    areas: Sequence[shapely.Geometry] | None = None,
    separation_m: float = SEPARATION_M,
    book: Mapping[str, Recipe] | None = None,
) -> Scene:
    """Place sites of a theme.

    The number of look-alikes is `facilities * confusers_per_facility`, rounded up, shared among their recipes
    by `share`. Where no place meets a recipe's rules they are widened, then dropped, in the order of its
    `relax`, and `Scene.notes` says so; slope is never dropped, and things of two sites never overlap.

    Args:
        country: where. seed: of everything drawn.
        theme: one of `themes()`. facilities: how many. confusers_per_facility: look-alikes for each.
        concealment: least and most share of a facility's hidden parts under crowns.
        areas: polygons, metres in the country's projection, that hold the middles of sites; None for all.
        separation_m: from middle to middle of any two sites.
        book: recipes; those that come with the program when None.

    Raises:
        NotFound: SCN-001, no such theme.
        BadInput: SCN-005, recipes that make no honest search; SCN-006, no place is left; SCN-011, a number
            out of range; SCN-012, areas outside of the country.
    """
    book = recipes() if book is None else book
    require_look_alikes(book)
    if theme not in themes(book):
        raise NotFound("SCN-001", kind="theme", name=theme[:40], names=", ".join(themes(book)))
    _require_numbers(seed, facilities, confusers_per_facility, concealment, separation_m)
    ground = Ground(country)
    area = _area(ground, areas)
    wanted = _wanted(book, theme, facilities, confusers_per_facility)
    placing = _Placing(ground, Candidates(ground, area, seed), seed, concealment, separation_m)
    for recipe, number in wanted:
        placing.place(recipe, number)
    middle = shapely.Point(*np.add(ground.bounds.bounds[:2], ground.bounds.bounds[2:]) / 2.0)
    lon, _ = country.lonlat(middle.x, middle.y)
    return placing.scene(theme, float(lon) / 15.0)


def shared_out(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """A number of sites shared among kinds by their shares: largest remainders, ties by name."""
    names = sorted(shares)
    whole = sum(shares[name] for name in names)
    exact = {name: total * shares[name] / whole for name in names}
    counts = {name: math.floor(exact[name]) for name in names}
    spare = sorted(names, key=lambda name: (counts[name] - exact[name], name))
    for name in spare[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


class _Placing:
    """Sites placed so far; each new one keeps off the others."""

    def __init__(
        self, ground: Ground, candidates: Candidates, seed: int, concealment: Span, separation_m: float
    ) -> None:
        self.ground, self.candidates, self.seed = ground, candidates, seed
        self.concealment, self.separation_m = concealment, separation_m
        self.layouts: list[tuple[TrueSite, Layout]] = []
        self.taken: list[shapely.Geometry] = []
        self.notes: list[Finding] = []

    def place(self, recipe: Recipe, number: int) -> None:
        """Place one site, relaxing its rules as far as it must."""
        kind = zlib.crc32(recipe.name.encode())
        order = np.random.default_rng([self.seed, kind, number]).permutation(self.candidates.east_m.size)
        tried: set[int] = set()
        for level, (widened, dropped) in enumerate(_levels(recipe.place)):
            fit = self.candidates.meeting(recipe.place, widened, dropped) & self._apart()
            chosen = [int(i) for i in order if fit[i] and int(i) not in tried][:_CANDIDATES_PER_LEVEL]
            for spot in chosen:
                tried.add(spot)
                steepest = math.tan(
                    math.radians(recipe.place.slope_deg[1] * (2.0 if "slope_deg" in widened else 1.0))
                )
                layout = self._layout(recipe, number, spot, kind, steepest)
                if layout.fits():
                    self._keep(
                        recipe,
                        layout,
                        (*sorted(widened - dropped), *(f"-{one}" for one in sorted(dropped))),
                        level,
                    )
                    return
        if recipe.facility:
            raise BadInput("SCN-006", kind=recipe.name, number=number)
        # a scene with a look-alike less is still a scene; its maker is told
        details = {"kind": recipe.name, "number": number}
        self.notes.append(Finding("SCN-014", Severity.WARNING, where=recipe.name, details=dict(details)))

    def _layout(self, recipe: Recipe, number: int, spot: int, kind: int, steepest: float) -> Layout:
        generator = np.random.default_rng([self.seed, kind, number, spot])
        span = self.concealment if recipe.facility else recipe.concealment
        east, north = float(self.candidates.east_m[spot]), float(self.candidates.north_m[spot])
        return Layout(
            self.ground,
            recipe,
            f"{recipe.name}-{number:02d}",
            east,
            north,
            generator,
            self._near(east, north),
            float(generator.uniform(*span)),
            steepest,
        )

    def _near(self, east_m: float, north_m: float) -> list[shapely.Geometry]:
        """What is taken within reach of a new site."""
        if not self.taken:
            return []
        disc = shapely.Point(east_m, north_m).buffer(REACH_M)
        tree = shapely.STRtree(self.taken)
        return [self.taken[i] for i in sorted(tree.query(disc).tolist())]

    def _apart(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        fit = np.ones(self.candidates.east_m.size, np.bool_)
        for site, _ in self.layouts:
            away = np.hypot(self.candidates.east_m - site.east_m, self.candidates.north_m - site.north_m)
            fit &= away >= self.separation_m
        return fit

    def _keep(self, recipe: Recipe, layout: Layout, relaxed: Sequence[str], level: int) -> None:
        site = TrueSite(
            layout.site, recipe.name, recipe.facility, layout.east_m, layout.north_m, layout.radius_m
        )
        self.layouts.append((site, layout))
        self.taken.extend(layout.covered)
        if level:
            details: dict[str, object] = {"kind": recipe.name, "rules": ", ".join(relaxed)}
            self.notes.append(Finding("SCN-007", Severity.WARNING, where=site.id, details=details))
        for part in layout.left_out:
            missing: dict[str, object] = {"kind": recipe.name, "part": part}
            self.notes.append(Finding("SCN-008", Severity.INFO, where=site.id, details=missing))

    def scene(self, theme: str, solar_offset_h: float) -> Scene:
        """What was placed. Ground that others lie on comes first, so that painting in order shows all."""
        layouts = [layout for _, layout in self.layouts]
        pairs = [(not layout.is_under(one), one) for layout in layouts for one in layout.decals]
        return Scene(
            sites=tuple(site for site, _ in self.layouts),
            decals=tuple(one for _, one in sorted(pairs, key=lambda pair: pair[0])),
            solids=tuple(one for layout in layouts for one in layout.solids),
            plumes=tuple(one for layout in layouts for one in layout.plumes),
            theme=theme,
            seed=self.seed,
            solar_offset_h=solar_offset_h,
            notes=tuple(merged(self.notes)),
        )


def _levels(place: Place) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Rules widened and dropped, step by step: none; one more widened each; then one more dropped each."""
    order = place.relax
    steps = [(frozenset(order[:k]), frozenset[str]()) for k in range(len(order) + 1)]
    droppable = [rule for rule in order if rule != "slope_deg"]
    return steps + [(frozenset(order), frozenset(droppable[:k])) for k in range(1, len(droppable) + 1)]


def _wanted(
    book: Mapping[str, Recipe], theme: str, facilities: int, per_facility: float
) -> list[tuple[Recipe, int]]:
    """Sites to be placed, facilities first: they are the hardest to please."""
    wanted = []
    looks_alike = math.ceil(round(facilities * per_facility, 9))
    for facility, total in ((True, facilities), (False, looks_alike)):
        kinds = {
            one.name: one.share for one in book.values() if one.facility is facility and theme in one.themes
        }
        if total and not kinds:
            raise BadInput("SCN-005", name=theme, detail="confusers_per_facility")
        counts = shared_out(total, kinds) if kinds else {}
        for number in range(1, max(counts.values(), default=0) + 1):
            wanted += [(book[name], number) for name in sorted(counts) if counts[name] >= number]
    return wanted


def _area(ground: Ground, areas: Sequence[shapely.Geometry] | None) -> shapely.Geometry:
    if areas is None:
        return ground.bounds
    area = shapely.intersection(
        shapely.union_all(shapely.make_valid(np.array(list(areas), object))), ground.bounds
    )
    if area.is_empty or not area.area > 0.0:
        raise BadInput("SCN-012")
    return area


def _require_numbers(
    seed: int, facilities: int, per_facility: float, concealment: Span, separation_m: float
) -> None:
    def require(name: str, value: object, ok: bool, allowed: str) -> None:
        if not ok:
            raise BadInput("SCN-011", name=name, value=value, allowed=allowed)

    require("seed", seed, seed >= 0, "0 ...")
    require("facilities", facilities, 0 <= facilities <= MOST_SITES, f"0 ... {MOST_SITES}")
    require("confusers_per_facility", per_facility, 0.0 <= per_facility <= 1000.0, "0 ... 1000")
    total = facilities * (1.0 + per_facility)
    require("facilities", total, total <= MOST_SITES, f"0 ... {MOST_SITES}")
    low, high = concealment
    require("concealment", f"{low} ... {high}", 0.0 <= low <= high <= 1.0, "0 ... 1")
    require("separation_m", separation_m, 0.0 <= separation_m <= 1e6, "0 ... 1e6")
