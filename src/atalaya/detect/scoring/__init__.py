"""How good are claims? Arrays of claims and truths go in, figures with their intervals come out.

One scorer per module, imported from there: `froc` (per km2 and look, or per image), `halo` (MUUFL),
`polygon_f1` (SpaceNet), `coco_ap` (COCO), `pixel_maps`, `kappa`, `calibration` and `probability_fit`, `drift`
and `conditions` (inputs that leave a model card), `gospa` and `ellipse_hold` (places). They know nothing of
detectors or campaigns, so that benches, the digital range and the command line use the same numbers.
"""
