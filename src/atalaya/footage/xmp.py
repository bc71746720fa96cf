"""XMP packets (ISO 16684-1) as a flat table "prefix:Name" -> text, without entities or outside references."""

from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MOST_BYTES = 1 << 20


def xmp_table(packet: bytes) -> dict[str, str]:
    """Properties of a packet; those of a structure as "prefix:Name/Part". Empty if it cannot be parsed."""
    begin, end = packet.find(b"<x:xmpmeta"), packet.rfind(b"</x:xmpmeta>")
    body = packet[begin : end + 12] if 0 <= begin < end else packet.strip(b"\0 \r\n\t")
    if not body or len(body) > _MOST_BYTES:
        return {}
    prefixes: dict[str, str] = {}
    root: Element | None = None
    try:
        for event, item in iterparse(BytesIO(body), events=("start-ns", "start"), forbid_dtd=True):
            if event == "start-ns":
                prefixes[item[1]] = item[0]
            elif root is None:
                root = item
    except (ParseError, DefusedXmlException, ValueError):
        return {}
    table: dict[str, str] = {}
    if root is not None:
        for description in root.iter(f"{{{_RDF}}}Description"):
            _take(description, "", prefixes, table)
    return table


def _take(element: Element, within: str, prefixes: dict[str, str], table: dict[str, str]) -> None:
    for key, value in element.attrib.items():
        name = _named(key, prefixes)
        if not name.startswith("rdf:"):
            table.setdefault(within + (name.partition(":")[2] if within else name), value.strip())
    for child in element:
        name = _named(child.tag, prefixes)
        if name.startswith("rdf:"):
            _take(child, within, prefixes, table)
            continue
        full = within + (name.partition(":")[2] if within else name)
        text = (child.text or "").strip()
        if text:
            table.setdefault(full, text)
        if not within:
            _take(child, full + "/", prefixes, table)


def _named(key: str, prefixes: dict[str, str]) -> str:
    space, _, name = key[1:].partition("}") if key.startswith("{") else ("", "", key)
    return f"{prefixes.get(space, '')}:{name}"
