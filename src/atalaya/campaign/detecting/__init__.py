"""Detectors over recordings: pictures in, a table of detections and the ground that was examined out."""
