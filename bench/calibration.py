"""Self-calibration: published blocks against survey and printed covariance, made sorties against truth."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.calibration import Priors, calibrate_sortie
from atalaya.earth.calibration.adjustment import adjust
from atalaya.earth.calibration.assemble import assembled
from atalaya.earth.calibration.covariance import posterior
from atalaya.earth.calibration.projection import exponential
from atalaya.earth.calibration.robust import fit
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import enu_basis, geodetic_to_ecef
from bench.measure import Measure, best_of
from bench.shared import shared
from tests.calibration_blocks import (
    Floats,
    Strasbourg,
    Truth,
    angles_of,
    helenenschacht,
    made_sortie,
    strasbourg,
)

ROOM = "calibration"
TURNING = "MAX_0131.JPG"
SEEDS = 60
SURVEY = Priors(position_m=(0.2, 0.2, 0.2))
FLOWN = Priors(boresight_deg=(3.0, 3.0, 3.0), k1=0.0, lag_s=0.5)


def measures() -> Iterator[Measure]:
    """Every measure of the room."""
    survey, block = shared("earth/helenenschacht"), shared("earth/dbat-sxb")
    if survey is None:
        yield Measure(
            ROOM, "helenenschacht", None, "", note="earth/helenenschacht is not beside this checkout"
        )
    else:
        yield from surveyed(survey)
    if block is None:
        yield Measure(ROOM, "dbat-sxb", None, "", note="earth/dbat-sxb is not beside this checkout")
    else:
        yield from published(block)
    yield from made()


def surveyed(folder: Path) -> Iterator[Measure]:
    """35 marks of 5 surveyed points: one point left out at a time, then no survey at all."""
    given = helenenschacht(folder)
    found = calibrate_sortie(given.looks, given.points, given.marks, priors=SURVEY)
    assert found.held_out is not None
    before, after = found.held_out.before, found.held_out.after
    name, peer = "helenenschacht: point left out, ", "metadata as stated"
    yield Measure(ROOM, name + "median", after.median_m, "m", 0.3, "less", peer, before.median_m)
    yield Measure(ROOM, name + "p90", after.p90_m, "m", 0.47, "less", peer, before.p90_m)
    yield Measure(ROOM, name + "largest", after.max_m, "m", 0.63, "less", peer, before.max_m)
    wrong = {look.look for look in found.flagged} ^ {TURNING}
    yield Measure(ROOM, "helenenschacht: looks flagged wrongly or missed", float(len(wrong)), "", 0, "less")
    free = given.without_survey()
    loose = calibrate_sortie(free.looks, free.points, free.marks, priors=Priors())
    true = {point.name: point for point in given.points}
    far = []
    for place in loose.points:
        point = true[place.name]
        here = geodetic_to_ecef(place.lon_deg, place.lat_deg, place.height_hae_m)
        there = geodetic_to_ecef(point.lon_deg, point.lat_deg, point.height_hae_m)
        far.append(float(np.hypot(*((here - there) @ enu_basis(point.lon_deg, point.lat_deg))[:2])))
    yield Measure(ROOM, "helenenschacht: no survey, largest of 5", max(far), "m", 0.28, "less")
    yield Measure(ROOM, "helenenschacht: no survey, median of 5", float(np.median(far)), "m")
    seconds = best_of(2, lambda: calibrate_sortie(given.looks, given.points, given.marks, priors=SURVEY))
    yield Measure(ROOM, "helenenschacht: calibrate, held out and all", seconds, "s", None, "less")


def published(folder: Path) -> Iterator[Measure]:
    """1,173 unknowns: how many printed figures are met to the last digit."""
    case = strasbourg(folder)
    found = adjust(case.block)
    spread = posterior(found)
    off = abs(found.sigma0 - 1.1786) + abs(found.redundancy - 1261)
    yield Measure(ROOM, "dbat-sxb: sigma0 and redundancy, off by", off, "", 5e-5, "less")
    misses, count = figures_missed(case, found.unknowns.pose, spread.camera, spread.points)
    note = f"of {count}"
    yield Measure(ROOM, "dbat-sxb: printed deviations missed", float(misses), "", 0, "less", note=note)
    places = found.unknowns.points + case.offset
    apart = [
        float(np.abs(places[case.ids.index(number)] - place).max())
        for number, (place, _) in {**case.points, **case.checks}.items()
    ]
    yield Measure(ROOM, "dbat-sxb: coordinates from the printed", max(apart), "m", 6e-4, "less")
    yield Measure(ROOM, "dbat-sxb: adjust", best_of(3, lambda: adjust(case.block)), "s", None, "less")
    yield Measure(ROOM, "dbat-sxb: all covariances", best_of(3, lambda: posterior(found)), "s", None, "less")


def figures_missed(case: Strasbourg, pose: Floats, camera: Floats, points: Floats) -> tuple[int, int]:
    """How many of the printed standard deviations differ in their printed digits, and how many there are."""
    ours: list[float] = []
    printed: list[str] = []
    start = len(camera) - 6 * len(pose)
    for photo in range(len(pose)):
        at = slice(start + 6 * photo, start + 6 * photo + 6)
        own = camera[at, at]
        turn, left = exponential(np.radians(pose[photo, 3:]))
        rotation = turn @ case.block.rotation[photo]
        slope = np.array(
            [
                (angles_of(exponential(step)[0] @ rotation) - angles_of(exponential(-step)[0] @ rotation))
                / 2e-4
                for step in np.radians(1e-4 * np.eye(3))
            ]
        ).T
        angles = slope @ left @ own[3:, 3:] @ left.T @ slope.T
        ours += [*np.sqrt(np.diag(angles)), *np.sqrt(np.diag(own)[:3])]
        printed += case.orientation_sd[photo]
    for number, (_, text) in {**case.points, **case.checks}.items():
        ours += np.sqrt(np.diag(points[case.ids.index(number)])).tolist()
        printed += text
    half = [0.5 * 10.0 ** (np.floor(np.log10(float(text))) - 2) * 1.0001 for text in printed]
    wrong = [abs(a - float(b)) > h for a, b, h in zip(ours, printed, half, strict=True)]
    return sum(wrong), len(wrong)


def made() -> Iterator[Measure]:
    """Made sorties: is the stated covariance true, are turned looks found and no others."""
    truth = Truth(lag_s=0.2)
    true = np.array((*truth.boresight_deg, 0, truth.focal_change, 0, 0, 0, truth.lag_s, 0, 0, 0, 0))
    at = np.flatnonzero(FLOWN.sd() > 0)
    scores, missed, wrongly = [], 0, 0
    for seed in range(SEEDS):
        generator = np.random.default_rng(1000 + seed)
        given = made_sortie(generator, truth, looks=12, points=8)
        block = assembled(given.looks, given.points, given.marks, (), FLOWN, None, 0.0).block
        found = fit(block)
        off = (found.adjusted.unknowns.shared - true)[at]
        scores.append(float(off @ np.linalg.solve(found.posterior.shared[np.ix_(at, at)], off)))
        bad = set(generator.choice(12, 3, replace=False).tolist())
        looks = tuple(
            replace(
                look,
                pose=Pose(
                    look.pose.origin_m,
                    look.pose.camera_to_ecef @ rotation_zyx(3.0 * generator.choice((-1, 1)), 0.0, 0.0),
                ),
            )
            if n in bad
            else look
            for n, look in enumerate(given.looks)
        )
        block = assembled(looks, given.points, given.marks, (), FLOWN, None, 0.0).block
        flagged = set(np.flatnonzero(fit(block).flagged).tolist())
        missed, wrongly = missed + len(bad - flagged), wrongly + len(flagged - bad)
    off_one = abs(float(np.mean(scores)) / len(at) - 1.0)
    note = f"{SEEDS} sorties of {len(at)} states; 3 sigma of chance {3 * np.sqrt(2 / len(at) / SEEDS):.2f}"
    yield Measure(ROOM, "made: mean NEES per state, off 1 by", off_one, "", 0.3, "less", note=note)
    inside = float(np.mean(np.array(scores) < 9.236))
    yield Measure(
        ROOM, "made: truth inside the stated 90 % region", inside, "", 0.8, note="binomial 3 sigma 0.12"
    )
    total = 3 * SEEDS
    yield Measure(ROOM, "made: 3 of 12 looks turned by 3 deg, missed", missed / total, "", 0.02, "less")
    yield Measure(ROOM, "made: good looks flagged", wrongly / (9 * SEEDS), "", 0.01, "less")
