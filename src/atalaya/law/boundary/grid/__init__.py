"""The grid of a layer: whose area a point lies in, which segments may meet a line."""
