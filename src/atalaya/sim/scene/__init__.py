"""Sites of a scene: what public sources say hidden facilities show, and what looks like them.

In: a `Country`, a seed, a theme (`make_scene`). Out: a `Scene` of boxes, painted ground and plumes, and its
truth as GeoPackage and Parquet (`write_truth`). Static objects only: recipes that name persons, vehicles,
animals or weapons are refused.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.sim.scene.scene import Scene, TrueSite
from atalaya.sim.scene.things import Decal, Plume, Solid

if TYPE_CHECKING:
    from atalaya.sim.scene.dispersion import (
        Air,
        plume_column_kg_m2,
        plume_column_ppm_m,
        stability_class,
    )
    from atalaya.sim.scene.make import make_scene
    from atalaya.sim.scene.recipe import Part, Place, Recipe
    from atalaya.sim.scene.recipe_file import read_recipes, recipes, themes
    from atalaya.sim.scene.tables import sites_table, things_table
    from atalaya.sim.scene.truth import read_scene, write_truth

# A country uses the things of a scene, a scene is made in a country: what needs both is imported when used.
_HEAVY = {
    "Air": "dispersion",
    "Part": "recipe",
    "Place": "recipe",
    "Recipe": "recipe",
    "make_scene": "make",
    "plume_column_kg_m2": "dispersion",
    "plume_column_ppm_m": "dispersion",
    "read_recipes": "recipe_file",
    "read_scene": "truth",
    "recipes": "recipe_file",
    "sites_table": "tables",
    "stability_class": "dispersion",
    "themes": "recipe_file",
    "things_table": "tables",
    "write_truth": "truth",
}

__all__ = [
    "Air",
    "Decal",
    "Part",
    "Place",
    "Plume",
    "Recipe",
    "Scene",
    "Solid",
    "TrueSite",
    "make_scene",
    "plume_column_kg_m2",
    "plume_column_ppm_m",
    "read_recipes",
    "read_scene",
    "recipes",
    "sites_table",
    "stability_class",
    "themes",
    "things_table",
    "write_truth",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sim.scene.{_HEAVY[name]}"), name)
