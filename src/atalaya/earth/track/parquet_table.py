"""Parquet of fixes: our own columns, or the table of frames that `atalaya exploit` writes."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from atalaya.base.errors import BadInput
from atalaya.earth.track.collector import Collector
from atalaya.earth.track.dialects import columns_of
from atalaya.earth.track.rows import add_block, note_unclear

BLOCK = 65_536


def read_parquet(path: Path, collector: Collector) -> None:
    """Read one file into the collector, block by block; repeated fixes of a table of frames are kept.

    Raises:
        BadInput: TRK-003 or TRK-006 for its columns, TRK-007 where it is damaged.
    """
    try:
        with pa.parquet.ParquetFile(path) as table:
            columns = columns_of(table.schema_arrow.names, collector.source)
            note_unclear(columns, collector)
            for batch in table.iter_batches(BLOCK, columns=list(dict.fromkeys(columns.names.values()))):
                add_block(
                    {name: _values(batch.column(name)) for name in batch.schema.names}, columns, collector
                )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadInput("TRK-007", where=collector.source, detail=str(error)[:120]) from error


def _values(column: pa.Array) -> Any:
    if pa.types.is_timestamp(column.type):
        zone = "Z" if column.type.tz else ""
        whole = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False).cast(pa.int64())
        return [None if v is None else f"{np.datetime64(v, 'us')}{zone}" for v in whole.to_pylist()]
    return column.to_pylist()
