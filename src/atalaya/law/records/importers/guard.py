"""A list that has shrunk sharply is taken for a failed download, never for a mass revocation.

In three years the largest share of the OFAC list that left it from one kept issue to the next was 1.3 %. A
file that is empty, cut short, or with shifted columns is refused whole, and nothing in the register changes.
"""

from atalaya.base.errors import BadInput

MOST_LOST = 0.10
"""Share of what the register holds from a source that one issue may end, take away or rename."""


def check_issue(
    source: str,
    *,
    held: int,
    entries: int,
    gone: int,
    renamed: int,
    statuses: int,
    ended: int,
    expected: int | None,
) -> None:
    """Refuse an issue that would lose more than `MOST_LOST` of what is held.

    Args:
        held, statuses: organisations and programmes the register holds from the source.
        entries: organisations in the issue. gone, renamed, ended: of those held, how many organisations
            would leave, change their name, and how many programmes would end.
        expected: how many organisations a person said would leave; that number exactly is let through.

    Raises:
        BadInput: REC-034 no organisation in the issue; REC-035 too many lost; REC-036 other than expected.
    """
    if entries == 0:
        raise BadInput("REC-034", where=source, held=held)
    if expected is not None:
        if gone != expected:
            raise BadInput("REC-036", where=source, gone=gone, expected=expected)
        return
    for lost, of in ((gone, held), (renamed, held), (ended, statuses)):
        if lost > MOST_LOST * of:
            shown = {"gone": gone, "renamed": renamed, "ended": ended, "held": held, "entries": entries}
            raise BadInput("REC-035", where=source, most=f"{MOST_LOST:.0%}", **shown)
