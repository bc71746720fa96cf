"""`atalaya law`: boundary layers, and why the records say what they say."""

from cyclopts import App

from atalaya.base.language import say

app = App(name="law", help=say("cli.law.help"))
app.command("atalaya.cli.law_layer:layer", name="layer", help=say("cli.law.layer.help"))
app.command("atalaya.cli.law_why:why", name="why", help=say("cli.law.why.help"))
app.command("atalaya.cli.law_why:may", name="may", help=say("cli.law.may.help"))
app.command("atalaya.cli.law_why:may_release", name="may-release", help=say("cli.law.may_release.help"))
