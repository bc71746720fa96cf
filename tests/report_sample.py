"""A report as a small campaign might give it: invented country, nothing real. For tests, and to look at.

python -m tests.report_sample FOLDER     writes report-en.html and report-es.html
"""

import io
import math
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.campaign.report import (
    Area,
    Header,
    LedgerBrief,
    LookFootprint,
    ReliabilityBin,
    Report,
    Score,
    SearchRasters,
    SensorLooks,
    StateTime,
    Track,
    TruthRow,
    report_html,
)
from atalaya.campaign.report.looks_map import local_crs
from atalaya.earth.mgrs import mgrs
from atalaya.law.ledger.completeness import Completeness
from atalaya.law.ledger.entry import LegalClass
from atalaya.locate.dossier import Chip, Dossier, Evidence
from atalaya.locate.next_look import SensorChoice, levers, moved, next_look
from atalaya.locate.review import Review, Verdict
from atalaya.locate.words import at_least_two_kinds, confidence_of

LON, LAT = -107.42, 26.31
START_US = 1_773_064_800_000_000
SENSORS = (
    SensorChoice("MX-15 EO", "EO", 50.0),
    SensorChoice("MX-15 IR", "IR", 50.0),
    SensorChoice("Hyper-V", "HSI", 90.0),
)
KINDS = {
    "EO": ("roof", "drums", "track"),
    "IR": ("heat", "heat", "plume"),
    "HSI": ("dump", "anomaly", "plume"),
}


