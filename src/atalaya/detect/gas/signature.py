"""Absorption of a gas, from a table of channel, wavelength and unit absorption."""

from pathlib import Path

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.library import Signature

_MOST_BYTES = 16 << 20


def read_absorption(path: Path) -> Signature:
    """A signature of two or three columns: (channel,) nanometres, absorption per unit, negative or zero.

    The file of `srcfinder` states no unit of its path length: columns come out in its units until somebody
    calibrates them. A signature that is given as positive is taken as its negative.

    Raises:
        BadInput: SPC-007 it cannot be read; SPC-008 it is no such table.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadInput("SPC-007", where=str(path), detail=error.strerror or str(error)) from error
    try:
        rows = [line.split() for line in raw.decode("ascii").splitlines() if line.strip()]
        table = np.array(rows, np.float64)
    except ValueError as error:
        raise BadInput("SPC-008", where=str(path), detail=str(error)) from error
    good = len(raw) <= _MOST_BYTES and table.ndim == 2 and table.shape[1] in (2, 3) and len(table) > 1
    if not good or not np.isfinite(table).all() or (np.diff(table[:, -2]) <= 0.0).any():
        raise BadInput("SPC-008", where=str(path), detail="rising wavelengths and one column of absorption")
    absorption = table[:, -1]
    if not absorption.any():
        raise BadInput("SPC-008", where=str(path), detail="nothing is absorbed")
    sign = -1.0 if absorption.sum() > 0.0 else 1.0
    return Signature(path.stem, table[:, -2], sign * absorption)
