"""`atalaya doctor`: does this machine have what the work needs?"""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.catalogue import text_of
from atalaya.base.language import say
from atalaya.cli.checks import Check, run_checks


def doctor(
    folder: Annotated[Path, Parameter(help=say("cli.doctor.folder"))] = Path(),
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))] = False,
) -> int:
    """Look at everything; 0 when all is well, 1 when something is not."""
    checks = list(run_checks(folder.resolve()))
    if as_json:
        print(json.dumps({"schema": "atalaya.doctor/1", "checks": [_as_dict(check) for check in checks]}))
    else:
        for check in checks:
            mark = "!!" if check.code else "ok"
            label = say("doctor." + check.name)
            print(f"{mark}  {label:22} {check.detail}")
            if check.code:
                text = text_of(check.code)
                print(f"    {check.code}  {text.why} {text.remedy}")
    return 1 if any(check.code for check in checks) else 0


def _as_dict(check: Check) -> dict[str, object]:
    shown: dict[str, object] = {"name": check.name, "ok": not check.code, "detail": check.detail}
    if check.code:
        text = text_of(check.code)
        shown |= {"code": check.code, "why": text.why, "remedy": text.remedy}
    return shown
