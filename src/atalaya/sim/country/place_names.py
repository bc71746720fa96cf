"""Names of places that do not exist: Spanish in sound, put together from syllables."""

import numpy as np

_FIRST = ("Bal", "Cor", "Dor", "Fal", "Gal", "Lan", "Mor", "Pal", "Quen", "Sor", "Tal", "Ven", "Zal", "Jar")
_MIDDLE = ("a", "e", "i", "o", "ade", "iva", "omi", "ela", "uri", "ana", "eto", "aro")
_LAST = ("ndra", "rillo", "bresco", "neda", "mira", "cuas", "dero", "lbas", "nche", "stal", "tusco", "veño")
_BEFORE = {
    "town": ("", "", "Villa "),
    "village": ("", "", "El ", "Los "),
    "farm": ("Rancho ", "El ", "Las "),
}


def place_name(kind: str, generator: np.random.Generator, taken: set[str]) -> str:
    """A name not taken yet, which it then is."""
    number = 2
    while True:
        parts = [str(generator.choice(part)) for part in (_FIRST, _MIDDLE, _LAST)]
        name = str(generator.choice(_BEFORE[kind])) + "".join(parts)
        if name in taken:
            name, number = f"{name} {number}", number + 1
        if name not in taken:
            taken.add(name)
            return name
