"""`atalaya audit witness ...`: witness somebody's log, or have one's own witnessed; over HTTP or with
files.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from atalaya.base.errors import AtalayaError, BadInput, NotFound, VerificationFailed
from atalaya.base.language import printable, say
from atalaya.cli.audit_options import AsJson, InWorkspace, Output, open_journal, read_file
from atalaya.store.workspace import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from atalaya.trust.keys import VerifierKey

witness = App(name="witness", help=say("cli.audit.witness.help"))

Folder = Annotated[Path, Parameter(help=say("cli.audit.witness.folder"))]
KeyText = Annotated[str, Parameter(help=say("cli.audit.witness.key"))]


@witness.command(help=say("cli.audit.witness.make.help"))
def make(
    folder: Folder,
    /,
    *,
    name: Annotated[str, Parameter(help=say("cli.audit.witness.name"))],
    ml_dsa: Annotated[bool, Parameter(negative="", help=say("cli.audit.witness.ml_dsa"))] = False,
    as_json: AsJson = False,
) -> int:
    """Make a witness with a key of its own."""
    from atalaya.store.witness_folder import WitnessFolder
    from atalaya.trust.keys import KeyType

    made = WitnessFolder.make(folder, name, KeyType.ML_DSA_44 if ml_dsa else KeyType.COSIGNATURE)
    _tell(as_json, str(made.key.verifier), witness=name, key=str(made.key.verifier))
    return 0


@witness.command(help=say("cli.audit.witness.watch.help"))
def watch(folder: Folder, log: KeyText, /, *, as_json: AsJson = False) -> int:
    """Begin to watch a log."""
    from atalaya.store.witness_folder import WitnessFolder

    key = _key(log)
    WitnessFolder(folder).watch(key)
    _tell(as_json, say("audit.watching", log=printable(key.name)), log=key.name)
    return 0


@witness.command(help=say("cli.audit.witness.cosign.help"))
def cosign(
    folder: Folder,
    request: Annotated[Path, Parameter(help=say("cli.audit.witness.request_file"))],
    /,
    *,
    output: Output,
    as_json: AsJson = False,
) -> int:
    """Answer a request brought as a file."""
    from atalaya.store.witness_folder import WitnessFolder
    from atalaya.trust.durable import replace_durable

    answer = WitnessFolder(folder).witness().add_checkpoint(read_file(request))
    if answer.status in (200, 409):
        replace_durable(output, answer.body)
    _refused(answer.status, answer.body, str(request))
    _tell(as_json, say("audit.cosigned_file", output=output), output=str(output), status=answer.status)
    return 0


@witness.command(help=say("cli.audit.witness.serve.help"))
def serve(
    folder: Folder,
    /,
    *,
    host: Annotated[str, Parameter(help=say("cli.audit.witness.host"))] = "127.0.0.1",
    port: Annotated[int, Parameter(help=say("cli.audit.witness.port"))] = 7380,
) -> int:
    """Answer requests over HTTP until interrupted."""
    from atalaya.store.witness_folder import WitnessFolder
    from atalaya.trust.witness_http import make_server

    found = WitnessFolder(folder)
    try:
        server = make_server(found.witness(), host, port)
    except (OSError, OverflowError) as error:
        raise AtalayaError("TRU-069", where=f"{host}:{port}", detail=str(error)) from error
    with server:
        place = "{}:{}".format(*server.server_address[:2])
        print(say("audit.serving", name=printable(found.key.verifier.name), place=place), flush=True)
        server.serve_forever()
    return 0


@witness.command(help=say("cli.audit.witness.expect.help"))
def expect(
    keys: Annotated[tuple[str, ...], Parameter(help=say("cli.audit.witness.key"))],
    /,
    *,
    needed: Annotated[int, Parameter(help=say("cli.audit.witness.needed"))] = 1,
    workspace: InWorkspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Name the witnesses whose signatures this log's receipts must carry."""
    from atalaya.store import witnessing

    with open_journal(workspace) as journal:
        policy = witnessing.expect(journal, tuple(_key(text) for text in keys), needed)
    _tell(as_json, policy.text.rstrip("\n"), policy=policy.text)
    return 0


@witness.command(help=say("cli.audit.witness.request.help"))
def request(
    name: Annotated[str, Parameter(help=say("cli.audit.witness.of"))],
    /,
    *,
    output: Output,
    old: Annotated[int | None, Parameter(help=say("cli.audit.witness.old"))] = None,
    workspace: InWorkspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Write a request for a witness to a file."""
    from atalaya.store import witnessing
    from atalaya.trust.durable import replace_durable

    with open_journal(workspace) as journal:
        key = journal.policy.witnesses.get(name)
        if key is None:
            raise NotFound("TRU-070", where=name)
        size = witnessing.last_signed(journal, key) if old is None else old
        replace_durable(output, witnessing.request(journal, size).as_bytes)
    _tell(as_json, say("audit.requested", output=output, old=size), output=str(output), old=size)
    return 0


@witness.command(help=say("cli.audit.witness.add.help"))
def add(
    answer: Annotated[Path, Parameter(help=say("cli.audit.witness.answer_file"))],
    /,
    *,
    workspace: InWorkspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Take in a witness's answer from a file."""
    from atalaya.store import witnessing

    data = read_file(answer)
    if data[:-1].isdigit():
        _refused(409, data, str(answer))
    with open_journal(workspace) as journal:
        checkpoint, keys = witnessing.accept(journal, data)
    names = [key.name for key in keys]
    text = say("audit.added", names=printable(", ".join(names)), size=checkpoint.size)
    _tell(as_json, text, witnesses=names, size=checkpoint.size)
    return 0


@witness.command(help=say("cli.audit.witness.ask.help"))
def ask(
    name: Annotated[str, Parameter(help=say("cli.audit.witness.of"))],
    url: Annotated[str, Parameter(help=say("cli.audit.witness.url"))],
    /,
    *,
    workspace: InWorkspace = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Have a witness sign over HTTP."""
    from atalaya.store import witnessing

    with open_journal(workspace) as journal:
        key = journal.policy.witnesses.get(name)
        if key is None:
            raise NotFound("TRU-070", where=name)
        checkpoint = witnessing.ask(journal, url, key)
    text = say("audit.added", names=printable(key.name), size=checkpoint.size)
    _tell(as_json, text, witnesses=[key.name], size=checkpoint.size)
    return 0


def _key(text: str) -> "VerifierKey":
    """A verifier key, given itself or as the file it lies in."""
    from atalaya.trust.keys import VerifierKey

    if "+" not in text or Path(text).is_file():
        text = read_file(Path(text)).decode("utf-8", "replace")
    return VerifierKey.parse(text.strip())


def _refused(status: int, body: bytes, where: str) -> None:
    """Turn a witness's refusal into an error."""
    if status == 409:
        raise VerificationFailed("TRU-065", where=where, size=printable(body.decode("latin-1").strip()))
    if status == 422:
        raise VerificationFailed("TRU-056", where=where)
    if status in (403, 404):
        raise NotFound("TRU-057", where=where)
    if status == 400:
        raise BadInput("TRU-050", where=where)
    if status != 200:
        raise AtalayaError("TRU-052", where=where, detail=str(status))


def _tell(as_json: bool, text: str, **shown: object) -> None:
    print(json.dumps({"schema": "atalaya.audit-witness/1", **shown}) if as_json else text)
