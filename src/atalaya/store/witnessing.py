"""The log's side of witnessing: what to send to a witness, and what to do with its answer."""

from collections.abc import Callable

from atalaya.base.errors import AtalayaError, BadInput, NotFound, VerificationFailed
from atalaya.store.journal import Journal
from atalaya.store.log_keys import save_policy
from atalaya.trust import prover
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.keys import KeyType, VerifierKey
from atalaya.trust.note import Note, Signature, signature_lines
from atalaya.trust.policy import Policy
from atalaya.trust.signature import verified
from atalaya.trust.wire import decimal
from atalaya.trust.witness import Answer, Request
from atalaya.trust.witness_http import submit

Send = Callable[[str, bytes], Answer]


def expect(journal: Journal, witnesses: tuple[VerifierKey, ...], needed: int) -> Policy:
    """Make a policy: `needed` of these witnesses must have signed. Who they are is logged.

    Raises:
        BadInput: TRU-022, that cannot be; TRU-015, a key is not a witness's.
    """
    for key in witnesses:
        if key.type is KeyType.ED25519:
            raise BadInput("TRU-015", where=key.name, found=int(key.type))
    policy = Policy.k_of_n(journal.key.verifier, witnesses, needed)
    journal.act("witness-policy", {"policy": policy.text}, actor=journal.key.verifier.name)
    save_policy(journal.root, policy)
    return policy


def last_signed(journal: Journal, witness: VerifierKey) -> int:
    """The size of the largest checkpoint that carries this witness's signature."""
    for note in journal.folder.witnessed():
        if any((line.name, line.key_id) == (witness.name, witness.key_id) for line in note.signatures):
            return Checkpoint.parse(note.text).size
    return 0


def request(journal: Journal, old_size: int) -> Request:
    """Ask to cosign the latest checkpoint, given the size that the witness signed last.

    Raises:
        VerificationFailed: TRU-054, the witness has signed more than this log holds.
    """
    note = journal.note()
    size = Checkpoint.parse(note.text).size
    if old_size > size:
        raise VerificationFailed("TRU-054", where=journal.key.verifier.name, signed=old_size, here=size)
    journal.keep_cosigned(_with_known(journal, note))
    return Request(old_size, tuple(prover.consistency(journal.folder, old_size, size)), note)


def accept(journal: Journal, answer: bytes) -> tuple[Checkpoint, tuple[VerifierKey, ...]]:
    """Take in a witness's cosignature lines; the checkpoint they are for and whose they are.

    Raises:
        BadInput: TRU-018 to TRU-020, no signature lines.
        VerificationFailed: TRU-055, they fit no checkpoint this log asked about, or no witness of its policy.
    """
    lines = signature_lines(answer)
    witnesses = journal.policy.witnesses.values()
    for note in journal.folder.witnessed():
        known = _held(note.text, lines, tuple(witnesses))
        if known:
            mine = {(key.name, key.key_id) for key in known}
            kept = (line for line in lines if (line.name, line.key_id) in mine)
            journal.keep_cosigned(note.signed(*kept))
            return Checkpoint.parse(note.text), known
    raise VerificationFailed("TRU-055", where=", ".join(line.name for line in lines))


def ask(journal: Journal, url: str, witness: VerifierKey, send: Send = submit) -> Checkpoint:
    """Have a witness cosign the latest checkpoint over HTTP; the checkpoint it signed.

    Raises:
        VerificationFailed: TRU-054, it has seen more than this log holds; TRU-056, it says that this log does
            not continue what it signed: one of the two histories is not the true one.
        NotFound: TRU-057, it does not watch this log, or not with this key.
        AtalayaError: TRU-052, it cannot be reached or answers nonsense.
    """
    answer = send(url, request(journal, last_signed(journal, witness)).as_bytes)
    if answer.status == 409:
        answer = send(url, request(journal, decimal(answer.body.removesuffix(b"\n"))).as_bytes)
    if answer.status == 422:
        raise VerificationFailed("TRU-056", where=url)
    if answer.status in (403, 404):
        raise NotFound("TRU-057", where=url)
    if answer.status != 200:
        raise AtalayaError("TRU-052", where=url, detail=str(answer.status))
    return accept(journal, answer.body)[0]


def _held(
    text: bytes, lines: tuple[Signature, ...], keys: tuple[VerifierKey, ...]
) -> tuple[VerifierKey, ...]:
    """Which of the keys signed this text with these lines; none where one of them does not hold."""
    try:
        return tuple(signed.key for signed in verified(Note(text, lines), keys))
    except VerificationFailed:
        return ()


def _with_known(journal: Journal, note: Note) -> Note:
    """The note with the cosignatures it has been given before."""
    for kept in journal.folder.witnessed():
        if kept.text == note.text:
            return kept.signed(*note.signatures)
    return note
