"""`atalaya registry ...`: what was allowed, said, notified and decided, with four clocks on every record."""

from cyclopts import App

from atalaya.base.language import say

VERBS = {
    "import": "atalaya.cli.registry_write:import_",
    "add": "atalaya.cli.registry_write:add",
    "correct": "atalaya.cli.registry_write:correct",
    "confirm": "atalaya.cli.registry_write:confirm",
    "example": "atalaya.cli.registry_write:example",
    "list": "atalaya.cli.registry_read:list_",
    "show": "atalaya.cli.registry_read:show",
    "name": "atalaya.cli.registry_read:name",
    "designated": "atalaya.cli.registry_read:designated",
    "statements": "atalaya.cli.registry_read:statements",
}
"""Each verb of the register and where it is defined."""

registry = App(name="registry", help=say("cli.registry.help"))
for _name, _place in VERBS.items():
    registry.command(_place, name=_name, help=say(f"cli.registry.{_name}"))
