"""Write the generated pages of the manual from the program itself, or with --check fail when they are stale.

Commands (English and Spanish) come from the command line's own help, items from the ST 0601 table, codes from
the catalogue.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from atalaya.base.catalogue import codes, text_of

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- made by tools/write_reference.py; do not edit -->\n\n"
HELP = (
    "from atalaya.cli.app import make_app;"
    "print(make_app().generate_docs(output_format='markdown', include_hidden=False, heading_level=1))"
)


def commands(lang: str) -> str:
    """Help of every verb, in one language; in a process of its own, because help is made on import."""
    environment = {**os.environ, "ATALAYA_LANG": lang, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", HELP], env=environment, capture_output=True, text=True, check=True
    )
    return NOTE + done.stdout.strip() + "\n"


def items() -> str:
    """The ST 0601 table."""
    from atalaya.klv.st0601 import ITEMS

    lines = [
        "# ST 0601 items\n",
        "Every item of MISB ST 0601.19 that is read and written, with the name it has in columns and JSON.\n",
        "| tag | name | title | coding | range | bytes | unit | datum |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for item in ITEMS:
        span = f"{item.low:g} to {item.high:g}" if item.low != item.high else ""
        size = str(item.length or (f"up to {item.max_length}" if item.max_length else "free"))
        coding = item.nested or item.kind.value
        cells = (item.tag, f"`{item.name}`", item.title, coding, span, size, item.unit, item.datum)
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return NOTE + "\n".join(lines) + "\n"


def catalogue() -> str:
    """Every code, in both languages."""
    lines = ["# Codes\n", "What errors and findings mean; `atalaya explain CODE` prints the same.\n"]
    for code in codes():
        lines.append(f"## {code}\n")
        for lang in ("en", "es"):
            text = text_of(code, lang)
            lines.append(f"**{text.what}** {text.why} *{text.remedy}*\n")
    return NOTE + "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": lambda: commands("en"),
    "commands.es.md": lambda: commands("es"),
    "st0601.md": items,
    "codes.md": catalogue,
}


def main(check: bool) -> int:
    """Write or compare every page; the exit code."""
    stale = []
    for name, make in PAGES.items():
        page, wanted = REFERENCE / name, make()
        if page.exists() and page.read_text(encoding="utf-8") == wanted:
            continue
        stale.append(name)
        if not check:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(wanted, encoding="utf-8")
    if check and stale:
        names = ", ".join(stale)
        print(f"docs/reference is stale: {names}; run `python tools/write_reference.py`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
