"""The catalogue's tables, written once for every database (SQLAlchemy Core)."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

SCHEMA_VERSION = 1
"""Raised with every change of these tables; an unknown newer version is refused, never guessed at."""

METADATA = MetaData()

SETTINGS = Table(
    "settings",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
)

CLIPS = Table(
    "clips",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(512), nullable=False, doc="file name as first received"),
    Column("bytes", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False, doc="mpegts, mp4, klv, still, live"),
    Column("received_us", BigInteger, nullable=False, doc="microseconds UTC"),
    Column("start_us", BigInteger, doc="first frame, microseconds UTC"),
    Column("end_us", BigInteger, doc="last frame, microseconds UTC"),
    Column("frames", Integer, nullable=False),
    Column("west_deg", Float),
    Column("south_deg", Float),
    Column("east_deg", Float),
    Column("north_deg", Float),
    Index("clips_by_time", "start_us", "end_us"),
)

EXPLOITS = Table(
    "exploits",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column(
        "variant", String(32), primary_key=True, doc="how it was read: repaired, as-recorded, keyframes ..."
    ),
    Column("version", String(32), nullable=False, doc="of the program that made it"),
    Column("result", JSON, nullable=False, doc="the atalaya.exploit/1 object"),
    ForeignKeyConstraint(["sha256"], ["clips.sha256"]),
)

OUTPUTS = Table(
    "outputs",
    METADATA,
    Column("sha256", String(64), primary_key=True, doc="of the clip"),
    Column("variant", String(64), primary_key=True),
    Column(
        "kind",
        String(32),
        primary_key=True,
        doc="frames, geopackage, footprints, track, targets, map, verdict",
    ),
    Column("path", String(512), nullable=False, doc="relative to the workspace"),
    Column("content_sha256", String(64), nullable=False),
    ForeignKeyConstraint(["sha256", "variant"], ["exploits.sha256", "exploits.variant"]),
)
