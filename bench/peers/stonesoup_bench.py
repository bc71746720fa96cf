"""Stone Soup's (MIT) GM-PHD filter on the scans of a problem file, run by the peers' own Python.

.venv-peers/bin/python bench/peers/stonesoup_bench.py PROBLEM.npz ESTIMATES.npz

Prints one JSON object: version, seconds of processor time of the filter alone. Births are seeded by the
measurements of the scan before, static model, pruning and merging as in its own tutorial.
"""

import datetime
import importlib
import importlib.metadata
import json
import sys
import time
from typing import Any

import numpy as np


def part(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(f"stonesoup.{module}"), attribute)


def main() -> None:
    problem = np.load(sys.argv[1])
    places, scan = problem["z"], problem["scan"]
    sd, chance, clutter = (float(problem[name]) for name in ("sd", "chance", "clutter"))
    side, scans, birth = float(problem["side"]), int(problem["scans"]), float(problem["birth"])
    start = datetime.datetime(2026, 1, 1)
    model = part("models.measurement.linear.LinearGaussian")(
        ndim_state=2, mapping=(0, 1), noise_covar=np.eye(2) * sd**2
    )
    combined = part("models.transition.linear.CombinedLinearGaussianTransitionModel")
    walk = part("models.transition.linear.RandomWalk")
    transition = combined([walk(1e-6), walk(1e-6)])
    updater = part("updater.pointprocess.PHDUpdater")(
        part("updater.kalman.KalmanUpdater")(model),
        clutter_spatial_density=clutter / side**2,
        prob_detection=chance,
        prob_survival=1.0,
    )
    predictor = part("predictor.kalman.KalmanPredictor")(transition)
    distance = part("hypothesiser.distance.DistanceHypothesiser")(
        predictor,
        part("updater.kalman.KalmanUpdater")(model),
        part("measures.Mahalanobis")(),
        missed_distance=3.7,
    )
    hypothesiser = part("hypothesiser.gaussianmixture.GaussianMixtureHypothesiser")(
        distance, order_by_detection=True
    )
    reducer = part("mixturereducer.gaussianmixture.GaussianMixtureReducer")(
        prune_threshold=1e-4, pruning=True, merge_threshold=4.0, merging=True
    )
    detection = part("types.detection.Detection")
    component = part("types.state.TaggedWeightedGaussianState")
    begun = time.process_time()
    current: set[Any] = set()
    births: list[Any] = []
    for number in range(scans):
        at = start + datetime.timedelta(minutes=number)
        seen = {
            detection(np.array(z)[:, None], timestamp=at, measurement_model=model)
            for z in places[scan == number]
        }
        for one in births:
            one.timestamp = at
        current |= set(births)
        if current:
            updated = updater.update(hypothesiser.hypothesise(current, seen, at, order_by_detection=True))
            current = set(reducer.reduce(updated))
        births = [
            component(one.state_vector, np.eye(2) * sd**2, weight=birth, tag="birth", timestamp=at)
            for one in seen
        ]
    seconds = time.process_time() - begun
    found = [np.asarray(one.state_vector, float).ravel() for one in current if float(one.weight) > 0.5]
    np.savez(sys.argv[2], x=np.array(found).reshape(-1, 2))
    print(json.dumps({"version": importlib.metadata.version("stonesoup"), "seconds": seconds}))


if __name__ == "__main__":
    main()
