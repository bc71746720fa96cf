"""Spectra, gas and change: RX and ACE, local RX and push-broom beside SPy, the anomaly detector beside global
RX on implants, automatic thresholds of radar change beside Otsu and clusters.

`python -m bench spectral`; CPU time of the thread. Implants: x' = (1 - a) x + a t into the MUUFL cubes, a 0.1
to 1, 1 to 25 pixels; radar pairs are simulated. Both are other draws than the constants were chosen on.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

import spectral  # type: ignore[import-untyped]
from atalaya.detect.change import kappa, log_ratio, otsu, pca_kmeans, radar_change
from atalaya.detect.spectral import PushBroomRx, anomaly_score, scores
from atalaya.detect.spectral.ring import local_distances
from bench.measure import Measure
from bench.shared import shared

ROOM = "detect"
PEER = f"spectral {spectral.__version__}"
Floats = NDArray[np.float64]

IMPLANTS = 30
MIXTURES = 20
PAIRS = 24


def measures() -> Iterator[Measure]:
    """Every measure of the spectral, gas and change detectors."""
    for bands in (100, 205):
        yield from whole_scene(bands)
    for components, goal in ((5, None), (10, 1e6), (20, None)):
        yield ring(components, goal)
    yield from strips()
    yield golden()
    yield from implants()
    yield from mixtures()
    yield from scene_speed()
    yield from radar()


def cpu(action: Callable[[], object], rounds: int = 3) -> float:
    """Least CPU seconds of this thread."""
    best = np.inf
    for _ in range(rounds):
        start = time.thread_time()
        action()
        best = min(best, time.thread_time() - start)
    return float(best)


def made(rows: int, columns: int, bands: int) -> NDArray[np.int16]:
    walk = np.random.default_rng(1).normal(size=(rows, columns, bands)).cumsum(axis=2)
    return np.asarray(walk * 100.0 + 3000.0).astype(np.int16)


def whole_scene(bands: int) -> Iterator[Measure]:
    cube = made(384, 384, bands)
    signature = cube[5, 5].astype(np.float64)
    scores(cube, signature)
    theirs = cpu(lambda: (spectral.rx(cube), spectral.ace(cube, signature)), 2)
    ours = cpu(lambda: scores(cube, signature))
    every = cpu(lambda: scores(cube, signature, every=True))
    name, unit = f"RX + signed ACE, 384x384x{bands} int16", "pixel-bands/s/core"
    note = "statistics from a sample of at least 64 pixels per band"
    yield Measure(ROOM, name, cube.size / ours, unit, 3e8, "more", PEER, cube.size / theirs, note)
    yield Measure(
        ROOM, f"{name}, every pixel", cube.size / every, unit, None, "more", PEER, cube.size / theirs
    )


def ring(components: int, goal: float | None) -> Measure:
    values = np.random.default_rng(2).normal(size=(256, 256, components))
    part = values[:40, :40]
    local_distances(values, 5, 21)
    ours = cpu(lambda: local_distances(values, 5, 21))
    theirs = cpu(lambda: spectral.rx(part, window=(5, 21)), 1)
    return Measure(
        ROOM, f"local RX, windows 5 and 21, d = {components}", 65536 / ours, "pixels/s/core", goal, "more",
        PEER, 1600 / theirs, "peer on 40 x 40 pixels of the same picture",
    )  # fmt: skip


def strips() -> Iterator[Measure]:
    lines = made(240, 640, 100)
    for name, signature in (("RX", None), ("RX + signed ACE", lines[0, 0].astype(np.float64))):
        machine = PushBroomRx(640, 100, signature)
        spent = []
        for line in lines:
            start = time.thread_time()
            machine.line(line)
            spent.append(time.thread_time() - start)
        steady = np.array(spent[40:])
        yield Measure(ROOM, f"push-broom {name}, 640 x 100", 1.0 / steady.mean(), "lines/s/core", 2000.0)
        yield Measure(
            ROOM, f"push-broom {name}, latency, median", 1e3 * float(np.median(steady)), "ms", 1.0, "less"
        )


def auc(score: NDArray[Any], truth: NDArray[np.bool_]) -> float:
    rank, n = rankdata(score.ravel()), int(truth.sum())
    return float((rank[truth.ravel()].sum() - n * (n + 1) / 2) / (n * (truth.size - n)))


def average_precision(score: NDArray[Any], truth: NDArray[np.bool_]) -> float:
    hits = truth.ravel()[np.argsort(-score.ravel(), kind="stable")]
    return float((np.cumsum(hits)[hits] / (np.flatnonzero(hits) + 1)).mean())


def golden() -> Measure:
    name = "MUUFL chip: largest difference of AUC from the note"
    folder = shared("detect/muufl_demo")
    if folder is None:
        return Measure(ROOM, name, None, "", 1e-4, "less", note="the cubes are not beside this checkout")
    data = loadmat(folder / "an_hsi_img_for_tgt_det_demo.mat")
    found = scores(data["hsi_sub"].astype(np.float64), data["tgt_spectra"].ravel())
    truth = data["gtImg_sub"] > 0
    assert found.mf is not None
    assert found.ace is not None
    maps = ((found.rx, 0.6020), (found.mf, 0.8309), (found.ace, 0.8275), (found.ace**2, 0.6790))
    return Measure(ROOM, name, max(abs(auc(m, truth) - known) for m, known in maps), "", 1e-4, "less")


def implants() -> Iterator[Measure]:
    names = ("implants in MUUFL cubes: mean AUC", "implants in MUUFL cubes: mean AP")
    folder = shared("detect/muufl_demo")
    if folder is None:
        for name in names:
            yield Measure(ROOM, name, None, "", note="the cubes are not beside this checkout")
        return
    files = (
        ("an_hsi_image_sub_for_demo.mat", None),
        ("a_hsi_img_for_VI_demo.mat", "hsi_img"),
        ("an_hsi_img_for_tgt_det_demo.mat", "hsi_sub"),
    )
    cubes = [cube_of(loadmat(folder / file), key) for file, key in files]
    figures = []
    for seed in range(IMPLANTS):
        cube, truth = implanted(cubes[seed % 3], np.random.default_rng(77_000 + seed))
        ours, theirs = anomaly_score(cube), scores(cube, every=True).rx
        figures.append([measure(m, truth) for m in (ours, theirs) for measure in (auc, average_precision)])
    mean = np.mean(figures, axis=0)
    for k, name in enumerate(names):
        goal = float(mean[2 + k])
        note = (
            f"{IMPLANTS} scenes; implants bring no noise of their own, which RX of all bands finds ordinary"
        )
        yield Measure(ROOM, name, float(mean[k]), "", goal, "more", "global RX", goal, note)


def mixtures() -> Iterator[Measure]:
    """Made-up scenes: noise comes after the foreign things."""
    figures = []
    for seed in range(MIXTURES):
        cube, truth = mixture_scene(np.random.default_rng(99_000 + seed))
        ours, theirs = anomaly_score(cube), scores(cube, every=True).rx
        figures.append([measure(m, truth) for m in (ours, theirs) for measure in (auc, average_precision)])
    mean = np.mean(figures, axis=0)
    for k, name in enumerate(("made-up mixtures: mean AUC", "made-up mixtures: mean AP")):
        goal = float(mean[2 + k])
        yield Measure(
            ROOM, name, float(mean[k]), "", goal, "more", "global RX", goal, f"{MIXTURES} scenes, noise last"
        )


def mixture_scene(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Three to six smooth spectra in soft patches, texture, three to nine implants, noise of 25 to 40 dB."""
    bands, kinds = int(rng.choice([60, 102, 162])), int(rng.integers(3, 7))

    def spectra(count: int) -> Floats:
        wave = gaussian_filter(rng.normal(size=(count, bands)), (0.0, 12.0))
        return np.asarray(0.3 + 0.08 * wave / wave.std())

    patches = np.stack([gaussian_filter(rng.normal(size=(100, 100)), 8.0) for _ in range(kinds)], axis=2)
    share = np.exp(4.0 * patches / patches.std())
    cube = share / share.sum(axis=2, keepdims=True) @ spectra(kinds)
    texture = gaussian_filter(rng.normal(size=(100, 100)), 1.0)
    cube = cube * np.exp(0.05 * texture / texture.std())[..., None]
    out, truth = implanted(cube, rng)
    noise = cube.std() * 10.0 ** (-rng.uniform(25.0, 40.0) / 20.0) * 3.0
    return (out + noise * rng.normal(size=out.shape)).astype(np.float32), truth


