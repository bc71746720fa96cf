"""Names of places that do not exist: Spanish in sound, put together from syllables."""

import numpy as np

_FIRST = ("Val", "Tor", "Mar", "Quem", "Sal", "Ber", "Cal", "Zar", "Pil", "Oro", "Lum", "Gar", "Tam", "Nor")
_MIDDLE = ("da", "ri", "mo", "ve", "lo", "ta", "ne", "su", "pe", "ro")
_LAST = ("ndo", "rria", "lejo", "nas", "beda", "sco", "mira", "tillo", "rgal", "nzo", "cua", "riz")
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
        if generator.random() < 0.4:
            del parts[1]
        name = str(generator.choice(_BEFORE[kind])) + "".join(parts)
        if name in taken:
            name, number = f"{name} {number}", number + 1
        if name not in taken:
            taken.add(name)
            return name
