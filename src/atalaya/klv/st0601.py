"""ST 0601.19, UAS Datalink Local Set: the one table that decoder, encoder, columns, docs and verdict read.

Names are column names and JSON keys: snake case with unit and vertical datum. Angles are degrees, positions
WGS 84. Items 60 to 62 and 140 (stores and weapons) and the withdrawn item 66 are kept as bytes and never
interpreted.
"""

from typing import Final

from atalaya.klv.item import Item, Kind
from atalaya.klv.values import State

CHECKSUM: Final = 1
TIME: Final = 2
VERSION: Final = 65
LATEST_VERSION: Final = 19
STORES_TAGS: Final = (60, 61, 140)
"""Items on stores and weapons; an unarmed aircraft leaves them out or zero."""

_TRUE = "true north"
_WGS84 = "WGS84"
_RANGE = State.OUT_OF_RANGE
_OFF = State.OFF_EARTH


def _unsigned(
    tag: int,
    name: str,
    title: str,
    low: float,
    high: float,
    length: int,
    unit: str,
    datum: str = "",
    better: int = 0,
) -> Item:
    return Item(
        tag, name, title, Kind.LINEAR_UNSIGNED, low, high, length, unit=unit, datum=datum, preferred=better
    )


def _signed(
    tag: int,
    name: str,
    title: str,
    high: float,
    length: int,
    special: State,
    unit: str = "deg",
    better: int = 0,
) -> Item:
    kind = Kind.LINEAR_SIGNED
    datum = _WGS84 if "latitude" in name or "longitude" in name else ""
    return Item(
        tag, name, title, kind, -high, high, length, unit=unit, datum=datum, special=special, preferred=better
    )


def _height(tag: int, name: str, title: str, better: int = 0) -> Item:
    """A 16-bit height, -900 to 19000 m; its datum is in its name."""
    datum = "HAE" if "_hae_" in name else "MSL" if "_msl_" in name else ""
    return _unsigned(tag, name, title, -900, 19000, 2, "m", datum, better)


def _imapb(
    tag: int, name: str, title: str, low: float, high: float, unit: str, longest: int = 8, datum: str = ""
) -> Item:
    return Item(tag, name, title, Kind.IMAPB, low, high, max_length=longest, unit=unit, datum=datum)


def _text(tag: int, name: str, title: str, longest: int = 127) -> Item:
    return Item(tag, name, title, Kind.TEXT, max_length=longest)


def _uint(tag: int, name: str, title: str, length: int = 1, unit: str = "", high: float = 0) -> Item:
    return Item(tag, name, title, Kind.UINT, 0, high, length, unit=unit)


def _code(tag: int, name: str, title: str, *meanings: str) -> Item:
    """One byte that counts from 0 through `meanings`."""
    return Item(tag, name, title, Kind.UINT, 0, len(meanings) - 1, length=1, codes=tuple(enumerate(meanings)))


def _flags(tag: int, name: str, title: str, *meanings: str) -> Item:
    """One byte of flags, lowest bit first."""
    high = (1 << len(meanings)) - 1
    return Item(tag, name, title, Kind.UINT, 0, high, length=1, bits=tuple(enumerate(meanings)))


def _free(tag: int, name: str, title: str, kind: Kind, longest: int, unit: str) -> Item:
    return Item(tag, name, title, kind, max_length=longest, unit=unit)


def _nested(tag: int, name: str, title: str, nested: str, multiple: bool = False) -> Item:
    return Item(tag, name, title, Kind.NESTED, nested=nested, multiple=multiple)


def _raw(tag: int, name: str, title: str, length: int = 0, deprecated: bool = False) -> Item:
    return Item(tag, name, title, Kind.BYTES, length=length, deprecated=deprecated)


