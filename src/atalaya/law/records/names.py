"""From a name to an organisation: by id, by curated spelling, by the name a list gives; never by likeness.

Likeness only suggests. The best match among 6,884 names is wrong where it matters: "Cártel del Golfo" comes
out nearer to CLAN DEL GOLFO than to GULF CARTEL. A person confirms, and the confirmation is a record (an
alias with basis "confirmed", who and when).
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from atalaya.law.records.organisation import Alias, Organisation, read_alias, read_organisation
from atalaya.law.records.record import Record
from atalaya.law.records.register import Register
from atalaya.law.records.stated import InForce, in_force

SUGGESTED_FROM = 60.0
"""Likeness, 0 to 100, from which a name is suggested to a person."""

PART_OF_A_NAME = 0.95
"""Weight of a likeness in which one name is part of the other ("Cartel de Jalisco")."""

_OTHER_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"}
)


class Basis(StrEnum):
    """Why a name means an organisation, the best reason first."""

    ID = "id"
    CURATED = "curated"
    LISTED = "listed"
    LISTED_BEFORE = "listed-before"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One organisation that a name means.

    Args:
        organisation: its id. name: what the register calls it. basis: why.
        record: the row it rests on. former: whether it is a name the organisation no longer has.
        in_force: whether the spelling's own validity holds at the instant asked.
    """

    organisation: str
    name: str
    basis: Basis
    record: Record
    former: bool = False
    in_force: InForce = InForce.YES


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name means: one organisation, several (ambiguous), or none.

    also: meanings of a weaker basis, shown and not followed.
    """

    text: str
    meanings: tuple[Meaning, ...]
    also: tuple[Meaning, ...] = ()

    @property
    def organisation(self) -> str | None:
        """The one id it means; None where it means none or several."""
        ids = {meaning.organisation for meaning in self.meanings}
        return next(iter(ids)) if len(ids) == 1 else None

    @property
    def ambiguous(self) -> bool:
        """Whether it means several organisations."""
        return len({meaning.organisation for meaning in self.meanings}) > 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An organisation with a similar name, for a person to confirm or not.

    Args:
        score: likeness, 0 to 100. matched: the spelling it is like.
        distinct_from: organisations which a curator recorded as easily taken for it.
    """

    organisation: str
    name: str
    matched: str
    score: float
    distinct_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Spelling:
    text: str
    meaning: Meaning


def normalised(text: str) -> str:
    """Words without case, accents and punctuation: "Cártel de(l) Golfo" becomes "cartel de l golfo"."""
    plain = unicodedata.normalize("NFKD", text.translate(_OTHER_LETTERS)).casefold()
    kept = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())


@lru_cache(maxsize=65_536)
def name_key(text: str) -> str:
    """What two spellings of one name share: "MS-13", "MS 13" and "ms13" are all "ms13"."""
    return normalised(text).replace(" ", "")


