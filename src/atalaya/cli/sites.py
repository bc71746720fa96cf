"""`atalaya sites`: where facilities may be, how sure, how exact, because of which looks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from atalaya.base.errors import NotFound, Usage
from atalaya.base.language import language, say
from atalaya.cli.guard import positive
from atalaya.cli.main import report
from atalaya.cli.plan_options import AsJson
from atalaya.cli.workspace_there import workspace_there
from atalaya.store.workspace import DEFAULT_WORKSPACE, Workspace

if TYPE_CHECKING:
    from atalaya.campaign.locating.located import Located
    from atalaya.locate.dossier import Dossier

MOST_PER_KM2 = 100.0
"""Nobody searches ground so full of what is searched for."""

app = App(name="sites", help=say("cli.sites.help"))

Where = Annotated[
    Path, Parameter(name="--workspace", help=say("cli.exploit.workspace"), env_var="ATALAYA_WORKSPACE")
]
Prior = Annotated[Path | None, Parameter(help=say("cli.sites.prior"))]
PerKm2 = Annotated[float | None, Parameter(help=say("cli.sites.expected"))]
Sought = Annotated[str, Parameter(help=say("cli.sites.sought"))]
Blind = Annotated[bool, Parameter(negative="", help=say("cli.sites.blind"))]


@app.default
def sites(
    *,
    workspace: Where = DEFAULT_WORKSPACE,
    prior: Prior = None,
    expected_per_km2: PerKm2 = None,
    sought: Sought = "",
    geojson: Annotated[bool, Parameter(negative="", help=say("cli.sites.geojson"))] = False,
    as_json: AsJson = False,
) -> int:
    """Work out the sites of a workspace, write them, list them."""
    from atalaya.campaign.locating.prior import source_of
    from atalaya.campaign.locating.site_files import geojson as as_geojson
    from atalaya.campaign.locating.site_files import sites_json, write_sites

    if geojson and as_json:
        raise Usage("SIT-005")
    place = Workspace.open(workspace_there(workspace))
    source = source_of(place.root, prior, expected_per_km2)
    located, dossiers = _worked_out(place, prior, expected_per_km2, sought)
    written = write_sites(place, located, dossiers)
    for error in located.errors:
        report(error, as_json=False)
    if as_json or geojson:
        shown = as_geojson(dossiers) if geojson else sites_json(located, dossiers)
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print("\n".join(site_lines(located, dossiers)))
        expected = f"{1e6 * located.before.expected / _searched_m2(located):.3g}"
        print(say("sites.assumed", prior=say(f"sites.prior.{source}"), expected=expected,
                  sought=say(f"sites.sought.{located.sought}")))  # fmt: skip
        print(say("sites.wrote", folder=written[0].parent, map=written[-1]))
    return 7 if located.errors else 0


@app.command(name="show", help=say("cli.sites.show.help"))
def show(
    site: Annotated[str, Parameter(help=say("cli.sites.site"))],
    /,
    *,
    workspace: Where = DEFAULT_WORKSPACE,
    prior: Prior = None,
    expected_per_km2: PerKm2 = None,
    sought: Sought = "",
    blind: Blind = False,
    as_json: AsJson = False,
) -> int:
    """Show one dossier."""
    from atalaya.locate.dossier import blind_view
    from atalaya.locate.dossier_json import blind_json, dossier_json
    from atalaya.locate.dossier_lines import blind_lines, dossier_lines

    place = Workspace.open(workspace_there(workspace))
    located, dossiers = _worked_out(place, prior, expected_per_km2, sought, chips=False)
    for error in located.errors:
        report(error, as_json=False)
    one = named(dossiers, site)
    if as_json:
        print(json.dumps(blind_json(blind_view(one)) if blind else dossier_json(one), ensure_ascii=False))
    elif blind:
        print("\n".join(blind_lines(blind_view(one))))
    else:
        print("\n".join(dossier_lines(one)))
    return 0


def named(dossiers: "Sequence[Dossier]", name: str) -> "Dossier":
    """The site with an id, or the only one whose id begins so.

    Raises:
        NotFound: SIT-004.
    """
    wanted = name.casefold()
    found = [each for each in dossiers if each.id.casefold() == wanted]
    found = found or [each for each in dossiers if each.id.casefold().startswith(wanted)]
    if len(found) != 1:
        names = ", ".join(each.id for each in dossiers[:12]) or "-"
        raise NotFound("SIT-004", where=name[:80], names=names)
    return found[0]


def _worked_out(
    place: Workspace, prior: Path | None, per_km2: float | None, sought: str, *, chips: bool = True
) -> "tuple[Located, tuple[Dossier, ...]]":
    from atalaya.campaign.locating.dossiers import dossiers_of
    from atalaya.campaign.locating.located import locate_sites
    from atalaya.campaign.locating.prior import prior_of
    from atalaya.campaign.locating.sought import sought_of

    positive("--expected-per-km2", per_km2)
    if prior is not None and per_km2 is not None:
        raise Usage("SIT-014")
    if per_km2 is not None and per_km2 > MOST_PER_KM2:
        raise Usage("SIT-008", where="--expected-per-km2", value=per_km2, most=MOST_PER_KM2)
    located = locate_sites(place.root, prior_of(place.root, prior, per_km2), sought_of(place.root, sought))
    return located, dossiers_of(located, place.root, chips=chips)


def _searched_m2(located: "Located") -> float:
    """Ground on which something was expected."""
    return float((located.before.rate > 0.0).sum()) * located.before.cell_m**2


def site_lines(located: "Located", dossiers: "Sequence[Dossier]") -> list[str]:
    """The list for people: one line a site."""
    from atalaya.locate.words import probability_words
    from atalaya.sensing.evidence import evidence_types

    head = say(
        "sites.head",
        recordings=len(located.known),
        looks=len({(look.sortie, look.sensor, look.first_us // 10_000_000) for look in located.coverage}),
        moving=located.moving,
        before=f"{located.before.expected:.2f}",
        after=f"{located.after.expected:.2f}",
    )
    if not dossiers:
        return [head, say("sites.none")]
    lines = [head]
    for each in dossiers:
        word = probability_words(each.word)
        lines.append(
            say(
                "sites.row",
                rank=f"{each.rank:>3}",
                id=each.id,
                p=f"{100.0 * each.p_facility:3.0f} %",
                word=word,
                mgrs=each.mgrs,
                ce90=f"{each.ce90_m:.0f}",
                kinds=", ".join(evidence_types()[kind].labels[language()] for kind in each.kinds) or "-",
                looks=each.looks,
                misses=each.misses,
            )
            + _judged(each)
        )
    return lines


def _judged(each: "Dossier") -> str:
    """How many people said what of a site, each person's last word; nothing where nobody did."""
    from collections import Counter

    from atalaya.locate.review import standing

    said = Counter(str(review.verdict) for review in standing(each.reviews).values())
    told = ", ".join(f"{count} {say(f'review.verdict.{verdict}')}" for verdict, count in sorted(said.items()))
    return f"  [{told}]" if told else ""
