"""Of claims that overlap the strongest stays: for boxes of one kind found at several sizes."""

import numpy as np

from atalaya.detect.candidates import Candidates


def strongest_apart(claims: Candidates) -> Candidates:
    """Claims, strongest first, whose middle lies in no stronger claim's box and which hold none's middle."""
    order = np.argsort(-claims.score, kind="stable")
    claims = claims.take(order)
    middle, box = claims.middle, claims.box
    kept = np.ones(len(claims), np.bool_)
    for n in range(len(claims)):
        if not kept[n]:
            continue
        later = slice(n + 1, None)
        theirs, mine = middle[later], middle[n]
        within = ((theirs >= box[n, :2]) & (theirs <= box[n, 2:])).all(axis=1)
        around = ((mine >= box[later, :2]) & (mine <= box[later, 2:])).all(axis=1)
        kept[later] &= ~(within | around)
    return claims.take(kept)
