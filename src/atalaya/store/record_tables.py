"""The tables of the register of records, and the triggers that make them append-only (SQLite)."""

from sqlalchemy import DDL, BigInteger, Column, Index, Integer, MetaData, String, Table, Text, event

RECORD_SCHEMA = 1
"""Raised with every change of these tables; an unknown newer version is refused, never guessed at."""

METADATA = MetaData()

SETTINGS = Table(
    "rec_settings",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("value", String(256), nullable=False),
)


def _stated(name: str) -> tuple[Column[object], ...]:
    """The columns of a stated time: its bounds as understood when it was recorded, and its own words."""
    return (
        Column(f"{name}_earliest_us", BigInteger, doc="microseconds UTC; null for no time"),
        Column(f"{name}_latest_us", BigInteger),
        Column(f"{name}_text", String(64)),
        Column(f"{name}_precision", String(8)),
        Column(f"{name}_zone", String(64)),
    )


ROWS = Table(
    "rec_rows",
    METADATA,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("id", String(256), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False, doc="JSON, keys sorted"),
    *_stated("from"),
    *_stated("to"),
    *_stated("issued"),
    Column("received_us", BigInteger),
    Column("recorded_us", BigInteger, nullable=False),
    Column("superseded_us", BigInteger, doc="null while the row stands"),
    Column("evidence", String(64), nullable=False, doc="SHA-256 of the document, or empty"),
    Index("rec_rows_by_id", "id", "recorded_us"),
    Index("rec_rows_by_kind", "kind", "recorded_us"),
    Index("rec_rows_by_recorded", "recorded_us"),
    Index("rec_rows_by_superseded", "superseded_us"),
    sqlite_autoincrement=True,
)

_KEPT = " AND ".join(
    f"NEW.{column.name} IS OLD.{column.name}" for column in ROWS.c if column.name != "superseded_us"
)
_ALWAYS, _NEVER = -(2**62), 2**62

TRIGGERS = {
    "rec_no_delete": """
        BEFORE DELETE ON rec_rows
        BEGIN SELECT RAISE(ABORT, 'rec: rows are never deleted'); END""",
    "rec_close_once": f"""
        BEFORE UPDATE ON rec_rows
        WHEN NOT (OLD.superseded_us IS NULL AND NEW.superseded_us IS NOT NULL AND {_KEPT})
        BEGIN SELECT RAISE(ABORT, 'rec: a row is never changed, only closed once'); END""",
    "rec_close_now": """
        BEFORE UPDATE ON rec_rows
        WHEN NEW.superseded_us <= (SELECT max(recorded_us) FROM rec_rows)
          OR NEW.superseded_us < (SELECT max(superseded_us) FROM rec_rows)
        BEGIN SELECT RAISE(ABORT, 'rec: a row is closed at present, never in the past'); END""",
    # INSERT OR REPLACE would delete without asking the trigger above
    "rec_no_replace": """
        BEFORE INSERT ON rec_rows
        WHEN EXISTS (SELECT 1 FROM rec_rows WHERE row = NEW.row)
        BEGIN SELECT RAISE(ABORT, 'rec: a row is never replaced'); END""",
    "rec_insert_now": """
        BEFORE INSERT ON rec_rows
        WHEN NEW.superseded_us IS NOT NULL
          OR NEW.recorded_us < (SELECT max(recorded_us) FROM rec_rows)
          OR NEW.recorded_us < (SELECT max(superseded_us) FROM rec_rows)
        BEGIN SELECT RAISE(ABORT, 'rec: a row is recorded at present, never in the past'); END""",
    "rec_one_kind": """
        BEFORE INSERT ON rec_rows
        WHEN EXISTS (SELECT 1 FROM rec_rows WHERE id = NEW.id AND kind <> NEW.kind)
        BEGIN SELECT RAISE(ABORT, 'rec: this id belongs to another kind'); END""",
    "rec_no_overlap": f"""
        BEFORE INSERT ON rec_rows
        WHEN json_extract(NEW.body, '$.withdrawn') IS NULL AND EXISTS (
          SELECT 1 FROM rec_rows AS o
          WHERE o.id = NEW.id AND o.superseded_us IS NULL AND json_extract(o.body, '$.withdrawn') IS NULL
            AND max(ifnull(o.from_latest_us, {_ALWAYS}), ifnull(NEW.from_latest_us, {_ALWAYS}))
              < min(ifnull(o.to_earliest_us, {_NEVER}), ifnull(NEW.to_earliest_us, {_NEVER})))
        BEGIN SELECT RAISE(ABORT, 'rec: two rows of this id would hold at one instant'); END""",
}
"""What the database itself refuses, whoever writes: name and body of each trigger."""

for _name, _body in TRIGGERS.items():
    _statement = DDL(f"CREATE TRIGGER IF NOT EXISTS {_name} {_body}")  # type: ignore[no-untyped-call]
    event.listen(ROWS, "after_create", _statement.execute_if(dialect="sqlite"))
