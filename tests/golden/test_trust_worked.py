"""Worked examples: RFC 6962's reference tree, C2SP's note, one deterministic receipt."""

import hashlib

import pytest

from atalaya.trust import (
    Checkpoint,
    KeyType,
    Note,
    Policy,
    Receipt,
    Tree,
    VerifierKey,
    commitment,
    leaf_hash,
    verified,
)
from atalaya.trust.tiles import tile_name, tile_names
from tests.log_samples import EIGHT, LOG, NOW_S, W1, W2, signed, state

ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

RECEIPT = """c2sp.org/tlog-proof@v1
index 5
vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=
yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=
037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=

atalaya.example/ledger
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— atalaya.example/ledger vciZtdEzMdLoLpMAzu1By4tsK0sXpc/lPUVfpbFCFIOINI0mB5Ps4lI3rUozxAjbEkTROQVazveMEQYzfJaumNrhGQ4=
— witness.example/w1 IDJKvgAAAABlU/EAUv6c/aVg6NbLrQeEVcF/9zQf4NU7o0oMhAlsd2KfLSi87PuRKFGeqXEU6WE+zVZXp7+Sn6cqNhixntTGkr0vCA==
""".encode()  # noqa: E501  signature lines cannot be broken


@pytest.mark.proves("LOG-001")
def test_reference_tree() -> None:
    tree = Tree(EIGHT)
    assert [tree.root(size).hex() for size in range(1, 9)] == ROOTS
    assert tree.root(0).hex().startswith("e3b0c44298fc1c14")
    assert [node.hex()[:8] for node in tree.inclusion(5)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [node.hex()[:8] for node in tree.consistency(6)] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    shorter = [node.hex()[:8] for node in tree.consistency(3, 7)]
    assert shorter == ["0298d122", "07506a85", "fac54203", "837dbb15"]


@pytest.mark.proves("LOG-003")
def test_the_receipt_is_made_and_read_byte_for_byte() -> None:
    tree = Tree(EIGHT)
    receipt = Receipt(5, tuple(tree.inclusion(5)), signed(state(tree), W1))
    assert receipt.as_bytes == RECEIPT
    assert len(RECEIPT) == 486
    digest = "991323ff92ad41ea6d607f58c8695a714c1fc5ff9fdc28ff05a31d073d06ad59"
    assert hashlib.sha256(RECEIPT).hexdigest() == digest
    read = Receipt.parse(RECEIPT)
    assert read == receipt
    trusted = read.check(leaf_hash(EIGHT[5]), Policy.k_of_n(LOG.verifier, (W1.verifier,), 1), NOW_S)
    assert [(one.key.name, one.time_s) for one in trusted.cosigned] == [("witness.example/w1", NOW_S)]


@pytest.mark.proves("LOG-003")
def test_keys() -> None:
    log = "atalaya.example/ledger+bdc899b5+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    witness = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    assert str(LOG.verifier) == log
    assert str(W1.verifier) == witness
    assert VerifierKey.parse(log) == LOG.verifier
    assert VerifierKey.parse(str(W2.verifier)) == W2.verifier


@pytest.mark.proves("LOG-003")
def test_the_note_of_the_specification() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    note = Note.parse(f"This is an example message.\n\n— example.com/foo {line}\n".encode())
    assert [(one.key, one.time_s) for one in verified(note, [key])] == [(key, None)]


@pytest.mark.proves("LOG-003")
def test_lengths_of_signature_lines() -> None:
    checkpoint = state(Tree(EIGHT))
    lines = [line.line.split(" ")[2].rstrip("\n") for line in signed(checkpoint, W1, W2).signatures]
    assert [len(line) for line in lines] == [92, 104, 3244]
    assert {one.key.type for one in verified(signed(checkpoint, W2), [W2.verifier])} == {KeyType.ML_DSA_44}


@pytest.mark.proves("LOG-011")
def test_salted_commitment() -> None:
    made = commitment(bytes(range(32)), b'{"lat":4.61234,"lon":-74.01234}')
    assert made.hex() == "03ee85640162a295ef7be0e79b048aa6194cf5c848aadaa189eee4579345624f"
    assert leaf_hash(made).hex() == "2288166a9c800359c276ecddbf4657219fcad16a4fa0b0af43b49d86df383e23"


@pytest.mark.proves("LOG-003")
def test_tiles_of_seventy_thousand() -> None:
    assert tile_name(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_name("entries", 0, 5) == "tile/entries/000.p/5"
    names = list(tile_names(70_000))
    assert sum(name.startswith("tile/0/") and ".p" not in name for name in names) == 273
    assert [name for name in names if ".p" in name] == [
        *("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"),
    ]
    assert list(tile_names(256)) == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    assert list(tile_names(0)) == []


@pytest.mark.proves("LOG-003")
def test_checkpoint_text() -> None:
    text = b"atalaya.example/ledger\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    assert state(Tree(EIGHT)).text == text
    assert Checkpoint.parse(text) == state(Tree(EIGHT))
