"""Sentences about a site that page and terminal share, in the language asked for."""

from atalaya.base.clock import iso
from atalaya.base.words import Words
from atalaya.locate.dossier import (
    BlindDossier,
    BlindSight,
    Doing,
    Dossier,
    Evidence,
    Lever,
    NextLook,
    Reason,
)
from atalaya.locate.review import Review
from atalaya.sensing.evidence import evidence_types

_CLASSES = ("facility", "lookalike", "background")


def percent(share: float) -> str:
    """`83 %`; the ends as `< 1 %` and `> 99 %`, for nothing is certain."""
    if share < 0.01:
        return "<\xa01\xa0%"
    if share > 0.99:
        return ">\xa099\xa0%"
    return f"{100.0 * share:.0f}\xa0%"


def whole_percent(share: float) -> str:
    """`83 %` of something counted, where 0 and 100 do occur."""
    return f"{100.0 * share:.0f}\xa0%"


def second(t_us: int) -> str:
    """`2026-03-01T14:03:22Z`."""
    return iso(t_us)[:19] + "Z"


def instant(t_us: int) -> str:
    """`2026-03-01T14:03:22.123456Z`: the identity of a frame needs every digit."""
    return iso(t_us)


def kind_name(words: Words, kind: str) -> str:
    """An evidence type for people; its own word where the vocabulary does not know it."""
    known = evidence_types().get(kind)
    return known.labels[words.lang] if known else kind


def kind_names(words: Words, kinds: tuple[str, ...]) -> str:
    """Several, joined by commas; a dash for none."""
    return ", ".join(kind_name(words, each) for each in kinds) or "–"


def class_name(words: Words, name: str) -> str:
    """A class of the mixture for people."""
    return words.say(f"report.class.{name}") if name in _CLASSES else name


def place(dossier: Dossier | BlindDossier) -> str:
    """`27.912345, -109.812345`: latitude first, as maps print it."""
    return f"{dossier.lat_deg:.6f}, {dossier.lon_deg:.6f}"


def metres(value: float) -> str:
    """Metres for a sentence: a decimal below 10, none above."""
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def ellipse(words: Words, dossier: Dossier | BlindDossier) -> str:
    """Semi-axes and azimuth of the 90 % ellipse."""
    return words.say(
        "report.ellipse",
        major=metres(dossier.semi_major_m),
        minor=metres(dossier.semi_minor_m),
        azimuth=f"{dossier.azimuth_deg % 180.0:03.0f}",
    )


def judgement(words: Words, dossier: Dossier) -> str:
    """`83 %, very likely (moderate confidence)`."""
    return words.say(
        "report.judgement",
        chance=percent(dossier.p_facility),
        word=words.say(f"locate.word.{dossier.word}"),
        confidence=words.say(f"locate.confidence.{dossier.confidence}"),
    )


def looks(words: Words, dossier: Dossier) -> str:
    """How often it was looked at, and how often nothing was seen."""
    return words.say("report.looks", looks=dossier.looks, sorties=dossier.sorties, misses=dossier.misses)


def found(words: Words, row: Evidence) -> str:
    """What a look saw."""
    if row.found:
        return kind_name(words, row.kind)
    nothing = words.say("report.saw_nothing")
    return f"{nothing}: {kind_name(words, row.missed)}" if row.missed else nothing


def geometry(row: Evidence | BlindSight) -> str:
    """`0.21 m · 45° · 120°`: sample distance, depression, azimuth; what is unknown is a dash."""
    gsd = "–" if row.gsd_m is None else f"{row.gsd_m:.2f} m"
    return f"{gsd} · {degrees(row.depression_deg)} · {bearing(row.azimuth_deg)}"


def degrees(value: float | None) -> str:
    """`45°`, or a dash."""
    return "–" if value is None else f"{value:.0f}°"


def bearing(value: float | None) -> str:
    """`045°`, from true north, or a dash."""
    return "–" if value is None else f"{round(value) % 360:03d}°"


def log_odds(value: float) -> str:
    """`+1.25` with a real minus sign."""
    return f"{value:+.2f}".replace("-", "−")


def frame(words: Words, row: Evidence | BlindSight) -> str:
    """Which frame of which clip; "" where there is none."""
    if row.frame is None or not row.clip_sha256:
        return ""
    at = "" if row.frame_t_us is None else instant(row.frame_t_us)
    clip = f"{row.file} ({row.clip_sha256[:12]})" if row.file else row.clip_sha256[:12]
    return words.say("report.frame_of", frame=row.frame, clip=clip, time=at).strip()


def lever(words: Words, each: Lever) -> str:
    """What would change the answer, and to what."""
    after = percent(each.p_after)
    if each.doing is Doing.HIT and each.kind:
        return words.say(
            "report.lever.hit", sensor=each.sensor, kind=kind_name(words, each.kind), after=after
        )
    if each.doing is Doing.HIT:
        return words.say("report.lever.hit_any", sensor=each.sensor, after=after)
    if each.doing is Doing.MISS:
        return words.say("report.lever.miss", sensor=each.sensor, after=after)
    if each.doing is Doing.CONFIRMED:
        return words.say("report.lever.confirmed", after=after)
    return words.say("report.lever.not_found", after=after)


def next_look(words: Words, look: NextLook | None) -> str:
    """The best next look and why."""
    if look is None:
        return words.say("report.next.none")
    if look.reason is Reason.GROUND:
        return words.say("report.next.ground")
    how = words.say(
        "report.next.look",
        sensor=look.sensor,
        azimuth=bearing(look.azimuth_deg),
        depression=degrees(look.depression_deg),
    )
    if look.reason is Reason.OTHER_COURSE:
        why = words.say("report.next.why_other_course")
    else:
        why = words.say("report.next.why_other_kind", kinds=kind_names(words, look.kinds))
    return f"{how} {why}"


def review(words: Words, each: Review) -> str:
    """Who said what, when, blind or not, and why."""
    parts = [second(each.t_us), each.by, words.say(f"report.verdict.{each.verdict}")]
    parts += [each.other] if each.other else []
    parts.append(words.say("report.blind") if each.blind else words.say("report.not_blind"))
    parts += [each.text] if each.text else []
    return " · ".join(parts)
