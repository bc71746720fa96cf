"""The tree of commands, with help in the reader's language; verbs are imported when they are called."""

from cyclopts import App

from atalaya import __version__
from atalaya.base.language import say
from atalaya.cli.main import VERBS


def make_app() -> App:
    """The application with every verb of `VERBS`."""
    app = App(name="atalaya", help=say("cli.help"), version=__version__, version_flags=["--version"])
    for name, place in VERBS.items():
        app.command(place, name=name, help=say(f"cli.{name}.help"))
    return app
