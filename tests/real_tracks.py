"""Tracks of real recordings, read the way the command reads them."""

from pathlib import Path

from atalaya.footage.clip import Clip
from atalaya.footage.metadata import main_stream, read_streams
from atalaya.footage.sensor_track import SensorTrack
from atalaya.footage.track_source import HeldColumns, track_from_eg0104, track_from_st0601
from atalaya.klv.keys import Family


def recorded_track(path: Path) -> SensorTrack:
    """What the main metadata stream of a recording states."""
    with Clip.open(path) as clip:
        main = main_stream(read_streams(clip.segments(1 << 30)))
    assert main is not None
    columns = HeldColumns(main.t_us, main.values, main.states)
    reader = track_from_eg0104 if main.family is Family.EG0104 else track_from_st0601
    return reader(columns, main.t_us)
