"""The look that would tell most about a site, and what its outcome would do to the answer.

Looks of the same kind stop helping: a site's detectability is its own, so a repeatable look-alike answers as
a facility does, every time. What still helps, in this order: a *different kind* of evidence; else an
*opposite course*, for errors of aim are shared by a course and cancel between opposite ones; else somebody
who goes there.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from atalaya.locate.dossier import Doing, Evidence, Lever, NextLook, Reason
from atalaya.sensing.evidence import evidence_types

ROUND_DEG = 120.0
"""Widest gap between courses below which a site counts as seen from all round."""
_SURE = 1e-9


@dataclass(frozen=True, slots=True)
class SensorChoice:
    """A sensor that could fly, and the depression it is best used at.

    Args:
        name: of the sensor. kind: EO, IR, SAR, HSI ... depression_deg: preferred, (0, 90].
    """

    name: str
    kind: str
    depression_deg: float


def next_look(evidence: Sequence[Evidence], sensors: Sequence[SensorChoice]) -> NextLook:
    """The look that would tell most; the same for any order of looks and sensors.

    Args:
        evidence: every look that covered the site, misses too. sensors: what could fly.
    """
    seen = {row.kind for row in evidence if row.found}
    tried = {row.sensor_kind for row in evidence}
    azimuth, gap = widest_gap(row.azimuth_deg for row in evidence)
    ordered = sorted(sensors, key=lambda each: (-len(_new(each, seen)), each.name))
    fresh = next((each for each in ordered if each.kind not in tried and _new(each, seen)), None)
    if fresh is not None:
        kinds = _new(fresh, seen)
        return NextLook(fresh.name, fresh.kind, azimuth, fresh.depression_deg, Reason.OTHER_KIND, kinds)
    best = _finder(evidence, sensors)
    if best is not None and gap > ROUND_DEG:
        return NextLook(best.name, best.kind, azimuth, best.depression_deg, Reason.OTHER_COURSE)
    return NextLook("", "", None, None, Reason.GROUND)


def widest_gap(azimuths_deg: Iterable[float | None]) -> tuple[float | None, float]:
    """The bearing farthest from those given, and the width of the gap it halves, degrees; for one bearing
    its opposite and 360, for none None and 360.
    """
    known = sorted({each % 360.0 for each in azimuths_deg if each is not None and math.isfinite(each)})
    if not known:
        return None, 360.0
    gaps = [(after - before, before) for before, after in pairwise(known)]
    gaps.append((known[0] + 360.0 - known[-1], known[-1]))
    width, start = max(gaps, key=lambda each: (each[0], -each[1]))
    return (start + width / 2.0) % 360.0, width


def levers(
    p_facility: float,
    look: NextLook | None,
    *,
    hit_log_odds: float,
    miss_log_odds: float,
    confirmed_log_odds: float,
    not_found_log_odds: float,
) -> tuple[tuple[Lever, ...], tuple[Lever, ...]]:
    """What would raise and what would lower the probability, and to how much.

    Args:
        p_facility: now. look: the next look, None or without a sensor where none is worth flying.
        hit_log_odds, miss_log_odds: what that look adds if it finds something, or nothing.
        confirmed_log_odds, not_found_log_odds: what a partner's answer from the ground adds.
    """
    raises = [Lever(Doing.CONFIRMED, moved(p_facility, confirmed_log_odds))]
    lowers = [Lever(Doing.NOT_FOUND, moved(p_facility, not_found_log_odds))]
    if look is not None and look.sensor:
        kind = look.kinds[0] if look.kinds else ""
        raises.insert(0, Lever(Doing.HIT, moved(p_facility, hit_log_odds), look.sensor, kind))
        lowers.insert(0, Lever(Doing.MISS, moved(p_facility, miss_log_odds), look.sensor))
    return tuple(raises), tuple(lowers)


def moved(probability: float, log_odds: float) -> float:
    """A probability after its log odds changed by `log_odds`."""
    kept = min(max(probability, _SURE), 1.0 - _SURE)
    return 1.0 / (1.0 + math.exp(-(math.log(kept / (1.0 - kept)) + log_odds)))


def _new(sensor: SensorChoice, seen: set[str]) -> tuple[str, ...]:
    """Evidence types a sensor can show that were not seen yet."""
    types = evidence_types()
    return tuple(name for name in types if sensor.kind in types[name].shows and name not in seen)


def _finder(evidence: Sequence[Evidence], sensors: Sequence[SensorChoice]) -> SensorChoice | None:
    """The sensor that says most of this site: with the largest gain of log odds so far, else by name."""
    gains = {each.name: 0.0 for each in sensors}
    for row in sorted(evidence, key=lambda each: (each.t_us, each.look, each.kind)):
        if row.sensor in gains:
            gains[row.sensor] += row.log_odds
    return min(sensors, key=lambda each: (-gains[each.name], each.name), default=None)
