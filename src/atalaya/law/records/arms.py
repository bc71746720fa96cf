"""Words that speak of arms, strikes, electronic warfare or devices against persons, in English and Spanish.

This program serves unarmed search. A text that speaks of such things as carried, used or allowed is refused;
one that denies them ("no weapons on board", "armament: none", "sin armas") is what a permit should say and
stays. A word is taken as denied only where nothing but harmless words stands between it and the denial, so
that "no restriction on weapons" is none. What traffickers carry ("tráfico de armas") and what organs are
called ("Armed Forces", "Armada de México") is not meant.
"""

import re

_WORDS = (
    r"weapon(?:s|ry|ised|ized|eer)?",
    r"(?:fire|(?<!coat of ))arms|firearm",
    r"armas?|armament(?:o?s?)?|(?<!un-)armed(?! (?:forces|services|conflict))",
    r"(?<!conflicto )(?<!conflictos )armado?s?(?! de m[eé]xico)",
    r"(?<!fuerza )(?<!fuerzas )armadas?(?! de | nacional)",
    r"missiles?|misil(?:es)?|rockets?|cohetes?|torpedo(?:e?s)?|warheads?|ojivas?|hellfire|jdam|paveway",
    r"agm-?\d+\w*|gbu-?\d+\w*|mk-?8\d|bombs?|bombas?(?! de agua)|bombing|bombard\w*|ordnance|kamikaze",
    r"munitions?|munici[oó]n(?:es)?|ammunition|ammo|explosives?|explosiv[oa]s?|grenades?|granadas?",
    r"guns?|gunships?|rifles?|cannons?|cañ[oó]n(?:es)?(?! del? (?!\d))|ca[nñ]oner[oa]s?",
    r"(?<!bird )(?<!lightning )(?<!general )strikes?|air ?strikes?|ataques? a[eé]reos?",
    r"attack (?:mission|run|aircraft|helicopter|role)s?|close air support|apoyo a[eé]reo cercano",
    r"kinetic(?! energy)|(?<!energía )(?<!energia )cin[eé]tic[oa]s?|lethal|letal(?:es)?",
    r"live[ -]fire|fuego real",
    r"(?<!forest )(?<!wild )(?<!bush )fire[ -](?:control|support)|(?:apoyo|control) de fuego(?! forestal)",
    r"electronic (?:warfare|attack|counter-?measures?)|ew (?:equipment|suite|pods?|systems?)",
    r"(?:guerra|ataque|contramedidas?) electr[oó]nic[oa]s?|jamm(?:ers?|ing)|spoof(?:ers?|ing)",
    r"perturbador(?:es)?|inhibidor(?:es)?|interferidor(?:es)?|directed[ -]energy|energ[ií]a dirigida",
    r"laser (?:designat\w*|target\w*)|(?:designador|iluminador)(?:es)? l[aá]ser|targeting",
    r"target (?:designat\w*|nominat\w*|acquisition|illuminat\w*|engagement)",
    r"(?:designaci[oó]n|designador(?:es)?|nominaci[oó]n|iluminaci[oó]n) de (?:blancos?|objetivos?)",
    r"imsi|stingray|face recognition|facial(?: recognition)?|reconocimiento facial",
)
_TERM = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)

_TRAFFIC = re.compile(
    r"\b(?:traffick\w*|smuggl\w*|tr[aá]fico|contrabando|trasiego)(?:\W+(?:in|of|de|il[ií]cito|ilegal|illicit|illegal"
    r"|y|e|and|drogas?|drugs?|narcotics|personas))*\W+$",
    re.IGNORECASE,
)
_TRAFFICKED = re.compile(r"\W+(?:(?:and|or|drugs?|narcotics)\W+)*(?:traffick|smuggl)", re.IGNORECASE)

