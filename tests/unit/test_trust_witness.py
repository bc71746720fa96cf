"""A witness signs what continues what it signed, and nothing else; over bytes, files and HTTP."""

import hashlib
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from atalaya.base.errors import AtalayaError, Usage
from atalaya.store.witness_store import SqliteWitnessMemory
from atalaya.trust import Note, Tree, sign_note, verified
from atalaya.trust.note import signature_lines
from atalaya.trust.witness import Request, Seen, Witness, WitnessMemory
from atalaya.trust.witness_http import make_server, submit
from tests.log_samples import LOG, NOW_S, W1, W2, W3, Memory, signed, state, watcher

ENTRIES = [bytes([number]) for number in range(40)]


def asked(tree: Tree, old: int, size: int | None = None, proof: tuple[bytes, ...] | None = None) -> bytes:
    size = tree.size if size is None else size
    part = Tree(ENTRIES[:0]) if size == 0 else tree
    checkpoint = state(Tree()) if size == 0 else type(state(tree))(LOG.verifier.name, size, part.root(size))
    made = tuple(tree.consistency(old, size)) if proof is None else proof
    return Request(old, made, signed(checkpoint)).as_bytes


@pytest.mark.proves("LOG-007")
def test_growth_is_signed_step_by_step() -> None:
    witness, tree, old = watcher(W1, W2), Tree(ENTRIES), 0
    for size in (0, 1, 1, 5, 8, 40):
        answer = witness.add_checkpoint(asked(tree, old, size))
        assert (answer.status, len(signature_lines(answer.body))) == (200, 2)
        note = Note.parse(asked(tree, old, size).partition(b"\n\n")[2])
        assert len(verified(note.signed(*signature_lines(answer.body)), [W1.verifier, W2.verifier])) == 2
        old = size
    name = hashlib.sha256(LOG.verifier.name.encode()).hexdigest()
    assert b"\n40\n" in witness.checkpoint(name).body
    assert witness.checkpoint("0" * 64).status == 404


@pytest.mark.proves("LOG-007")
def test_refusals_have_the_status_of_the_specification() -> None:
    witness, tree = watcher(), Tree(ENTRIES)
    other = Tree(ENTRIES[::-1])
    assert witness.add_checkpoint(b"old 0\n").status == 400
    assert (
        witness.add_checkpoint(asked(tree, 0).replace(LOG.verifier.name.encode(), b"else.example")).status
        == 404
    )
    unsigned = Note(state(tree).text, signed(state(tree), W1).signatures[1:])
    assert witness.add_checkpoint(Request(0, (), unsigned).as_bytes).status == 403
    wrong = Note(state(tree).text, (sign_note(state(other).text, LOG),))
    assert witness.add_checkpoint(Request(0, (), wrong).as_bytes).status == 403
    assert witness.add_checkpoint(asked(tree, 0, 8, (tree.root(),))).status == 422
    assert witness.add_checkpoint(asked(tree, 0, 8)).status == 200
    assert witness.add_checkpoint(asked(tree, 20, 8, ())).status == 400
    late = witness.add_checkpoint(asked(tree, 0, 20))
    assert (late.status, late.body, late.content_type) == (409, b"8\n", "text/x.tlog.size")
    assert witness.add_checkpoint(asked(other, 8, 20)).status == 422
    assert witness.add_checkpoint(asked(other, 8, 8, ())).status == 422
    assert witness.add_checkpoint(asked(tree, 8, 8, (tree.root(),))).status == 422
    assert witness.add_checkpoint(asked(tree, 8, 20)).status == 200
    something = type(state(tree))(LOG.verifier.name, 0, tree.root())
    assert watcher().add_checkpoint(Request(0, (), signed(something)).as_bytes).status == 422


@pytest.mark.proves("LOG-019")
def test_a_clock_that_went_back_signs_nothing() -> None:
    now = [NOW_S]
    witness, tree = watcher(clock_s=lambda: now[0]), Tree(ENTRIES)
    assert witness.add_checkpoint(asked(tree, 0, 8)).status == 200
    now[0] -= 1
    assert witness.add_checkpoint(asked(tree, 8, 20)).status == 503
    assert watcher(clock_s=lambda: 0).add_checkpoint(asked(tree, 0, 8)).status == 503


MEMORIES = {
    "dictionary": lambda folder: Memory(),
    "sqlite": lambda folder: SqliteWitnessMemory(folder / "w.sqlite"),
}


@pytest.fixture(params=sorted(MEMORIES))
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WitnessMemory]:
    made = MEMORIES[request.param](tmp_path)
    yield made
    if isinstance(made, SqliteWitnessMemory):
        made.close()


@pytest.mark.proves("LOG-007")
def test_a_memory_replaces_only_what_it_was_told(memory: WitnessMemory) -> None:
    first, second = Seen(1, b"a" * 32, 5, b"n"), Seen(2, b"b" * 32, 6, b"m")
    assert memory.latest("o") is None
    assert not memory.replace("o", first, second)
    assert memory.replace("o", None, first)
    assert not memory.replace("o", None, second)
    assert memory.latest("o") == first
    assert memory.replace("o", first, second)
    assert memory.latest("o") == second
    assert memory.latest("p") is None


@pytest.mark.proves("LOG-007")
def test_of_two_histories_at_the_same_moment_one_is_signed(tmp_path: Path) -> None:
    """Each thread has a witness of its own over one memory on disk, as two processes would."""
    honest, other = Tree(ENTRIES), Tree(ENTRIES[:8] + ENTRIES[::-1])
    for round_number in range(10):
        assert race(tmp_path / f"{round_number}.sqlite", honest, other) == [200, *[409] * 7]


def race(path: Path, *histories: Tree) -> list[int]:
    memories = [SqliteWitnessMemory(path) for _ in range(8)]
    witnesses = [Witness((W1,), (LOG.verifier,), memory, lambda: NOW_S) for memory in memories]
    assert witnesses[0].add_checkpoint(asked(histories[0], 0, 8)).status == 200
    answers: list[int] = []
    start = threading.Barrier(len(witnesses))

    def ask(number: int) -> None:
        body = asked(histories[number % 2], 8, 9 + number // 2)
        start.wait()
        answers.append(witnesses[number].add_checkpoint(body).status)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(witnesses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for memory in memories:
        memory.close()
    return sorted(answers)


def test_over_http(tmp_path: Path) -> None:
    witness, tree = watcher(W3), Tree(ENTRIES)
    with make_server(witness, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            assert submit(url, asked(tree, 0, 8)).status == 200
            assert submit(url + "/", asked(tree, 0, 9)).body == b"8\n"
            assert submit(url, b"nonsense").status == 400
            assert submit(url + "/elsewhere", asked(tree, 0, 8)).status == 404
            name = hashlib.sha256(LOG.verifier.name.encode()).hexdigest()
            with urllib.request.urlopen(f"{url}/{name}/checkpoint") as reply:
                assert b"\n8\n" in reply.read()
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(f"{url}/nothing")
            error.value.close()
            huge = urllib.request.Request(
                url + "/add-checkpoint", data=b"x", headers={"Content-Length": "9" * 9}
            )
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(huge)
            error.value.close()
        finally:
            server.shutdown()
            thread.join()
    with pytest.raises(AtalayaError, match="TRU-052"):
        submit(url, b"")
    with pytest.raises(Usage, match="TRU-051"):
        submit("file:///etc/hostname", b"")
