"""Registration of real frames with disturbed poses, against metadata alone and plain phase correlation."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from atalaya.earth.ortho import Orthophoto, grid_of_frame, orthophoto
from atalaya.earth.registration import OrthophotoReference, changed, pose_covariance, register
from bench.measure import Measure
from bench.shared import shared
from tests.strasbourg import (
    ATTITUDE_SD_DEG,
    POSITION_SD_M,
    Town,
    Trial,
    inverted,
    load,
    moved,
    trial,
)

ROOM = "registration"
SEED = 7
WRONG_TRIALS = 200
PAIRS = [(first, second) for first in range(5) for second in range(5) if first != second]


def measures() -> Iterator[Measure]:
    """Every measure of the room."""
    folder = shared("earth/dbat-sxb")
    if folder is None:
        for name in ("same look", "inverted and blurred"):
            yield Measure(ROOM, f"{name}: median error", None, "m", 0.7, "less", note="dbat-sxb is absent")
        yield Measure(ROOM, "wrong places accepted", None, "", 0.0, "less", note="dbat-sxb is absent")
        return
    town = load(folder)
    yield from disturbed(town, "same look", other_contrast=False)
    yield from disturbed(town, "inverted and blurred", other_contrast=True)
    yield wrong_places(town)


def disturbed(town: Town, name: str, *, other_contrast: bool) -> Iterator[Measure]:
    """20 pairs, each pose disturbed by 0.3 degrees and 2 m."""
    generator = np.random.default_rng(SEED)
    trials: list[Trial] = []
    shifted: list[float] = []
    start = time.thread_time()
    for first, second in PAIRS:
        reference = town.references[second]
        if other_contrast:
            reference = inverted(reference)
        trials.append(trial(town, first, reference, generator))
    seconds = (time.thread_time() - start) / len(PAIRS)
    shifted = _phase_correlation(town, other_contrast=other_contrast)
    accepted = [one for one in trials if one.result.accepted]
    after = [one.after_m for one in accepted]
    before = [one.before_m for one in trials]
    worse = sum(one.after_m > one.before_m for one in accepted)
    yield Measure(
        ROOM, f"{name}: median error", float(np.median(after)), "m", 0.7, "less",
        "phase correlation", float(np.median(shifted)),
        f"metadata alone {np.median(before):.1f} m, worst {max(before):.1f} m",
    )  # fmt: skip
    yield Measure(
        ROOM, f"{name}: worst error", max(after), "m", None, "less", "phase correlation", max(shifted)
    )
    yield Measure(ROOM, f"{name}: accepted of {len(PAIRS)}", len(accepted), "pairs", len(PAIRS))
    yield Measure(ROOM, f"{name}: accepted but worse than metadata", worse, "pairs", 0, "less")
    yield Measure(ROOM, f"{name}: time", seconds, "s/pair", None, "less", note="processor time")


def _phase_correlation(town: Town, *, other_contrast: bool) -> list[float]:
    """Median ground error of each pair when the whole picture is shifted by its phase correlation peak."""
    generator = np.random.default_rng(SEED)
    found = []
    for first, second in PAIRS:
        reference = inverted(town.references[second]) if other_contrast else town.references[second]
        frame = town.frames[first]
        disturbance = np.concatenate(
            (generator.normal(0.0, POSITION_SD_M, 3), generator.normal(0.0, ATTITUDE_SD_DEG, 3))
        )
        wrong = replace(frame, pose=changed(frame.pose, disturbance))
        grid = grid_of_frame(frame.lens, wrong.pose, town.surface, cell_m=1.0)
        right, down = _peak(orthophoto(wrong, town.surface, grid), OrthophotoReference(reference))
        truly = orthophoto(frame, town.surface, grid)
        column, row = np.meshgrid(np.arange(0, frame.lens.width, 80.0), np.arange(0, frame.lens.height, 80.0))
        rays = frame.lens.directions(column.ravel(), row.ravel())
        cells = []
        for pose in (frame.pose, wrong.pose):
            hits = town.surface.hits(pose.origin_m, rays @ pose.camera_to_ecef.T)
            cells.append(np.array(grid.cells(hits.lon_deg, hits.lat_deg)))
        apart = cells[0] - cells[1] - np.array([[right], [down]])
        found.append(float(np.median(np.hypot(*apart))) * truly.grid.cell_m)
    return found


def _peak(laid: Orthophoto, reference: OrthophotoReference) -> tuple[float, float]:
    values, known = reference.on(laid.grid)
    common = laid.seen & known
    first, second = (_spectrum(part, common) for part in (laid.image[0].astype(np.float32), values))
    cross = second * np.conj(first)
    surface = np.real(fft.ifft2(cross / (np.abs(cross) + 1e-9)))
    row, column = np.unravel_index(int(np.argmax(surface)), surface.shape)
    tall, wide = surface.shape
    return float((column + wide // 2) % wide - wide // 2), float((row + tall // 2) % tall - tall // 2)


def _spectrum(image: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.complex64]:
    return np.asarray(fft.fft2(np.where(mask, image - image[mask].mean(), np.float32(0))), np.complex64)


def wrong_places(town: Town) -> Measure:
    """References said to lie 300 m away, mirrored, or upside down: nothing there is the right place."""
    generator = np.random.default_rng(11)
    prior = pose_covariance(POSITION_SD_M, ATTITUDE_SD_DEG)
    accepted = 0
    for number in range(WRONG_TRIALS):
        first, second = generator.choice(5, 2, replace=False)
        frame, reference = town.frames[first], town.references[second]
        disturbance = np.concatenate(
            (generator.normal(0.0, POSITION_SD_M, 3), generator.normal(0.0, ATTITUDE_SD_DEG, 3))
        )
        angle = generator.uniform(0.0, 2.0 * np.pi)
        kind = number % 4
        if kind < 2:
            reference = moved(reference, 300.0 * np.cos(angle), 300.0 * np.sin(angle))
        else:
            turn = (slice(None, None, -1), slice(None)) if kind == 2 else (slice(None), slice(None, None, -1))
            reference = replace(
                reference,
                image=reference.image[(slice(None), *turn)].copy(),
                state=reference.state[turn].copy(),
            )
        if kind == 1:
            reference = inverted(reference)
        found = register(
            frame.image, frame.lens, changed(frame.pose, disturbance), prior,
            OrthophotoReference(reference), town.surface, cell_m=1.0,
        )  # fmt: skip
        accepted += found.accepted
    note = "moved by 300 m, inverted too, mirrored, upside down"
    return Measure(ROOM, f"wrong places accepted of {WRONG_TRIALS}", accepted, "trials", 0, "less", note=note)
