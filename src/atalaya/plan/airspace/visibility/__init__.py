"""Shortest ways around keep-outs and inside concave keep-ins, on a plane."""
