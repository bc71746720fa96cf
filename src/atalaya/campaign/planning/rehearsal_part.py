"""The parts of a campaign file that speak of the digital range: synthetic ground, and what is rehearsed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.planning.request import Rehearsal, SyntheticGround
from atalaya.campaign.planning.toml_part import Part
from atalaya.sensing.profile import profile
from atalaya.sim.scene import themes

if TYPE_CHECKING:
    from atalaya.sim.record.faults import Damage, Fault

RELIEFS = ("mountain", "hill", "plain")


def synthetic_ground(part: Part) -> SyntheticGround | None:
    """What `[terrain]` says of synthetic country; None where it says nothing.

    Raises:
        BadInput: PLN-003, REC-011, a value that cannot be.
    """
    relief = part.choice("synthetic", ("", *RELIEFS), "")
    folder = part.folder("country")
    post = part.number("post_m", 30.0, least=1.0, most=500.0)
    worked = part.optional("worked_m", least=1.0, most=1000.0)
    cover = part.optional("cover_m", least=0.5, most=500.0)
    wet = part.optional("wetness", least=0.0, most=1.0)
    if not relief and folder is None:
        return None
    chosen = relief or "mountain"
    return SyntheticGround(chosen, post, worked, cover, wet, folder)  # type: ignore[arg-type]


def read_rehearsal(part: Part) -> Rehearsal:
    """The table `[rehearsal]`.

    Raises:
        BadInput: PLN-003 a value that cannot be; REC-010, REC-011; RHS-003 no such fault.
        NotFound: SCN-001 no such theme; EAR-066 no such error profile.
    """
    usual = Rehearsal()
    low, high = part.span("concealment", usual.concealment, least=0.0, most=1.0)
    read = Rehearsal(
        theme=_theme(part, usual.theme),
        facilities=part.whole("facilities", usual.facilities, least=0, most=1000),
        confusers=part.number("confusers", usual.confusers, least=0.0, most=50.0),
        concealment=(low, high),
        air_c=part.number("air_c", usual.air_c, least=-60.0, most=60.0),
        swing_k=part.number("swing_k", usual.swing_k, least=0.0, most=40.0),
        visibility_km=part.number("visibility_km", usual.visibility_km, least=0.5, most=400.0),
        cloud=part.number("cloud", usual.cloud, least=0.0, most=1.0),
        errors=_errors(part, usual.errors),
        faults=_faults(part),
        video_s=part.number("video_s", usual.video_s, least=0.0, most=200_000.0),
        clip_s=part.number("clip_s", usual.clip_s, least=0.5, most=7200.0),
        width=_even(part, "width", usual.width),
        height=_even(part, "height", usual.height),
        rate_hz=part.number("rate_hz", usual.rate_hz, least=1.0, most=120.0),
        packets_hz=part.number("packets_hz", usual.packets_hz, least=0.0, most=120.0),
        targets=part.choice("targets", ("no", "yes"), "no") == "yes",
    )
    part.close()
    return read


def _even(part: Part, key: str, default: int) -> int:
    found = part.whole(key, default, least=32, most=7680)
    if found % 2:
        raise BadInput("PLN-003", where=part.place(key), value=str(found), wanted=f"{found + 1}")
    return found


def faults_named(names: Sequence[str], where: str) -> "tuple[tuple[Fault, ...], tuple[Damage, ...]]":
    """Faults of senders, and damages of packets on their way, by name.

    Raises:
        BadInput: RHS-003, there is none of a name.
    """
    if not names:
        return (), ()
    from atalaya.sim.record.faults import DAMAGES, FAULTS

    faults = {fault.name: fault for fault in FAULTS}
    damages = {damage.name: damage for damage in DAMAGES}
    strange = sorted(set(names) - set(faults) - set(damages))
    if strange:
        raise BadInput("RHS-003", where=where, name=strange[0][:60], names=", ".join((*faults, *damages)))
    return (
        tuple(faults[name] for name in names if name in faults),
        tuple(damages[name] for name in names if name in damages),
    )


def _theme(part: Part, default: str) -> str:
    name = part.text("theme", default)
    if name not in themes():
        names = ", ".join(themes())
        raise NotFound("SCN-001", where=part.place("theme"), kind="theme", name=name[:40], names=names)
    return name


def _errors(part: Part, default: str) -> str:
    name = part.text("errors", default)
    if name != "none":
        try:
            profile("platform", name)
        except NotFound as error:
            raise NotFound(error.code, where=part.place("errors"), **error.details) from error
    return name


def _faults(part: Part) -> tuple[str, ...]:
    names = part.texts("faults")
    faults_named(names, part.place("faults"))
    return names
