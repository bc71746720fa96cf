"""Do inputs stay within the conditions of a model card? Said before any claim is believed, without truth."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from atalaya.base.finding import Finding, Severity
from atalaya.detect.card import ModelCard
from atalaya.detect.scoring.drift import Drift, Reference, drift

DRIFT_KEY = "atalaya:drift"
"""Where a card keeps `Reference.as_json`."""


def card_reference(card: ModelCard) -> Reference | None:
    """The histograms a card keeps; None where it keeps none.

    Raises:
        BadInput: SCO-012, SCO-001, SCO-002.
    """
    shown: Any = card.extra.get(DRIFT_KEY)
    return None if shown is None else Reference.from_json(shown)


def outside_card(
    card: ModelCard, *, kind: str, unit: str, gsd_m: ArrayLike, counts: ArrayLike | None = None
) -> list[Finding]:
    """What of some inputs lies outside a card; empty where nothing does.

    Args:
        kind: of the sensor. unit: of the pixels. gsd_m: of the pictures, NaN unknown.
        counts: (blocks, f, b) histograms in the card's bins; None where they were not taken.

    Raises:
        BadInput: SCO-001, SCO-002, SCO-004, SCO-012.
    """
    found = []
    if kind not in card.kinds:
        found.append(_error("SCO-020", detector=card.id, kind=kind, kinds=", ".join(card.kinds)))
    if unit not in card.units:
        found.append(_error("SCO-021", detector=card.id, unit=unit, units=", ".join(card.units)))
    found += _gsd(card, gsd_m)
    known = card_reference(card)
    if known is None:
        found.append(Finding("SCO-024", Severity.INFO, details={"detector": card.id}))
    elif counts is not None:
        found += _drift(card, drift(known, counts))
    return found


def _error(code: str, **details: object) -> Finding:
    return Finding(code, Severity.ERROR, details=details)


def _gsd(card: ModelCard, gsd_m: ArrayLike) -> list[Finding]:
    values = np.atleast_1d(np.asarray(gsd_m, np.float64))
    low, high = card.gsd_m
    limited = low > 0.0 or np.isfinite(high)
    beyond = ~((values >= low) & (values <= high)) if limited else np.zeros(len(values), np.bool_)
    if not beyond.any():
        return []
    seen = values[beyond & np.isfinite(values)]
    shown = f"{seen.min():.3g} - {seen.max():.3g}" if len(seen) else "?"
    details: dict[str, object] = {"detector": card.id, "gsd": shown, "low": f"{low:g}", "high": f"{high:g}"}
    return [Finding("SCO-022", Severity.WARNING, int(beyond.sum()), details=details)]


def _drift(card: ModelCard, seen: Drift) -> list[Finding]:
    return [
        Finding(
            "SCO-023",
            Severity.WARNING,
            seen.blocks,
            where=name,
            details={
                "detector": card.id,
                "name": name,
                "d": f"{seen.d[row]:.3f}",
                "limit": f"{seen.limit[row]:.3f}",
                "psi": f"{seen.psi[row]:.3f}",
            },
        )
        for name in seen.shifted
        for row in [seen.names.index(name)]
    ]
