"""The geometry that terms of an authorisation ask for: inside an area, near a boundary, in a band, over
time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from atalaya.base.errors import NotFound
from atalaya.earth.track import Track
from atalaya.law.account import Account, AccountOptions, Standing, account
from atalaya.law.boundary import Edge, Kind, Layer, LayerIndex, LayerRecord, layer_index
from atalaya.law.ledger.limits import between_limits
from atalaya.law.ledger.steps import Steps, Times, Tri, constant, of_runs
from atalaya.law.records.altitude_band import AltitudeBand


def area_over_time(track: Track, options: AccountOptions) -> Callable[[Mapping[str, Any]], Steps]:
    """Whether the track was inside a GeoJSON area, over time; unknown nearer to its edge than the errors."""

    def within(area: Mapping[str, Any]) -> Steps:
        found: Account = account(track, [_area_index(area)], options)
        state = found.of(_AREA, _AREA)
        if state is None:
            return constant(Tri.NO)
        told = {Standing.CERTAIN_INSIDE: Tri.YES, Standing.CERTAIN_OUTSIDE: Tri.NO}
        values = [told.get(Standing(int(kind)), Tri.UNKNOWN) for kind in state.intervals.standing]
        return of_runs(state.intervals.start_us, np.array(values, np.uint8))

    return within


def distance_over_time(track: Track, indexes: Sequence[LayerIndex]) -> Callable[[str, float], Steps]:
    """Whether the track was within a distance of a State's boundary or inside it, over time.

    Unknown where the bound B of the first layer that has the State leaves it open.

    Raises:
        NotFound: LAY-003, no layer has the State.
    """

    def near(state: str, within_m: float) -> Steps:
        index = next((each for each in indexes if state in each.areas), None)
        if index is None:
            known = sorted({area for each in indexes for area in each.areas})
            raise NotFound("LAY-003", where=state, area=state, known=", ".join(known[:20]))
        number = index.areas.index(state)
        depth = index.depth_m(number, track.lon_deg, track.lat_deg)
        bound = index.bound_m(number, track.lon_deg, track.lat_deg)
        times, both = _increasing(track.t_us, np.stack((depth - bound, depth + bound), axis=-1))
        surely = between_limits(times, both[:, 0], -within_m, np.inf)
        perhaps = between_limits(times, both[:, 1], -within_m, np.inf)
        cuts = np.unique(np.concatenate((surely.start_us, perhaps.start_us)))
        strict, lenient = surely.at(cuts), perhaps.at(cuts)
        value = np.where(strict == Tri.YES, Tri.YES, np.where(lenient == Tri.NO, Tri.NO, Tri.UNKNOWN))
        return of_runs(cuts, value.astype(np.uint8))

    return near


def band_over_time(track: Track) -> Callable[[AltitudeBand], Steps]:
    """Whether the track was in an altitude band, by the heights recorded in the band's own datum."""
    heights = {
        "hae": track.height_hae_m,
        "msl": track.height_msl_m,
        "pressure": track.height_pressure_m,
    }

    def in_band(band: AltitudeBand) -> Steps:
        times, height = _increasing(track.t_us, heights[band.datum])
        return between_limits(times, height, band.lowest_m, band.highest_m)

    return in_band


_AREA = "area"


def _area_index(area: Mapping[str, Any]) -> LayerIndex:
    """An authorised area as a layer without error: it is what the document says."""
    record = LayerRecord(
        name=_AREA,
        edition="",
        source="",
        licence="",
        attribution="",
        viewpoint="",
        kind=Kind.TERRITORY,
        edge=Edge.PLANAR,
        bound_m=0.0,
        sigma_m=0.0,
    )
    return layer_index(Layer(record, (_AREA,), np.array([shapely.make_valid(shape(area))], np.object_)))


def _increasing(t_us: Times, value: Any) -> tuple[Times, Any]:
    """Without repeats of a time: the first stands."""
    first = np.append(True, t_us[1:] > t_us[:-1])
    return t_us[first], value[first]