class NameTable:
    """The names of a register as known at one instant."""

    def __init__(self, register: Register, known_us: int) -> None:
        """Take the organisations and aliases that stood at `known_us`, microseconds UTC."""
        self._organisations: dict[str, tuple[Record, Organisation]] = {}
        self._by_key: dict[str, list[_Spelling]] = {}
        for row in register.as_known(known_us, "organisation"):
            if "withdrawn" not in row.body:
                self._organisations[row.id] = (row, read_organisation(row.body, row.id))
        for row, organisation in self._organisations.values():
            self._add_organisation(row, organisation)
            self._add_former(register.history(row.id), known_us)
        for row in register.as_known(known_us, "alias"):
            if "withdrawn" not in row.body:
                self._add_alias(row, read_alias(row.body, row.id))

    def __len__(self) -> int:
        return len(self._organisations)

    def organisation(self, organisation_id: str) -> Organisation | None:
        """The organisation of an id."""
        found = self._organisations.get(organisation_id)
        return found[1] if found else None

    def resolve(self, text: str, t_us: int | None = None) -> Resolution:
        """What a name or id means; the strongest basis alone counts, weaker ones are shown beside it.

        Args:
            t_us: instant at which spellings must be in use, microseconds UTC; None takes those of any time.
        """
        if text in self._organisations:
            row, organisation = self._organisations[text]
            return Resolution(text, (Meaning(text, organisation.name, Basis.ID, row),))
        key = name_key(text)
        meanings = [spelling.meaning for spelling in self._by_key.get(key, ())] if key else []
        if t_us is not None:
            meanings = [found for found in (_at(meaning, t_us) for meaning in meanings) if found is not None]
        for basis in Basis:
            strongest = _unique(meaning for meaning in meanings if meaning.basis is basis)
            if strongest:
                held = {meaning.organisation for meaning in strongest}
                weaker = _unique(meaning for meaning in meanings if meaning.organisation not in held)
                return Resolution(text, strongest, weaker)
        return Resolution(text, ())

    def suggest(self, text: str, most: int = 5) -> list[Suggestion]:
        """Organisations with similar names, the likest first; for a person to judge, never an answer."""
        from rapidfuzz import fuzz, process

        wanted = normalised(text)
        spellings = [spelling for group in self._by_key.values() for spelling in group]
        choices = [normalised(spelling.text) for spelling in spellings]
        likeness: dict[int, float] = {}
        for scorer, weight in ((fuzz.token_sort_ratio, 1.0), (fuzz.token_set_ratio, PART_OF_A_NAME)):
            scored = process.extract(
                wanted, choices, scorer=scorer, limit=most * 6, score_cutoff=SUGGESTED_FROM
            )
            for _, score, place in scored:
                likeness[place] = max(likeness.get(place, 0.0), weight * float(score))
        best: dict[str, Suggestion] = {}
        for place, score in sorted(likeness.items(), key=lambda item: -item[1]):
            spelling = spellings[place]
            organisation_id = spelling.meaning.organisation
            if organisation_id not in best:
                best[organisation_id] = Suggestion(
                    organisation_id,
                    spelling.meaning.name,
                    spelling.text,
                    round(score, 1),
                    self._organisations[organisation_id][1].distinct_from,
                )
        return list(best.values())[:most]

    def _add_organisation(self, row: Record, organisation: Organisation) -> None:
        listed = {name for entry in organisation.listed.values() for name in (entry.name, *entry.names)}
        if organisation.sources or organisation.name not in listed:
            self._add(organisation.name, Meaning(row.id, organisation.name, Basis.CURATED, row))
        for name in sorted(listed):
            self._add(name, Meaning(row.id, organisation.name, Basis.LISTED, row))

    def _add_former(self, history: Iterable[Record], known_us: int) -> None:
        """Names that earlier issues of a list gave, such as CARRILLO FUENTES ORGANIZATION for 8237."""
        for row in history:
            if row.recorded_us <= known_us and not row.known(known_us) and "withdrawn" not in row.body:
                name = self._organisations[row.id][1].name
                for entry in read_organisation(row.body, row.id).listed.values():
                    for text in (entry.name, *entry.names):
                        self._add(text, Meaning(row.id, name, Basis.LISTED_BEFORE, row, former=True))

    def _add_alias(self, row: Record, alias: Alias) -> None:
        organisation = self.organisation(alias.organisation)
        if organisation is not None:
            meaning = Meaning(alias.organisation, organisation.name, Basis.CURATED, row, alias.former)
            self._add(alias.text, meaning)

    def _add(self, text: str, meaning: Meaning) -> None:
        self._by_key.setdefault(name_key(text), []).append(_Spelling(text, meaning))


def _at(meaning: Meaning, t_us: int) -> Meaning | None:
    if meaning.record.kind != "alias":
        return meaning
    status = in_force(meaning.record.valid.start, meaning.record.valid.end, t_us)
    if status is InForce.NO:
        return None
    return Meaning(meaning.organisation, meaning.name, meaning.basis, meaning.record, meaning.former, status)


def _unique(meanings: Iterable[Meaning]) -> tuple[Meaning, ...]:
    """One meaning for each organisation, the first."""
    by_id: dict[str, Meaning] = {}
    for meaning in meanings:
        by_id.setdefault(meaning.organisation, meaning)
    return tuple(by_id.values())
