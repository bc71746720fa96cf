"""Gas over ground: from a cube and the absorption of a gas to columns, plumes and an emission rate.

In: radiance (or reflectance) cubes, absorption per unit of column as the user's signature file has it. Out:
maps of columns, masks of plumes, kilograms per hour for a wind the caller states. Thompson et al. 2015
(matched filter of gas), Foote et al. 2020 (albedo factor and reweighting), Frankenberg et al. 2016 and Varon
et al. 2018 (integrated mass enhancement).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atalaya.detect.gas.emission import Emission, emission_of, kg_m2_per_ppm_m
    from atalaya.detect.gas.gas_filter import absorbing, gas_columns
    from atalaya.detect.gas.plume import plume_mask
    from atalaya.detect.gas.signature import read_absorption

_HEAVY = {
    "Emission": "emission",
    "absorbing": "gas_filter",
    "emission_of": "emission",
    "gas_columns": "gas_filter",
    "kg_m2_per_ppm_m": "emission",
    "plume_mask": "plume",
    "read_absorption": "signature",
}

__all__ = [
    "Emission",
    "absorbing",
    "emission_of",
    "gas_columns",
    "kg_m2_per_ppm_m",
    "plume_mask",
    "read_absorption",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.detect.gas.{_HEAVY[name]}"), name)
