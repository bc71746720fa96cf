"""A recipe: what one kind of site looks like from the air, and where it lies. Not what is done there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Span = tuple[float, float]
Form = Literal["solid", "decal", "line", "plume"]
RULES = ("slope_deg", "stream_m", "road_m", "settlement_m", "houses_m", "cover")
"""What a place can be asked to be, in no order."""


@dataclass(frozen=True, slots=True)
class Part:
    """Things of one name in a recipe; pairs are least and most, drawn evenly.

    Args:
        form: "solid" a box; "decal" painted ground; "line" a track or hose that leads to something; "plume".
        evidence: type of sign, "" for none. count, chance: how many, and in what share of the sites.
        materials: one of them is drawn. side: of walls; "" as the top.
        length_m, width_m: of one. bottom_m, height_m: where a box begins over the ground, and its own height.
        heat_k: warmer than its material. on_from_h, on_for_h: when it starts and for how long, local hours.
        where: "inside" the main part, or beside it: "any", "downslope", "upslope", "stream", "road".
        away_m: from edge to edge of the main part and this. rows: stands in rows with its like.
        facing: "any", "contour" along the slope's contour, "slope" down it, "main" as the main part,
            "flattest" where a long strip rises least, "stream" along the nearest stream.
        outline: of a decal: "blob" or "box". under: other things may lie and stand on it.
        hidden: trees may hide it. to: what a line leads to: "road" or "stream".
        gas, rate_kg_h: of a plume. at: the part it leaks from.
    """

    name: str
    form: Form
    evidence: str = ""
    count: tuple[int, int] = (1, 1)
    chance: float = 1.0
    materials: tuple[str, ...] = ()
    side: str = ""
    length_m: Span = (1.0, 1.0)
    width_m: Span = (1.0, 1.0)
    bottom_m: Span = (0.0, 0.0)
    height_m: Span = (1.0, 1.0)
    heat_k: Span = (0.0, 0.0)
    on_from_h: Span = (0.0, 0.0)
    on_for_h: Span = (24.0, 24.0)
    where: str = "any"
    away_m: Span = (0.0, 0.0)
    rows: bool = False
    facing: str = "any"
    outline: str = "blob"
    under: bool = False
    hidden: bool = False
    to: str = "road"
    gas: str = ""
    at: str = ""
    rate_kg_h: Span = (0.0, 0.0)

    @property
    def always(self) -> bool:
        """Whether every site of the recipe has it."""
        return self.chance >= 1.0 and self.count[0] >= 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where such sites lie. Distances are to the nearest of its kind, to a settlement from its edge.

    Args:
        slope_deg, stream_m, road_m, settlement_m, houses_m: least and most. cover: names of materials of the
            ground; empty for any.
        relax: rules to be relaxed where no place fits, the first first; slope is widened, never dropped.
    """

    slope_deg: Span = (0.0, 30.0)
    stream_m: Span = (0.0, 1e9)
    road_m: Span = (0.0, 1e9)
    settlement_m: Span = (0.0, 1e9)
    houses_m: Span = (0.0, 1e9)
    cover: tuple[str, ...] = ()
    relax: tuple[str, ...] = RULES


@dataclass(frozen=True)
class Recipe:
    """One kind of site.

    Args:
        name: unique. labels: for people, by language. facility: what is searched for; else a look-alike.
        themes: campaigns it belongs to. share: of the facilities, or of the look-alikes, of its theme.
        place: where. parts: the first is the main part, the others lie about it.
        concealment: share of hidden parts under trees, for look-alikes.
        sources: where each value is from, "part.key" or "place.key"; begins with its class.
    """

    name: str
    labels: Mapping[str, str]
    facility: bool
    themes: tuple[str, ...]
    share: float
    place: Place
    parts: tuple[Part, ...]
    concealment: Span
    sources: Mapping[str, str]

    @property
    def shown(self) -> frozenset[str]:
        """Types of evidence that a site of it may show."""
        return frozenset(part.evidence for part in self.parts if part.evidence)

    @property
    def sure(self) -> frozenset[str]:
        """Types that every site of it shows. Lines do not count: there may be no road to lead to."""
        return frozenset(
            part.evidence for part in self.parts if part.evidence and part.always and part.form != "line"
        )
