"""`atalaya plan CAMPAIGN.toml`: sorties that find most per flight hour, inside the rules."""

from cyclopts import App

from atalaya.base.language import say
from atalaya.cli.plan_make import make

app = App(name="plan", help=say("cli.plan.help"))
app.default(make)
app.command("atalaya.cli.plan_make:make", name="make", help=say("cli.plan.make.help"))
app.command("atalaya.cli.plan_replan:replan", name="replan", help=say("cli.plan.replan.help"))
app.command("atalaya.cli.plan_cover:cover", name="cover", help=say("cli.plan.cover.help"))
app.command("atalaya.cli.plan_pattern:app", name="pattern", help=say("cli.plan.pattern.help"))
app.command("atalaya.cli.plan_routes:routes", name="routes", help=say("cli.plan.routes.help"))
app.command("atalaya.cli.plan_effort:effort", name="effort", help=say("cli.plan.effort.help"))
app.command(
    "atalaya.cli.plan_platforms:list_platforms", name="platforms", help=say("cli.plan.platforms.help")
)
app.command("atalaya.cli.plan_export:export", name="export", help=say("cli.plan.export.help"))
app.command("atalaya.cli.plan_vehicle:upload", name="upload", help=say("cli.plan.upload.help"))
app.command("atalaya.cli.plan_vehicle:compare", name="compare", help=say("cli.plan.compare.help"))
app.command("atalaya.cli.plan_resume:resume", name="resume", help=say("cli.plan.resume.help"))
