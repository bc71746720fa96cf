"""Training of the small detectors that ship: needs torch, which is no dependency of the product."""
