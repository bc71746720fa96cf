"""The table of tracklets: one row per look's claim, and the same as columns."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.table import SHARED_TERMS

if TYPE_CHECKING:
    import pyarrow

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.object_]

_TEXT = ("id", "sortie", "clip", "sensor", "evidence", "detector", "card", "label")
_WHOLE = ("t_us", "first_us", "last_us", "frames", "detections", "best_frame", "best_us")
_PAIR = ("shared_east", "shared_north")


@dataclass(frozen=True, slots=True, eq=False)
class Tracklets:
    """Columns, (n,) each unless said otherwise.

    id: of their content      sortie, clip, sensor, evidence: as detections have them
    t_us, first_us, last_us: middle, ends; -1 unknown      frames, detections: how many hold it
    hit_share: of the frames examined meanwhile that show it
    detector, card, label, score: of the claim that counts most      mean_score: of that detector's claims
    p: that it is real, calibrated on tracklets; NaN: uncalibrated      llr: logit p - logit of the base rate,
        0 where uncalibrated
    lon_deg, lat_deg, height_hae_m: robust mean      own_ee, own_en, own_nn: m2, without shared errors
    shared_east, shared_north: (n, 20) metres per unit of each shared error of the sortie
    speed_mps: over ground      moving: faster than its errors and 1 m/s allow; such is no sign of a place
    best_frame, best_us, box_*: the claim to show
    gsd_m, slant_m, depression_deg, azimuth_true_deg: its geometry
    """

    id: Texts
    sortie: Texts
    clip: Texts
    sensor: Texts
    evidence: Texts
    t_us: Integers
    first_us: Integers
    last_us: Integers
    frames: Integers
    detections: Integers
    hit_share: Floats
    detector: Texts
    card: Texts
    label: Texts
    score: Floats
    mean_score: Floats
    p: Floats
    llr: Floats
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    own_ee: Floats
    own_en: Floats
    own_nn: Floats
    shared_east: Floats
    shared_north: Floats
    speed_mps: Floats
    moving: NDArray[np.bool_]
    best_frame: Integers
    best_us: Integers
    box_column_0: Floats
    box_row_0: Floats
    box_column_1: Floats
    box_row_1: Floats
    gsd_m: Floats
    slant_m: Floats
    depression_deg: Floats
    azimuth_true_deg: Floats

    def __len__(self) -> int:
        return len(self.id)

    @property
    def own_m2(self) -> Floats:
        """(n, 2, 2) covariance without shared errors."""
        rows = ((self.own_ee, self.own_en), (self.own_en, self.own_nn))
        return np.moveaxis(np.array(rows, np.float64), -1, 0).copy()

    @property
    def shared_m(self) -> Floats:
        """(n, 2, 20) metres per unit of each shared error."""
        return np.stack((self.shared_east, self.shared_north), axis=1)

    def take(self, rows: NDArray[Any]) -> "Tracklets":
        """Some of them, in the order given."""
        return Tracklets(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def to_table(self) -> "pyarrow.Table":
        """As an Arrow table of `tracklet_schema`; NaN stays NaN."""
        import pyarrow as pa

        schema, columns = tracklet_schema(), []
        for one in schema:
            values = getattr(self, one.name)
            if one.name in _PAIR:
                flat = pa.array(values.reshape(-1), pa.float64())
                columns.append(pa.FixedSizeListArray.from_arrays(flat, SHARED_TERMS))
            else:
                columns.append(pa.array(values.tolist() if one.name in _TEXT else values, one.type))
        return pa.Table.from_arrays(columns, schema=schema)

    @classmethod
    def from_table(cls, table: "pyarrow.Table") -> "Tracklets":
        """The same back, without loss.

        Raises:
            BadInput: LOC-005, a column is missing or of another type.
        """
        table = conforming(table, tracklet_schema(), "LOC-005")
        return cls(**{name: _column(table, name) for name in table.column_names})


def conforming(table: "pyarrow.Table", schema: "pyarrow.Schema", code: str) -> "pyarrow.Table":
    """The columns of a schema, in its order and types.

    Raises:
        BadInput: of the given code, a column is missing or of a type that cannot become the right one.
    """
    try:
        return table.select(schema.names).cast(schema)
    except (KeyError, ValueError, NotImplementedError) as error:
        # Arrow says NotImplementedError of two types between which it knows no cast
        raise BadInput(code, detail=str(error)[:200]) from error


def _column(table: "pyarrow.Table", name: str) -> NDArray[Any]:
    column = table.column(name).combine_chunks()
    if name in _TEXT:
        return np.array(column.to_pylist(), object)
    if name in _PAIR:
        return np.asarray(column.flatten().to_numpy(zero_copy_only=False)).reshape(-1, SHARED_TERMS).copy()
    return np.array(column.to_numpy(zero_copy_only=False))


def tracklet_schema() -> "pyarrow.Schema":
    """Columns of `tracklets`, as `Tracklets` describes them."""
    import pyarrow as pa

    def type_of(name: str) -> "pyarrow.DataType":
        if name in _TEXT:
            return pa.string()
        if name in _WHOLE:
            return pa.int64()
        if name in _PAIR:
            return pa.list_(pa.float64(), SHARED_TERMS)
        return pa.bool_() if name == "moving" else pa.float64()

    return pa.schema({one.name: type_of(one.name) for one in fields(Tracklets)})
