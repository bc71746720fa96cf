"""Boundary layers, inspections and comparisons as tables and JSON."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.clock import iso
from atalaya.base.language import printable, say
from atalaya.law.boundary.record import LayerRecord

if TYPE_CHECKING:  # they load numba, which listing layers does not need
    from atalaya.law.boundary.comparison import AreaComparison, Spread
    from atalaya.law.boundary.inspection import Inspection
    from atalaya.law.boundary.layer import Layer

COLUMNS = 12


def layer_json(layer: "Layer") -> dict[str, Any]:
    """A layer without its polygons."""
    return record_json(layer.record, layer.areas)


def record_json(record: LayerRecord, areas: Sequence[str]) -> dict[str, Any]:
    """A record with the codes of its areas."""
    return {**record.as_json(), "sovereign": record.is_sovereign, "areas": list(areas)}


def added(layer: "Layer", folder: Path) -> str:
    """What was added, and what had to be repaired."""
    record = layer.record
    values = {"name": printable(record.name), "edition": printable(record.edition), "folder": folder}
    lines = [say("law.added", **values, areas=len(layer.areas), bound=_bound(record.bound_m))]
    lines += [_repair_line(repair) for repair in record.repairs]
    return "\n".join(lines)


def table_of_layers(layers: Sequence[tuple[LayerRecord, Sequence[str]]]) -> str:
    """One line per layer."""
    names = ("name", "edition", "kind", "areas", "bound", "valid", "licence")
    rows = [[say(f"law.head.{name}") for name in names]]
    for record, areas in layers:
        valid = f"{_day(record.valid_from_us)} .. {_day(record.valid_to_us)}"
        kind = say(f"law.kind.{record.kind}")
        cells = [record.name, record.edition, kind, str(len(areas)), _bounds(record), valid]
        rows.append([printable(cell) for cell in (*cells, record.licence)])
    return _table(rows)


def inspection(layer: "Layer", seen: "Inspection", bounds: "Sequence[AreaComparison]") -> str:
    """What was seen of a layer."""
    total = f"{sum(seen.areas_km2.values()):,.0f}"
    lines = [
        say("law.check.sizes", areas=seen.areas, edges=seen.edges, km2=total),
        say("law.check.edge", longest=f"{seen.longest_edge_m:,.0f}", aside=f"{seen.aside_m:,.1f}"),
        say("law.check.overlaps", count=len(seen.overlaps), gaps=f"{seen.gaps_km2:,.2f}"),
    ]
    lines += [f"  {'/'.join(one.areas)}: {one.area_km2:,.2f} km2" for one in seen.overlaps[:COLUMNS]]
    lines += [_repair_line(repair) for repair in layer.record.repairs]
    for finding in seen.findings:
        place = f" ({printable(finding.where)})" if finding.where else ""
        lines.append(f"{finding.code}  {finding.message}{place}")
    lines += [say("law.check.bound", area=row.area, bound=f"{row.bound_m:,.0f}") for row in bounds]
    return "\n".join(lines)


def inspection_json(layer: "Layer", seen: "Inspection", bounds: "Sequence[AreaComparison]") -> dict[str, Any]:
    """An inspection as plain values."""
    shown = asdict(seen)
    shown["findings"] = [finding.as_json() for finding in seen.findings]
    return {"layer": layer_json(layer), **_plain(shown), "against": [comparison_json(row) for row in bounds]}


def comparison(rows: "Sequence[AreaComparison]", first: str, second: str) -> str:
    """Distances both ways and ground held by one layer only."""
    head = ["", *(say(f"law.compare.{name}") for name in ("places", "median", "p90", "p99", "max"))]
    blocks = []
    for row in rows:
        title = row.area + (f" - {row.line}" if row.line else "")
        table = _table(
            [
                head,
                _spread_row(f"{first} -> {second}", row.there),
                _spread_row(f"{second} -> {first}", row.back),
            ]
        )
        only = {"first": f"{row.only_first_km2:,.0f}", "second": f"{row.only_second_km2:,.0f}"}
        lines = [title, table, say("law.compare.bound", bound=f"{row.bound_m:,.0f}")]
        lines.append(say("law.compare.only", **only))
        for offset, share in row.outside.items():
            if not math.isnan(share):
                percent = f"{100 * share:.2f}"
                lines.append(say("law.compare.outside", metres=f"{offset:,.0f}", percent=percent))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def comparison_json(row: "AreaComparison") -> dict[str, Any]:
    """A comparison as plain values; what could not be measured is null."""
    shown = asdict(row)
    shown["outside"] = [{"metres": offset, "share_inside": share} for offset, share in row.outside.items()]
    plain: dict[str, Any] = _plain(shown)
    return plain


def _spread_row(title: str, spread: "Spread") -> list[str]:
    metres = (spread.median_m, spread.p90_m, spread.p99_m, spread.max_m)
    return [title, str(spread.places), *("-" if math.isnan(value) else f"{value:,.0f}" for value in metres)]


def _repair_line(repair: Any) -> str:
    changed = "-" if math.isnan(repair.changed_km2) else f"{repair.changed_km2:+,.3f}"
    return "  " + say(f"law.repair.{repair.what}", feature=printable(repair.feature), km2=changed)


def _bound(metres: float) -> str:
    return f"{metres:,.0f} m" if math.isfinite(metres) else say("law.bound.unknown")


def _bounds(record: LayerRecord) -> str:
    """The bound, or the smallest and largest where sections have their own."""
    smallest = min([record.bound_m, *(section.bound_m for section in record.sections)])
    largest = _bound(record.bound_m)
    return largest if smallest == record.bound_m else f"{smallest:,.0f} .. {largest}"


def _day(t_us: int | None) -> str:
    return iso(t_us)[:10] if t_us is not None else "-"


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _plain(value: Any) -> Any:
    """NaN and infinity as null."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
