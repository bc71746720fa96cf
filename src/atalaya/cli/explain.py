"""`atalaya explain CODE`: what a code means, why it happens and what to do next.

Codes of errors and findings, and the rules that gates cite in their answers (LAW-030 ...).
"""

import json
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.catalogue import CodeText, codes, text_of
from atalaya.base.errors import NotFound
from atalaya.base.language import say


def explain(
    code: Annotated[str | None, Parameter(help=say("cli.explain.code"))] = None,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
) -> int:
    """Explain a code; without one, list them all."""
    wanted = sorted(codes()) if code is None else [code.upper()]
    known = set(codes())
    if not known.issuperset(wanted):
        raise NotFound("CLI-003", where=wanted[0])
    if as_json:
        entries = [{"code": name, **_as_dict(text_of(name))} for name in wanted]
        print(json.dumps({"schema": "atalaya.explain/1", "codes": entries}, ensure_ascii=False, indent=1))
    elif code is None:
        for name in wanted:
            print(f"{name}  {text_of(name).what}")
    else:
        text = text_of(wanted[0])
        print(f"{wanted[0]}  {text.what}\n\n{text.why}\n{text.remedy}")
    return 0


def _as_dict(text: CodeText) -> dict[str, str]:
    return {"what": text.what, "why": text.why, "remedy": text.remedy}