ITEMS: Final[tuple[Item, ...]] = (
    _uint(1, "checksum", "Checksum", 2),
    Item(
        2,
        "precision_time_stamp_us",
        "Precision Time Stamp",
        Kind.TIME,
        length=8,
        unit="us",
        datum="MISP time",
    ),
    _text(3, "mission_id", "Mission ID"),
    _text(4, "platform_tail_number", "Platform Tail Number"),
    _unsigned(5, "platform_heading_true_deg", "Platform Heading Angle", 0, 360, 2, "deg", _TRUE),
    _signed(6, "platform_pitch_deg", "Platform Pitch Angle", 20, 2, _RANGE, better=90),
    _signed(7, "platform_roll_deg", "Platform Roll Angle", 50, 2, _RANGE, better=91),
    _uint(8, "platform_true_airspeed_mps", "Platform True Airspeed", 1, "m/s"),
    _uint(9, "platform_indicated_airspeed_mps", "Platform Indicated Airspeed", 1, "m/s"),
    _text(10, "platform_designation", "Platform Designation"),
    _text(11, "image_source_sensor", "Image Source Sensor"),
    _text(12, "image_coordinate_system", "Image Coordinate System"),
    _signed(13, "sensor_latitude_deg", "Sensor Latitude", 90, 4, State.RESERVED),
    _signed(14, "sensor_longitude_deg", "Sensor Longitude", 180, 4, State.RESERVED),
    _height(15, "sensor_altitude_msl_m", "Sensor True Altitude", better=75),
    _unsigned(16, "sensor_hfov_deg", "Sensor Horizontal Field of View", 0, 180, 2, "deg"),
    _unsigned(17, "sensor_vfov_deg", "Sensor Vertical Field of View", 0, 180, 2, "deg"),
    _unsigned(18, "sensor_rel_azimuth_deg", "Sensor Relative Azimuth Angle", 0, 360, 4, "deg", "platform"),
    _signed(19, "sensor_rel_elevation_deg", "Sensor Relative Elevation Angle", 180, 4, State.RESERVED),
    _unsigned(20, "sensor_rel_roll_deg", "Sensor Relative Roll Angle", 0, 360, 4, "deg", "platform"),
    _unsigned(21, "slant_range_m", "Slant Range", 0, 5_000_000, 4, "m"),
    _unsigned(22, "target_width_m", "Target Width", 0, 10_000, 2, "m", better=96),
    _signed(23, "frame_centre_latitude_deg", "Frame Center Latitude", 90, 4, _OFF),
    _signed(24, "frame_centre_longitude_deg", "Frame Center Longitude", 180, 4, _OFF),
    _height(25, "frame_centre_elevation_msl_m", "Frame Center Elevation", better=78),
    _signed(26, "corner_offset_latitude_1_deg", "Offset Corner Latitude Point 1", 0.075, 2, _OFF, better=82),
    _signed(
        27, "corner_offset_longitude_1_deg", "Offset Corner Longitude Point 1", 0.075, 2, _OFF, better=83
    ),
    _signed(28, "corner_offset_latitude_2_deg", "Offset Corner Latitude Point 2", 0.075, 2, _OFF, better=84),
    _signed(
        29, "corner_offset_longitude_2_deg", "Offset Corner Longitude Point 2", 0.075, 2, _OFF, better=85
    ),
    _signed(30, "corner_offset_latitude_3_deg", "Offset Corner Latitude Point 3", 0.075, 2, _OFF, better=86),
    _signed(
        31, "corner_offset_longitude_3_deg", "Offset Corner Longitude Point 3", 0.075, 2, _OFF, better=87
    ),
    _signed(32, "corner_offset_latitude_4_deg", "Offset Corner Latitude Point 4", 0.075, 2, _OFF, better=88),
    _signed(
        33, "corner_offset_longitude_4_deg", "Offset Corner Longitude Point 4", 0.075, 2, _OFF, better=89
    ),
    _code(34, "icing_detected", "Icing Detected", "detector off", "no icing", "icing"),
    _unsigned(35, "wind_direction_true_deg", "Wind Direction", 0, 360, 2, "deg", _TRUE),
    _unsigned(36, "wind_speed_mps", "Wind Speed", 0, 100, 1, "m/s"),
    _unsigned(37, "static_pressure_hpa", "Static Pressure", 0, 5000, 2, "hPa"),
    _height(38, "density_altitude_m", "Density Altitude", better=103),
    Item(39, "outside_air_temperature_c", "Outside Air Temperature", Kind.INT, length=1, unit="degC"),
    _signed(40, "target_latitude_deg", "Target Location Latitude", 90, 4, _OFF),
    _signed(41, "target_longitude_deg", "Target Location Longitude", 180, 4, _OFF),
    _height(42, "target_elevation_m", "Target Location Elevation"),
    _unsigned(43, "target_gate_width_px", "Target Track Gate Width", 0, 510, 1, "px"),
    _unsigned(44, "target_gate_height_px", "Target Track Gate Height", 0, 510, 1, "px"),
    _unsigned(45, "target_error_ce90_m", "Target Error Estimate - CE90", 0, 4095, 2, "m"),
    _unsigned(46, "target_error_le90_m", "Target Error Estimate - LE90", 0, 4095, 2, "m"),
    _flags(
        47,
        "generic_flags",
        "Generic Flag Data",
        "laser range",
        "auto-track",
        "IR black hot",
        "icing detected",
        "slant range measured",
        "image invalid",
    ),
    _nested(48, "security", "Security Local Set", "st0102"),
    _unsigned(49, "differential_pressure_hpa", "Differential Pressure", 0, 5000, 2, "hPa"),
    _signed(50, "platform_angle_of_attack_deg", "Platform Angle of Attack", 20, 2, _RANGE, better=92),
    _signed(51, "platform_vertical_speed_mps", "Platform Vertical Speed", 180, 2, _RANGE, "m/s"),
    _signed(52, "platform_sideslip_deg", "Platform Sideslip Angle", 20, 2, _RANGE, better=93),
    _unsigned(53, "airfield_pressure_hpa", "Airfield Barometric Pressure", 0, 5000, 2, "hPa"),
    _height(54, "airfield_elevation_msl_m", "Airfield Elevation"),
    _unsigned(55, "relative_humidity_pct", "Relative Humidity", 0, 100, 1, "%"),
    _uint(56, "platform_ground_speed_mps", "Platform Ground Speed", 1, "m/s"),
    _unsigned(57, "ground_range_m", "Ground Range", 0, 5_000_000, 4, "m"),
    _unsigned(58, "platform_fuel_kg", "Platform Fuel Remaining", 0, 10_000, 2, "kg"),
    _text(59, "platform_call_sign", "Platform Call Sign"),
    _raw(60, "weapon_load", "Weapon Load", 2),
    _raw(61, "weapon_fired", "Weapon Fired", 1),
    _raw(62, "laser_prf_code", "Laser PRF Code", 2),
    _code(
        63,
        "sensor_fov_name",
        "Sensor Field of View Name",
        "ultranarrow",
        "narrow",
        "medium",
        "wide",
        "ultrawide",
        "narrow medium",
        "2x ultranarrow",
        "4x ultranarrow",
        "continuous zoom",
    ),
    _unsigned(
        64, "platform_heading_magnetic_deg", "Platform Magnetic Heading", 0, 360, 2, "deg", "magnetic north"
    ),
    _uint(65, "uas_ls_version", "UAS Datalink LS Version Number"),
    _raw(66, "item_66_withdrawn", "Deprecated", deprecated=True),
    _signed(67, "alternate_platform_latitude_deg", "Alternate Platform Latitude", 90, 4, State.RESERVED),
    _signed(68, "alternate_platform_longitude_deg", "Alternate Platform Longitude", 180, 4, State.RESERVED),
    _height(69, "alternate_platform_altitude_msl_m", "Alternate Platform Altitude", better=76),
    _text(70, "alternate_platform_name", "Alternate Platform Name"),
    _unsigned(
        71, "alternate_platform_heading_true_deg", "Alternate Platform Heading", 0, 360, 2, "deg", _TRUE
    ),
    Item(72, "event_start_time_us", "Event Start Time", Kind.TIME, length=8, unit="us", datum="UTC"),
    _nested(73, "rvt", "RVT Local Set", "st0806"),
    _nested(74, "vmti", "VMTI Local Set", "st0903"),
    _height(75, "sensor_height_hae_m", "Sensor Ellipsoid Height", better=104),
    _height(76, "alternate_platform_height_hae_m", "Alternate Platform Ellipsoid Height", better=105),
    _code(
        77,
        "operational_mode",
        "Operational Mode",
        "other",
        "operational",
        "training",
        "exercise",
        "maintenance",
        "test",
    ),
    _height(78, "frame_centre_height_hae_m", "Frame Center Height Above Ellipsoid"),
    _signed(79, "sensor_north_velocity_mps", "Sensor North Velocity", 327, 2, _RANGE, "m/s"),
    _signed(80, "sensor_east_velocity_mps", "Sensor East Velocity", 327, 2, _RANGE, "m/s"),
    _nested(81, "image_horizon", "Image Horizon Pixel Pack", "horizon"),
    _signed(82, "corner_latitude_1_deg", "Corner Latitude Point 1 (Full)", 90, 4, _OFF),
    _signed(83, "corner_longitude_1_deg", "Corner Longitude Point 1 (Full)", 180, 4, _OFF),
    _signed(84, "corner_latitude_2_deg", "Corner Latitude Point 2 (Full)", 90, 4, _OFF),
    _signed(85, "corner_longitude_2_deg", "Corner Longitude Point 2 (Full)", 180, 4, _OFF),
    _signed(86, "corner_latitude_3_deg", "Corner Latitude Point 3 (Full)", 90, 4, _OFF),
    _signed(87, "corner_longitude_3_deg", "Corner Longitude Point 3 (Full)", 180, 4, _OFF),
    _signed(88, "corner_latitude_4_deg", "Corner Latitude Point 4 (Full)", 90, 4, _OFF),
    _signed(89, "corner_longitude_4_deg", "Corner Longitude Point 4 (Full)", 180, 4, _OFF),
    _signed(90, "platform_pitch_full_deg", "Platform Pitch Angle (Full)", 90, 4, _RANGE),
    _signed(91, "platform_roll_full_deg", "Platform Roll Angle (Full)", 90, 4, _RANGE),
    _signed(92, "platform_angle_of_attack_full_deg", "Platform Angle of Attack (Full)", 90, 4, _RANGE),
    _signed(93, "platform_sideslip_full_deg", "Platform Sideslip Angle (Full)", 180, 4, _RANGE),
    _nested(94, "miis_core_id", "MIIS Core Identifier", "st1204"),
    _nested(95, "sar_motion_imagery", "SAR Motion Imagery Local Set", "st1206"),
    _imapb(96, "target_width_extended_m", "Target Width Extended", 0, 1_500_000, "m"),
    _nested(97, "range_image", "Range Image Local Set", "st1002"),
    _nested(98, "geo_registration", "Geo-Registration Local Set", "st1601"),
    _nested(99, "composite_imaging", "Composite Imaging Local Set", "st1602"),
    _nested(100, "segment", "Segment Local Set", "st1607_segment", multiple=True),
    _nested(101, "amend", "Amend Local Set", "st1607_amend", multiple=True),
    _nested(102, "sdcc", "SDCC-FLP", "st1010", multiple=True),
    _imapb(103, "density_altitude_extended_m", "Density Altitude Extended", -900, 40_000, "m"),
    _imapb(
        104,
        "sensor_height_extended_hae_m",
        "Sensor Ellipsoid Height Extended",
        -900,
        40_000,
        "m",
        datum="HAE",
    ),
    _imapb(
        105,
        "alternate_platform_height_extended_hae_m",
        "Alternate Platform Ellipsoid Height Extended",
        -900,
        40_000,
        "m",
        datum="HAE",
    ),
    _text(106, "stream_designator", "Stream Designator"),
    _text(107, "operational_base", "Operational Base"),
    _text(108, "broadcast_source", "Broadcast Source"),
    _imapb(109, "range_to_recovery_km", "Range To Recovery Location", 0, 21_000, "km", 4),
    _free(110, "time_airborne_s", "Time Airborne", Kind.UINT, 4, "s"),
    _free(111, "propulsion_speed_rpm", "Propulsion Unit Speed", Kind.UINT, 4, "rpm"),
    _imapb(112, "platform_course_true_deg", "Platform Course Angle", 0, 360, "deg", datum=_TRUE),
    _imapb(113, "altitude_agl_m", "Altitude AGL", -900, 40_000, "m", 4, "AGL"),
    _imapb(114, "radar_altimeter_m", "Radar Altimeter", -900, 40_000, "m", 4, "AGL"),
    _nested(115, "control_command", "Control Command", "control_command", multiple=True),
    _nested(116, "control_command_verification", "Control Command Verification List", "oid_list"),
    _imapb(117, "sensor_azimuth_rate_dps", "Sensor Azimuth Rate", -1000, 1000, "deg/s", 4),
    _imapb(118, "sensor_elevation_rate_dps", "Sensor Elevation Rate", -1000, 1000, "deg/s", 4),
    _imapb(119, "sensor_roll_rate_dps", "Sensor Roll Rate", -1000, 1000, "deg/s", 4),
    _imapb(120, "storage_full_pct", "On-board MI Storage Percent Full", 0, 100, "%", 3),
    _nested(121, "active_wavelengths", "Active Wavelength List", "oid_list"),
    _nested(122, "country_codes", "Country Codes", "country_codes"),
    _uint(123, "navsats_in_view", "Number of NAVSATs in View"),
    _flags(
        124,
        "positioning_method",
        "Positioning Method Source",
        "INS",
        "GPS",
        "Galileo",
        "QZSS",
        "NAVIC",
        "GLONASS",
        "BeiDou-1",
        "BeiDou-2",
    ),
    _code(
        125,
        "platform_status",
        "Platform Status",
        "active",
        "pre-flight",
        "pre-flight taxiing",
        "run-up",
        "take-off",
        "ingress",
        "manual operation",
        "automated orbit",
        "transitioning",
        "egress",
        "landing",
        "landed taxiing",
        "landed parked",
    ),
    _code(
        126,
        "sensor_control_mode",
        "Sensor Control Mode",
        "off",
        "home position",
        "uncontrolled",
        "manual control",
        "calibrating",
        "auto holding position",
        "auto tracking",
    ),
    _nested(127, "sensor_frame_rate", "Sensor Frame Rate Pack", "frame_rate"),
    _nested(128, "wavelengths", "Wavelengths List", "wavelengths"),
    _text(129, "target_id", "Target ID", 32),
    _nested(130, "airbase_locations", "Airbase Locations", "airbases"),
    Item(131, "takeoff_time_us", "Take-off Time", Kind.TIME, max_length=8, unit="us", datum="MISP time"),
    _imapb(132, "transmission_frequency_mhz", "Transmission Frequency", 1, 99_999, "MHz", 4),
    _free(133, "storage_capacity_gb", "On-board MI Storage Capacity", Kind.UINT, 4, "GB"),
    _imapb(134, "zoom_pct", "Zoom Percentage", 0, 100, "%", 4),
    _text(135, "communications_method", "Communications Method"),
    _free(136, "leap_seconds_s", "Leap Seconds", Kind.INT, 4, "s"),
    _free(137, "correction_offset_us", "Correction Offset", Kind.INT, 8, "us"),
    _nested(138, "payloads", "Payload List", "payloads"),
    _nested(139, "active_payloads", "Active Payloads", "bit_list"),
    _raw(140, "weapons_stores", "Weapons Stores"),
    _nested(141, "waypoints", "Waypoint List", "waypoints"),
    _nested(142, "view_domain", "View Domain", "view_domain"),
)
"""Every item of ST 0601.19, in order of tag."""

BY_TAG: Final[dict[int, Item]] = {item.tag: item for item in ITEMS}
BY_NAME: Final[dict[str, Item]] = {item.name: item for item in ITEMS}
