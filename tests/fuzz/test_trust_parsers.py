"""Parsers are total: any bytes give a value or a declared error; a changed file never says something else."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError, BadInput, VerificationFailed
from atalaya.trust import Bundle, Checkpoint, Note, Policy, Receipt, SigningKey, Tree, VerifierKey, leaf_hash
from atalaya.trust.entry import Act, entry_bytes, read_entry
from atalaya.trust.note import signature_lines
from atalaya.trust.tiles import bundle, unbundle
from atalaya.trust.witness import Request
from tests.log_samples import EIGHT, LOG, W1, W2, signed, state, watcher
from tests.unit.test_trust_formats import facts
from tests.verifier import load

TREE = Tree(EIGHT)
NOTE = signed(state(TREE), W1)
RECEIPT = Receipt(5, tuple(TREE.inclusion(5)), NOTE, b"extra").as_bytes
POLICY = Policy.k_of_n(LOG.verifier, (W1.verifier,), 1)
REQUEST = Request(3, tuple(TREE.consistency(3)), NOTE).as_bytes
ENTRY = entry_bytes(Act("k", {"n": [1, None, "ñ"]}, "a"), 5, None)
BUNDLE = Bundle.of(facts()[0], {"n": (2, "/body/n")}).as_bytes

VERIFIER = load()

PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "note": (Note.parse, NOTE.as_bytes),
    "checkpoint": (Checkpoint.parse, NOTE.text),
    "receipt": (Receipt.parse, RECEIPT),
    "policy": (Policy.parse, POLICY.text.encode()),
    "request": (Request.parse, REQUEST),
    "signatures": (signature_lines, NOTE.as_bytes.partition(b"\n\n")[2]),
    "entry": (read_entry, ENTRY),
    "bundle": (Bundle.parse, BUNDLE),
    "entries": (unbundle, bundle([b"a", b"", b"ccc"])),
    "vkey": (lambda data: VerifierKey.parse(data.decode("utf-8", "replace")), str(W2.verifier).encode()),
    "skey": (lambda data: SigningKey.parse(data.decode("utf-8", "replace")), LOG.text.encode()),
}


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """A good file with a few things done to it."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["flip", "cut", "insert", "double", "remove"]))
        if kind == "flip" and place < len(data):
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del data[place:]
        elif kind == "insert":
            data[place:place] = draw(
                st.binary(min_size=1, max_size=4) | st.sampled_from([b"\n", b"\r", b" "])
            )
        elif kind == "double":
            end = draw(st.integers(place, min(len(data), place + 200)))
            data[place:place] = data[place:end]
        else:
            end = draw(st.integers(place, min(len(data), place + 60)))
            del data[place:end]
    return bytes(data)


@pytest.mark.proves("LOG-004")
@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_parsers_are_total(name: str, data: st.DataObject) -> None:
    parse, good = PARSERS[name]
    parse(good)
    for text in (data.draw(damaged(good)), data.draw(st.binary(max_size=200))):
        try:
            read = parse(text)
        except AtalayaError:
            continue
        if isinstance(read, (Note, Receipt, Request)):
            assert read.as_bytes == text, "one value, one spelling"
        elif isinstance(read, VerifierKey):
            assert str(read).encode() == text


@pytest.mark.parametrize(
    ("good", "changed"),
    [
        (b'"v":1', b'"w":1'),  # canonical still, without a version
        (b'"v":1', b'"v":"1"'),
        (b'"t_us":5', b'"t_us":"5"'),
        (b'"t_us":5', b'"t_us":true'),
        (b'"prior":null', b'"prior":"0"'),
        (b'"inputs":[]', b'"inputs":{}'),
    ],
)
def test_an_entry_with_one_field_amiss_is_refused(good: bytes, changed: bytes) -> None:
    assert good in ENTRY
    with pytest.raises(BadInput) as refused:
        read_entry(ENTRY.replace(good, changed))
    assert refused.value.code == "TRU-028"


@pytest.mark.proves("LOG-013")
@given(text=damaged(RECEIPT))
@example(RECEIPT.replace(b"index 5", b"index 4"))
@settings(max_examples=300, deadline=None)
def test_a_changed_receipt_proves_nothing_else(text: bytes) -> None:
    try:
        receipt = Receipt.parse(text)
        trusted = receipt.check(leaf_hash(EIGHT[5]), POLICY)
    except (BadInput, VerificationFailed):
        return
    assert trusted.checkpoint == state(TREE)
    assert (receipt.index, receipt.proof) == (5, tuple(TREE.inclusion(5)))


@pytest.mark.proves("LOG-007")
@given(text=damaged(REQUEST) | st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_a_witness_answers_anything(text: bytes) -> None:
    witness = watcher()
    first = Request(0, (), signed(type(state(TREE))(LOG.verifier.name, 3, TREE.root(3))))
    assert witness.add_checkpoint(first.as_bytes).status == 200
    answer = witness.add_checkpoint(text)
    assert answer.status in {200, 400, 403, 404, 409, 422}
    if answer.status == 200:
        assert Request.parse(text).note.text == NOTE.text


@pytest.mark.proves("LOG-014", "LOG-015")
@given(text=damaged(BUNDLE))
@example(BUNDLE)
@example(BUNDLE.replace(b"{", b'{"more": 1,', 1))
@settings(max_examples=300, deadline=None)
def test_the_separate_verifier_and_ours_agree_about_changed_bundles(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.json"
    path.write_bytes(text)
    try:
        theirs = bool(VERIFIER.Verifier(POLICY.text).bundle(path))
    except Exception:  # noqa: BLE001  whatever it trips over, it did not accept
        theirs = False
    try:
        ours = bool(Bundle.parse(text).check(POLICY))
    except (BadInput, VerificationFailed):
        ours = False
    assert ours == theirs
