"""Writer of model cards: the same JSON for the same content, so that its hash names it."""

import json
from collections.abc import Mapping
from typing import Any

EXTENSION = "https://stac-extensions.github.io/mlm/v1.5.0/schema.json"


def stac_item(properties: Mapping[str, Any], model_file: str, digest: str) -> dict[str, Any]:
    """A STAC item around `mlm:` and `atalaya:` properties, with the model as its one asset.

    Args:
        digest: sha256 of the model's file, also kept as a multihash in `file:checksum`.
    """
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [EXTENSION],
        "id": f"{properties['mlm:name']}-{properties['atalaya:version']}",
        "geometry": None,
        "properties": {**properties, "atalaya:sha256": digest},
        "links": [],
        "assets": {
            "model": {
                "href": model_file,
                "type": "application/octet-stream; framework=onnx",
                "roles": ["mlm:model"],
                "mlm:artifact_type": "onnx",
                "file:checksum": "1220" + digest,
            }
        },
    }


def card_json(item: Mapping[str, Any]) -> str:
    """Canonical text of a card: keys sorted, numbers as Python writes them, no NaN."""
    return json.dumps(item, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
