"""Reader of model cards: STAC item, Machine Learning Model extension, own fields."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.hashing import sha256_bytes
from atalaya.detect.card import CardClass, ModelCard, Performance
from atalaya.detect.cards.fields import Fields
from atalaya.detect.cards.network import NetCard, NetInput, Tiling
from atalaya.detect.cards.read_net import decoder_of, input_of, outputs_of
from atalaya.detect.scoring.conditions import DRIFT_KEY
from atalaya.detect.scoring.drift import Reference
from atalaya.detect.tile import Unit
from atalaya.sensing.evidence import evidence_types

MODEL_FILE = "model.onnx"
CARD_FILE = "card.json"
MOST_BYTES = 4_000_000
"""A card larger than this is none."""

MLM = frozenset(
    [
        "name",
        "architecture",
        "tasks",
        "input",
        "output",
        "framework",
        "framework_version",
        "memory_size",
        "total_parameters",
        "pretrained",
        "pretrained_source",
        "batch_size_suggestion",
        "accelerator",
        "accelerator_constrained",
        "accelerator_summary",
        "accelerator_count",
        "hyperparameters",
        "entrypoint",
        "compile_method",
        "artifact_type",
    ]
)
OWN = frozenset(
    [
        "version",
        "kinds",
        "unit",
        "evidence",
        "gsd_m",
        "threshold",
        "tile",
        "scale",
        "decoder",
        "calibration",
        "base_rate",
        "performance",
        "training",
        "drift",
        "intended",
        "forbidden",
        "sha256",
        "measured",
    ]
)
UNITS = ("DN", "radiance", "reflectance", "K", "sigma0")
KINDS = ("EO", "IR", "HSI", "MSI", "SAR")


def read_card(path: Path) -> NetCard:
    """Read `card.json`.

    Raises:
        NotFound: MDL-001, no such file.
        BadInput: MDL-002 no JSON object or too large, MDL-003 a field is missing, MDL-004 unknown, MDL-005 of
            the wrong kind, MDL-006 an evidence type or MDL-007 a class that does not exist.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError as error:
        raise NotFound("MDL-001", where=str(path)) from error
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput("MDL-002", where=str(path)) from error
    return card_from(content, str(path))


def card_from(content: object, path: str = "") -> NetCard:
    """Read a card from parsed JSON: a STAC item, or its properties alone.

    Raises:
        BadInput: as `read_card`.
    """
    outer = Fields(content, path)
    properties = outer.inner("properties").named("") if "properties" in outer else outer
    known = {f"mlm:{key}" for key in MLM} | {f"atalaya:{key}" for key in OWN}
    properties.only(known, ("mlm:", "atalaya:", "MLM:", "Atalaya:", "mlm_", "atalaya_"))
    outputs = properties.inners("mlm:output", 1)
    names, axes = outputs_of(outputs)
    net_input = input_of(properties)
    digest = sha256_bytes(json.dumps(content, sort_keys=True, separators=(",", ":")).encode("utf-8"))
    return NetCard(
        _with_bands(_card(properties, names, digest), net_input),
        net_input,
        axes,
        decoder_of(properties.inner("atalaya:decoder")),
        _tiling(properties),
        _digest(properties),
    )


def _with_bands(card: ModelCard, net_input: NetInput) -> ModelCard:
    """The card with the names of its input's bands: whoever hands pictures over must know them."""
    return replace(card, extra={**card.extra, "bands": list(net_input.bands)})


def _card(properties: Fields, names: tuple[str, ...], digest: str) -> ModelCard:
    training = properties.inner("atalaya:training").only(("data", "licence", "split", "notes"))
    properties.texts("mlm:tasks")
    properties.text("mlm:architecture")
    return ModelCard(
        name=properties.text("mlm:name"),
        version=properties.text("atalaya:version"),
        kinds=_each_of(properties, "atalaya:kinds", KINDS),
        units=cast(tuple[Unit, ...], _each_of(properties, "atalaya:unit", UNITS)),
        classes=_classes(properties, names),
        gsd_m=_range(properties),
        threshold=properties.number("atalaya:threshold"),
        calibration=_calibration(properties),
        base_rate=properties.number("atalaya:base_rate", 0.5, 1e-9, 1 - 1e-9),
        performance=tuple(_performance(each) for each in properties.inners("atalaya:performance", 1)),
        training=f"{training.text('data')} ({training.text('licence')})",
        intended=properties.text("atalaya:intended"),
        forbidden=properties.text("atalaya:forbidden"),
        sha256=digest,
        extra=_kept(properties),
    )


