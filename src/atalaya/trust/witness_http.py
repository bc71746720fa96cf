"""Witnessing over HTTP: a small server around a `Witness`, and the client's one call."""

import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from atalaya.base.errors import AtalayaError, Usage
from atalaya.trust.note import MAX_BYTES
from atalaya.trust.witness import Answer, Witness

ADD = "/add-checkpoint"
TIMEOUT_S = 30.0


def make_server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """A server that answers `POST /add-checkpoint` and `GET /<hex sha256(origin)>/checkpoint`.

    Raises:
        OSError: the address cannot be listened on.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT_S

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != ADD:
                self._answer(Answer(404, b"\n"))
            elif not (length.isascii() and length.isdigit() and int(length) <= MAX_BYTES):
                self._answer(Answer(400, b"length\n"))
            else:
                self._answer(witness.add_checkpoint(self.rfile.read(int(length))))

        def do_GET(self) -> None:
            name, _, rest = self.path.removeprefix("/").partition("/")
            self._answer(witness.checkpoint(name) if rest == "checkpoint" else Answer(404, b"\n"))

        def _answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
            """Say nothing: who asked when is nobody's business here."""

    return ThreadingHTTPServer((host, port), Handler)


def submit(url: str, body: bytes) -> Answer:
    """Send a request to a witness.

    Args:
        url: prefix of the witness, http or https; "/add-checkpoint" is put behind it.

    Raises:
        Usage: TRU-051, no such kind of address.
        AtalayaError: TRU-052, the witness cannot be reached.
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Usage("TRU-051", where=url)
    asked = urllib.request.Request(url.rstrip("/") + ADD, data=body, headers={"Content-Type": "text/plain"})
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as reply:
            return Answer(reply.status, reply.read(MAX_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(MAX_BYTES))
    except OSError as error:
        raise AtalayaError("TRU-052", where=url, detail=str(error)) from error
