"""`atalaya score WORKSPACE`, and of files: `atalaya score coco|froc|polygons|map|calibration|drift`."""

from cyclopts import App

from atalaya.base.language import say
from atalaya.cli.score_workspace import score

app = App(name="score", help=say("cli.score.help"))
app.default(score)
app.command("atalaya.cli.score_coco:coco", name="coco", help=say("cli.score.coco.help"))
app.command("atalaya.cli.score_froc:froc", name="froc", help=say("cli.score.froc.help"))
app.command("atalaya.cli.score_polygons:polygons", name="polygons", help=say("cli.score.polygons.help"))
app.command("atalaya.cli.score_map:score_map", name="map", help=say("cli.score.map.help"))
app.command(
    "atalaya.cli.score_calibration:calibration", name="calibration", help=say("cli.score.calibration.help")
)
app.command("atalaya.cli.score_drift:drift", name="drift", help=say("cli.score.drift.help"))
