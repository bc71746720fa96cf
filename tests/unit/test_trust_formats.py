"""Strictness of the texts that logs and witnesses exchange: one spelling, everything else refused."""

import base64
import os
import stat
from pathlib import Path

import pytest

from atalaya.base.errors import AtalayaError, BadInput, VerificationFailed
from atalaya.trust import (
    Act,
    Bundle,
    Checkpoint,
    Fact,
    KeyType,
    Note,
    Policy,
    Receipt,
    SigningKey,
    Tree,
    VerifierKey,
    commitment,
    contradict,
    leaf_hash,
    load_key,
    new_key,
    read_entry,
    save_key,
    verified,
)
from atalaya.trust.entry import canonical, entry_bytes
from atalaya.trust.wire import decimal, from_base64
from tests.log_samples import EIGHT, LOG, NOW_S, W1, W2, W3, seeded, signed, state

TREE = Tree(EIGHT)
NOTE = signed(state(TREE), W1)
TEXT = NOTE.as_bytes


@pytest.mark.proves("LOG-004")
@pytest.mark.parametrize(
    "text", [b"", b"01", b"+1", b"-1", b" 1", b"1_0", b"1 ", b"9223372036854775808", b"1\n"]
)
def test_numbers_have_one_spelling(text: bytes) -> None:
    with pytest.raises(BadInput, match="TRU-010"):
        decimal(text)


@pytest.mark.proves("LOG-004")
def test_arabic_digits_are_no_number() -> None:
    with pytest.raises(BadInput):
        decimal("٣".encode())
    assert decimal(b"9223372036854775807") == 2**63 - 1


@pytest.mark.proves("LOG-004")
@pytest.mark.parametrize("text", [b"QU*JD", b"QUI", b"QUI=\n", b"QUJ=", b" QUI=", b"QUI==", "QÜI=".encode()])
def test_base64_has_one_spelling(text: bytes) -> None:
    with pytest.raises(BadInput, match="TRU-011"):
        from_base64(text)


@pytest.mark.proves("LOG-004")
@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\n",
        TEXT[:-1],
        b"\xef\xbb\xbf" + TEXT,
        TEXT.replace(b"\n", b"\r\n"),
        TEXT.replace(b"8\n", b"8\x0b\n"),
        TEXT.replace(b"ledger\n", b"ledger\x85\n"),
        TEXT.replace(b"\xe2\x80\x94", b"-"),
        TEXT.replace(b"\xe2\x80\x94 w", b"\xe2\x80\x94  w"),
        TEXT.replace(b"\n\n", b"\n"),
        TEXT + b"\n",
        TEXT + TEXT.split(b"\n")[-2] + b"\n",
        TEXT.replace(b"witness.example/w1", b"witness+example/w1"),
        TEXT.replace(b"witness.example/w1", "witness\u2003example".encode()),
        TEXT.replace(b"IDJKvg", b"IDJK"),
    ],
)
def test_broken_notes_are_refused(damaged: bytes) -> None:
    with pytest.raises(BadInput):
        Note.parse(damaged)


def test_a_note_may_hold_empty_lines() -> None:
    note = Note.parse(b"one\n\ntwo\n\n" + TEXT.partition(b"\n\n")[2])
    assert note.text == b"one\n\ntwo\n"


@pytest.mark.proves("LOG-004")
@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n8", b"\n08"), (b"\n8", b"\n\n8"), (b"\nXcna", b"\nXcn"), (b"yg=\n", b"yg\n"), (b"\n8", b"\n-8")],
)
def test_broken_checkpoints_are_refused(old: bytes, new: bytes) -> None:
    assert old in NOTE.text
    with pytest.raises(BadInput):
        Checkpoint.parse(NOTE.text.replace(old, new))


def test_extension_lines_are_passed_over_but_never_empty() -> None:
    assert Checkpoint.parse(NOTE.text + b"more\n") == state(TREE)
    with pytest.raises(BadInput):
        Checkpoint.parse(NOTE.text + b"\n")


@pytest.mark.proves("LOG-005")
def test_unknown_keys_are_ignored_known_ones_must_hold() -> None:
    assert len(verified(NOTE, [LOG.verifier])) == 1
    with pytest.raises(VerificationFailed, match="TRU-031"):
        verified(NOTE, [W3.verifier])
    other = Note(NOTE.text.replace(b"\n8\n", b"\n9\n"), NOTE.signatures)
    with pytest.raises(VerificationFailed, match="TRU-030"):
        verified(other, [LOG.verifier])
    forged = Note(NOTE.text, (NOTE.signatures[0], other.signed().signatures[1]))
    assert len(verified(forged, [LOG.verifier, W1.verifier])) == 2


@pytest.mark.proves("LOG-005")
def test_a_cosignature_is_for_one_log_one_time_one_purpose() -> None:
    elsewhere = Checkpoint("other.example/log", 8, TREE.root())
    for witness in (W1, W2):
        moved = Note(elsewhere.text, signed(state(TREE), witness).signatures[1:])
        with pytest.raises(VerificationFailed, match="TRU-030"):
            verified(moved, [witness.verifier])
        line = signed(state(TREE), witness).signatures[1]
        later = type(line)(line.name, line.key_id, (NOW_S + 1).to_bytes(8, "big") + line.value[8:])
        with pytest.raises(VerificationFailed, match="TRU-030"):
            verified(Note(NOTE.text, (line, later)[1:]), [witness.verifier])


