"""`atalaya plan CAMPAIGN.toml`: sorties that find most per flight hour, inside the rules."""

from cyclopts import App

from atalaya.base.language import say
from atalaya.cli.plan_make import make

app = App(name="plan", help=say("cli.plan.help"))
app.default(make)
app.command("atalaya.cli.plan_make:make", name="make", help=say("cli.plan.make.help"))
