"""NIIRS against pybsm 0.16.1 (Apache-2.0, Kitware) and against the worked values of the field note.

The table was made once with pybsm 0.16.1, numpy 2.3.5, in an environment of its own:
`pybsm.metrics.functional.giqe5(rer_1=, rer_2=, gsd=, snr=, elev_angle=radians)` for random arguments, seed 5.
"""

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.sensing.giqe import (
    combined_rer,
    equivalent_gsd_m,
    johnson,
    line_pairs,
    niirs,
    weighted_gsd_m,
)

# rer_1, rer_2, gsd (m), snr, elevation (deg), NIIRS, weighted gsd (m), rer
PYBSM = [
    (0.905, 0.908, 0.3515, 4.54, 12.4, 4.781898771270562, 0.5163562698395948, 0.905998897058078),
    (0.483, 0.508, 0.0137, 1.29, 89.9, 8.25657948101126, 0.013700005216576955, 0.4911935529415856),
    (0.752, 0.335, 0.2018, 174.03, 81.6, 6.521762365599489, 0.20234486896029702, 0.43863419453751046),
    (0.944, 0.492, 0.3013, 36.01, 13.0, 5.375382730954533, 0.43749905916229215, 0.6113652267497688),
    (0.656, 0.371, 4.3547, 1.41, 63.7, -0.04803448720097703, 4.47530162710651, 0.44862542855008014),
    (0.97, 0.327, 4.8567, 101.4, 9.5, 1.2848806236759214, 7.619719260115955, 0.46984623006475607),
    (0.807, 0.101, 0.3237, 10.1, 24.7, 4.545870132483289, 0.40260870563453965, 0.2019166322645718),
    (0.425, 0.906, 0.089, 2.2, 65.3, 6.396722855361654, 0.0911607304560399, 0.5469765226486243),
    (0.549, 0.899, 0.0509, 5.44, 73.6, 8.034328025259889, 0.051431310387626904, 0.647095123322006),
    (0.607, 0.606, 0.0511, 1.08, 84.5, 6.292108577063267, 0.05115898338111935, 0.6063331501495693),
    (0.186, 0.945, 0.127, 153.94, 40.8, 6.943920449524913, 0.141255548145481, 0.31975639011234036),
    (1.036, 0.656, 0.0525, 50.73, 63.3, 8.432347185955047, 0.05400093675032909, 0.7639339507788524),
    (0.784, 0.564, 0.0463, 29.8, 16.8, 8.152006182576194, 0.063145816799573, 0.6294454379118437),
    (0.792, 0.735, 0.1348, 68.64, 23.9, 6.799971499581237, 0.16896166712912364, 0.7535289691256866),
    (0.49, 0.898, 0.1385, 43.7, 58.2, 6.988375276374247, 0.14424765097887499, 0.5996384859267425),
    (1.041, 1.092, 1.4826, 72.5, 20.5, 3.3053031949084986, 1.9272704914099734, 1.0577297001156827),
]


@pytest.mark.parametrize("row", PYBSM, ids=lambda row: f"gsd {row[2]}")
def test_niirs_as_pybsm(row: tuple[float, ...]) -> None:
    across, along, gsd, snr, elevation, quality, weighted, edge = row
    assert combined_rer(across, along) == pytest.approx(edge, abs=1e-12)
    assert weighted_gsd_m(gsd, elevation) == pytest.approx(weighted, rel=1e-12)
    assert niirs(gsd, combined_rer(across, along), snr, elevation) == pytest.approx(quality, abs=1e-9)


def test_niirs_of_the_note() -> None:
    assert niirs(0.52832, 0.35, 50.0, 90.0) == pytest.approx(5.015165370148, abs=1e-9)
    edge = combined_rer(0.4, 0.3)
    assert edge == pytest.approx(0.3301927, abs=1e-7)
    assert weighted_gsd_m(0.3, 45.0) == pytest.approx(0.3271523, abs=1e-7)
    assert niirs(0.3, edge, 30.0, 45.0) == pytest.approx(5.619765479730, abs=1e-9)


@pytest.mark.parametrize(
    "arguments",
    [
        (0.5, 0.4, 0.0, 90.0),
        (0.0, 0.4, 30.0, 90.0),
        (0.5, -1.0, 30.0, 90.0),
        (0.5, 0.4, np.nan, 90.0),
        (0.5, 0.4, 30.0, 0.0),
        (0.5, 0.4, 30.0, 91.0),
        (np.inf, 0.4, 30.0, 90.0),
    ],
)
def test_no_niirs_without_signal_or_ground(arguments: tuple[float, ...]) -> None:
    with pytest.raises(BadInput) as caught:
        niirs(*arguments)
    assert caught.value.code == "SNS-006"


def test_equivalent_distance_undoes_a_flawless_imager() -> None:
    gsd = np.geomspace(0.01, 30.0, 50)
    assert equivalent_gsd_m(niirs(gsd, 1.0, 1e12)) == pytest.approx(gsd, rel=1e-9)
    assert (equivalent_gsd_m(niirs(gsd, 0.4, 30.0)) > gsd).all()


def test_johnson_has_half_at_its_criterion_and_no_more_than_certainty() -> None:
    assert johnson(1.0) == 0.5
    assert johnson(4.0, 4.0) == 0.5
    pairs = np.concatenate(([0.0], np.geomspace(1e-3, 1e4, 200)))
    chance = johnson(pairs)
    assert chance[0] == 0.0
    assert chance[-1] == 1.0
    assert (np.diff(chance) >= 0.0).all()
    # N / N50 = 2: 2^4.1 / (1 + 2^4.1)
    assert johnson(2.0) == pytest.approx(2.0**4.1 / (1.0 + 2.0**4.1), rel=1e-12)
    assert line_pairs(10.0, 0.5) == 10.0
