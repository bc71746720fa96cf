"""Detectors over push-broom cubes: what is unlike its scene, what is like a signature, plumes of a gas."""
