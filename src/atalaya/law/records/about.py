"""What a notice or a statement speaks of: a sortie, a period, an area, a State, a subject, a place."""

from dataclasses import dataclass

from atalaya.law.records.fields import Fields, Place
from atalaya.law.records.stated import Stated


@dataclass(frozen=True, slots=True)
class About:
    """What is spoken of; what is not named is "" or None.

    Args:
        sortie: number or id of one flight.
        start, end: the period.
        area: name of an area.
        state: ISO 3166-1 alpha-3 code of a State.
        subject: in a few words, the same words for the same matter: statements are grouped by it.
        place: a point named in the words.
    """

    sortie: str = ""
    start: Stated | None = None
    end: Stated | None = None
    area: str = ""
    state: str = ""
    subject: str = ""
    place: Place | None = None

    def names_something(self) -> bool:
        """Whether anything is named at all."""
        return any((self.sortie, self.start, self.end, self.area, self.state, self.subject, self.place))


NOTHING = About()
"""Nothing in particular."""


def read_about(fields: Fields) -> About:
    """Read the part `about` of a body: {sortie, from, to, area, state, subject, place}.

    Raises:
        BadInput: REC-001, REC-002, REC-011, REC-012.
    """
    part = fields.section("about")
    about = About(
        part.text("sortie", "", most=200),
        part.stated("from"),
        part.stated("to"),
        part.text("area", "", most=200),
        part.state("state"),
        part.text("subject", "", most=400),
        part.place_named("place"),
    )
    part.close()
    return about
