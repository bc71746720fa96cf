"""Small help for XML that is written: elements with text, clean letters, the same bytes every time."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

LONGEST = 200


def plain_text(text: str) -> str:
    """A name that every format can carry: no control letters, single spaces, at most 200 letters."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(kept.split())[:LONGEST].rstrip()


def added(parent: Element, tag: str, text: object = None, **attributes: str) -> Element:
    """A child element, with text where there is some."""
    child = SubElement(parent, tag, attributes)
    if text is not None:
        child.text = str(text)
    return child


def xml_bytes(root: Element) -> bytes:
    """UTF-8 with declaration and indents."""
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def local(tag: object) -> str:
    """The name of a tag without its namespace; "" for comments."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_at(parent: Element, name: str) -> str:
    """The text of the first child of that local name; "" for none."""
    for child in parent:
        if local(child.tag) == name:
            return (child.text or "").strip()
    return ""
