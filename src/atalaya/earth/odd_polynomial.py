"""Odd polynomials r (1 + c1 r^2 + c2 r^4 + ...) of lens distortion, and their inverse where there is one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_HALVINGS = 12
_NEWTON_STEPS = 8
_FAR = 1e6
_SMALLEST = 1e-12


@dataclass(frozen=True)
class OddPolynomial:
    """r (1 + c1 r^2 + c2 r^4 + ...).

    coefficients: c1, c2, ...      most: no argument beyond it is meant
    """

    coefficients: tuple[float, ...]
    most: float = np.inf

    def factor(self, square: Floats) -> Floats:
        """1 + c1 s + c2 s^2 + ... of s = r^2."""
        total = np.zeros_like(square)
        for coefficient in reversed(self.coefficients):
            total = (total + coefficient) * square
        return total + 1.0

    def factor_slope(self, square: Floats) -> Floats:
        """Derivative of `factor` by s."""
        total = np.zeros_like(square)
        for power in range(len(self.coefficients), 0, -1):
            total = total * square + power * self.coefficients[power - 1]
        return total

    def value(self, r: Floats) -> Floats:
        """The polynomial itself."""
        return np.asarray(r * self.factor(r * r))

    @cached_property
    def limit(self) -> float:
        """The argument up to which it rises: the first zero of 1 + 3 c1 s + 5 c2 s^2 + ..., or `most`."""
        # roots of the reversed polynomial are 1 / s; its leading coefficient is 1 however small the others
        roots = np.roots([1.0] + [(2 * power + 3) * c for power, c in enumerate(self.coefficients)])
        real = roots[(np.abs(roots.imag) < 1e-9 * np.abs(roots)) & (roots.real > _SMALLEST)].real
        return float(min(1.0 / np.sqrt(real.max()), self.most)) if real.size else self.most

    def inverse(self, value: Floats) -> Floats:
        """The argument below `limit` that gives a value >= 0; NaN where there is none."""
        top = self.limit if np.isfinite(self.limit) else _FAR
        known = np.isfinite(value) & (value <= self.value(np.asarray(top)))
        wanted = np.where(known, value, 0.0)
        low, high = np.zeros_like(wanted), np.minimum(np.full_like(wanted, top), self._above(wanted, top))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            over = self.value(middle) > wanted
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        r = (low + high) / 2.0
        for _ in range(_NEWTON_STEPS):
            square = r * r
            factor = self.factor(square)
            slope = factor + 2.0 * square * self.factor_slope(square)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = (r * factor - wanted) / slope
            r = np.clip(r - np.where(np.isfinite(step), step, 0.0), low, high)
        return np.where(known, r, np.nan)

    def _above(self, wanted: Floats, top: float) -> Floats:
        """An argument whose value is at least the wanted one, not far beyond it."""
        bound = np.minimum(2.0 * wanted + 1.0, top)
        for _ in range(64):
            short = self.value(bound) < wanted
            if not short.any():
                break
            bound = np.where(short, np.minimum(2.0 * bound, top), bound)
        return bound