@pytest.mark.proves("LOG-006")
def test_k_of_n() -> None:
    keys = (W1.verifier, W2.verifier, W3.verifier)
    two = Policy.k_of_n(LOG.verifier, keys, 2)
    assert two.check(signed(state(TREE), W1, W2), NOW_S).checkpoint == state(TREE)
    with pytest.raises(VerificationFailed, match="TRU-033"):
        two.check(signed(state(TREE), W2), NOW_S)
    with pytest.raises(VerificationFailed, match="TRU-031"):
        two.check(Note(NOTE.text, signed(state(TREE), W1, W2).signatures[1:]), NOW_S)
    assert Policy.k_of_n(LOG.verifier, (), 0).accepts(signed(state(TREE)))
    with pytest.raises(BadInput, match="TRU-022"):
        Policy.k_of_n(LOG.verifier, keys, 4)
    with pytest.raises(BadInput, match="TRU-022"):
        Policy.k_of_n(LOG.verifier, (W1.verifier, VerifierKey("b", W1.verifier.type, W1.verifier.public)), 2)


@pytest.mark.proves("LOG-006")
def test_a_policy_can_demand_an_outsider() -> None:
    text = (
        f"# who must sign\nlog {LOG.verifier}\n\nwitness own1 {W1.verifier}\nwitness own2 {W2.verifier}\n"
        f"witness state {W3.verifier} https://state.example/w\ngroup own any own1 own2\n"
        "group both all own state\nquorum both\n"
    )
    policy = Policy.parse(text.encode())
    assert policy.urls == {"state": "https://state.example/w"}
    assert not policy.accepts(signed(state(TREE), W1, W2))
    assert policy.accepts(signed(state(TREE), W2, W3))
    assert Policy.parse(policy.text.encode()) == policy


@pytest.mark.proves("LOG-004")
@pytest.mark.parametrize(
    "change",
    [
        ("quorum w", "quorum x"),
        ("quorum w", ""),
        ("quorum w", "quorum w\nquorum w"),
        ("witness w ", "witness none "),
        ("witness w ", "group w "),
        ("quorum w", "group g 2 w\nquorum g"),
        ("quorum w", "group g 0 w\nquorum g"),
        ("quorum w", "group g 1 w w\nquorum g"),
        ("quorum w", "unknown line\nquorum w"),
        ("log ", "witness log "),
        ("+bdc899b5+", "+bdc899b6+"),
    ],
)
def test_broken_policies_are_refused(change: tuple[str, str]) -> None:
    text = f"log {LOG.verifier}\nwitness w {W1.verifier}\nquorum w\n"
    assert Policy.parse(text.encode()).quorum == "w"
    with pytest.raises(BadInput, match=r"TRU-0(14|22)"):
        Policy.parse(text.replace(*change).encode())


@pytest.mark.proves("LOG-019")
def test_signatures_from_the_future_are_refused() -> None:
    policy = Policy.k_of_n(LOG.verifier, (W1.verifier,), 1)
    policy.check(NOTE, NOW_S - 200)
    with pytest.raises(VerificationFailed, match="TRU-034"):
        policy.check(NOTE, NOW_S - 400)


def test_two_histories_contradict() -> None:
    assert contradict(state(TREE), state(Tree(EIGHT[::-1])))
    assert not contradict(state(TREE), state(TREE))
    assert not contradict(state(TREE), state(Tree(EIGHT[:7])))


def test_an_empty_log_cannot_show_something() -> None:
    policy = Policy.k_of_n(LOG.verifier, (), 0)
    policy.check(signed(state(Tree())))
    with pytest.raises(VerificationFailed, match="TRU-035"):
        policy.check(signed(Checkpoint(LOG.verifier.name, 0, TREE.root())))


@pytest.mark.proves("LOG-018")
def test_a_key_file_is_its_owners_and_never_shown(tmp_path: Path) -> None:
    for key_type in KeyType:
        key = new_key("a.example/x", key_type, seeded(key_type))
        path = tmp_path / f"{key_type}.key"
        save_key(key, path)
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_key(path).verifier == key.verifier
        assert VerifierKey.parse(path.with_suffix(".vkey").read_text().strip()) == key.verifier
        with pytest.raises(AtalayaError, match="TRU-016"):
            save_key(key, path)
        secret = key.text.rpartition("+")[2]
        assert secret not in repr(key)
        for broken in (key.text[:-3], key.text.replace("a.example", "b.example"), key.text + "A"):
            with pytest.raises(BadInput) as raised:
                SigningKey.parse(broken)
            assert secret[:20] not in str(raised.value)


