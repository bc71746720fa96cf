"""Ways to look at a scene of a cube: each gives maps of scores, and claims with a card."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.campaign.detecting.cubes.asked import CubeAsked, evidence_of, of_persons
from atalaya.detect.candidates import Candidates, joined, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.gas.detectors import gas_card
from atalaya.detect.peaks import quantile_threshold, regions
from atalaya.detect.spectral.detectors import ANOMALY_SHARE, MATERIAL_ACE, MATERIAL_SMF, anomaly_card
from atalaya.detect.spectral.library import Signature, resampled
from atalaya.detect.tile import Bands

Values = NDArray[np.generic]
Mask = NDArray[np.bool_]
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Maps of (lines, columns), NaN without data, one per name of the look; and claims in their pixels."""

    maps: list[Map]
    claims: Candidates


class Look(Protocol):
    """One detector over scenes of one cube."""

    @property
    def card(self) -> ModelCard:
        """What it says of itself."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of its maps."""
        ...

    def judge(self, values: Values, valid: Mask) -> Judged:
        """A scene (lines, columns, bands), where it has data."""
        ...


@dataclass(frozen=True, slots=True)
class AnomalyLook:
    """What is unlike its scene."""

    @property
    def card(self) -> ModelCard:
        """See `Look`."""
        return anomaly_card()

    @property
    def names(self) -> tuple[str, ...]:
        """See `Look`."""
        return ("anomaly",)

    def judge(self, values: Values, valid: Mask) -> Judged:
        """See `Look`."""
        from atalaya.detect.spectral.anomaly import anomaly_score

        seen = values[valid]
        if len(seen) >= 3 and (seen == seen[0]).all():
            return Judged([np.where(valid, np.float32(0.0), np.float32(np.nan))], no_candidates())
        score = anomaly_score(values, valid)
        return Judged([score], regions(score, quantile_threshold(score, ANOMALY_SHARE)))


@dataclass(frozen=True, slots=True, eq=False)
class SignatureLook:
    """What is like a signature: signed ACE and standard deviations together, each signature for itself.

    Args:
        card: with a class per signature. spectra: (signatures, bands) as the sensor sees them.
    """

    card: ModelCard
    spectra: NDArray[np.float64]

    @property
    def names(self) -> tuple[str, ...]:
        """See `Look`."""
        return tuple(f"ACE {each.name}" for each in self.card.classes)

    def judge(self, values: Values, valid: Mask) -> Judged:
        """See `Look`."""
        from atalaya.detect.spectral.background import background_of
        from atalaya.detect.spectral.matched import scores

        usual = background_of(values, valid)
        maps, claims = [], []
        for number, spectrum in enumerate(self.spectra):
            found = scores(values, spectrum, valid=valid, known=usual)
            assert found.ace is not None
            assert found.smf is not None
            maps.append(found.ace)
            alike = np.where(found.smf >= MATERIAL_SMF, found.ace, np.float32(-np.inf))
            claims.append(regions(alike, MATERIAL_ACE, label=number))
        return Judged(maps, joined(claims))


@dataclass(frozen=True, slots=True, eq=False)
class GasLook:
    """Plumes of one gas.

    Args:
        name: of it. absorption: (bands,) as the sensor sees it.
    """

    name: str
    absorption: NDArray[np.float64]

    @property
    def card(self) -> ModelCard:
        """See `Look`."""
        return gas_card()

    @property
    def names(self) -> tuple[str, ...]:
        """See `Look`."""
        return (f"column {self.name}",)

    def judge(self, values: Values, valid: Mask) -> Judged:
        """See `Look`; columns are in units of the absorption's path."""
        from atalaya.detect.gas.gas_filter import gas_columns
        from atalaya.detect.gas.plume import LEAST_PX, SIGMAS, plume_strength

        columns = gas_columns(values, self.absorption, valid=valid)
        strength = np.asarray(plume_strength(columns))
        return Judged([columns.astype(np.float32)], regions(strength, SIGMAS, least_px=LEAST_PX))


def looks_of(wanted: CubeAsked, bands: Bands | None) -> tuple[list[Look], list[Finding]]:
    """The looks asked for that the bands of a cube allow, and what had to be left out.

    Raises:
        BadInput: SPC-014, signatures or gas for a cube without wavelengths; SPC-009, none of them reaches
            over its bands.
    """
    found: list[Look] = [AnomalyLook()] if wanted.anomaly else []
    findings: list[Finding] = []
    if (wanted.library or wanted.gas) and bands is None:
        raise BadInput("SPC-014", need="wavelengths")
    if wanted.library and bands is not None:
        found += _signatures(wanted.library, bands, findings)
    if wanted.gas is not None and bands is not None:
        found.append(GasLook(wanted.gas.name, resampled(wanted.gas, bands)))
    return found, findings


def signature_card(signatures: list[Signature]) -> ModelCard:
    """Card of the signatures of a library: classes are called as they are."""
    return ModelCard(
        name="signature",
        version="1",
        kinds=("HSI",),
        units=("DN", "radiance", "reflectance"),
        classes=tuple(CardClass(each.name, evidence_of(each)) for each in signatures),
        training="None: signatures are the user's.",
        intended="Materials whose spectra the user has measured, in the unit of the cube.",
        forbidden="Search for, tracking or identification of persons. One sign alone names no site.",
    ).sealed()


def _signatures(library: tuple[Signature, ...], bands: Bands, findings: list[Finding]) -> list[Look]:
    kept, spectra, last = [], [], None
    for each in library:
        if of_persons(each):
            findings.append(Finding("DET-031", Severity.WARNING, details={"name": each.name}))
            continue
        try:
            spectra.append(resampled(each, bands))
            kept.append(each)
        except AtalayaError as error:
            last = error
            told: dict[str, object] = {"name": each.name, "reason": f"{error.code} {error.text.what}"}
            findings.append(Finding("DET-029", Severity.WARNING, details=told))
    if not kept and last is not None:
        raise last
    return [SignatureLook(signature_card(kept), np.array(spectra))] if kept else []
