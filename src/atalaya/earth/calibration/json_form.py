"""A calibration as a JSON document (schema "atalaya.calibration/1") and back."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.calibration.result import (
    Calibration,
    FlaggedLook,
    HeldOut,
    PlacedPoint,
    RejectedMark,
    Spread,
    State,
)
from atalaya.earth.calibration.statements import STATES

SCHEMA = "atalaya.calibration/1"
_STATUS = frozenset({"estimated", "prior", "fixed"})


def calibration_json(calibration: Calibration) -> str:
    """The document; numbers that are not finite are null."""
    body = asdict(calibration)
    body["findings"] = [{**finding.as_json(), "details": finding.details} for finding in calibration.findings]
    return json.dumps(_finite({"schema": SCHEMA, **body}), ensure_ascii=False, indent=1, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def calibration_from_json(text: str, where: str = "") -> Calibration:
    """The calibration of a document made by `calibration_json`.

    Args:
        text: the document.
        where: its file, for the error.

    Raises:
        BadInput: EAR-053, not such a document, or one whose numbers cannot be right.
    """
    try:
        body = json.loads(text)
        if not isinstance(body, dict) or body.get("schema") != SCHEMA:
            raise ValueError(f"schema is not {SCHEMA}")
        return _read(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BadInput("EAR-053", where=where, reason=reason) from error


def _read(body: dict[str, Any]) -> Calibration:
    states = tuple(_state(part) for part in body["states"])
    if tuple(state.name for state in states) != STATES:
        raise ValueError("states are not those of this version, in order")
    held = body["held_out"]
    return Calibration(
        accepted=_truth(body["accepted"]),
        states=states,
        covariance=_covariance(body["covariance"], len(STATES)),
        middle_us=int(body["middle_us"]),
        sigma0=_number(body["sigma0"]),
        redundancy=int(body["redundancy"]),
        looks=int(body["looks"]),
        marks=int(body["marks"]),
        residuals=_spread(body["residuals"]),
        held_out=None if held is None else _held_out(held),
        flagged=tuple(
            FlaggedLook(str(f["look"]), int(f["marks"]), _loose(f["miss_m"]), _loose(f["sigmas"]))
            for f in body["flagged"]
        ),
        rejected=tuple(
            RejectedMark(str(r["look"]), str(r["point"]), _loose(r["sigmas"])) for r in body["rejected"]
        ),
        points=tuple(_point(part) for part in body["points"]),
        findings=tuple(_finding(part) for part in body["findings"]),
    )


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("accepted is neither true nor false")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError(f"not a number: {value!r}")
    return float(value)


def _loose(value: object) -> float:
    return math.nan if value is None else _number(value)


def _state(part: dict[str, Any]) -> State:
    status = str(part["status"])
    sd, prior_sd = _number(part["sd"]), _number(part["prior_sd"])
    if status not in _STATUS or sd < 0 or prior_sd < 0:
        raise ValueError(f"state {part['name']}: status or sigma")
    return State(str(part["name"]), _number(part["value"]), sd, prior_sd, status)


def _covariance(rows: list[list[object]], size: int) -> tuple[tuple[float, ...], ...]:
    """Refuses what is no covariance: wrong shape, not symmetric, negative in some direction."""
    found = tuple(tuple(_number(value) for value in row) for row in rows)
    matrix = np.array(found, np.float64)
    if matrix.shape != (size, size):
        raise ValueError(f"covariance is not {size} x {size}")
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    scale = np.where(scale > 0, scale, 1.0)
    unit = matrix / scale[:, None] / scale
    if np.abs(unit - unit.T).max() > 1e-6 or np.linalg.eigvalsh((unit + unit.T) / 2)[0] < -1e-6:
        raise ValueError("covariance is not symmetric and positive")
    return found


def _spread(part: dict[str, Any]) -> Spread:
    names = ("median_px", "p90_px", "median_m", "p90_m", "max_m")
    return Spread(int(part["count"]), *(_loose(part[name]) for name in names))


def _held_out(part: dict[str, Any]) -> HeldOut:
    return HeldOut(
        str(part["by"]),
        _spread(part["before"]),
        _spread(part["after"]),
        _loose(part["consistency"]),
        _number(part["floor_m"]),
    )


def _point(part: dict[str, Any]) -> PlacedPoint:
    lon, lat, height = (_number(part[name]) for name in ("lon_deg", "lat_deg", "height_hae_m"))
    return PlacedPoint(str(part["name"]), lon, lat, height, _covariance(part["covariance_m2"], 3))


def _finding(part: dict[str, Any]) -> Finding:
    return Finding(
        str(part["code"]),
        Severity(part["severity"]),
        int(part["count"]),
        str(part.get("where", "")),
        dict(part.get("details", {})),
    )
