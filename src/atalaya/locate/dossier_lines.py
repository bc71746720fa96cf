"""A dossier as lines for a terminal."""

from atalaya.base.language import language, printable
from atalaya.base.words import Words
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import BlindDossier, Dossier

_LABEL = 14


def dossier_lines(dossier: Dossier, lang: str | None = None) -> list[str]:
    """What is known of a site, line by line, safe to print.

    Args:
        lang: "en" or "es"; None for the reader's own.
    """
    words = Words(lang or language())
    lines = [f"{dossier.id}  #{dossier.rank}  {said.judgement(words, dossier)}"]
    lines += [_line(words.say(key), value) for key, value in _facts(words, dossier) if value]
    lines += _evidence(words, dossier)
    for key, levers in (("report.raises", dossier.raises), ("report.lowers", dossier.lowers)):
        lines += [_line(words.say(key), said.lever(words, each)) for each in levers]
    lines.append(_line(words.say("report.next"), said.next_look(words, dossier.next_look)))
    lines += [_line(words.say("report.review"), said.review(words, each)) for each in dossier.reviews]
    return [printable(each.replace("\xa0", " ")) for each in lines]


def blind_lines(dossier: BlindDossier, lang: str | None = None) -> list[str]:
    """The same without what the machine made of it: where to look, and what was looked at."""
    words = Words(lang or language())
    height = dossier.height_hae_m
    facts = [
        ("report.place", f"{said.place(dossier)} (WGS 84)"),
        ("report.mgrs", dossier.mgrs),
        ("report.height", "" if height is None else words.say("report.height_hae", height=f"{height:.0f}")),
        ("report.error", said.ellipse(words, dossier)),
    ]
    lines = [dossier.id, *(_line(words.say(key), value) for key, value in facts if value)]
    for number, row in enumerate(dossier.sights):
        parts = (said.second(row.t_us), row.sortie, row.sensor, said.geometry(row), said.frame(words, row))
        lines.append(_line("" if number else words.say("report.looked"), "  ".join(parts).rstrip()))
    return [printable(each.replace("\xa0", " ")) for each in lines]


def _facts(words: Words, dossier: Dossier) -> list[tuple[str, str]]:
    height = dossier.height_hae_m
    mixture = [f"{said.class_name(words, name)} {said.percent(share)}" for name, share in dossier.classes]
    return [
        ("report.held_back", words.say("report.held_back_why") if dossier.held_back else ""),
        ("report.place", f"{said.place(dossier)} (WGS 84)"),
        ("report.mgrs", dossier.mgrs),
        ("report.height", "" if height is None else words.say("report.height_hae", height=f"{height:.0f}")),
        ("report.error", said.ellipse(words, dossier)),
        ("report.ce90", f"{said.metres(dossier.ce90_m)} m"),
        ("report.shared", words.say("report.shared_of", share=said.percent(dossier.shared_share))),
        ("report.exists", said.percent(dossier.exists)),
        ("report.mixture", ", ".join(mixture)),
        ("report.kinds", said.kind_names(words, dossier.kinds)),
        ("report.looked", said.looks(words, dossier)),
        ("report.ambiguous", ", ".join(dossier.ambiguous_with)),
    ]


def _evidence(words: Words, dossier: Dossier) -> list[str]:
    lines: list[str] = []
    for row in dossier.evidence:
        parts = (said.second(row.t_us), row.sortie, row.sensor, said.found(words, row), said.geometry(row))
        line = "  ".join((f"{said.log_odds(row.log_odds):>6}", *parts, said.frame(words, row)))
        lines.append(_line(words.say("report.evidence") if not lines else "", line.rstrip()))
    return lines


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}}  {text}"
