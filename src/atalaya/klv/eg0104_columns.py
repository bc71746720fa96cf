"""EG 0104 sets as columns of the same shape as ST 0601 ones; rare and short, so read item by item."""

import numpy as np

from atalaya.klv import eg0104
from atalaya.klv.columns import Columns
from atalaya.klv.framer import PacketTable
from atalaya.klv.item import Kind
from atalaya.klv.keys import Family
from atalaya.klv.table import LocalSet
from atalaya.klv.values import UNKNOWN, Malformed, Special, State

TIME = "precision_time_stamp_us"
_NUMBERS = (Kind.FLOAT, Kind.UINT, Kind.INT)


def decode_eg0104_columns(packets: PacketTable) -> Columns:
    """Decode the EG 0104 sets of a table, in order; other families are left out.

    Column names are those of ST 0601 where the meaning is the same; `sensor_azimuth_true_deg` is the absolute
    azimuth. `present`, `faults` and `repeats` are empty: this standard has no tags, no required order.
    """
    universal = packets.of(Family.EG0104)
    n = len(universal)
    items = tuple(item for item in eg0104.ITEMS if item.kind in _NUMBERS)
    values = {item.name: np.full(n, np.nan) for item in items}
    states = {item.name: np.zeros(n, np.uint8) for item in items}
    t_us, t_state = np.zeros(n, np.int64), np.zeros(n, np.uint8)
    for row in range(n):
        found = eg0104.TABLE.read(universal.value(row))
        number, t_state[row] = _read(found, TIME)
        t_us[row] = int(number) if t_state[row] == State.VALUE and number < 2**63 else 0
        for item in items:
            values[item.name][row], states[item.name][row] = _read(found, item.name)
    return Columns(
        t_us,
        t_state,
        items,
        values,
        states,
        np.zeros((n, 3), np.uint64),
        np.zeros(n, np.uint8),
        {},
        universal.start,
        universal.length,
        universal.checksum,
    )


def _read(found: LocalSet, name: str) -> tuple[float, int]:
    """Number and `State` of one item; NaN where it is none."""
    if name not in found:
        return np.nan, State.ABSENT
    value = found[name]
    if value is UNKNOWN:
        return np.nan, State.UNKNOWN
    if isinstance(value, Special):
        return np.nan, value.state
    if isinstance(value, Malformed) or not isinstance(value, (int, float)):
        return np.nan, State.MALFORMED
    return (value, State.VALUE) if np.isfinite(value) else (np.nan, State.NOT_A_NUMBER)
