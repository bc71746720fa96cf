"""Photographs of the range: JPEG with EXIF and XMP as cameras of drones write them.

In: a picture, what the aircraft says of its pose. Out: a file that `footage.read_still` and others open.
"""

from atalaya.sim.still.statement import StillCamera, StillStatement, statement_of, statement_of_row
from atalaya.sim.still.still_file import take_still, write_still

__all__ = ["StillCamera", "StillStatement", "statement_of", "statement_of_row", "take_still", "write_still"]
