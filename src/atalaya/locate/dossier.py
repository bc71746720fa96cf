"""What a reader is told about one site: data only, from which page, terminal text and JSON are all made.

A dossier names a *place*. It says how likely a facility is there, how exact the place is, and what every look
said, those that saw nothing included.
"""

from dataclasses import dataclass
from enum import StrEnum

from atalaya.base.errors import BadInput
from atalaya.locate.review import Review
from atalaya.locate.words import SCALE, word_of

_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Doing(StrEnum):
    """What could change the answer about a site."""

    HIT = "hit"
    MISS = "miss"
    CONFIRMED = "confirmed"
    NOT_FOUND = "not_found"


class Reason(StrEnum):
    """Why a next look is the best."""

    OTHER_KIND = "other_kind"
    OTHER_COURSE = "other_course"
    GROUND = "ground"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one look said of the site.

    Args:
        look: id of the look. sortie: id of its flight. t_us: its middle, microseconds UTC.
        sensor: its name. sensor_kind: EO, IR, SAR, HSI ...
        kind: evidence type of what was found (`sensing.evidence`); "" for a look that saw nothing.
        log_odds: change of the log odds of a facility by this look, natural log.
        gsd_m: ground sample distance there. depression_deg: of the line of sight, 90 straight down.
        azimuth_deg: true bearing the sensor looked along. chance: that this look shows such a facility.
        clip_sha256, frame, frame_t_us: the best frame behind it; "" and None where there is none.
        detector: id and version. score: its calibrated score.
        missed: evidence type looked for by a look that saw nothing of it. file: the clip's name as received.
    """

    look: str
    sortie: str
    t_us: int
    sensor: str
    sensor_kind: str
    kind: str
    log_odds: float
    gsd_m: float | None = None
    depression_deg: float | None = None
    azimuth_deg: float | None = None
    chance: float | None = None
    clip_sha256: str = ""
    frame: int | None = None
    frame_t_us: int | None = None
    detector: str = ""
    score: float | None = None
    missed: str = ""
    file: str = ""

    @property
    def found(self) -> bool:
        """Whether the look saw something."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Chip:
    """A small picture of the site from one look.

    Args:
        look: id of the look. sensor, t_us, kind: as in its evidence. data: a PNG or JPEG file.
        width_m: ground shown from edge to edge, where known.

    Raises:
        BadInput: RPT-003, not a PNG or JPEG picture.
    """

    look: str
    sensor: str
    t_us: int
    kind: str
    data: bytes
    width_m: float | None = None

    def __post_init__(self) -> None:
        if not self.media:
            raise BadInput("RPT-003", where=self.look)

    @property
    def media(self) -> str:
        """`image/png` or `image/jpeg`, by its first bytes."""
        return next((media for magic, media in _MAGIC.items() if self.data.startswith(magic)), "")


