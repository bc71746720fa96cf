"""After the walk: sites and sorties placed together, twins joined, every tracklet associated once more."""

from atalaya.locate.settle.result import Settled, settle

__all__ = ["Settled", "settle"]
