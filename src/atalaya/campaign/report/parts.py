"""Pieces of a page that many sections use: tables, lists of facts, sections."""

from collections.abc import Iterable, Sequence

from atalaya.campaign.report.markup import Markup, tag

Cell = Markup | str


def section(name: str, heading: str, *content: Markup | None) -> Markup:
    """A named part of the page with its heading."""
    title = tag("h2", heading, id=f"{name}-h")
    return tag("section", title, content, id=name, aria_labelledby=f"{name}-h")


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    figures: Sequence[int] = (),
    class_: str | None = None,
) -> Markup:
    """A table with caption and column heads; the first cell of a row is its head.

    Args:
        figures: columns of numbers, set to the right.
    """
    head = tag("tr", (tag("th", each, scope="col", class_=_side(n, figures)) for n, each in enumerate(heads)))
    body = (tag("tr", _cells(row, figures)) for row in rows)
    inside = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", body), class_=class_)
    return tag("div", inside, class_="wrap", tabindex=0, role="region", aria_label=caption)


def facts(pairs: Iterable[tuple[str, Cell]]) -> Markup:
    """What is known, name by name; empty ones are left out."""
    return tag("dl", (tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs if value))


def bullets(items: Iterable[Cell]) -> Markup | None:
    """A list; None where it is empty."""
    made = [tag("li", each) for each in items]
    return tag("ul", made) if made else None


def tiles(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Figures that matter, large, each with what it counts."""
    made = (tag("div", tag("dd", value), tag("dt", name)) for name, value in pairs if value)
    return tag("dl", made, class_="tiles")


def _cells(row: Sequence[Cell], figures: Sequence[int]) -> list[Markup]:
    return [
        tag("th", cell, scope="row", class_=_side(0, figures))
        if n == 0
        else tag("td", cell, class_=_side(n, figures))
        for n, cell in enumerate(row)
    ]


def _side(column: int, figures: Sequence[int]) -> str | None:
    return "n" if column in figures else None
