"""Accounts of the tracks in files, and the map of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.base.errors import AtalayaError
from atalaya.campaign.airspace import indexes_at
from atalaya.earth.track import Track, read_tracks
from atalaya.law.account import Account, AccountOptions, Standing, StateAccount, account
from atalaya.store.vector import Layer, write_geopackage

Floats = NDArray[np.float64]


def sorties_in(path: Path, aircraft: str | None, *, utc: bool, longest_gap_s: float) -> list[Track]:
    """The tracks of a file, each cut where the record is silent for longer than `longest_gap_s`.

    Raises:
        NotFound, BadInput: as `atalaya.earth.track.read_tracks`.
    """
    tracks = read_tracks(path, aircraft=aircraft, utc=utc)
    return [sortie for track in tracks for sortie in track.split(longest_gap_s)]


def accounts_of(
    tracks: Sequence[Track], layers: Sequence[str], root: Path | None, options: AccountOptions
) -> Iterator[Account | tuple[Track, AtalayaError]]:
    """The account of each track, or why there is none.

    Args:
        layers: names of boundary layers or their folders; () for the packaged ones.
        root: workspace whose added layers are known too.

    Raises:
        NotFound, BadInput: a layer cannot be opened or is no sovereign airspace.
    """
    for track in tracks:
        indexes = indexes_at(root, layers, int(track.t_us[0]))
        try:
            yield account(track, indexes, options)
        except AtalayaError as error:
            yield track, error


def write_account_map(accounts: Sequence[Account], path: Path) -> None:
    """GeoPackage with the stretches of every standing, the crossings, and the fixes not believed.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    stretches = [row for found in accounts for one in found.states for row in _stretches(found, one)]
    crossings = [row for found in accounts for one in found.states for row in _crossings(found, one)]
    doubted = [row for found in accounts for row in _doubted(found)]
    layers = [
        _layer("standing", "LineString", stretches, STRETCH),
        _layer("crossings", "Point", crossings, CROSSING),
        _layer("not_believed", "Point", doubted, DOUBTED),
    ]
    write_geopackage(layers, path)


STRETCH = ("aircraft", "state", "layer", "standing", "supported", "start", "end", "seconds")
CROSSING = ("aircraft", "state", "layer", "time", "entering")
DOUBTED = ("aircraft", "time", "flags")


def _layer(name: str, kind: str, rows: list[tuple[Any, ...]], fields: tuple[str, ...]) -> Layer:
    columns = list(zip(*rows, strict=True)) or [()] * (len(fields) + 1)
    kinds = {"supported": np.bool_, "entering": np.bool_, "seconds": np.float64, "flags": np.int32}
    made: dict[str, NDArray[Any]] = {
        field: np.array(column, dtype=kinds.get(field, object))
        for field, column in zip(fields, columns[1:], strict=True)
    }
    return Layer(name, kind, np.array(columns[0], dtype=object), made)


def _stretches(found: Account, one: StateAccount) -> Iterator[tuple[Any, ...]]:
    """The path of each interval that is not certainly outside, along the geodesic between fixes."""
    path, table = found.path, one.intervals
    for start, end, kind, supported in zip(
        table.start_us.tolist(),
        table.end_us.tolist(),
        table.standing.tolist(),
        table.supported.tolist(),
        strict=True,
    ):
        if kind == Standing.CERTAIN_OUTSIDE:
            continue
        within = np.flatnonzero((path.t_us > start) & (path.t_us < end))
        times = np.concatenate(([start], path.t_us[within], [end])).astype(np.float64)
        lon = np.interp(times, path.t_us, np.unwrap(path.lon_deg, period=360.0))
        lat = np.interp(times, path.t_us, path.lat_deg)
        line = shapely.LineString(np.stack((lon, lat), axis=1))
        word = Standing(kind).word
        seconds = (end - start) / 1e6
        yield line, found.track.aircraft, one.state, one.layer, word, supported, iso(start), iso(end), seconds


def _crossings(found: Account, one: StateAccount) -> Iterator[tuple[Any, ...]]:
    lines = one.crossings
    for t, entering, lon, lat in zip(
        lines.t_us.tolist(),
        lines.entering.tolist(),
        lines.lon_deg.tolist(),
        lines.lat_deg.tolist(),
        strict=True,
    ):
        yield shapely.Point(lon, lat), found.track.aircraft, one.state, one.layer, iso(t), entering


def _doubted(found: Account) -> Iterator[tuple[Any, ...]]:
    track = found.track
    known = np.abs(track.lat_deg) <= 90.0
    for row in np.flatnonzero(~found.integrity.credible & known).tolist():
        place = shapely.Point(track.lon_deg[row], track.lat_deg[row])
        yield place, track.aircraft, iso(int(track.t_us[row])), int(found.integrity.flags[row])
