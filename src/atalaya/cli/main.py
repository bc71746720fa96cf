"""`atalaya`: finds the verb, runs it, and turns every error into one clear message and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence

from atalaya import __version__
from atalaya.base.errors import AtalayaError, Usage

VERBS = {
    "audit": "atalaya.cli.audit:audit",
    "demo": "atalaya.cli.demo:demo",
    "detect": "atalaya.cli.detect:detect",
    "doctor": "atalaya.cli.doctor:doctor",
    "explain": "atalaya.cli.explain:explain",
    "exploit": "atalaya.cli.exploit:exploit",
    "fly": "atalaya.cli.fly:fly",
    "klv": "atalaya.cli.klv:klv",
    "locate-pixel": "atalaya.cli.locate_pixel:locate_pixel",
    "ortho": "atalaya.cli.ortho:ortho",
    "mosaic": "atalaya.cli.mosaic:mosaic",
    "viewshed": "atalaya.cli.viewshed:viewshed",
    "calibrate": "atalaya.cli.calibrate:calibrate",
    "law": "atalaya.cli.law:app",
    "ledger": "atalaya.cli.ledger:app",
    "plan": "atalaya.cli.plan:app",
    "registry": "atalaya.cli.registry:registry",
    "report": "atalaya.cli.report:report_",
    "review": "atalaya.cli.review:review",
    "run": "atalaya.cli.run:run",
    "score": "atalaya.cli.score:app",
    "sim": "atalaya.cli.sim:app",
    "sites": "atalaya.cli.sites:app",
    "track": "atalaya.cli.track:app",
}
"""Each verb and where it is defined; imported only when it is called."""

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:  # answered before anything heavy is imported
        print(f"atalaya {__version__}")
        return 0
    try:
        return _run(arguments)
    except AtalayaError as error:
        report(error, as_json="--json" in arguments)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  the last net: our fault, said so, with what a report needs
        return _our_fault(error)


def _run(arguments: list[str]) -> int:
    from cyclopts import CycloptsError

    from atalaya.cli.app import make_app

    try:
        result = make_app()(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise Usage("CLI-001", detail=str(error).strip()) from error
    return result if isinstance(result, int) else 0


def report(error: AtalayaError, *, as_json: bool, file: str = "") -> None:
    """Tell people on stderr, and programs on stdout where they asked for JSON.

    Args:
        file: the input it is about, where there are several.
    """
    if as_json:
        import json

        about = {"file": file} if file else {}
        shown = {"schema": "atalaya.error/1", **about, "error": error.as_json()}
        print(json.dumps(shown, ensure_ascii=False), flush=True)
    text = error.text
    place = f"\n  {error.where}" if error.where else ""
    print(f"{error.code}  {text.what}{place}\n  {text.why}\n  {text.remedy}", file=sys.stderr)


def _our_fault(error: Exception) -> int:
    if os.environ.get("ATALAYA_DEBUG"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    ours = AtalayaError(
        "CLI-002",
        where=f"{place.filename.rpartition('atalaya')[2]}:{place.lineno}",
        detail=f"{type(error).__name__}: {error}",
    )
    report(ours, as_json=False)
    return 1


if __name__ == "__main__":
    sys.exit(main())
