"""The item tables as documentation: one Markdown table for each set, generated, never written by hand."""

from atalaya.klv import st0903_sets
from atalaya.klv.item import Item, Kind
from atalaya.klv.packet import TABLES
from atalaya.klv.table import Table

_KINDS = {
    Kind.LINEAR_UNSIGNED: "unsigned map",
    Kind.LINEAR_SIGNED: "signed map",
    Kind.IMAPB: "IMAPB",
    Kind.UINT: "unsigned",
    Kind.INT: "signed",
    Kind.TIME: "time",
    Kind.TEXT: "text",
    Kind.FLOAT: "IEEE 754",
    Kind.NESTED: "set or pack",
    Kind.BYTES: "bytes",
}


def reference() -> str:
    """Every item of every set this software reads, as Markdown."""
    tables = [*TABLES.values(), st0903_sets.TARGET, st0903_sets.LEGACY_TARGET]
    return "\n".join(_section(table) for table in tables)


def _section(table: Table) -> str:
    rows = [
        f"## {table.name}",
        "",
        "| item | name | title | coding | bytes | range | unit | datum |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(item) for item in table.items),
        "",
    ]
    return "\n".join(rows)


def _row(item: Item) -> str:
    size = str(item.length) if item.length else f"≤ {item.max_length}" if item.max_length else "free"
    span = f"{item.low:g} … {item.high:g}" if item.low or item.high else ""
    cells = (
        str(item.tag),
        f"`{item.name}`",
        item.title,
        _KINDS[item.kind],
        size,
        span,
        item.unit,
        item.datum,
    )
    return "| " + " | ".join(cells) + " |"
