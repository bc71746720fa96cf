"""Where a workspace keeps its log's key and the policy that names its witnesses."""

from collections.abc import Callable
from pathlib import Path

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.trust.durable import replace_durable
from atalaya.trust.keys import KeyType, SigningKey, VerifierKey, load_key, new_key, save_key
from atalaya.trust.policy import Policy

KEY_FILE = "keys/log.ed25519"
VERIFIER_FILE = "keys/log.vkey"
POLICY_FILE = "keys/witnesses.policy"
ID_BYTES = 8


def log_key(root: Path, origin: str | None, random_bytes: Callable[[int], bytes]) -> SigningKey:
    """The log's signing key, made where there is none; the caller holds the log's lock.

    Raises:
        BadInput: TRU-042, the log has another origin than the one given; TRU-014, no name for a log.
        AtalayaError: TRU-016, TRU-017.
    """
    path = root / KEY_FILE
    if not path.exists():
        if (root / "log" / "checkpoint").exists():
            raise AtalayaError("TRU-017", where=str(path), detail="FileNotFoundError")
        name = origin or f"atalaya.local/log-{random_bytes(ID_BYTES).hex()}"
        save_key(new_key(name, KeyType.ED25519, random_bytes), path)
    key = load_key(path)
    if origin not in (None, key.verifier.name):
        raise BadInput("TRU-042", where=str(path), found=key.verifier.name, given=origin)
    return key


def verifier_key(root: Path) -> VerifierKey:
    """The log's public key.

    Raises:
        AtalayaError: TRU-017, it cannot be read.
        BadInput: TRU-014.
    """
    path = root / VERIFIER_FILE
    try:
        return VerifierKey.parse(path.read_text(encoding="utf-8").removesuffix("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise AtalayaError("TRU-017", where=str(path), detail=type(error).__name__) from error


def read_policy(root: Path, log: VerifierKey) -> Policy:
    """The workspace's policy; before witnesses are named, the log's word alone.

    Raises:
        BadInput: TRU-022.
    """
    path = root / POLICY_FILE
    return Policy.parse(path.read_bytes()) if path.exists() else Policy.k_of_n(log, (), 0)


def save_policy(root: Path, policy: Policy) -> None:
    """Write the workspace's policy.

    Raises:
        AtalayaError: TRU-016.
    """
    replace_durable(root / POLICY_FILE, policy.text.encode())
