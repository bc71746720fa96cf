"""What the aircraft says of itself when its instruments err exactly as `earth.error` takes them to.

The model of `ErrorBudget` is truth = stated + error, each error the sum of a part drawn once for the sortie
and one of the look. The look's part is a smooth random function of time with the stated sigma at every
instant: two looks some correlation times apart err independently. Rounding is not put in here: the
metadata's items do that.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import angles_zyx, rotation_zyx
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef
from atalaya.earth.error.budget import TERMS, ErrorBudget
from atalaya.earth.error.effects import turned
from atalaya.earth.surface import Hits, Surface, SurfaceKind
from atalaya.sim.flight import kernels
from atalaya.sim.flight.flight import Flight
from atalaya.sim.flight.frame_track import FrameTrack

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CORRELATION_S = 4.0
"""Time after which a look's own error has forgotten itself (assumed: filters of navigation units)."""

_METRES_PER_DEG = np.pi / 180.0 * 6_371_008.8


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of one sortie, in the order and units of `earth.error.TERMS`.

    Args:
        start_us: from which its time counts.
        shared: (20,) of the sortie.
        own: (k, 20) control points of the look's unit errors, already mixed by their correlations.
        own_sigma: (20,). correlation_s: between control points.
    """

    start_us: int
    shared: Floats
    own: Floats
    own_sigma: Floats
    correlation_s: float

    def at(self, t_us: Ints) -> Floats:
        """(n, 20) both parts together."""
        seconds = (np.asarray(t_us, np.int64) - self.start_us) / 1e6
        out = np.zeros((len(seconds), len(TERMS)))
        kernels.noise(seconds, 0.0, self.correlation_s, self.own, out)
        return np.asarray(out * self.own_sigma + self.shared)

    def pixels(self, t_us: Ints) -> Floats:
        """(n, 2) columns and rows by which a mark is off: true pixel = marked pixel + this."""
        return self.at(t_us)[:, [TERMS.index("pixel_column_px"), TERMS.index("pixel_row_px")]]

    def terrain_m(self, t_us: Ints) -> Floats:
        """(n, 3) east, north, up: true ground = ground of the terrain model + this; geoid in the last."""
        found = self.at(t_us)
        east, north, up, geoid = (
            found[:, TERMS.index(name)]
            for name in ("terrain_east_m", "terrain_north_m", "terrain_up_m", "geoid_m")
        )
        return np.stack((east, north, up + geoid), axis=-1)

    @property
    def shared_terrain_m(self) -> tuple[float, float, float]:
        """East, north, up as in `terrain_m`, of the sortie alone."""
        place = {name: self.shared[index] for index, name in enumerate(TERMS)}
        up = place["terrain_up_m"] + place["geoid_m"]
        return float(place["terrain_east_m"]), float(place["terrain_north_m"]), float(up)


def errors_of(
    budget: ErrorBudget, flight: Flight, seed: int, *, correlation_s: float = CORRELATION_S
) -> Errors:
    """Draw the errors of a sortie.

    Args:
        budget: sigmas and correlations; its rounding is left to the metadata's items.
        seed: the same gives the same errors.
    """
    unrounded = {name: 0.0 for name in ErrorBudget.__dataclass_fields__ if name.startswith("quantised")}
    exact = replace(budget, **unrounded)  # type: ignore[arg-type]
    shared, own = exact.sigmas()
    mixing = exact.mixing() if exact.correlations else np.eye(len(TERMS))
    generator = np.random.default_rng((0x0E44, seed))
    count = int(flight.duration_s / correlation_s) + 5
    once = generator.standard_normal(len(TERMS)) @ mixing.T
    anew = generator.standard_normal((count, len(TERMS))) @ mixing.T
    return Errors(flight.start_us, once * shared, anew, own, correlation_s)


def stated_track(flight: Flight, t_us: Ints, errors: Errors | None) -> FrameTrack:
    """What the aircraft states of instants: the true track with the errors put in.

    Args:
        t_us: (n,) of the pictures; stamped so, while what is said may be older (`time_s`).
        errors: None for none.
    """
    if errors is None:
        return flight.at(t_us)
    off = dict(zip(TERMS, errors.at(t_us).T, strict=True))
    true = flight.at(t_us, late_s=off["time_s"])
    lon, lat, height = _moved(true, off)
    azimuth, elevation, turn = _gimbal(true, off)
    wider = 1.0 + off["focal_relative"]
    return replace(
        true,
        lon_deg=lon,
        lat_deg=lat,
        height_hae_m=height,
        heading_deg=(true.heading_deg - off["heading_deg"]) % 360.0,
        pitch_deg=true.pitch_deg - off["pitch_deg"],
        roll_deg=true.roll_deg - off["roll_deg"],
        rel_azimuth_deg=azimuth % 360.0,
        rel_elevation_deg=elevation,
        rel_roll_deg=turn % 360.0,
        hfov_deg=_narrowed(true.hfov_deg, wider),
        vfov_deg=_narrowed(true.vfov_deg, wider),
    )


def _moved(true: FrameTrack, off: dict[str, Floats]) -> tuple[Floats, Floats, Floats]:
    local = np.stack([off[f"position_{axis}_m"] for axis in ("east", "north", "up")], axis=-1)
    place = geodetic_to_ecef(true.lon_deg, true.lat_deg, true.height_hae_m)
    shift = np.einsum("nij,nj->ni", enu_basis(true.lon_deg, true.lat_deg), local)
    return ecef_to_geodetic(place - shift)


def _gimbal(true: FrameTrack, off: dict[str, Floats]) -> tuple[Floats, Floats, Floats]:
    """Read-out of a gimbal whose camera is not quite where it believes.

    The misalignment turns about the camera's down, right and forward axes (azimuth, elevation, roll).
    """
    camera = rotation_zyx(true.rel_azimuth_deg, true.rel_elevation_deg, true.rel_roll_deg)
    vector = np.radians(
        np.stack([off[f"boresight_{axis}_deg"] for axis in ("roll", "elevation", "azimuth")], axis=-1)
    )
    # undone about the camera's own axes: columns of the read-out are the camera's turned back
    back = turned(np.broadcast_to(np.eye(3), (len(vector), 3, 3)), -vector[:, None, :])
    azimuth, elevation, roll = angles_zyx(camera @ np.swapaxes(back, -1, -2))
    return (
        azimuth - off["gimbal_azimuth_deg"],
        elevation - off["gimbal_elevation_deg"],
        roll - off["gimbal_roll_deg"],
    )


def _narrowed(fov_deg: Floats, wider: Floats) -> Floats:
    return np.asarray(np.degrees(2.0 * np.arctan(np.tan(np.radians(fov_deg) / 2.0) / wider)))


@dataclass(frozen=True)
class StatedSurface:
    """A terrain model that lies wrong: the true ground is this one moved by east, north and up.

    Args:
        truth: the ground. east_m, north_m, up_m: as of `Errors.shared_terrain_m`.
    """

    truth: Surface
    east_m: float
    north_m: float
    up_m: float

    @property
    def kind(self) -> SurfaceKind:
        """See `Surface`."""
        return self.truth.kind

    @property
    def source(self) -> str:
        """See `Surface`."""
        return self.truth.source

    def hits(self, origin_m: Floats, toward: Floats) -> Hits:
        """See `Surface`: the true ground met by the moved ray, moved back."""
        origin = np.atleast_2d(np.asarray(origin_m, np.float64))
        lon, lat, _ = ecef_to_geodetic(origin)
        shift = enu_basis(lon, lat) @ np.array((self.east_m, self.north_m, self.up_m))
        met = self.truth.hits(origin + shift, toward)
        place = geodetic_to_ecef(met.lon_deg, met.lat_deg, met.height_hae_m) - shift
        return Hits(met.status, met.range_m, *ecef_to_geodetic(place))

    def height_hae_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """See `Surface`."""
        lat = np.asarray(lat_deg, np.float64)
        lon = np.asarray(lon_deg) + self.east_m / (_METRES_PER_DEG * np.cos(np.radians(lat)))
        return np.asarray(self.truth.height_hae_m(lon, lat + self.north_m / _METRES_PER_DEG) - self.up_m)