@dataclass(frozen=True, slots=True)
class NextLook:
    """The look that would tell most.

    Args:
        sensor, sensor_kind: which; "" where somebody should go there instead.
        azimuth_deg, depression_deg: along which to look.
        reason: why. kinds: evidence types it could add.
    """

    sensor: str
    sensor_kind: str
    azimuth_deg: float | None
    depression_deg: float | None
    reason: Reason
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lever:
    """One thing that would change the answer, and to what.

    Args:
        doing: what happens. p_after: probability of a facility afterwards.
        sensor: of the look meant, for hit and miss. kind: evidence type found, for hit.
    """

    doing: Doing
    p_after: float
    sensor: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One site as a reader gets to know it.

    Args:
        id: of the site. rank: from 1, most probable first. p_facility: existence times share of facility.
        word, confidence: keys of `locate.words`. exists: chance that anything is there.
        classes: (name, weight) of the mixture, together 1: facility, look-alikes by name, background.
        lon_deg, lat_deg: WGS 84. height_hae_m: above the ellipsoid, None where unknown.
        semi_major_m, semi_minor_m, azimuth_deg: of the 90 % ellipse; azimuth of its long axis, true.
        ce90_m: circular error, 90 %. shared_share: part of the error variance that a whole sortie shares.
        mgrs: the place as MGRS. evidence: every look that covered it, misses too. chips: pictures.
        raises, lowers: what would change the answer. next_look: None where nothing more is worth flying.
        ambiguous_with: ids of sites that its looks might belong to instead.
        reviews: every review, latest last.
    """

    id: str
    rank: int
    p_facility: float
    word: str
    confidence: str
    exists: float
    classes: tuple[tuple[str, float], ...]
    lon_deg: float
    lat_deg: float
    height_hae_m: float | None
    semi_major_m: float
    semi_minor_m: float
    azimuth_deg: float
    ce90_m: float
    shared_share: float
    mgrs: str
    evidence: tuple[Evidence, ...] = ()
    chips: tuple[Chip, ...] = ()
    raises: tuple[Lever, ...] = ()
    lowers: tuple[Lever, ...] = ()
    next_look: NextLook | None = None
    ambiguous_with: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Evidence types seen, in order of the alphabet."""
        return tuple(sorted({each.kind for each in self.evidence if each.found}))

    @property
    def looks(self) -> int:
        """How many looks covered it."""
        return len({each.look for each in self.evidence})

    @property
    def misses(self) -> int:
        """How many of them saw nothing."""
        seen = {each.look for each in self.evidence if each.found}
        return len({each.look for each in self.evidence} - seen)

    @property
    def sorties(self) -> int:
        """In how many flights."""
        return len({each.sortie for each in self.evidence})

    @property
    def held_back(self) -> bool:
        """Whether the word is weaker than the number's own, for want of a second kind of evidence."""
        order = [key for _, key in SCALE]
        return order.index(self.word) < order.index(word_of(self.p_facility))


@dataclass(frozen=True, slots=True)
class BlindSight:
    """A look as a reviewer sees it before judging: what and when, not what the machine made of it."""

    look: str
    sortie: str
    t_us: int
    sensor: str
    sensor_kind: str
    gsd_m: float | None
    depression_deg: float | None
    azimuth_deg: float | None
    clip_sha256: str
    frame: int | None
    frame_t_us: int | None
    file: str = ""


@dataclass(frozen=True, slots=True)
class BlindDossier:
    """A site without the machine's opinion: no probability, word, rank, class, evidence weight or review."""

    id: str
    lon_deg: float
    lat_deg: float
    height_hae_m: float | None
    semi_major_m: float
    semi_minor_m: float
    azimuth_deg: float
    mgrs: str
    sights: tuple[BlindSight, ...]
    chips: tuple[Chip, ...]


def blind_view(dossier: Dossier) -> BlindDossier:
    """The dossier for somebody who is to judge first; looks and chips in order of time, kinds taken out."""
    # one row a look, with the frame that says least: how many kinds were seen is the machine's word too
    ordered = sorted(
        dossier.evidence, key=lambda each: (each.t_us, each.look, each.frame is None, each.frame)
    )
    rows = list({each.look: each for each in reversed(ordered)}.values())[::-1]
    chips = sorted(dossier.chips, key=lambda each: (each.t_us, each.look))
    return BlindDossier(
        dossier.id,
        dossier.lon_deg,
        dossier.lat_deg,
        dossier.height_hae_m,
        dossier.semi_major_m,
        dossier.semi_minor_m,
        dossier.azimuth_deg,
        dossier.mgrs,
        tuple(dict.fromkeys(_sight(each) for each in rows)),
        tuple(Chip(each.look, each.sensor, each.t_us, "", each.data, each.width_m) for each in chips),
    )


def _sight(row: Evidence) -> BlindSight:
    return BlindSight(
        row.look,
        row.sortie,
        row.t_us,
        row.sensor,
        row.sensor_kind,
        row.gsd_m,
        row.depression_deg,
        row.azimuth_deg,
        row.clip_sha256,
        row.frame,
        row.frame_t_us,
        row.file,
    )
