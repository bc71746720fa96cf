"""Spectra of the range: the colours of the materials table, and the features that each class is known by."""

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.material import materials
from atalaya.sim.spectrum import (
    COLOURS,
    GRID_NM,
    band_weights,
    colour_weights,
    gas_absorption,
    material_reflectance,
    reflectances,
    spectrum_source,
)
from tests.shared_data import shared


def at(spectrum: NDArray[np.float64], nm: float) -> float:
    return float(spectrum[round(nm - GRID_NM[0])])


def depth(name: str, nm: float, left: float, right: float) -> float:
    """How far a feature lies below the line between its shoulders, as a share."""
    s = material_reflectance(name)
    line = np.interp(nm, [left, right], [at(s, left), at(s, right)])
    return 1.0 - at(s, nm) / float(line)


@pytest.mark.parametrize("name", sorted(materials()))
def test_a_spectrum_has_the_colours_of_its_material(name: str) -> None:
    spectrum = material_reflectance(name)
    for colour in COLOURS:
        seen = float(colour_weights(colour) @ spectrum)
        assert seen == pytest.approx(getattr(materials()[name], colour), abs=0.03), colour
    assert (spectrum > 0.0).all()
    assert (spectrum < 1.0).all()
    assert spectrum_source(materials()[name])


def test_live_plants_have_a_red_edge_and_water() -> None:
    for name in ("woodland", "crop", "scrub"):
        s = material_reflectance(name)
        assert at(s, 800) / at(s, 675) > (1.8 if name == "scrub" else 4.0), name
        assert depth(name, 1450, 1300, 1650) > 0.2
    dry = material_reflectance("dead_vegetation")
    assert at(dry, 800) / at(dry, 675) < 1.8


def test_classes_show_what_they_are_known_by() -> None:
    assert depth("bare_soil", 2205, 2150, 2260) > 0.05  # clay
    assert depth("rusty_roof", 880, 760, 1250) > 0.15  # ferric iron
    for name in ("blue_tarpaulin", "white_plastic", "green_tarpaulin"):
        assert depth(name, 1730, 1660, 1830) > 0.25  # C-H
        assert depth(name, 1215, 1160, 1270) > 0.1
    assert depth("dead_vegetation", 2100, 2010, 2210) > 0.05  # cellulose
    assert abs(depth("char", 1730, 1660, 1830)) < 0.02
    assert at(material_reflectance("water"), 1600) < 0.03


def test_bands_average_over_their_width() -> None:
    weights = band_weights(np.array([500.0, 1000.0]), np.array([10.0, 50.0]))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights @ GRID_NM, [500.0, 1000.0], atol=1e-6)
    half = GRID_NM[weights[1] >= 0.5 * weights[1].max()]
    assert half[-1] - half[0] == pytest.approx(50.0, abs=2.0)
    table = reflectances(weights)
    assert table.shape == (256, 2)
    assert (table[0] == 0.0).all()


def test_methane_is_shaped_and_sized_like_a_published_signature() -> None:
    data = np.loadtxt(shared("detect/ch4_signature/ang_ch4_unit_3col_425chan.txt"))
    nm, published = data[:, 1], -data[:, 2]
    for low, high, least in ((2200.0, 2420.0, 0.8), (1620.0, 1720.0, 0.5)):
        used = (nm > low) & (nm < high)
        ours = band_weights(nm[used], np.full(used.sum(), 5.0)) @ gas_absorption("methane")
        assert np.corrcoef(ours, published[used])[0, 1] > least
        # the file states no unit; used as 1e-5 per ppm m it agrees within a third
        assert ours.mean() == pytest.approx(1e-5 * published[used].mean(), rel=0.35)


def test_a_gas_without_a_spectrum_is_refused() -> None:
    with pytest.raises(BadInput, match="CUB-003"):
        gas_absorption("phlogiston")
