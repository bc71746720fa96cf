"""Whose word is enough: the log's key, its witnesses, and how many of which must have signed (C2SP
tlog-policy).

    log <verifier key> [<url>]
    witness <name> <verifier key> [<url>]
    group <name> <k | any | all> <member> ...      members: witnesses or groups named above
    quorum <name | none>

Empty lines and lines beginning with # are skipped. A group of groups can demand a witness outside the
operator.
"""

import re
from dataclasses import dataclass, field

from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.trust.checkpoint import Checkpoint
from atalaya.trust.keys import KeyType, VerifierKey
from atalaya.trust.note import Note, plain, utf8
from atalaya.trust.signature import Signed, verified

NONE = "none"
LATE_S = 300
"""How far ahead of ours a witness's clock may be."""


@dataclass(frozen=True, slots=True)
class Group:
    """At least `needed` of the members (names of witnesses or groups)."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """A checkpoint that meets a policy: its text as signed, and who cosigned it when."""

    checkpoint: Checkpoint
    cosigned: tuple[Signed, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs by origin, witnesses by name, groups, and the one that must be met ("none": the log's word
    alone).
    """

    logs: dict[str, VerifierKey]
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NONE
    urls: dict[str, str] = field(default_factory=dict)

    @classmethod
    def k_of_n(cls, log: VerifierKey, witnesses: tuple[VerifierKey, ...], needed: int) -> "Policy":
        """Any `needed` of some witnesses.

        Raises:
            BadInput: TRU-022, more needed than there are, or one key under two names.
        """
        named = {key.name: key for key in witnesses}
        if not 0 <= needed <= len({key.public for key in named.values()}) == len(witnesses):
            raise BadInput("TRU-022", where=f"{needed}/{len(witnesses)}")
        groups = {"witnesses": Group(needed, tuple(named))} if needed else {}
        return cls({log.name: log}, named, groups, "witnesses" if needed else NONE)

    @classmethod
    def parse(cls, data: bytes) -> "Policy":
        """A policy from its file.

        Raises:
            BadInput: TRU-022 and the line, it is not one; TRU-014, TRU-015, a key is not one.
        """
        policy, quorums = cls({}), []
        for line in utf8(plain(data)).split("\n"):
            words = line.split()
            if not words or line.startswith("#"):
                continue
            if words[0] == "quorum" and len(words) == 2:
                quorums.append(words[1])
            elif not _READERS.get(words[0], _refused)(policy, words[1:]):
                raise BadInput("TRU-022", where=line[:80])
        known = {NONE, *policy.witnesses, *policy.groups}
        if len(quorums) != 1 or quorums[0] not in known or not policy.logs:
            raise BadInput("TRU-022", where="quorum")
        return cls(policy.logs, policy.witnesses, policy.groups, quorums[0], policy.urls)

    @property
    def text(self) -> str:
        """The policy's file."""
        urls = {name: f" {url}" for name, url in self.urls.items()}
        lines = [f"log {key}{urls.get(name, '')}" for name, key in self.logs.items()]
        lines += [f"witness {name} {key}{urls.get(name, '')}" for name, key in self.witnesses.items()]
        lines += [f"group {name} {g.needed} {' '.join(g.members)}" for name, g in self.groups.items()]
        return "\n".join([*lines, f"quorum {self.quorum}"]) + "\n"

    def check(self, note: Note, now_s: int | None = None) -> Trusted:
        """What a signed checkpoint states, where this policy trusts it.

        Args:
            now_s: the present, POSIX seconds; cosignatures from the future are refused. None: not looked at.

        Raises:
            BadInput: TRU-021 and others, it is no checkpoint.
            VerificationFailed: TRU-032, of a log that is not in the policy; TRU-030, TRU-031, its signature
            or
                that of a known witness does not hold; TRU-033, too few witnesses; TRU-034, signed in the
                future.
        """
        checkpoint = Checkpoint.parse(note.text)
        if not checkpoint.possible:
            raise VerificationFailed("TRU-035", where=checkpoint.origin)
        log = self.logs.get(checkpoint.origin)
        if log is None:
            raise VerificationFailed("TRU-032", where=checkpoint.origin)
        held = verified(note, (log, *self.witnesses.values()))
        if all(signed.key != log for signed in held):
            raise VerificationFailed("TRU-031", where=log.name)
        cosigned = tuple(signed for signed in held if signed.time_s is not None)
        early = [s.key.name for s in cosigned if now_s is not None and (s.time_s or 0) > now_s + LATE_S]
        if early:
            raise VerificationFailed("TRU-034", where=", ".join(early))
        signers = {signed.key for signed in cosigned}
        if not self._met(self.quorum, signers):
            raise VerificationFailed("TRU-033", where=", ".join(sorted(key.name for key in signers)) or "0")
        return Trusted(checkpoint, cosigned)

    def accepts(self, note: Note) -> bool:
        """Whether `check` passes."""
        try:
            self.check(note)
        except (BadInput, VerificationFailed):
            return False
        return True

    def _met(self, name: str, signers: set[VerifierKey]) -> bool:
        if name == NONE:
            return True
        group = self.groups.get(name)
        if group is None:
            return self.witnesses[name] in signers
        return sum(self._met(member, signers) for member in group.members) >= group.needed


def _refused(_policy: Policy, _words: list[str]) -> bool:
    return False


def _read_log(policy: Policy, words: list[str]) -> bool:
    if not 1 <= len(words) <= 2:
        return False
    key = VerifierKey.parse(words[0])
    if key.type is not KeyType.ED25519 or key.name in policy.logs:
        return False
    policy.logs[key.name] = key
    policy.urls.update(zip([key.name], words[1:], strict=False))
    return True


def _read_witness(policy: Policy, words: list[str]) -> bool:
    if not 2 <= len(words) <= 3 or _taken(policy, words[0]):
        return False
    key = VerifierKey.parse(words[1])
    if key.type is KeyType.ED25519 or any(key.public == other.public for other in policy.witnesses.values()):
        return False
    policy.witnesses[words[0]] = key
    policy.urls.update(zip([words[0]], words[2:], strict=False))
    return True


def _read_group(policy: Policy, words: list[str]) -> bool:
    if len(words) < 3 or _taken(policy, words[0]):
        return False
    name, wanted, *members = words
    known = {*policy.witnesses, *policy.groups}
    if len(set(members)) < len(members) or not known.issuperset(members):
        return False
    if wanted not in ("any", "all") and not re.fullmatch(r"[1-9][0-9]{0,3}", wanted, re.ASCII):
        return False
    needed = {"any": 1, "all": len(members)}.get(wanted) or int(wanted)
    if needed > len(members):
        return False
    policy.groups[name] = Group(needed, tuple(members))
    return True


def _taken(policy: Policy, name: str) -> bool:
    return name == NONE or name in policy.witnesses or name in policy.groups


_READERS = {"log": _read_log, "witness": _read_witness, "group": _read_group}