_NEGATION = (
    r"(?:no|not|non|cannot|without|never|neither|nor|free (?:of|from)|forbids?|prohibits?"
    r"|sin|ni|nunca|jam[aá]s|ning[uú]n(?:a|o)?s?|libres? de|proh[ií]ben?)"
)
_HARMLESS = (
    r"(?:any|kinds?|types?|sorts?|of|to|be|is|are|the|an?|all|other|live|on|board|onboard|aboard|with|use"
    r"|carry|carrying|carries|carried|carriage|transport|bears?|bearing|have|has|having|equipped|fitted|loaded"
    r"|aircraft|flights?|passengers?|persons?|cargo|dangerous|goods|se|hay|de|del|la|el|los|las|con|a|tipo|clase"
    r"|alguna?s?|otr[oa]s?|bordo|va|van|ir[aá]n?|est[aá]n?|es|son|ser|lleva|llevan|llevar|llevar[aá]n?|porta|portan"
    r"|portar|portar[aá]n?|transporta|transportan|transportar|transporte|uso|usar|permiten?|autorizan?|equipad[oa]s?"
    r"|aeronaves?|vuelos?|pasajeros?|personas?|carga|mercanc[ií]as|peligrosas)"
)
_BEFORE = re.compile(rf"\b{_NEGATION}[\s-]+(?:{_HARMLESS},?[\s-]+){{0,8}}$", re.IGNORECASE)
_TWICE = re.compile(
    rf"\b(?:{_NEGATION}|hardly|nothing|nada)[\s-]+(?:{_HARMLESS}[\s-]+){{0,4}}$", re.IGNORECASE
)
_NOT_UNARMED = re.compile(
    rf"\b(?:not?|never|nunca|jam[aá]s)\s+(?:{_HARMLESS}\s+){{0,3}}(?:unarmed|desarmad[oa]s?|inermes?)\b",
    re.IGNORECASE,
)
_LINK = re.compile(rf"\s*(?:(?:,|/|\b(?:or|nor|o|u|ni|and|y|e)\b)\s*)+(?:{_HARMLESS}\s+)*", re.IGNORECASE)
_EITHER = re.compile(r"\b(?:or|nor|o|u|ni)\b", re.IGNORECASE)
_ALLOWED = re.compile(
    r"\b(?:authori[sz]ed|permitted|allowed|approved|granted|release|autorizad|permitid|aprobad|se autoriza)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\W*(?:\b(?:on|board|onboard|aboard|equipment|systems?|load|carried|is|are|shall|will|may|must|be|to|strictly|a"
    r"|bordo|est[aá]n?|quedan?|son|ser[aá]n?|estrictamente|equipos?|sistemas?)\b\W*)*"
    r"(?:\b(?:prohibited|forbidden|banned|excluded|removed|absent|prohibid[oa]s?|excluid[oa]s?|retirad[oa]s?|ausentes?)\b"
    r"|\b(?:none|nil|n/?a|zero|0|no|not|never|false|ningun[oa]s?|nada|nunca|falso|cero)\b"
    r"(?:\s+(?:be|to|any|of|kind|type|carried|permitted|allowed|authori[sz]ed|installed|present|fitted|used|included"
    r"|applicable|on|board|aboard|se|aplica|hay|llevan?|permiten?|autorizan?|llevad[oa]s?|permitid[oa]s?"
    r"|autorizad[oa]s?|instalad[oa]s?|a|bordo))*\s*(?:$|[.,;)\]/\n]))",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;\n!?]")


REACH = 160
"""Characters before and after a word in which a denial of it is looked for."""


def arms_in(text: str) -> str:
    """The first words of a text that speak of arms or the like without denying them; "" for none."""
    plain = text.replace("_", " ")
    twice = _NOT_UNARMED.search(plain)
    if twice:
        return twice[0]
    denied_to = -1
    for term in _TERM.finditer(plain):
        before, after = plain[max(0, term.start() - REACH) : term.start()], plain[term.end() :][:REACH]
        if _TRAFFIC.search(before) or _TRAFFICKED.match(after):
            continue
        if _denied_before(before, after) or (
            denied_to >= 0 and _linked(plain[denied_to : term.start()], after)
        ):
            denied_to = term.end()
            continue
        denied_to = -1
        if not _AFTER.match(_past_list(after)):
            return term[0]
    return ""


def arms_among(texts: tuple[str, ...]) -> str:
    """The first such words of several texts; "" where there are none."""
    return next((found for found in map(arms_in, texts) if found), "")


def _denied_before(before: str, after: str) -> bool:
    """Whether a denial stands before, and is not itself denied ("not without")."""
    denial = _BEFORE.search(before)
    if denial is None or _TWICE.search(before[: denial.start()]):
        return False
    return "," not in denial[0] or not _permitted(after)


def _linked(between: str, after: str) -> bool:
    """Whether a denial carries on to the next word of a list, and the list is not followed by a permit."""
    linked = _LINK.fullmatch(between) is not None
    return linked and (_EITHER.search(between) is not None or not _permitted(after))


def _permitted(after: str) -> bool:
    """Whether a permit follows in the clause: "no bombs, missiles authorised" allows the missiles.

    "No bombs, missiles or rockets authorised" does not: it is one list.
    """
    clause = _CLAUSE_END.split(after, maxsplit=1)[0]
    permit = _ALLOWED.search(clause)
    return permit is not None and _EITHER.search(clause[: permit.start()]) is None


def _past_list(after: str) -> str:
    """What follows the other words of a list: "weapons, munitions and explosives: none"."""
    while (link := re.match(r"\s*(?:,|/|\b(?:or|and|o|y|e|u|ni)\b)\s*", after)) and (
        term := _TERM.match(after, link.end())
    ):
        after = after[term.end() :]
    return after
