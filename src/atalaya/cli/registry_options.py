"""Options that the verbs of the register share, and the times asked about."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.clock import now_us
from atalaya.base.errors import NotFound
from atalaya.base.language import say
from atalaya.law.records.register import Register
from atalaya.law.records.stated import Stated, parse_stated

DEFAULT_WORKSPACE = Path("atalaya-workspace")

Place = Annotated[
    Path, Parameter(name="--workspace", help=say("cli.exploit.workspace"), env_var="ATALAYA_WORKSPACE")
]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))]
At = Annotated[str | None, Parameter(help=say("cli.registry.at"))]
Known = Annotated[str | None, Parameter(help=say("cli.registry.known"))]
Zone = Annotated[str, Parameter(help=say("cli.registry.zone"))]
By = Annotated[str | None, Parameter(help=say("cli.registry.by"), env_var="ATALAYA_ACTOR")]


def asked(text: str | None, zone: str, where: str = "--at") -> Stated | None:
    """A time asked about: an instant, or a day of a zone (UTC where none is named); None for none.

    Raises:
        BadInput: REC-001, REC-002.
    """
    return None if text is None else parse_stated(text, zone or "UTC", where=where)


def known_at(text: str | None, zone: str) -> int:
    """The instant of knowledge, microseconds UTC: the end of what was named, now where nothing was.

    Raises:
        BadInput: REC-001, REC-002.
    """
    if text is None:
        return now_us()
    stated = parse_stated(text, zone or "UTC", where="--known")
    return max(stated.earliest_us, stated.latest_us - 1)


def read_register(workspace: Path) -> Register:
    """The register of a workspace that has one; reading makes none.

    Raises:
        NotFound: REC-048. BadInput, AtalayaError: it cannot be read.
    """
    from atalaya.store.record_store import open_record_store

    path = workspace / "ledger.sqlite"
    if not path.is_file():
        raise NotFound("REC-048", where=str(path))
    with open_record_store(path) as store:
        return store.register()


def span_us(stated: Stated) -> tuple[int, int]:
    """First and last instant of a time asked about, microseconds UTC."""
    return stated.earliest_us, max(stated.earliest_us, stated.latest_us - 1)
