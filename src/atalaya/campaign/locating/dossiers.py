"""Dossiers of the sites of a workspace: evidence down to the frame, chips, what would change the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atalaya.base.clock import iso
from atalaya.campaign.locating.chips import chips_of
from atalaya.campaign.locating.located import Located
from atalaya.campaign.locating.sign_rates import usual_model
from atalaya.earth.mgrs import mgrs
from atalaya.locate.dossier import Chip, Dossier, Evidence, Lever, NextLook
from atalaya.locate.model import CLASSES, SiteModel
from atalaya.locate.next_look import SensorChoice, levers, next_look
from atalaya.locate.review import Review
from atalaya.locate.site import LedgerLine, Site
from atalaya.store.review_store import ReviewStore

SENSORS = (SensorChoice("EO", "EO", 50.0), SensorChoice("IR", "IR", 50.0), SensorChoice("HSI", "HSI", 90.0))
"""What could fly next, where nobody says what there is."""

MOST_WITH_CHIPS = 40
_SAME_LOOK_US = 10_000_000
_CLASS_NAMES = tuple({"confuser": "lookalike"}.get(name, name) for name in CLASSES)
CHIPS_PER_SITE = 4
_CONFIRMED, _NOT_FOUND = float(np.log(0.95 / 0.05)), float(np.log(0.2 / 0.95))
"""A partner on the ground sees a facility in 19 of 20 cases, and misses one that is there in one of five."""


@dataclass(frozen=True)
class _Context:
    """What all dossiers of a workspace are made with."""

    rows: Mapping[str, int]
    located: Located
    model: SiteModel
    reviews: Sequence[Review]
    root: Path
    pictures: Mapping[str, Path]
    listed: frozenset[str]
    files: Mapping[str, str]


def dossiers_of(
    located: Located, root: Path, sensors: Sequence[SensorChoice] = SENSORS, *, chips: bool = True
) -> tuple[Dossier, ...]:
    """All sites as dossiers, by rank.

    Args:
        root: of the workspace. sensors: what could fly next. chips: cut pictures from the recordings.
    """
    names = {str(name): row for row, name in enumerate(located.tracklets.id)}
    footage = {one.result["clip"]: root / "footage" / one.result["clip"] for one in located.known}
    reviews = ReviewStore(root).read().reviews
    files = {str(one.result["clip"]): str(one.result.get("file", "")) for one in located.known}
    listed = frozenset(site.id for site in located.sites)
    context = _Context(names, located, usual_model(located.sought), reviews, root, footage, listed, files)
    return tuple(
        _dossier(site, rank, context, sensors, chips=chips and rank <= MOST_WITH_CHIPS)
        for rank, site in enumerate(located.sites, start=1)
    )


def _dossier(
    site: Site, rank: int, context: _Context, sensors: Sequence[SensorChoice], *, chips: bool
) -> Dossier:
    evidence = tuple(
        _evidence(line, context) for line in site.ledger if line.evidence not in ("time", "review")
    )
    look = next_look(evidence, sensors)
    raises, lowers = _levers(site, look, context.model)
    major, minor, azimuth = site.ellipse()
    whole = float(np.trace(site.covariance_m2))
    return Dossier(
        id=site.id,
        rank=rank,
        p_facility=site.facility,
        word=site.word,
        confidence=site.confidence,
        exists=site.existence,
        classes=tuple(zip(_CLASS_NAMES, site.classes, strict=True)),
        lon_deg=site.lon_deg,
        lat_deg=site.lat_deg,
        height_hae_m=_height(site, context),
        semi_major_m=major,
        semi_minor_m=minor,
        azimuth_deg=azimuth % 180.0,
        ce90_m=site.ce90_m,
        shared_share=float(np.trace(site.shared_m2)) / whole if whole > 0.0 else 0.0,
        mgrs=mgrs(site.lon_deg, site.lat_deg),
        evidence=evidence,
        chips=_chips(site, context) if chips else (),
        raises=raises,
        lowers=lowers,
        next_look=look,
        ambiguous_with=(site.alternative,) if site.ambiguous and site.alternative in context.listed else (),
        reviews=tuple(each for each in context.reviews if site.id in (each.site, each.other)),
    )


def _evidence(line: LedgerLine, context: _Context) -> Evidence:
    row = context.rows.get(line.tracklet) if line.tracklet else None
    if row is None:
        return Evidence(
            look=look_of(line),
            sortie=line.sortie,
            t_us=line.t_us,
            sensor=line.sensor,
            sensor_kind=line.sensor,
            kind="",
            log_odds=line.change,
            chance=line.chance,
            missed=line.evidence,
        )
    held = context.located.tracklets
    return Evidence(
        look=look_of(line),
        sortie=line.sortie,
        t_us=line.t_us,
        sensor=line.sensor,
        sensor_kind=str(held.sensor[row]),
        kind=line.evidence,
        log_odds=line.change,
        gsd_m=_finite(held.gsd_m[row]),
        depression_deg=_finite(held.depression_deg[row]),
        azimuth_deg=_finite(held.azimuth_true_deg[row]),
        chance=line.chance,
        clip_sha256=str(held.clip[row]),
        frame=int(held.best_frame[row]),
        frame_t_us=int(held.best_us[row]),
        detector=str(held.detector[row]),
        score=float(held.score[row]),
        file=context.files.get(str(held.clip[row]), ""),
    )


def look_of(line: LedgerLine) -> str:
    """Name of the pass a line is of: scans of all kinds of evidence of one pass are one look."""
    return f"{line.sortie} {line.sensor} {iso(line.t_us // _SAME_LOOK_US * _SAME_LOOK_US)[:19]}Z"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _height(site: Site, context: _Context) -> float | None:
    rows = [context.rows[line.tracklet] for line in site.ledger if line.tracklet in context.rows]
    heights = context.located.tracklets.height_hae_m[rows]
    known = heights[np.isfinite(heights)]
    return float(np.median(known)) if len(known) else None


def _levers(
    site: Site, look: NextLook | None, model: SiteModel
) -> tuple[tuple[Lever, ...], tuple[Lever, ...]]:
    """What the next look would add, at the mean hit rates of its kind among places that are no facility."""
    kind = look.kinds[0] if look is not None and look.kinds else next(iter(site.kinds), "roof")
    rates = model.rates.get(kind, model.usual)
    hit = [rate.mean * rate.shown for rate in rates]
    others = np.array(site.classes[1:]) + 1e-9
    by_other = float(others @ np.array(hit[1:]) / others.sum())
    hit_odds = float(np.log(hit[0] / by_other))
    miss_odds = float(np.log((1.0 - hit[0]) / (1.0 - by_other)))
    return levers(
        site.facility,
        look,
        hit_log_odds=hit_odds,
        miss_log_odds=miss_odds,
        confirmed_log_odds=_CONFIRMED,
        not_found_log_odds=_NOT_FOUND,
    )


def _chips(site: Site, context: _Context) -> tuple[Chip, ...]:
    """Pictures of the looks that say most, one per kind of evidence first."""
    lines = [line for line in site.ledger if line.tracklet in context.rows]
    lines.sort(key=lambda line: (-line.change, line.t_us, line.scan))
    first: dict[str, LedgerLine] = {}
    for line in lines:
        first.setdefault(line.evidence, line)
    chosen = [*first.values(), *(line for line in lines if line is not first[line.evidence])][:CHIPS_PER_SITE]
    held = context.located.tracklets
    found = []
    for line in chosen:
        row = context.rows[line.tracklet]
        path = context.pictures.get(str(held.clip[row]))
        if path is not None:
            found += chips_of(path, held.take(np.array([row])), line, look_of(line))
    return tuple(found)
