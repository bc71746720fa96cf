"""Grid references against GEOTRANS (the `mgrs` package 1.6.0 from PyPI, which wraps it), and read back."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.mgrs import from_mgrs, mgrs

GEOTRANS = (
    (-63.4202, -62.8471, "20EMR7860431376"),
    (54.3364, -76.9615, "40CDV3294056004"),
    (12.9175, -24.176, "33JTP8844424712"),
    (-159.1204, 1.3384, "04NDG8660647934"),
    (-166.5016, -11.9438, "03LUG3648679217"),
    (-154.852, -73.6717, "05CMU4189123686"),
    (-27.1731, 58.8334, "26VML9000721514"),
    (-135.4313, -49.817, "08FMK6897281626"),
    (45.876, 80.5876, "38XNQ1599247292"),
    (27.7571, -18.5975, "35KNV7987643539"),
    (171.4518, -81.6151, "BBC3861177837"),
    (129.0486, -37.8703, "52HED0427408574"),
    (-128.0682, -68.7974, "09DWD3760867943"),
    (-68.9465, 56.9027, "19VED0325806556"),
    (-114.9385, 14.688, "11PQS2198624830"),
    (50.0088, -22.9684, "39KUQ9839359635"),
    (17.188, -78.698, "33CWN4785862835"),
    (-158.5436, -52.9274, "04FEG3068035708"),
    (64.944, -13.0334, "41LQF1081858363"),
    (-66.907, 15.4011, "19PGT2463103780"),
    (-16.8536, -36.0419, "28HCF3301809814"),
    (105.9766, 35.819, "48SWE8822064313"),
    (-92.1253, 13.3963, "15PWQ9470481129"),
    (9.0707, 67.5247, "32WNV0301689875"),
    (82.6003, -38.1712, "44HPC4017973979"),
    (172.8629, -68.7482, "59DND7534672572"),
    (-29.4758, 46.2854, "26TLS0928328737"),
    (-125.2856, -1.9866, "10MBC4575480244"),
    (-165.8854, 30.2789, "03RVP1484350022"),
    (95.2455, 13.1447, "46PGV4341954222"),
    (3.1, 60.0, "32VJM7120366091"),
    (2.9, 60.0, "31VDG9442251415"),
    (11.9, 63.9, "32VPR4231489106"),
    (8.9, 72.1, "31XGA0211009999"),
    (9.1, 75, "33XUD2980732079"),
    (20.9, 80, "33XXJ1418587381"),
    (21.1, 83.9, "35XMP3012420510"),
    (33.5, 83, "37XDN2527820021"),
    (41.9, 78, "37XEG6728260035"),
    (0.001, 84.001, "ZAA0001133383"),
    (-120, -80.001, "ALG3625243580"),
    (100.3, -88, "BCM1849060293"),
    (-45, 89.9, "YZG9214992149"),
    (180, 0.5, "01NAA6603455341"),
    (-180, -0.5, "01MAV6603444658"),
    (151.2153, -33.8568, "56HLH3490052288"),
    (-77.0365, 38.8977, "18SUJ2339407395"),
    (2.2945, 48.8582, "31UDQ4825111932"),
    (-99.1332, 19.4326, "14QMG8601748700"),
    (52.9664, 88.7573, "ZBG1014216900"),
    (63.432, -80.2813, "BPS6729583710"),
    (-57.5807, -80.5364, "APT1112664516"),
    (125.6173, 88.7585, "ZBH1205480274"),
    (15.5421, -85.1324, "BBT4488720959"),
    (10.1194, 86.1302, "ZAC7551576889"),
    (112.144, 87.2867, "ZCJ7907113568"),
    (-51.9975, -84.7836, "ATR4334056813"),
    (157.3276, 87.8469, "ZAK9215320597"),
    (-132.8458, -87.4363, "AXL9127806411"),
)


@pytest.mark.proves("RPT-106")
@pytest.mark.parametrize(("lon", "lat", "reference"), GEOTRANS)
def test_references_are_those_of_geotrans(lon: float, lat: float, reference: str) -> None:
    assert mgrs(lon, lat).replace(" ", "") == reference


@pytest.mark.proves("RPT-106")
@given(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0), st.integers(1, 5))
@example(3.0, -80.0, 5)
@example(0.0, 84.0, 1)
@example(179.999999, 72.0, 2)
def test_the_square_that_is_named_holds_the_place(lon: float, lat: float, digits: int) -> None:
    side_m = 10.0 ** (5 - digits)
    corner_lon, corner_lat = from_mgrs(mgrs(lon, lat, digits))
    place, corner = geodetic_to_ecef(lon, lat, 0.0), geodetic_to_ecef(corner_lon, corner_lat, 0.0)
    # a square of the grid is turned and scaled by at most a few per cent: its diagonal bounds the distance
    assert math.dist(place, corner) <= side_m * math.sqrt(2.0) * 1.01 + 0.01


@given(st.floats(-179.9, 179.9), st.floats(-79.9, 83.9))
def test_fewer_digits_are_the_same_digits_cut(lon: float, lat: float) -> None:
    square, band, east, north = mgrs(lon, lat).split()
    assert mgrs(lon, lat, 3) == f"{square} {band} {east[:3]} {north[:3]}"
    assert mgrs(lon, lat, 0) == f"{square} {band}"


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 0.0), (0.0, 90.1), (math.inf, 0.0), (0.0, math.nan)])
def test_what_is_no_place_has_no_reference(lon: float, lat: float) -> None:
    with pytest.raises(BadInput, match="RPT-004"):
        mgrs(lon, lat)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31U",
        "31U DQ 4825 119",
        "61U DQ 1 1",
        "31I DQ 1 1",
        "31U IQ 1 1",
        "00U DQ 11",
        "C AB 11",
        "x" * 99,
        "31C DE 00000 00000",
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="RPT-005"):
        from_mgrs(text)


@given(st.text(max_size=24) | st.from_regex(r"[0-9]{0,2}[A-Z]{3}([0-9]{2}){0,5}", fullmatch=True))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    try:
        lon, lat = from_mgrs(text)
    except BadInput as error:
        assert error.code == "RPT-005"  # noqa: PT017
    else:
        assert -180.0 <= lon < 180.0
        assert -90.0 <= lat <= 90.0
