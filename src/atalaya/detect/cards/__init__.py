"""Model cards on disk: JSON in, `ModelCard` and what a net needs besides out.

A card is an item of the SpatioTemporal Asset Catalog with the Machine Learning Model extension 1.x (fields
`mlm:`) and fields of our own (`atalaya:`). The reader is strict: a field it does not know is an error with
the nearest known name, since a misspelt threshold or band order would otherwise pass in silence.
"""

from atalaya.detect.cards.network import Decoder, NetCard, NetInput, NetOutput, Scaling, Tiling
from atalaya.detect.cards.read import MODEL_FILE, card_from, read_card
from atalaya.detect.cards.write import card_json, stac_item

__all__ = [
    "MODEL_FILE",
    "Decoder",
    "NetCard",
    "NetInput",
    "NetOutput",
    "Scaling",
    "Tiling",
    "card_from",
    "card_json",
    "read_card",
    "stac_item",
]
