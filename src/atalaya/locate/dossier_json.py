"""A dossier as JSON: keys are never translated, times are both counted and written."""

from typing import Any

from atalaya.base.clock import iso
from atalaya.base.hashing import sha256_bytes
from atalaya.locate.dossier import BlindDossier, BlindSight, Chip, Dossier, Evidence, Lever, NextLook
from atalaya.locate.review import review_json

SCHEMA = "atalaya.dossier/1"
BLIND_SCHEMA = "atalaya.dossier-blind/1"


def dossier_json(dossier: Dossier) -> dict[str, Any]:
    """The `atalaya.dossier/1` object; pictures by their hash."""
    return {
        "schema": SCHEMA,
        "id": dossier.id,
        "rank": dossier.rank,
        "p_facility": round(dossier.p_facility, 6),
        "word": str(dossier.word),
        "held_back": dossier.held_back,
        "confidence": str(dossier.confidence),
        "exists": round(dossier.exists, 6),
        "classes": {name: round(share, 6) for name, share in dossier.classes},
        **_place(dossier),
        "ce90_m": round(dossier.ce90_m, 2),
        "shared_share": round(dossier.shared_share, 4),
        "kinds": list(dossier.kinds),
        "looks": dossier.looks,
        "misses": dossier.misses,
        "sorties": dossier.sorties,
        "evidence": [_evidence(row) for row in dossier.evidence],
        "chips": [_chip(each) for each in dossier.chips],
        "would_raise": [_lever(each) for each in dossier.raises],
        "would_lower": [_lever(each) for each in dossier.lowers],
        "next_look": None if dossier.next_look is None else _next(dossier.next_look),
        "ambiguous_with": list(dossier.ambiguous_with),
        "reviews": [{"id": each.id, **review_json(each)} for each in dossier.reviews],
    }


def blind_json(blind: BlindDossier) -> dict[str, Any]:
    """The `atalaya.dossier-blind/1` object."""
    return {
        "schema": BLIND_SCHEMA,
        "id": blind.id,
        **_place(blind),
        "looks": [_sight(each) for each in blind.sights],
        "chips": [
            {key: value for key, value in _chip(each).items() if key != "kind"} for each in blind.chips
        ],
    }


def _place(site: Dossier | BlindDossier) -> dict[str, Any]:
    height = site.height_hae_m
    return {
        "lon_deg": round(site.lon_deg, 7),
        "lat_deg": round(site.lat_deg, 7),
        "height_hae_m": None if height is None else round(height, 2),
        "mgrs": site.mgrs,
        "ellipse90": {
            "semi_major_m": round(site.semi_major_m, 2),
            "semi_minor_m": round(site.semi_minor_m, 2),
            "azimuth_deg": round(site.azimuth_deg, 2),
        },
    }


def _sight(row: Evidence | BlindSight) -> dict[str, Any]:
    return {
        "look": row.look,
        "sortie": row.sortie,
        "t_us": row.t_us,
        "time": iso(row.t_us),
        "sensor": row.sensor,
        "sensor_kind": row.sensor_kind,
        "gsd_m": row.gsd_m,
        "depression_deg": row.depression_deg,
        "azimuth_deg": row.azimuth_deg,
        "clip_sha256": row.clip_sha256,
        "file": row.file,
        "frame": row.frame,
        "frame_t_us": row.frame_t_us,
    }


def _evidence(row: Evidence) -> dict[str, Any]:
    return {
        **_sight(row),
        "kind": row.kind,
        "found": row.found,
        "missed": row.missed,
        "log_odds": round(row.log_odds, 6),
        "chance": row.chance,
        "detector": row.detector,
        "score": row.score,
    }


def _chip(chip: Chip) -> dict[str, Any]:
    return {
        "look": chip.look,
        "sensor": chip.sensor,
        "t_us": chip.t_us,
        "kind": chip.kind,
        "media": chip.media,
        "sha256": sha256_bytes(chip.data),
        "width_m": chip.width_m,
    }


def _lever(lever: Lever) -> dict[str, Any]:
    after = round(lever.p_after, 6)
    return {"doing": str(lever.doing), "p_after": after, "sensor": lever.sensor, "kind": lever.kind}


def _next(look: NextLook) -> dict[str, Any]:
    return {
        "sensor": look.sensor,
        "sensor_kind": look.sensor_kind,
        "azimuth_deg": look.azimuth_deg,
        "depression_deg": look.depression_deg,
        "reason": str(look.reason),
        "kinds": list(look.kinds),
    }
