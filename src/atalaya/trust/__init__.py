"""Tamper-evident log: what was done, provable to outsiders, offline, without trusting us.

In: acts (canonical JSON), keys, checkpoints and cosignatures of others. Out: a Merkle log as static files,
signed checkpoints, receipts and bundles that any C2SP tool or `verify/atalaya_verify.py` checks. Follows RFC
6962 and 9162, C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof, tlog-witness and
tlog-policy.
"""

from atalaya.trust.bundle import Bundle, Fact, write_bundle
from atalaya.trust.checkpoint import Checkpoint, contradict
from atalaya.trust.entry import Act, Entry, commitment, read_entry
from atalaya.trust.entry_store import EntryStore, StoredEntry
from atalaya.trust.keys import KeyType, SigningKey, VerifierKey, load_key, new_key, save_key
from atalaya.trust.log_folder import LogFolder
from atalaya.trust.merkle import leaf_hash, verify_consistency, verify_inclusion
from atalaya.trust.note import Note, Signature
from atalaya.trust.policy import Policy, Trusted
from atalaya.trust.receipt import Receipt
from atalaya.trust.signature import Signed, cosign, sign_note, verified
from atalaya.trust.subtree import valid_subtree, verify_subtree_consistency, verify_subtree_inclusion
from atalaya.trust.tree import Tree

__all__ = [
    "Act",
    "Bundle",
    "Checkpoint",
    "Entry",
    "EntryStore",
    "Fact",
    "KeyType",
    "LogFolder",
    "Note",
    "Policy",
    "Receipt",
    "Signature",
    "Signed",
    "SigningKey",
    "StoredEntry",
    "Tree",
    "Trusted",
    "VerifierKey",
    "commitment",
    "contradict",
    "cosign",
    "leaf_hash",
    "load_key",
    "new_key",
    "read_entry",
    "save_key",
    "sign_note",
    "valid_subtree",
    "verified",
    "verify_consistency",
    "verify_inclusion",
    "verify_subtree_consistency",
    "verify_subtree_inclusion",
    "write_bundle",
]
