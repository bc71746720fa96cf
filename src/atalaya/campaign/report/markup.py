"""HTML and SVG made of tags: text is escaped, always, and what comes out is well-formed XML too."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from atalaya.base.language import printable

_EMPTY = frozenset(("meta", "br", "img", "path", "rect", "circle", "ellipse", "image"))


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child: TypeAlias = str | int | Iterable[str | None] | None
"""What may stand in an element: markup, text, a number, nothing, or several of them."""


def tag(element: str, /, *children: Child, **attributes: object) -> Markup:
    """One element.

    Args:
        children: markup as it is, text escaped, None left out; lists are joined.
        attributes: `class_` for class, other underscores as hyphens; None leaves one out.
    """
    head = element + "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    inside = joined(children)
    return Markup(f"<{head}>{inside}</{element}>" if inside or element not in _EMPTY else f"<{head}/>")


def joined(children: Iterable[Child]) -> Markup:
    """Several, one after another."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            parts.append(child if isinstance(child, Markup) else text(child))
        elif isinstance(child, int):
            parts.append(str(child))
        else:
            parts.append(joined(child))
    return Markup("".join(parts))


def text(value: str) -> Markup:
    """Text from anywhere, safe between tags and in attributes; control characters and turns of direction are
    shown, not obeyed.
    """
    pieces = (printable(each) for each in " ".join(value.splitlines()).split("\xa0"))
    return Markup(escape("\xa0".join(pieces), quote=True))


def point(value: float) -> str:
    """A coordinate of a drawing: at most two decimals."""
    return f"{round(value, 2) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"


def _attribute(name: str, value: object) -> str:
    key = name.rstrip("_").replace("_", "-")
    shown = key if value is True else point(value) if isinstance(value, float) else str(value)
    return f' {key}="{text(shown)}"'