def _kept(properties: Fields) -> dict[str, Any]:
    """The rest of what a card may say; histograms for the drift alarm are checked as it reads them."""
    kept = {f"mlm:{key}" for key in ("architecture", "tasks", "total_parameters", "framework")}
    kept |= {DRIFT_KEY, "atalaya:measured", "atalaya:training"}
    extra = {key: value for key, value in properties.items() if key in kept and value is not None}
    if DRIFT_KEY in extra:
        try:
            Reference.from_json(extra[DRIFT_KEY])
        except BadInput as error:
            raise properties.wrong(DRIFT_KEY, "{names, edges, share, sizes, limit}") from error
    return extra


def _each_of(properties: Fields, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    words = properties.texts(key)
    if not words or not set(words) <= set(allowed):
        raise properties.wrong(key, " | ".join(allowed))
    return words


def _classes(properties: Fields, names: tuple[str, ...]) -> tuple[CardClass, ...]:
    evidence = properties.words("atalaya:evidence")
    for name, sign in evidence.items():
        if name not in names:
            raise BadInput("MDL-007", where=name, classes=", ".join(names))
        if sign not in evidence_types():
            raise BadInput("MDL-006", where=name, evidence=sign, known=", ".join(evidence_types()))
    return tuple(CardClass(name, evidence.get(name, "")) for name in names)


def _range(properties: Fields) -> tuple[float, float]:
    ends = (
        properties.numbers("atalaya:gsd_m", (0.0, math.inf))
        if "atalaya:gsd_m" in properties
        else (0.0, math.inf)
    )
    if len(ends) != 2 or not 0 <= ends[0] < ends[1]:
        raise properties.wrong("atalaya:gsd_m", "[0 <= least, most]")
    return ends[0], ends[1]


def _calibration(properties: Fields) -> tuple[tuple[float, float], ...]:
    if "atalaya:calibration" not in properties:
        return ()
    curve = properties.inner("atalaya:calibration").only(("score", "p"))
    score, p = curve.numbers("score"), curve.numbers("p")
    rising = all(a < b for a, b in pairwise(score))
    level = all(a <= b for a, b in pairwise(p))
    if len(score) != len(p) or not score or not (rising and level and p[0] >= 0 and p[-1] <= 1):
        raise properties.wrong("atalaya:calibration", "rising score, p in 0 .. 1 that never falls")
    return tuple(zip(score, p, strict=True))


def _performance(each: Fields) -> Performance:
    each.only(("condition", "threshold", "pd", "false_alarms", "per"))
    threshold, pd, false = (each.numbers(key) for key in ("threshold", "pd", "false_alarms"))
    if not len(threshold) == len(pd) == len(false) > 0 or not all(0 <= value <= 1 for value in pd):
        raise each.wrong("pd", "as many as threshold, 0 .. 1")
    if list(threshold) != sorted(threshold, reverse=True) or list(false) != sorted(false) or false[0] < 0:
        raise each.wrong("threshold", "falling, with false_alarms that rise")
    return Performance(each.text("condition"), threshold, pd, false, each.choice("per", ("km2", "image")))


def _tiling(properties: Fields) -> Tiling:
    tile = properties.inner("atalaya:tile").only(("core", "halo", "multiple", "whole_most_px"))
    scale: Any = Fields({}, "")
    if "atalaya:scale" in properties:
        scale = properties.inner("atalaya:scale").only(("gsd_m", "factor", "most"))
    return Tiling(
        core=tile.whole("core", least=0, most=1 << 16),
        halo=tile.whole("halo", 0, most=1 << 14),
        multiple=tile.whole("multiple", 1, least=1, most=1024),
        whole=tile.whole("whole_most_px", 0, most=1 << 30),
        gsd_m=scale.number("gsd_m", 0.0, 0.0, 1e4),
        factor=scale.number("factor", 1.0, 1e-3, 16.0),
        most=scale.number("most", 2.0, 1e-3, 16.0),
    )


def _digest(properties: Fields) -> str:
    digest = properties.text("atalaya:sha256")
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise properties.wrong("atalaya:sha256", "64 x 0-9a-f")
    return digest
