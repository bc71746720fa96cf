"""`atalaya law layer add|check|compare|list`: boundary layers, what they are and how far they disagree."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import printable, say
from atalaya.cli import law_text

if TYPE_CHECKING:
    from atalaya.law.boundary.layer import Layer
    from atalaya.store.workspace import Workspace

layer = App(name="layer", help=say("cli.law.layer.help"))

KindName = Literal["territory", "internal_waters", "territorial_sea", "sovereign", "fir", "adiz", "eez"]
EdgeName = Literal["geodesic", "planar", "parallel"]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))]
Place = Annotated[Path | None, Parameter(help=say("cli.law.workspace"), env_var="ATALAYA_WORKSPACE")]


@layer.command(help=say("cli.law.add.help"))
def add(
    file: Annotated[Path, Parameter(help=say("cli.law.file"))],
    /,
    *,
    name: Annotated[str, Parameter(help=say("cli.law.name"))],
    edition: Annotated[str, Parameter(help=say("cli.law.edition"))],
    kind: Annotated[KindName, Parameter(help=say("cli.law.kind"))],
    licence: Annotated[str, Parameter(help=say("cli.law.licence"))],
    edge: Annotated[EdgeName, Parameter(help=say("cli.law.edge"))] = "geodesic",
    viewpoint: Annotated[str, Parameter(help=say("cli.law.viewpoint"))] = "operator",
    source: Annotated[str, Parameter(help=say("cli.law.source"))] = "",
    attribution: Annotated[str, Parameter(help=say("cli.law.attribution"))] = "",
    key: Annotated[str | None, Parameter(help=say("cli.law.key"))] = None,
    valid_from: Annotated[str | None, Parameter(help=say("cli.law.valid_from"))] = None,
    valid_to: Annotated[str | None, Parameter(help=say("cli.law.valid_to"))] = None,
    bound_m: Annotated[float | None, Parameter(help=say("cli.law.bound"))] = None,
    sigma_m: Annotated[float | None, Parameter(help=say("cli.law.sigma"))] = None,
    measured: Annotated[str, Parameter(help=say("cli.law.measured"))] = "",
    workspace: Annotated[Path, Parameter(help=say("cli.law.workspace"), env_var="ATALAYA_WORKSPACE")] = Path(
        "atalaya-workspace"
    ),
    as_json: AsJson = False,
) -> int:
    """Add a layer."""
    from atalaya.campaign.boundary_layers import add_layer
    from atalaya.law.boundary.record import Edge, Kind, LayerRecord
    from atalaya.law.boundary.shelf import open_layer
    from atalaya.store.workspace import Workspace

    record = LayerRecord(
        name=_text("--name", name),
        edition=_text("--edition", edition),
        source=source or file.name,
        licence=_text("--licence", licence),
        attribution=attribution,
        viewpoint=viewpoint,
        kind=Kind(kind),
        edge=Edge(edge),
        valid_from_us=_instant("--valid-from", valid_from),
        valid_to_us=_instant("--valid-to", valid_to),
        bound_m=_metres("--bound-m", bound_m),
        sigma_m=_metres("--sigma-m", sigma_m if sigma_m is not None else bound_m),
        measured=measured,
    )
    folder = add_layer(Workspace.open(workspace), file, record, key)
    added = open_layer(folder)
    if as_json:
        shown = {"schema": "atalaya.law-layer-add/1", "folder": str(folder), **law_text.layer_json(added)}
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(law_text.added(added, folder))
    return 0


@layer.command(name="list", help=say("cli.law.list.help"))
def list_layers(*, workspace: Place = None, as_json: AsJson = False) -> int:
    """List layers."""
    from atalaya.law.boundary.shelf import areas_in, open_record, packaged_names, records_in

    found = [(open_record(name), areas_in(name)) for name in packaged_names()]
    place = _workspace(workspace)
    if place is not None:
        added = [(known, areas_in(folder)) for folder, known in records_in(place.root / "layers").items()]
        found += sorted(added, key=lambda one: (one[0].name, one[0].edition))
    if as_json:
        shown = {
            "schema": "atalaya.law-layer-list/1",
            "layers": [law_text.record_json(*one) for one in found],
        }
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(law_text.table_of_layers(found))
    return 0


@layer.command(help=say("cli.law.check.help"))
def check(
    file: Annotated[str, Parameter(help=say("cli.law.file_or_name"))],
    /,
    *,
    key: Annotated[str | None, Parameter(help=say("cli.law.key"))] = None,
    kind: Annotated[KindName, Parameter(help=say("cli.law.kind"))] = "sovereign",
    edge: Annotated[EdgeName, Parameter(help=say("cli.law.edge"))] = "geodesic",
    against: Annotated[str | None, Parameter(help=say("cli.law.against"))] = None,
    workspace: Place = None,
    as_json: AsJson = False,
) -> int:
    """Check a layer."""
    from atalaya.law.boundary.comparison import compare
    from atalaya.law.boundary.inspection import inspect
    from atalaya.law.boundary.shelf import open_layer

    found = _layer(file, workspace, key=key, kind=kind, edge=edge)
    seen = inspect(found, open_layer("world"))
    bounds = []
    if against is not None:
        reference = _layer(against, workspace)
        shared = [area for area in found.areas if area in reference.areas]
        bounds = [compare(reference, found, area) for area in shared]
    if as_json:
        shown = {"schema": "atalaya.law-layer-check/1", **law_text.inspection_json(found, seen, bounds)}
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(law_text.inspection(found, seen, bounds))
    return 0


@layer.command(name="compare", help=say("cli.law.compare.help"))
def compare_layers(
    first: Annotated[str, Parameter(help=say("cli.law.first"))],
    second: Annotated[str, Parameter(help=say("cli.law.second"))],
    /,
    *,
    area: Annotated[str | None, Parameter(help=say("cli.law.area"))] = None,
    second_area: Annotated[str | None, Parameter(help=say("cli.law.second_area"))] = None,
    towards: Annotated[str | None, Parameter(help=say("cli.law.towards"))] = None,
    bbox: Annotated[tuple[float, float, float, float] | None, Parameter(help=say("cli.law.bbox"))] = None,
    every_m: Annotated[float, Parameter(help=say("cli.law.every"))] = 500.0,
    workspace: Place = None,
    as_json: AsJson = False,
) -> int:
    """Compare two layers."""
    from atalaya.law.boundary.comparison import compare

    if not 1.0 <= every_m < math.inf:
        raise Usage("CLI-009", where="--every-m", value=every_m)
    one, other = _layer(first, workspace), _layer(second, workspace)
    areas = [area] if area is not None else [code for code in one.areas if code in other.areas]
    if not areas:
        raise Usage("LAY-016", where=f"{first}, {second}")
    rows = [
        compare(one, other, code, second_area=second_area, towards=towards, within=bbox, every_m=every_m)
        for code in areas
    ]
    if as_json:
        shown: dict[str, Any] = {"schema": "atalaya.law-layer-compare/1", "first": first, "second": second}
        shown |= {"areas": [law_text.comparison_json(row) for row in rows]}
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(law_text.comparison(rows, one.record.name, other.record.name))
    return 0


def _layer(
    name: str,
    workspace: Path | None,
    *,
    key: str | None = None,
    kind: KindName = "sovereign",
    edge: EdgeName = "geodesic",
) -> "Layer":
    """A packaged layer, one of the workspace, or a file read as it is."""
    from atalaya.campaign.boundary_layers import find_layer
    from atalaya.law.boundary.reading.features import READERS
    from atalaya.law.boundary.reading.read import read_layer
    from atalaya.law.boundary.record import Edge, Kind, LayerRecord

    file = Path(name)
    if file.suffix.lower() in READERS:
        record = LayerRecord(file.stem, "-", file.name, "-", "", "-", Kind(kind), Edge(edge))
        return read_layer(file, record, key)
    return find_layer(name, _workspace(workspace))


def _workspace(path: Path | None) -> "Workspace | None":
    from atalaya.store.workspace import Workspace

    return Workspace.open(path) if path is not None and path.exists() else None


def _text(option: str, value: str) -> str:
    if not value.strip() or value != printable(value):
        raise Usage("CLI-009", where=option, value=printable(value))
    return value


def _metres(option: str, value: float | None) -> float:
    if value is not None and not 0.0 <= value < math.inf:
        raise Usage("CLI-009", where=option, value=value)
    return math.inf if value is None else value


def _instant(option: str, text: str | None) -> int | None:
    """Microseconds UTC of an ISO date or time; without a zone it is UTC."""
    from datetime import UTC, datetime, timedelta

    from atalaya.base.clock import EPOCH

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Usage("LAY-017", where=option, value=printable(text)) from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - EPOCH) // timedelta(microseconds=1)