def chip_png(seed: int, side: int = 96) -> bytes:
    """A picture of ground with something pale in the middle."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    coarse = rng.normal(100.0, 18.0, (side // 8, side // 8))
    ground = np.kron(coarse, np.ones((8, 8))) + rng.normal(0.0, 6.0, (side, side))
    row, column = np.indices((side, side)) - side / 2.0
    ground[(np.abs(row + 0.3 * column) < 8) & (np.abs(column) < 14)] += 90.0
    stream = io.BytesIO()
    Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def sample_evidence(number: int, rng: np.random.Generator) -> tuple[Evidence, ...]:
    rows = []
    for n in range(2 + number % 5):
        sensor = SENSORS[(number + n) % (2 if number % 3 else 3)]
        kind = KINDS[sensor.kind][(n + number) % 3] if rng.random() < 0.75 else ""
        t_us = START_US + (number * 977 + n * 5417) * 1_000_000
        rows.append(
            Evidence(
                look=f"L-{number:02d}{n}",
                sortie=f"N427DF/{1 + n % 3:04d}",
                t_us=t_us,
                sensor=sensor.name,
                sensor_kind=sensor.kind,
                kind=kind,
                log_odds=round(float(rng.uniform(0.7, 2.6) if kind else -rng.uniform(0.2, 0.9)), 3),
                gsd_m=round(float(rng.uniform(0.08, 0.6)), 3),
                depression_deg=round(float(rng.uniform(30.0, 75.0)), 1),
                azimuth_deg=round(float(rng.uniform(0.0, 360.0)), 1),
                chance=round(float(rng.uniform(0.3, 0.9)), 2),
                clip_sha256=f"{number * 7919 + n:064x}" if kind else "",
                frame=400 + 37 * n + number if kind else None,
                frame_t_us=t_us + 33_367 if kind else None,
                detector="heat 1.2" if sensor.kind == "IR" else "shapes 0.9",
                score=round(float(rng.uniform(0.3, 0.95)), 2) if kind else None,
            )
        )
    return tuple(rows)


def sample_dossier(number: int = 1, *, p_facility: float | None = None) -> Dossier:
    rng = np.random.default_rng(1000 + number)
    evidence = sample_evidence(number, rng)
    p = p_facility if p_facility is not None else moved(0.08, sum(row.log_odds for row in evidence))
    kinds = {row.kind for row in evidence if row.found}
    look = next_look(evidence, SENSORS)
    raises, lowers = levers(
        p, look, hit_log_odds=1.6, miss_log_odds=-0.8, confirmed_log_odds=4.5, not_found_log_odds=-2.5
    )
    lon, lat = LON + float(rng.uniform(-0.08, 0.08)), LAT + float(rng.uniform(-0.06, 0.06))
    major = float(rng.uniform(12.0, 70.0))
    reviews = sample_reviews(f"S-{number:03d}") if number in (1, 3) else ()
    return Dossier(
        id=f"S-{number:03d}",
        rank=number,
        p_facility=p,
        word=at_least_two_kinds(p, len(kinds)).key,
        confidence=confidence_of(len({row.sortie for row in evidence}), len(kinds), True),
        exists=min(0.999, p + 0.4 * (1.0 - p)),
        classes=(
            ("facility", round(p, 3)),
            ("kiln", round(0.7 * (1 - p), 3)),
            ("background", round(0.3 * (1 - p), 3)),
        ),
        lon_deg=lon,
        lat_deg=lat,
        height_hae_m=1432.6 + number,
        semi_major_m=major,
        semi_minor_m=major * float(rng.uniform(0.35, 0.9)),
        azimuth_deg=float(rng.uniform(0.0, 180.0)),
        ce90_m=major * 0.86,
        shared_share=float(rng.uniform(0.2, 0.8)),
        mgrs=mgrs(lon, lat),
        evidence=evidence,
        chips=tuple(
            Chip(row.look, row.sensor, row.t_us, row.kind, chip_png(number * 10 + n), 40.0)
            for n, row in enumerate(evidence)
            if row.found
        ),
        raises=raises,
        lowers=lowers,
        next_look=look,
        ambiguous_with=("S-005",) if number == 4 else (),
        reviews=reviews,
    )


def sample_reviews(site: str) -> tuple[Review, ...]:
    day = START_US + 86_400_000_000
    if site == "S-003":
        return (Review(site, "A. Ruiz", day, Verdict.REJECT, text="a lime kiln with its road", blind=True),)
    return (
        Review(site, "A. Ruiz", day, Verdict.ACCEPT, text="roof and drums on two days", blind=True),
        Review(site, "B. Soto", day + 60_000_000, Verdict.NOTE, text="ask the partner about the road"),
    )


def ellipse_ring(
    lon: float, lat: float, half_km: float, turn: float, points: int = 24, flat: float = 0.55
) -> NDArray[np.float64]:
    angle = np.linspace(0.0, 2.0 * math.pi, points)
    east = half_km * (np.cos(angle) * math.cos(turn) - flat * np.sin(angle) * math.sin(turn))
    north = half_km * (np.cos(angle) * math.sin(turn) + flat * np.sin(angle) * math.cos(turn))
    return np.column_stack((lon + east / (111.3 * math.cos(math.radians(lat))), lat + north / 110.9))


def sample_rasters() -> SearchRasters:
    rows, columns, cell = 78, 104, 200.0
    y, x = np.indices((rows, columns))
    belief = (
        0.05
        + np.exp(-(((x - 70) / 22) ** 2 + ((y - 24) / 12) ** 2))
        + 0.6 * np.exp(-(((x - 28) / 14) ** 2 + ((y - 52) / 16) ** 2))
    )
    belief *= 0.7 + 0.3 * np.sin(x / 5.0) * np.cos(y / 6.0)
    inside = ((x - 52) / 52.0) ** 2 + ((y - 39) / 39.0) ** 2 < 1.0
    before = np.where(inside, belief / belief[inside].sum() * 7.5, np.nan)
    looked = (np.abs((x * 0.4 + y - 40) % 26 - 9) < 9) & (x > 14) & (x < 92)
    after = before * np.where(looked, 0.22, 1.0)
    return SearchRasters(
        before, after, looked, local_crs(LON, LAT), -columns * cell / 2, rows * cell / 2, cell
    )


def sample_looks() -> tuple[LookFootprint, ...]:
    rng = np.random.default_rng(5)
    looks = []
    for n in range(120):
        lon, lat = LON - 0.08 + 0.16 * (n % 24) / 23, LAT - 0.05 + 0.1 * (n // 24) / 4
        ring = ellipse_ring(lon, lat, float(rng.uniform(0.5, 0.9)), float(rng.uniform(0, 0.5)), 9)
        looks.append(
            LookFootprint(
                f"F-{n:03d}", f"N427DF/{1 + n % 3:04d}", "MX-15 EO", ring, bool(rng.random() < 0.15)
            )
        )
    return tuple(looks)


def sample_tracks() -> tuple[Track, ...]:
    tracks = []
    for sortie in range(3):
        s = np.linspace(0.0, 1.0, 400)
        lon = LON + 0.085 * np.sin(s * 14.0 + sortie) - 0.01
        lat = LAT - 0.062 + 0.124 * s + 0.004 * sortie
        track = np.column_stack((lon, lat))
        track[180:184] = np.nan
        tracks.append(Track(f"N427DF/{sortie + 1:04d}", track))
    return tuple(tracks)


def sample_score() -> Score:
    rows = [TruthRow(f"T-{n:02d}", True, f"S-{n:03d}", 6.3 + 2.1 * n, n != 4) for n in range(1, 7)]
    rows += [TruthRow("T-07", True), TruthRow("K-01", False, "S-009", 11.0, True), TruthRow("K-02", False)]
    funnel = (("there", 7), ("covered", 7), ("shown", 7), ("detected", 6), ("located", 6), ("likely", 6))
    bins = tuple(
        ReliabilityBin(mean, share, count)
        for mean, share, count in (
            (0.04, 0.02, 61),
            (0.17, 0.2, 30),
            (0.38, 0.35, 20),
            (0.62, 0.68, 25),
            (0.86, 0.83, 41),
            (0.96, 0.97, 70),
        )
    )
    return Score(funnel, 1, 163.0, 0.061, 0.182, 0.031, bins, tuple(rows))


def sample_report(sites: int = 12) -> Report:
    """A whole report with that many sites."""
    drawn = sorted((sample_dossier(n) for n in range(1, sites + 1)), key=lambda each: -each.p_facility)
    ranked = tuple(_ranked(each, n) for n, each in enumerate(drawn, start=1))
    header = Header(
        name="Sierra rehearsal, spring",
        question="Where are clandestine laboratories in the upper valley, and how sure are we of each?",
        workspace="small-sierra-run",
        version="0.7.0",
        first_t_us=START_US,
        last_t_us=START_US + 9 * 3_600_000_000,
        sorties=3,
        flown_s=25_580.0,
        area_km2=254.7,
        marking="REHEARSAL // RELEASABLE",
        rehearsal=True,
        seed=20260309,
    )
    ledger = LedgerBrief(
        sorties=3,
        seconds=(
            (LegalClass.ELSEWHERE, 21_700.0),
            (LegalClass.WITHIN_TERMS, 3_640.0),
            (LegalClass.INDETERMINATE, 240.0),
        ),
        states=(StateTime("XAR", 3640.0, 240.0),),
        verdict=Completeness.UNVERIFIABLE,
        refused=2,
        log_size=48,
        log_root="9f" * 32,
    )
    return Report(
        header=header,
        sites=ranked,
        search=sample_rasters(),
        areas=(Area("upper valley", ellipse_ring(LON, LAT, 10.4, 0.0, 60, 0.75)),),
        tracks=sample_tracks(),
        footprints=sample_looks(),
        looks=(
            SensorLooks("MX-15 EO", 84, 69, 3, 141.3, 0.62, 0.21),
            SensorLooks("MX-15 IR", 84, 71, 0, 141.3, 0.55, 0.48),
            SensorLooks("Hyper-V", 12, 9, 1, 18.2, None, None),
        ),
        ledger=ledger,
        score=sample_score(),
        findings=(
            Finding("DET-013", Severity.WARNING, 4, "clip 81ac, frame 202", {"detector": "shapes 0.9"}),
        ),
        notes=("Canopy cover is taken from the campaign file.",),
    )


def _ranked(dossier: Dossier, rank: int) -> Dossier:
    from dataclasses import replace

    return replace(dossier, rank=rank)


if __name__ == "__main__":
    for language in ("en", "es"):
        target = Path(sys.argv[1]) / f"report-{language}.html"
        target.write_text(report_html(sample_report(), language), encoding="utf-8")
