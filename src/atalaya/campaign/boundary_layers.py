"""Boundary layers of a workspace: files kept as received, beside repaired polygons and record."""

import shutil
from pathlib import Path

from atalaya.base.errors import BadInput
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.packed import Quantum, on_grid, packed
from atalaya.law.boundary.reading.read import SIDECARS, read_layer
from atalaya.law.boundary.record import LayerRecord
from atalaya.law.boundary.shelf import (
    RECORD_FILE,
    RINGS_FILE,
    layers_in,
    open_layer,
    record_bytes,
    records_in,
)
from atalaya.store.workspace import Workspace, written_whole

FOLDER = "layers"
STEP_DEG = 1e-7
"""Step of stored coordinates: a centimetre."""

QUICKLY = 1
"""Preset of xz."""


def add_layer(workspace: Workspace, file: Path, record: LayerRecord, key: str | None = None) -> Path:
    """Read a file, repair it, and keep it as an edition of a layer.

    Args:
        workspace: where it is kept, as layers/<sha256>.
        file: the file as received.
        record: what the user says about it.
        key: column that names the areas.

    Returns:
        the folder it is kept in.

    Raises:
        BadInput, NotFound: LAY-007 to LAY-014, the file; LAY-015, another file has this name and edition.
        AtalayaError: STO-005, the workspace cannot be written.
    """
    layer = read_layer(file, record, key)
    root = workspace.root / FOLDER
    for known in records_in(root).values():
        same = (known.name, known.edition) == (record.name, record.edition)
        if same and known.sha256 != layer.record.sha256:
            raise BadInput("LAY-015", where=f"{record.name}, {record.edition}", sha256=known.sha256)
    folder = root / layer.record.sha256
    _keep(layer, file, folder)
    return folder


def workspace_layers(workspace: Workspace) -> tuple[Layer, ...]:
    """Every layer that was added to a workspace."""
    return layers_in(workspace.root / FOLDER)


def find_layer(name: str, workspace: Workspace | None) -> Layer:
    """A layer by packaged name, folder, or name within a workspace ("name" or "name@edition").

    Raises:
        NotFound: LAY-005, there is none.
    """
    for layer in reversed(workspace_layers(workspace) if workspace is not None else ()):
        if name in (layer.record.name, f"{layer.record.name}@{layer.record.edition}", layer.record.sha256):
            return layer
    return open_layer(name)


def _keep(layer: Layer, file: Path, folder: Path) -> None:
    """The record is written last: a folder without one is no layer yet."""
    quantum = Quantum(STEP_DEG, STEP_DEG)
    polygons = layer.polygons.copy()
    for number, polygon in enumerate(polygons):
        polygons[number] = on_grid(polygon, quantum)
    rings = packed(layer.areas, polygons, quantum, preset=QUICKLY)
    for part in [file, *(file.with_suffix(end) for end in SIDECARS if file.suffix.lower() == ".shp")]:
        if part.is_file():
            with written_whole(folder / f"as-received{part.suffix.lower()}") as partial:
                shutil.copyfile(part, partial)
    with written_whole(folder / RINGS_FILE) as partial:
        partial.write_bytes(rings)
    with written_whole(folder / RECORD_FILE) as partial:
        partial.write_bytes(record_bytes(layer.record, rings))