@pytest.mark.proves("LOG-011")
@pytest.mark.parametrize(
    "body",
    [
        {"lat": 4.6},
        {"n": float("nan")},
        {"big": 2**53},
        {"raw": b"x"},
        {1: "key"},
        {"alone": "\ud800"},
        {"when": {1, 2}},
        {"deep": [[[{"x": 1.0}]]]},
    ],
)
def test_what_can_be_read_in_two_ways_is_not_logged(body: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="TRU-026"):
        entry_bytes(Act("k", body, "a"), 0, None)


@pytest.mark.proves("LOG-011")
def test_canonical_bytes() -> None:
    data = entry_bytes(Act("plan", {"b": [1, None, True], "a": "ñ"}, "ana", about="s:1"), 5, 3)
    wanted = '{"about":"s:1","actor":"ana","body":{"a":"ñ","b":[1,null,true]},"inputs":[],"kind":"plan",'
    assert data == (wanted + '"outputs":[],"policy":"","prior":3,"t_us":5,"v":1}').encode()
    read = read_entry(data)
    assert (read.prior, read.t_us, read.act.body["a"]) == (3, 5, "ñ")
    for other in (
        data.replace(b":5,", b": 5,"),
        data.replace(b'"v":1', b'"v":2'),
        data + b" ",
        b"{}",
        b"[1]",
    ):
        with pytest.raises(BadInput, match="TRU-028"):
            read_entry(other)
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"d": deep}
    with pytest.raises(BadInput, match="TRU-026"):
        canonical(deep)


@pytest.mark.parametrize("act", [Act("", {}, "a"), Act("k", {}, ""), Act("k", {}, "a", inputs=("AB" * 32,))])
def test_incomplete_acts_are_refused(act: Act) -> None:
    with pytest.raises(BadInput, match="TRU-027"):
        entry_bytes(act, 0, None)


def facts() -> tuple[list[Fact], Policy]:
    salts = [bytes([number]) * 32 for number in range(3)]
    entries = [
        entry_bytes(Act("k", {"n": number, "deep": [{"a/b": "x"}]}, "a"), number, None) for number in range(3)
    ]
    tree = Tree([commitment(salt, entry) for salt, entry in zip(salts, entries, strict=True)])
    note = signed(state(tree), W1)
    made = [
        Fact(entry, salt, Receipt(number, tuple(tree.inclusion(number)), note))
        for number, (salt, entry) in enumerate(zip(salts, entries, strict=True))
    ]
    return made, Policy.k_of_n(LOG.verifier, (W1.verifier,), 1)


@pytest.mark.proves("LOG-015")
def test_figures_stand_in_their_facts() -> None:
    made, policy = facts()
    bundle = Bundle.of(made, {"n": (2, "/body/n"), "x": (0, "/body/deep/0/a~1b")})
    assert {name: cited.value for name, cited in bundle.figures.items()} == {"n": 2, "x": "x"}
    data = bundle.as_bytes
    assert Bundle.parse(data).check(policy).checkpoint.size == 3
    for old, new in (
        (b'"value": 2', b'"value": 3'),
        (b'"value": 2', b'"value": "2"'),
        (b'"fact": 2', b'"fact": 1'),
    ):
        with pytest.raises(VerificationFailed, match="TRU-039"):
            Bundle.parse(data.replace(old, new)).check(policy)
    with pytest.raises(VerificationFailed, match="TRU-035"):
        Bundle.parse(data.replace(b'\\"n\\":2', b'\\"n\\":3')).check(policy)
    for pointer in (
        "/body",
        "/body/none",
        "/body/deep/1",
        "/body/deep/-1",
        "body/n",
        "/body/n/0",
        "/body/deep/00",
    ):
        with pytest.raises(BadInput, match="TRU-037"):
            Bundle.of(made, {"n": (0, pointer)})


@pytest.mark.proves("LOG-004")
def test_a_bundle_is_of_one_checkpoint() -> None:
    made, policy = facts()
    tree = Tree([commitment(fact.salt, fact.entry) for fact in made[:2]])
    other = Fact(made[0].entry, made[0].salt, Receipt(0, tuple(tree.inclusion(0)), signed(state(tree), W1)))
    with pytest.raises(VerificationFailed, match="TRU-039"):
        Bundle.of([other, made[2]], {}).check(policy)
    for broken in (
        b"",
        b"[]",
        b"{}",
        b'{"schema":"atalaya.bundle/1","facts":[],"figures":{}}',
        b"[" * 100_000,
    ):
        with pytest.raises(BadInput, match="TRU-038"):
            Bundle.parse(broken)


def test_a_receipt_proves_only_its_own_leaf() -> None:
    receipt = Receipt(5, tuple(TREE.inclusion(5)), NOTE)
    policy = Policy.k_of_n(LOG.verifier, (W1.verifier,), 1)
    receipt.check(leaf_hash(EIGHT[5]), policy)
    for leaf in (leaf_hash(EIGHT[4]), TREE.root(), receipt.proof[0]):
        with pytest.raises(VerificationFailed, match="TRU-035"):
            receipt.check(leaf, policy)
    assert Receipt.parse(Receipt(5, receipt.proof, NOTE, b"salt").as_bytes).extra == b"salt"
    assert base64.b64encode(b"salt") in Receipt(5, receipt.proof, NOTE, b"salt").as_bytes
