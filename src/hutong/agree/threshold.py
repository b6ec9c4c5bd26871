"""A share that must be reached, compared by whole numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from operator import index
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.text import Text

_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Threshold:
    """At least (or, if ``strict``, more than) ``numerator/denominator`` of a whole.

    Raises
    ------
    TypeError
        If a part of the fraction is not an int: a float such as 0.667 is not two thirds.
    HutongError
        If the fraction is not within [0, 1], or could never be exceeded.
    """

    numerator: int
    denominator: int
    strict: bool

    def __post_init__(self) -> None:
        for part in (self.numerator, self.denominator):
            if type(part) is not int:
                raise TypeError(f"a threshold is made of ints, not {type(part).__name__} {part!r}")
        if type(self.strict) is not bool:
            raise TypeError(f"strict is True or False, not {self.strict!r}")
        beyond = self.numerator >= self.denominator if self.strict else self.numerator > self.denominator
        if self.denominator <= 0 or self.numerator < 0 or beyond:
            raise HutongError(
                "impossible-threshold",
                Text(f"表决门槛 {self} 无法达到或无意义。", f"The threshold {self} can never be met."),
                Text("请使用 0 与 1 之间的分数。", "Use a fraction between 0 and 1."),
            )

    @classmethod
    def of(cls, share: Fraction, strict: bool = False) -> Threshold:
        """Return the threshold for an exact share, as the rules keep it."""
        if not isinstance(share, Fraction):
            raise TypeError(f"a threshold is built from a Fraction, not {type(share).__name__} {share!r}")
        return cls(share.numerator, share.denominator, strict)

    def __str__(self) -> str:
        return f"{'>' if self.strict else '≥'}{self.numerator}/{self.denominator}"

    def meets(self, part: SupportsIndex, whole: SupportsIndex) -> bool:
        """Return whether ``part`` of ``whole`` reaches the share; of an empty whole nothing ever does."""
        p, w = index(part), index(whole)
        if not 0 <= p <= w:
            raise ValueError(f"the part {p} is not within 0 and the whole {w}")
        left, right = p * self.denominator, w * self.numerator
        return w > 0 and (left > right if self.strict else left >= right)

    def needed(self, whole: SupportsIndex) -> int:
        """Return the least part of ``whole`` that reaches the share."""
        product = index(whole) * self.numerator
        return product // self.denominator + 1 if self.strict else -(-product // self.denominator)

    def meets_each(self, part: NDArray[np.int64], whole: NDArray[np.int64] | int) -> NDArray[np.bool_]:
        """Return :meth:`meets` for arrays of int64; what could overflow is refused, not wrapped."""
        p, w = np.asarray(part), np.asarray(whole)
        for given in (p, w):
            if given.dtype.kind != "i":
                raise TypeError(f"counts are integers, not {given.dtype}")
        if p.size and (bool((p < 0).any()) or bool((p > w).any())):
            raise ValueError("a part is not within 0 and its whole")
        if w.size and int(w.max()) > _INT64_MAX // self.denominator:
            raise HutongError(
                "too-large-to-count",
                Text("面积合计过大，无法精确计票。", "The areas are too large to be counted exactly."),
                Text("请按楼栋或小区分别计票。", "Count building by building or estate by estate."),
            )
        p, w = p.astype(np.int64, copy=False), w.astype(np.int64, copy=False)
        left, right = p * self.denominator, w * self.numerator
        reached: NDArray[np.bool_] = (left > right if self.strict else left >= right) & (w > 0)
        return reached
