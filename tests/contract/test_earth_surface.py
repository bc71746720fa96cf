"""What every surface promises, asked of all of them."""

from pathlib import Path

import numpy as np
import pytest

from atalaya.earth import (
    HitStatus,
    LevelSurface,
    Surface,
    Terrain,
    direction,
    geodetic_to_ecef,
    ned_basis,
    rough_ground,
)
from atalaya.earth.march import store

LON, LAT, HEIGHT = -106.96, 25.96, 6000.0


def surfaces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Surface]:
    made = rough_ground(np.random.default_rng(4), posts=289)
    made.write(folder / "rough.tif", vertical_epsg=5773, tile=64)
    whole = Terrain.open(folder / "rough.tif")
    monkeypatch.setattr(store, "BLOCK_BITS", 5)
    return {
        "level": LevelSurface(1500.0),
        "file": whole,
        "larger than memory": Terrain.open(folder / "rough.tif", memory_mb=0.001),
        "array": made.terrain(),
    }


@pytest.mark.parametrize("name", ["level", "file", "larger than memory", "array"])
def test_a_surface(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    surface = surfaces(tmp_path, monkeypatch)[name]
    assert surface.kind in {"level", "dtm", "unknown"}
    assert "HAE" in surface.source or "EGM96" in surface.source
    origin = geodetic_to_ecef(LON, LAT, HEIGHT)
    toward = direction(np.arange(0.0, 360.0, 15.0), np.full(24, -75.0)) @ ned_basis(LON, LAT).T
    hits = surface.hits(origin, toward)
    assert hits.found.all()
    for part in (hits.range_m, hits.lon_deg, hits.lat_deg, hits.height_hae_m):
        assert part.dtype == np.float64
        assert part.shape == (24,)
    assert hits.status.dtype == np.uint8
    along = origin + hits.range_m[:, None] * toward
    there = geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)
    assert np.abs(along - there).max() < 1e-4
    assert np.abs(surface.height_hae_m(hits.lon_deg, hits.lat_deg) - hits.height_hae_m).max() < 1e-3
    each = surface.hits(np.broadcast_to(origin, (24, 3)), 7.0 * toward)
    assert np.abs(each.range_m - hits.range_m).max() < 1e-6
    up = surface.hits(origin, -toward)
    assert (up.status == HitStatus.SKY).all()
    assert np.isnan(up.range_m).all()
    assert (surface.hits(origin, np.full((2, 3), np.nan)).status == HitStatus.INVALID).all()
    assert np.isnan(surface.height_hae_m(np.array([np.nan]), np.array([1.0]))).all()
