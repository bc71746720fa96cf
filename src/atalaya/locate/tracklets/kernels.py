"""Linking of detections and the mean of what was linked, compiled."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def linked(
    group: Array,
    t_us: Array,
    frame: Array,
    detector: Array,
    azimuth: Array,
    x: Array,
    own: Array,
    square: Array,
    gate: float,
    loose: float,
    gap_us: float,
    turn_deg: float,
) -> Array:
    """(n,) number of the track of each detection; rows come by group, then time.

    A detection goes to the nearest open track of its group, by the squared Mahalanobis distance to the
    track's mean or to its last detection, own errors only; each detector gives a track one per frame.
    Tracks of three or more take stragglers up to a looser gate.
    Tracks are found by squares of a side, (groups,) metres, of where they were last.
    """
    n = t_us.size
    track = np.empty(n, np.int64)
    mean, spread, count = np.empty((n, 2)), np.empty((n, 3)), np.zeros(n)
    last, first_azimuth, detectors = np.empty(n, np.int64), np.empty(n), np.zeros(n, np.int64)
    bits = 4
    while (1 << bits) < n and bits < 16:
        bits += 1
    size = 1 << bits
    head, chain, home = np.full(size, -1), np.full(n, -1), np.full(n, -1)
    tracks = 0
    for k in range(n):
        if k == 0 or group[k] != group[k - 1]:
            head[:] = -1
        side = square[group[k]]
        column, line = np.int64(np.floor(x[k, 0] / side)), np.int64(np.floor(x[k, 1] / side))
        best, best_d2 = -1, loose
        for c in range(column - 1, column + 2):
            for r in range(line - 1, line + 2):
                b = (c * 73856093 ^ r * 19349663) & (size - 1)
                before, s = -1, head[b]
                while s >= 0:
                    following = chain[s]
                    previous = last[s]
                    turned = abs((azimuth[k] - first_azimuth[s] + 180.0) % 360.0 - 180.0)
                    if t_us[k] - t_us[previous] > gap_us:
                        # closed for good: out of the chain
                        if before < 0:
                            head[b] = following
                        else:
                            chain[before] = following
                        s = following
                        continue
                    before = s
                    s_now, s = s, following
                    if turned > turn_deg:
                        continue
                    if frame[previous] == frame[k] and detectors[s_now] >> detector[k] & 1:
                        continue
                    for which in range(2):
                        if which == 0:
                            e, m = x[k, 0] - mean[s_now, 0], x[k, 1] - mean[s_now, 1]
                            scale = 1.0 / count[s_now]
                            ee = own[k, 0] + spread[s_now, 0] * scale
                            en = own[k, 1] + spread[s_now, 1] * scale
                            nn = own[k, 2] + spread[s_now, 2] * scale
                        else:
                            e, m = x[k, 0] - x[previous, 0], x[k, 1] - x[previous, 1]
                            ee = own[k, 0] + own[previous, 0]
                            en = own[k, 1] + own[previous, 1]
                            nn = own[k, 2] + own[previous, 2]
                        d2 = (nn * e * e - 2.0 * en * e * m + ee * m * m) / (ee * nn - en * en)
                        if d2 >= gate and count[s_now] < 3.0:
                            continue
                        if d2 < best_d2 or (d2 == best_d2 and s_now < best):
                            best, best_d2 = s_now, d2
        here = (column * 73856093 ^ line * 19349663) & (size - 1)
        if best < 0:
            best = tracks
            tracks += 1
            first_azimuth[best] = azimuth[k]
            detectors[best] = 0
            mean[best, :] = 0.0
            spread[best, :] = 0.0
        elif home[best] != here:
            s = head[home[best]]
            if s == best:
                head[home[best]] = chain[s]
            else:
                while s >= 0 and chain[s] != best:
                    s = chain[s]
                if s >= 0:
                    chain[s] = chain[best]
        if home[best] != here:
            chain[best] = head[here]
            head[here] = best
            home[best] = here
        if count[best] == 0.0 or frame[last[best]] != frame[k]:
            detectors[best] = 0
        detectors[best] |= 1 << detector[k]
        count[best] += 1.0
        for u in range(2):
            mean[best, u] += (x[k, u] - mean[best, u]) / count[best]
        for u in range(3):
            spread[best, u] += (own[k, u] - spread[best, u]) / count[best]
        last[best] = k
        track[k] = best
    return track


@kernel
def summarised(start: Array, t_us: Array, x: Array, own: Array, out: Array, weight: Array) -> None:
    """Of each track: robust mean, covariance of it, speed and its deviation; rows come track by track.

    start: (tracks + 1,) first row of each. own: (n, 3) ee, en, nn. weight: (n,) written, of each row.
    out: (tracks, 8) east, north, ee, en, nn, speed (m/s), deviation of the speed, effective number.
    Covariance: own / n_eff, n_eff = n (1 - rho) / (1 + rho), rho the residuals' correlation from one to the
    next; longer where the residuals scatter clearly more than the own errors say.
    """
    for s in range(start.size - 1):
        a, b = start[s], start[s + 1]
        n = b - a
        me, mn = np.median(x[a:b, 0]), np.median(x[a:b, 1])
        for _ in range(4):
            total, se, sn = 0.0, 0.0, 0.0
            for k in range(a, b):
                e, m = x[k, 0] - me, x[k, 1] - mn
                det = own[k, 0] * own[k, 2] - own[k, 1] * own[k, 1]
                d2 = (own[k, 2] * e * e - 2.0 * own[k, 1] * e * m + own[k, 0] * m * m) / det
                weight[k] = min(1.0, 2.0 / np.sqrt(max(d2, 1e-12)))
                total += weight[k]
                se += weight[k] * x[k, 0]
                sn += weight[k] * x[k, 1]
            me, mn = se / total, sn / total
        ee, en, nn, scatter, squares, lag = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        tm, tt, te, tn = 0.0, 0.0, 0.0, 0.0
        for k in range(a, b):
            tm += (t_us[k] - t_us[a]) * 1e-6 / n
        for k in range(a, b):
            e, m = x[k, 0] - me, x[k, 1] - mn
            det = own[k, 0] * own[k, 2] - own[k, 1] * own[k, 1]
            scatter += weight[k] * (own[k, 2] * e * e - 2.0 * own[k, 1] * e * m + own[k, 0] * m * m) / det
            ee += own[k, 0] / n
            en += own[k, 1] / n
            nn += own[k, 2] / n
            squares += e * e + m * m
            if k > a:
                lag += e * (x[k - 1, 0] - me) + m * (x[k - 1, 1] - mn)
            t = (t_us[k] - t_us[a]) * 1e-6 - tm
            tt += t * t
            te += t * e
            tn += t * m
        rho = min(max(lag / squares, 0.0), 0.999) if squares > 0.0 and n > 2 else 0.0
        effective = max(1.0, n * (1.0 - rho) / (1.0 + rho))
        wider = scatter / (2.0 * (n - 1)) if n > 2 else 1.0
        if wider < 1.0 + 3.0 / np.sqrt(n):
            wider = 1.0
        out[s, 0], out[s, 1] = me, mn
        out[s, 2], out[s, 3], out[s, 4] = (
            wider * ee / effective,
            wider * en / effective,
            wider * nn / effective,
        )
        out[s, 7] = effective
        out[s, 5], out[s, 6] = 0.0, np.inf
        if tt > 0.0:
            out[s, 5] = np.hypot(te, tn) / tt
            out[s, 6] = np.sqrt(max(ee, nn) / tt)
