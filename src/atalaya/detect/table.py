"""The table of detections: one row per claim, with its place on the ground and the error of that place."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

SHARED_TERMS = 20
"""Errors a sortie shares, in the order of `earth.error.TERMS`, each as a unit normal draw."""


def detection_schema() -> "pyarrow.Schema":
    """Columns of `detections`.

    clip: sha256 of the recording      sortie: whose bias it shares; the clip's own where nobody says
    frame, t_us: which picture, when (-1 unknown)      sensor: kind
    detector, card: "name/version", sha256 of its card      evidence, label: type of sign, the model's class
    score; p: calibrated probability of this one claim, null without calibration
    column, row, box_*: pixels      lon_deg, lat_deg, height_hae_m: null where the line meets no ground
    cov_*: m2, east and north, all errors      own_*: the part drawn anew for each picture
    shared_*: (20,) metres east, north per unit of each shared error: cov = own + shared shared^T
    gsd_m, slant_m, depression_deg, azimuth_true_deg: of the look; azimuth from the sensor to the place
    """
    import pyarrow as pa

    text, real, small = pa.string(), pa.float64(), pa.float32()
    pixels = dict.fromkeys(("column", "row", "box_column_0", "box_row_0", "box_column_1", "box_row_1"), small)
    place = dict.fromkeys(("lon_deg", "lat_deg", "height_hae_m"), real)
    error = dict.fromkeys(("cov_ee", "cov_en", "cov_nn", "own_ee", "own_en", "own_nn"), real)
    shared = dict.fromkeys(("shared_east", "shared_north"), pa.list_(real, SHARED_TERMS))
    look = dict.fromkeys(("gsd_m", "slant_m", "depression_deg", "azimuth_true_deg"), small)
    return pa.schema(
        {
            "clip": text,
            "sortie": text,
            "frame": pa.int32(),
            "t_us": pa.int64(),
            **dict.fromkeys(("sensor", "detector", "card", "evidence", "label"), text),
            "score": small,
            "p": small,
            **pixels,
            **place,
            **error,
            **shared,
            **look,
        }
    )