def cube_of(data: dict[str, Any], key: str | None) -> Floats:
    cubes = [part for name, part in data.items() if getattr(part, "ndim", 0) == 3 and key in (None, name)]
    cube = np.asarray(cubes[0], np.float64)
    return cube[..., cube.reshape(-1, cube.shape[2]).std(axis=0) > 0.0]


def implanted(cube: Floats, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    rows, columns, bands = cube.shape
    truth, out = np.zeros((rows, columns), np.bool_), cube.copy()
    wave = gaussian_filter(rng.normal(size=bands), 8.0)
    level = cube.mean()
    target = cube[rng.integers(rows), rng.integers(columns)] * rng.uniform(0.5, 1.8)
    target = target + 0.2 * level * wave / wave.std()
    far = np.hypot(*(np.mgrid[-9:10, -9:10] * np.array([1.0, rng.uniform(1.0, 2.0)])[:, None, None]))
    for _ in range(int(rng.integers(3, 9))):
        size, share = int(rng.integers(1, 26)), rng.uniform(0.1, 1.0)
        r, c = rng.integers(0, rows), rng.integers(0, columns)
        dr, dc = np.unravel_index(np.argsort(far, axis=None, kind="stable")[:size], far.shape)
        inside = (r + dr - 9 >= 0) & (r + dr - 9 < rows) & (c + dc - 9 >= 0) & (c + dc - 9 < columns)
        place = (r + dr[inside] - 9, c + dc[inside] - 9)
        out[place] = (1.0 - share) * cube[place] + share * target
        truth[place] = True
    return out.astype(np.float32), truth


def scene_speed() -> Iterator[Measure]:
    cube = made(100, 100, 200)
    anomaly_score(cube)
    ours = cpu(lambda: anomaly_score(cube), 5)
    yield Measure(ROOM, "anomaly detector, 100x100x200", ours, "s/core", 0.1, "less")


def radar() -> Iterator[Measure]:
    rules: tuple[tuple[str, Callable[[Floats, Floats], NDArray[np.bool_]]], ...] = (
        ("as shipped", lambda a, b: radar_change(a, b).mask),
        ("same picture cut by Otsu", _cut_by_otsu),
        ("PCA and k-means of the log-ratio", lambda a, b: pca_kmeans(np.abs(log_ratio(a, b, 1.0)))),
    )
    pairs = [simulated(np.random.default_rng(88_000 + seed)) for seed in range(PAIRS)]
    found = {name: [kappa(rule(a, b), truth) for a, b, truth in pairs] for name, rule in rules}
    best = float(np.mean(found["as shipped"]))
    for name in list(found)[1:]:
        yield Measure(
            ROOM, "radar change, simulated pairs: mean kappa", best, "", None, "more", name,
            float(np.mean(found[name])), f"{PAIRS} pairs, 1 to 16 looks, 0.4 to 20 % change",
        )  # fmt: skip


def _cut_by_otsu(before: Floats, after: Floats) -> NDArray[np.bool_]:
    size = np.abs(radar_change(before, after).ratio)
    return np.asarray(size > otsu(size))


def simulated(rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Two 8-bit amplitude pictures of one piece of ground, some of it changed by 3 to 10 dB."""
    shape = (240, 260)

    def field(size: float) -> Floats:
        made = gaussian_filter(rng.normal(size=shape), size)
        return np.asarray(made / made.std())

    ground = 10.0 ** ((6.0 * (field(20.0) > 0.3) - 8.0 * (field(15.0) > 1.0) + field(1.5)) / 10.0)
    where = field(float(rng.uniform(2.0, 8.0))) + field(30.0)
    truth = where > np.quantile(where, 1.0 - 10.0 ** rng.uniform(np.log10(0.004), np.log10(0.2)))
    change = np.where(truth, 10.0 ** (rng.choice([-1.0, 1.0]) * rng.uniform(3.0, 10.0) / 10.0), 1.0)
    looks = float(rng.choice([1.0, 3.0, 4.0, 6.0, 10.0, 16.0]))
    passes = [mean * rng.gamma(looks, 1.0 / looks, shape) for mean in (ground, ground * change)]
    full = float(np.quantile(np.sqrt(passes[0]), 0.99))
    before, after = (np.clip(np.rint(255.0 * np.sqrt(part) / full), 0, 255) for part in passes)
    return before, after, truth
