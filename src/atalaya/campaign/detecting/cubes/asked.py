"""What is to be looked for in cubes."""

import re
from dataclasses import dataclass
from pathlib import Path

from atalaya.detect.gas.signature import read_absorption
from atalaya.detect.spectral.library import Signature, read_library
from atalaya.sensing.evidence import evidence_types

DEFAULT_ERROR_M = 10.0
"""One sigma, east and north, of a georeferencing that states no error: navigation of middling grade from a
kilometre or two, or a map fitted by eye."""

_PERSONS = re.compile(
    r"(?<![^\W_])(persons?|people|humans?|skin|hair|faces?|bod(y|ies)|m[ae]n|wom[ae]n|child(ren)?|"
    r"personas?|gente|piel|cabello|pelo|rostros?|caras?|cuerpos?|hombres?|mujer(es)?|niñ[oa]s?)(?![^\W_])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CubeAsked:
    """What is asked of a cube.

    Args:
        anomaly: what is unlike its scene. library: signatures to look for, in the unit of the cube.
        gas: absorption of a gas. error_m: one sigma of the georeferencing, east and north; None where nobody
            says.
    """

    anomaly: bool = True
    library: tuple[Signature, ...] = ()
    gas: Signature | None = None
    error_m: float | None = None


def asked(library: Path | None, gas: Path | None, *, anomaly: bool, error_m: float | None) -> CubeAsked:
    """The same from files.

    Raises:
        BadInput: SPC-007, SPC-008: a file cannot be read, or is no library or absorption.
    """
    signatures = () if library is None else read_library(library)
    return CubeAsked(anomaly, signatures, None if gas is None else read_absorption(gas), error_m)


def of_persons(signature: Signature) -> bool:
    """Whether a signature's name says that it is of persons: those are not searched for."""
    return _PERSONS.search(signature.name) is not None


def evidence_of(signature: Signature) -> str:
    """Evidence type of a signature: the word its name begins with where that is one, else "anomaly"."""
    first = re.split(r"[^\w]+", signature.name.strip().lower(), maxsplit=1)[0]
    return first if first in evidence_types() else "anomaly"
