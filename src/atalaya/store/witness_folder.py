"""The folder of somebody who witnesses logs of others: a key, the logs watched, and what was signed last.

witness.key, witness.vkey   the witness's key      logs   verifier keys of the logs, one to a line
witnessed.sqlite            per log: size, tree hash, time and cosigned checkpoint signed last
"""

import secrets
from collections.abc import Callable
from pathlib import Path

from atalaya.base.clock import now_us
from atalaya.base.errors import AtalayaError, BadInput
from atalaya.store.witness_store import SqliteWitnessMemory
from atalaya.trust.durable import replace_durable
from atalaya.trust.keys import KeyType, SigningKey, VerifierKey, load_key, new_key, save_key
from atalaya.trust.witness import Witness

KEY_FILE = "witness.key"
LOGS_FILE = "logs"
MEMORY_FILE = "witnessed.sqlite"


class WitnessFolder:
    """One witness on disk."""

    def __init__(self, root: Path) -> None:
        """The witness in a folder made by `make`.

        Raises:
            AtalayaError: TRU-017, there is none.
            BadInput: TRU-014, TRU-015, its key is not a witness's.
        """
        self.root = root
        self.key: SigningKey = load_key(root / KEY_FILE)
        if self.key.verifier.type is KeyType.ED25519:
            raise BadInput("TRU-015", where=str(root), found=int(self.key.verifier.type))

    @classmethod
    def make(
        cls,
        root: Path,
        name: str,
        key_type: KeyType = KeyType.COSIGNATURE,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> "WitnessFolder":
        """A new witness with a key of its own.

        Raises:
            AtalayaError: TRU-016, there is one already.
            BadInput: TRU-014, no name for a witness.
        """
        save_key(new_key(name, key_type, random_bytes), root / KEY_FILE)
        return cls(root)

    def logs(self) -> list[VerifierKey]:
        """The logs that are watched.

        Raises:
            BadInput: TRU-014, a line is not a key.
            AtalayaError: TRU-017.
        """
        path = self.root / LOGS_FILE
        try:
            lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise AtalayaError("TRU-017", where=str(path), detail=type(error).__name__) from error
        return [VerifierKey.parse(line) for line in lines if line]

    def watch(self, log: VerifierKey) -> None:
        """Begin to watch a log.

        Raises:
            BadInput: TRU-053, another key is known under its name.
        """
        known = {key.name: key for key in self.logs()}
        if known.setdefault(log.name, log) != log:
            raise BadInput("TRU-053", where=log.name)
        replace_durable(self.root / LOGS_FILE, "".join(f"{key}\n" for key in known.values()).encode())

    def witness(self, clock: Callable[[], int] = now_us) -> Witness:
        """The witness itself; `clock` gives microseconds UTC."""
        memory = SqliteWitnessMemory(self.root / MEMORY_FILE)
        return Witness((self.key,), self.logs(), memory, lambda: clock() // 1_000_000)
