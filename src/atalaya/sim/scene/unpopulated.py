"""What a recipe must not name: a scene holds what stands still and is no one.

Persons, vehicles, animals and weapons are refused by word, in English and Spanish, in keys, names, labels and
values; nothing of such a file is read further. Sources are prose and may quote a title.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from atalaya.base.errors import NotAuthorised

_WORDS = re.compile(
    r"\b(?:"
    # persons
    r"persons?|people|humans?|m[ae]n|wom[ae]n|child(?:ren)?|boys?|girls?|crowds?|workers?|labou?rers?|miners?|soldiers?"
    r"|guards?|sentr(?:y|ies)|lookouts?|drivers?|pilots?|farmers?|victims?|suspects?"
    r"|bod(?:y|ies)|corpses?|face|faces"
    r"|personas?|gente|humanos?|hombres?|mujer(?:es)?|ni[nñ][oa]s?"
    r"|trabajador(?:es|as?)?|obreros?|mineros?|soldados?"
    r"|guardias?|centinelas?|halcon(?:es)?|halc[oó]n|conductor(?:es)?|piloto|pilotos"
    r"|campesin[oa]s?|v[ií]ctimas?|sospechos[oa]s?"
    r"|cuerpos?|cad[aá]ver(?:es)?|rostros?"
    # vehicles
    r"|vehicles?|cars?|trucks?|pick ?ups?|vans?|lorr(?:y|ies)|bus|buses"
    r"|motor ?(?:cycle|bike)s?|bicycles?|quads?"
    r"|tractors?|boats?|ships?|canoes?|barges?|aircraft|(?:air)?planes?|helicopters?|drones?|trailers?"
    r"|veh[ií]culos?|coches?|autos?|autom[oó]vil(?:es)?|cami[oó]n|camion(?:es|etas?)"
    r"|motos?|motocicletas?|bicicletas?"
    r"|autob[uú]s(?:es)?|tractor(?:es)?|lanchas?|barcos?|canoas?|avi[oó]n|aviones"
    r"|avionetas?|helic[oó]pteros?|dron(?:es)?|remolques?"
    # animals
    r"|animals?|cattle|cows?|bulls?|horses?|mules?|donkeys?|goats?|sheep|pigs?|dogs?"
    r"|livestock|herds?|birds?"
    r"|animal(?:es)?|ganado|vacas?|toros?|caballos?|mulas?|burros?|cabras?|ovejas?"
    r"|cerdos?|perros?|reba[nñ]os?|p[aá]jaros?"
    # weapons
    r"|weapons?|guns?|rifles?|munitions?|explosives?|missiles?|bombs?|armas?"
    r"|fusil(?:es)?|munici[oó]n(?:es)?|explosivos?"
    r"|misil(?:es)?|bombas?"
    r")\b"
)


def require_unpopulated(entry: Mapping[str, Any], *, where: str = "") -> None:
    """Refuse recipes that name persons, vehicles, animals or weapons.

    Raises:
        NotAuthorised: SCN-003, such a word.
    """
    for text in _texts(entry):
        found = names_the_living_or_moving(text)
        if found:
            raise NotAuthorised("SCN-003", where=where, word=found, text=text[:80])


def names_the_living_or_moving(text: str) -> str:
    """The first such word of a text; "" where there is none."""
    found = _WORDS.search(re.sub(r"[\W_\d]+", " ", text.casefold()))
    return found.group(0) if found else ""


def _texts(entry: Mapping[str, Any]) -> Iterator[str]:
    """Keys at every depth, and strings outside the sources; without recursion, whatever the depth."""
    waiting: list[object] = [entry]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield from map(str, value)
            waiting.extend(inner for key, inner in value.items() if key != "sources")
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            yield value
