"""Corners over rough ground: heights not stated must not make them look wrong, nor hide that they are."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.earth import camera_to_ned, corners_in_camera, geodetic_to_ecef, ned_basis, rough_ground
from atalaya.footage.audit import audit_track
from atalaya.footage.sensor_track import SensorTrack

N = 60


def over_rough_ground(seed: int, relative_azimuth: float = 80.0) -> SensorTrack:
    """A straight flight 3 km over mountains, corners where the terrain is truly met."""
    rng = np.random.default_rng(seed)
    terrain = rough_ground(rng, posts=601, west_deg=-107.0, north_deg=26.0).terrain()
    lon = -106.93 + np.linspace(0.0, 0.01, N)
    lat = np.full(N, 25.91) + rng.normal(0.0, 1e-6, N)
    height = np.full(N, terrain.ceiling_hae_m + 3000.0)
    roll, zero = 3.0 * np.sin(np.linspace(0.0, 9.0, N)), np.zeros(N)
    angles = (zero + 91.0, zero + 2.0, roll, zero + relative_azimuth, zero - 40.0, zero + 4.0)
    hfov, vfov = zero + 9.0, zero + 6.0
    rays = np.concatenate(
        (np.broadcast_to([[[1.0, 0, 0]]], (N, 1, 3)), corners_in_camera(hfov, vfov)), axis=1
    )
    toward = rays @ np.swapaxes(ned_basis(lon, lat) @ camera_to_ned(*angles), -1, -2)
    hits = terrain.hits(np.repeat(geodetic_to_ecef(lon, lat, height), 5, axis=0), toward.reshape(-1, 3))
    assert hits.found.all()
    seen_lon, seen_lat, seen_height, slant = (
        part.reshape(N, 5) for part in (hits.lon_deg, hits.lat_deg, hits.height_hae_m, hits.range_m)
    )
    return SensorTrack(
        1_768_000_000_000_000 + np.arange(N) * 10**6,
        lon,
        lat,
        height,
        *angles,
        hfov,
        vfov,
        slant[:, 0],
        zero * np.nan,
        seen_lon[:, 0],
        seen_lat[:, 0],
        seen_height[:, 0],
        seen_lon[:, 1:],
        seen_lat[:, 1:],
        zero * np.nan,
        zero * np.nan,
        "hae",
        "hae",
        corner_source="full",
    )


def said(track: SensorTrack) -> set[str]:
    audit = audit_track(track)
    return {one.code for one in audit.findings} | {one.code for one in audit.repairs}


@pytest.mark.parametrize("seed", range(6))
def test_corners_on_mountains_are_not_called_wrong(seed: int) -> None:
    assert said(over_rough_ground(seed, 80.0 + 30.0 * seed)) == {"AUD-002"}


@pytest.mark.parametrize("order", [(1, 0, 3, 2), (3, 2, 1, 0), (0, 3, 2, 1), (2, 3, 0, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_another_order_is_found_on_mountains_too(seed: int, order: tuple[int, ...]) -> None:
    track = over_rough_ground(seed)
    columns = list(order)
    swapped = replace(
        track,
        corner_lon_deg=track.corner_lon_deg[:, columns],
        corner_lat_deg=track.corner_lat_deg[:, columns],
    )
    (repair,) = audit_track(swapped).repairs
    assert repair.code == "AUD-050"
    mended = repair.change.apply(swapped)
    assert (mended.corner_lon_deg == track.corner_lon_deg).all()
    assert (mended.corner_lat_deg == track.corner_lat_deg).all()


@pytest.mark.parametrize("factor", [0.5, 2.0, np.pi / 180.0])
def test_half_angles_and_radians_are_found_on_mountains_too(factor: float) -> None:
    track = over_rough_ground(1)
    wrong = replace(track, hfov_deg=track.hfov_deg * factor, vfov_deg=track.vfov_deg * factor)
    (repair,) = audit_track(wrong).repairs
    assert repair.code == "AUD-070"
    assert repair.evidence["factor"] == pytest.approx(factor, rel=1e-3)


def test_corners_that_fit_in_no_order_are_spoken_of() -> None:
    track = over_rough_ground(2)
    rng = np.random.default_rng(3)
    moved = track.corner_lon_deg + rng.uniform(-0.02, 0.02, (N, 4))
    assert "AUD-051" in said(replace(track, corner_lon_deg=moved))
