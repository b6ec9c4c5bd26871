"""What is believed of a measure before and after it was tried: cost, effect, acceptance. Conjugate, in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit
from scipy.stats import beta as beta_distribution


@dataclass(frozen=True)
class NormalBelief:
    """A normal belief about a mean (units of the quantity)."""

    mean: float
    sd: float

    def learn(self, estimate: float, se: float) -> NormalBelief:
        """Return the belief after an estimate with standard error ``se`` (precision-weighted; Gelman et al. 2013, §2.5).

        An unknown estimate (NaN) teaches nothing.
        """
        if not math.isfinite(estimate) or not se > 0:
            return self
        before, new = self.sd**-2, se**-2
        return NormalBelief((self.mean * before + estimate * new) / (before + new), (before + new) ** -0.5)

    def interval(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central interval."""
        from scipy.special import ndtri

        z = float(ndtri(0.5 + confidence / 2))
        return self.mean - z * self.sd, self.mean + z * self.sd


@dataclass(frozen=True)
class RatioBelief:
    """A belief about the ratio of what was paid to what was planned: log-normal with unknown mean and spread.

    Normal-inverse-gamma over the logarithm (Gelman et al. 2013, §3.3): ``mean`` with the weight of ``weight``
    projects, and a variance of inverse gamma (``shape``, ``scale``).
    """

    mean: float
    weight: float
    shape: float
    scale: float

    @classmethod
    def from_range(cls, low: float, middle: float, high: float, weight: float = 2.0) -> RatioBelief:
        """Return what a catalogue's range of costs says, taken as a central 90 % interval and worth ``weight`` projects (ours)."""
        sd = (math.log(high) - math.log(low)) / (2 * 1.6448536269514722) if high > low else 0.05
        return cls(0.0 if middle > 0 else math.nan, weight, 2.0, sd**2)

    def learn(self, ratios: ArrayLike) -> RatioBelief:
        """Return the belief after projects with these ratios of paid to planned; unknown ones (NaN) teach nothing."""
        x = np.asarray(ratios, float)
        x = np.log(x[np.isfinite(x) & (x > 0)])
        n = x.size
        if n == 0:
            return self
        mean, weight = float(x.mean()), self.weight + n
        scale = self.scale + 0.5 * float(((x - mean) ** 2).sum())
        scale += 0.5 * self.weight * n * (mean - self.mean) ** 2 / weight
        return replace(
            self,
            mean=(self.weight * self.mean + n * mean) / weight,
            weight=weight,
            shape=self.shape + n / 2,
            scale=scale,
        )

    @property
    def ratio(self) -> float:
        """The median ratio."""
        return math.exp(self.mean)

    def interval(self, confidence: float = 0.9, *, of_next: bool = False) -> tuple[float, float]:
        """Return the central interval of the median ratio, or of the ratio of the next project (Student's t)."""
        spread = math.sqrt(self.scale / self.shape * (1 / self.weight + of_next))
        t = float(stdtrit(2 * self.shape, 0.5 + confidence / 2))
        return math.exp(self.mean - t * spread), math.exp(self.mean + t * spread)


@dataclass(frozen=True)
class ShareBelief:
    """A belief about a share: Beta(``yes``, ``no``)."""

    yes: float
    no: float

    @classmethod
    def from_share(cls, share: float, worth: float = 10.0) -> ShareBelief:
        """Return what a predicted share says, worth ``worth`` answers (ours); one answer each way is the least."""
        return cls(max(share * worth, 1.0), max((1 - share) * worth, 1.0))

    def learn(self, yes: float, asked: float) -> ShareBelief:
        """Return the belief after ``yes`` of ``asked`` said yes."""
        return ShareBelief(self.yes + yes, self.no + asked - yes)

    @property
    def share(self) -> float:
        """The mean."""
        return self.yes / (self.yes + self.no)

    def interval(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central interval."""
        low, high = beta_distribution.ppf([0.5 - confidence / 2, 0.5 + confidence / 2], self.yes, self.no)
        return float(low), float(high)
