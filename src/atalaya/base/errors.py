"""The one tree of exceptions, each with a stable code, a place and a remedy.

    AtalayaError
    ├── Usage               exit 2   the command was called wrongly
    ├── BadInput            exit 3   a file, packet, row or value is not what it should be
    │   └── DatumError      exit 3   heights or positions of different datums would be mixed
    ├── NotFound            exit 4   what was asked for is not there
    ├── NotAuthorised       exit 5   refused by law or policy
    ├── VerificationFailed  exit 6   a hash, signature or proof does not hold
    └── PartlyDone          exit 7   some of several inputs failed; the rest was done

What a code says, why it happens and what to do next is text in `base/codes/*.toml`, in every language.
"""

from atalaya.base.catalogue import CodeText, text_of


class AtalayaError(Exception):
    """Our fault or yours, told with a code, what, where, why and a remedy.

    Args:
        code: key of the catalogue, for example "KLV-003".
        where: file, byte offset, tag or row; "" when the whole input is meant.
        details: values for the placeholders of the code's text.
    """

    exit_code = 1

    def __init__(self, code: str, *, where: str = "", **details: object) -> None:
        self.code = code
        self.where = where
        self.details = details
        super().__init__(code, where, details)

    @property
    def text(self) -> CodeText:
        """What, why and remedy in the reader's language, placeholders filled."""
        return text_of(self.code).filled(self.details)

    def __str__(self) -> str:
        text = self.text
        place = f" ({self.where})" if self.where else ""
        return f"{self.code}: {text.what}{place}. {text.why} {text.remedy}"

    def as_json(self) -> dict[str, str]:
        """The error as the object that `--json` prints."""
        text = self.text
        return {
            "code": self.code,
            "what": text.what,
            "where": self.where,
            "why": text.why,
            "remedy": text.remedy,
        }


class Usage(AtalayaError):
    """The command was called wrongly."""

    exit_code = 2


class BadInput(AtalayaError):
    """A file, packet, row or value is not what it should be."""

    exit_code = 3


class DatumError(BadInput):
    """Heights or positions of different datums would be mixed without a conversion."""


class NotFound(AtalayaError):
    """What was asked for is not there."""

    exit_code = 4


class NotAuthorised(AtalayaError):
    """Refused by law or policy."""

    exit_code = 5


class VerificationFailed(AtalayaError):
    """A hash, signature or proof does not hold."""

    exit_code = 6


class PartlyDone(AtalayaError):
    """Some of several inputs failed; the rest was done and kept."""

    exit_code = 7
