"""Small countries for tests, made once in a run."""

from functools import cache

from atalaya.sim.country import Country, make_country

PLACES = {"mountain": (-108.5, 30.4), "hill": (-99.2, 17.6), "plain": (-70.0, -12.8)}


@cache
def made_country(relief: str, seed: int = 5) -> Country:
    """Twelve by nine kilometres."""
    lon, lat = PLACES[relief]
    return make_country(
        seed,
        lon_deg=lon,
        lat_deg=lat,
        width_m=12_000.0,
        height_m=9000.0,
        relief=relief,
        cover_m=10.0,  # type: ignore[arg-type]
    )
