"""The parts of a campaign file that speak of the digital range: synthetic ground, and what is rehearsed."""

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.request import Rehearsal, SyntheticGround
from atalaya.campaign.planning.toml_part import Part

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
        BadInput: PLN-003 a value that cannot be; REC-010, REC-011; PLN-005 a name that nothing has.
    """
    usual = Rehearsal()
    low, high = part.span("concealment", usual.concealment, least=0.0, most=1.0)
    read = Rehearsal(
        theme=part.text("theme", usual.theme),
        facilities=part.whole("facilities", usual.facilities, least=0, most=1000),
        confusers=part.number("confusers", usual.confusers, least=0.0, most=50.0),
        concealment=(low, high),
        air_c=part.number("air_c", usual.air_c, least=-60.0, most=60.0),
        swing_k=part.number("swing_k", usual.swing_k, least=0.0, most=40.0),
        visibility_km=part.number("visibility_km", usual.visibility_km, least=0.5, most=400.0),
        cloud=part.number("cloud", usual.cloud, least=0.0, most=1.0),
        errors=part.text("errors", usual.errors),
        faults=part.texts("faults"),
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
