"""How verbs of the digital range tell of their progress."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from atalaya.base.language import say


def tell_step(how: str, step: str) -> None:
    """One line on stderr when a step begins."""
    if how == "jsonl":
        print(json.dumps({"schema": "atalaya.progress/1", "step": step}), file=sys.stderr, flush=True)
    elif how != "none":
        print(say(f"range.step.{step}"), file=sys.stderr, flush=True)


@contextmanager
def clip_progress(how: str) -> Iterator[Callable[[str, float], None]]:
    """Tells of clips as they are rendered: each tenth as JSON, a line that grows for people on a terminal."""
    last: dict[str, int] = {}
    terminal = how == "text" and sys.stderr.isatty()

    def tell(name: str, share: float) -> None:
        tenth = int(share * 10.0)
        if last.get(name) == tenth:
            return
        last[name] = tenth
        if how == "jsonl":
            shown = {"schema": "atalaya.progress/1", "step": "clip", "file": name, "share": round(share, 3)}
            print(json.dumps(shown), file=sys.stderr, flush=True)
        elif terminal:
            print(f"\r{name}  {100.0 * share:3.0f} %", end="", file=sys.stderr, flush=True)
        elif how == "text" and tenth == 10:
            print(say("range.clip", name=name), file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        if terminal and last:
            print(file=sys.stderr)
