"""The fairest lottery over panels: nobody's chance can be raised without lowering one that is as low or lower.

Maximin: the least chance of anyone is as large as any lottery can make it. Leximin: then the next least, and so on.
Column generation after Flanigan, Gölz, Gupta, Hennig and Procaccia (2021), "Fair algorithms for selecting citizens'
assemblies", Nature 596, over kinds of people instead of people.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hutong.agree.sortition import Selection, find_panel
from hutong.agree.sortition_highs import Master
from hutong.errors import HutongError
from hutong.text import Text

#: Prices are made whole numbers out of so many, so that the bound is exact.
_PRICE_UNITS = 10**7
#: Weights of panels are whole numbers out of so many.
_WEIGHT_UNITS = 10**9
#: With more kinds than this the search starts from panels that already share the places out.
MANY_KINDS = 150
_SPREAD_ROUNDS, _SPREAD_GAP, _SPREAD_UNITS = 150, 0.02, 10**5
#: A panel is worth adding if it raises the bound by more.
TOLERANCE = 1e-6
#: A price above this marks a kind whose chance no optimal lottery can raise.
_PRICED = 1e-6
#: Slack left to the chances already settled, so that rounding cannot make the next step impossible.
_SLACK = 1e-8


@dataclass(frozen=True, slots=True)
class FairnessCertificate:
    """Why nobody could have been given a better least chance.

    ``least`` is the least chance anyone who can be drawn has, ``bound`` what no lottery can exceed, both exact;
    ``prices`` are the whole-number prices per kind that prove it: no panel is worth more than ``worth`` at these
    prices, the pool is worth ``total``, and bound = worth / total. ``complete``: the search ended by itself and
    not at a limit; ``leximin``: so did the search for all other chances. ``panels`` counts those considered.
    """

    least: Fraction
    bound: Fraction
    prices: tuple[int, ...]
    worth: int
    total: int
    complete: bool
    leximin: bool
    panels: int

    @property
    def gap(self) -> Fraction:
        """How much the least chance could be below the best possible."""
        return self.bound - self.least

    def text(self) -> Text:
        """Return the certificate in words."""
        zh = "已证明最优" if self.complete else "在限定时间内求得"
        en = "proved" if self.complete else "reached within the limits"
        return Text(
            f"每人入选概率不低于 {float(self.least):.4%}；任何抽签办法的最低概率都不能超过 {float(self.bound):.4%}（{zh}）。",
            f"Everyone's chance is at least {float(self.least):.4%}; under no lottery can the least chance exceed"
            f" {float(self.bound):.4%} ({en}).",
        )


@dataclass(frozen=True, eq=False)
class FairLottery:
    """Panels as counts by kind, int64 (panels, kinds), each with a weight out of 10⁹, and the certificate.

    ``excluded`` kinds are in no panel that meets the quotas; their chance is 0 whatever the lottery.
    """

    selection: Selection
    panels: NDArray[np.int64]
    weights: NDArray[np.int64]
    excluded: tuple[int, ...]
    certificate: FairnessCertificate

    def chances(self) -> tuple[Fraction, ...]:
        """Return the chance of a person of each kind."""
        places = self.weights @ self.panels
        return tuple(
            Fraction(int(n), int(size) * _WEIGHT_UNITS)
            for n, size in zip(places, self.selection.sizes, strict=True)
        )


@dataclass
class _Search:
    """Panels found so far and the limits of the search."""

    selection: Selection
    panels: list[NDArray[np.int64]]
    known: set[bytes]
    rounds: int | None
    until: float | None
    clock: Callable[[], float]

    def over(self) -> bool:
        """Return whether a limit is reached."""
        late = self.until is not None and self.clock() >= self.until
        return late or (self.rounds is not None and self.rounds <= 0)

    def add(self, panel: NDArray[np.int64]) -> bool:
        """Remember a panel; False if it is known."""
        if panel.tobytes() in self.known:
            return False
        self.known.add(panel.tobytes())
        self.panels.append(panel)
        return True


def fair_lottery(
    selection: Selection,
    leximin: bool = True,
    rounds: int | None = None,
    seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FairLottery:
    """Return the fairest lottery.

    Parameters
    ----------
    leximin
        Raise all chances in turn and not the least alone.
    rounds, seconds
        Most panels to search for after a first set, and most time; without limits the search ends by itself. A limit
        in rounds gives the same lottery everywhere, one in seconds does not: the published lottery is what counts.
    clock
        Seconds, for ``seconds``.
    """
    until = None if seconds is None else clock() + seconds
    search = _Search(selection, [], set(), rounds, until, clock)
    excluded = _cover(search)
    # everyone at the same price proves that nobody's least chance can exceed places / people
    first_prices = [np.ones(len(selection.sizes), np.int64)]
    if len(selection.sizes) > MANY_KINDS:
        first_prices.append(_spread(search))
    fixed = np.full(len(selection.sizes), np.nan)
    fixed[list(excluded)] = 0.0
    weights, best = _maximin(search, fixed, first_prices)
    first, done = best, best.complete
    while leximin and done:
        tight = np.isnan(fixed) & (best.duals > _PRICED)
        fixed[tight] = max(0.0, best.value - _SLACK)
        if not np.isnan(fixed).any():
            break
        better, best = _maximin(search, fixed)
        done = best.complete
        if done:
            weights = better
    panels, whole = _whole_weights(search.panels, weights)
    bare = FairnessCertificate(
        Fraction(0),
        first.bound,
        tuple(int(p) for p in first.prices),
        first.worth,
        first.total,
        first.complete,
        leximin and done,
        len(search.panels),
    )
    lottery = FairLottery(selection, panels, whole, excluded, bare)
    drawable = [c for k, c in enumerate(lottery.chances()) if k not in excluded]
    least = FairnessCertificate(min(drawable), *[getattr(bare, f) for f in bare.__slots__[1:]])
    return FairLottery(selection, panels, whole, excluded, least)


def check_certificate(selection: Selection, certificate: FairnessCertificate) -> bool:
    """Return whether the prices prove the bound: one search for the panel worth most at these prices."""
    prices = np.array(certificate.prices, np.int64)
    if prices.shape != selection.sizes.shape or (prices < 0).any():
        return False
    panel = find_panel(selection, prices)
    total = int(prices @ selection.sizes)
    return (
        panel is not None
        and total == certificate.total > 0
        and int(prices @ panel) == certificate.worth
        and certificate.bound == Fraction(certificate.worth, total)
    )


def _cover(search: _Search) -> tuple[int, ...]:
    """Find panels until every kind that can be drawn is in one; return the kinds that cannot."""
    open_ = np.ones(len(search.selection.sizes), bool)
    while open_.any():
        panel = find_panel(search.selection, open_.astype(np.int64))
        if panel is None:
            raise HutongError(
                "quotas-conflict",
                Text("没有任何组合能满足名额。", "No panel meets the quotas."),
                Text("请放宽名额。", "Relax the quotas."),
            )
        if not (panel[open_] > 0).any():
            break
        search.add(panel)
        open_ &= panel == 0
    return tuple(int(k) for k in np.flatnonzero(open_))


def _spread(search: _Search) -> NDArray[np.int64]:
    """Find panels that favour whoever has been in fewest so far (multiplicative weights): a better start.

    Returns the mean of the weights, which are prices that give a good bound.
    """
    sizes = search.selection.sizes
    rate = 10 * len(search.selection.pool) / (search.selection.size * _SPREAD_ROUNDS)
    places, mean = np.zeros(len(sizes)), np.zeros(len(sizes))
    for _ in range(_SPREAD_ROUNDS):
        if search.over():
            break
        had = places / sizes
        weights = np.rint(_SPREAD_UNITS * np.exp(-rate * (had - had.min()))).astype(np.int64)
        panel = find_panel(search.selection, weights, _SPREAD_GAP)
        if panel is None:
            raise ValueError("a panel was there before")
        places += panel
        mean += weights / (weights @ sizes)
        search.add(panel)
    if not mean.any():
        return np.ones(len(sizes), np.int64)
    return np.rint(mean / mean.max() * _SPREAD_UNITS).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Step:
    """The end of one maximin search: value reached, exact bound with its whole prices, and the plain duals."""

    value: float
    bound: Fraction
    prices: NDArray[np.int64]
    worth: int
    total: int
    duals: NDArray[np.float64]
    complete: bool


def _maximin(
    search: _Search, fixed: NDArray[np.float64], first_prices: Sequence[NDArray[np.int64]] = ()
) -> tuple[NDArray[np.float64], _Step]:
    """Maximise the least chance of the kinds that are not fixed, adding panels until none can help."""
    sizes = search.selection.sizes
    open_ = np.isnan(fixed)
    settled = {int(k): Fraction(float(fixed[k])) for k in np.flatnonzero(~open_)}
    master = Master(np.array(search.panels), sizes, fixed)
    best: _Bound | None = None
    for prices in first_prices:
        best, panel = _tighter(search.selection, prices, settled, best)
        if search.add(panel):
            master.add(panel)
    while True:
        value, weights, duals = master.solve()
        best, panel = _tighter(
            search.selection, np.rint(duals * _PRICE_UNITS / sizes).astype(np.int64), settled, best
        )
        ended = float(best.bound) - value <= TOLERANCE
        if ended or search.over() or not search.add(panel):
            return weights, _Step(value, best.bound, best.prices, best.worth, best.total, duals, ended)
        if search.rounds is not None:
            search.rounds -= 1
        master.add(panel)


@dataclass(frozen=True, eq=False)
class _Bound:
    bound: Fraction
    prices: NDArray[np.int64]
    worth: int
    total: int


def _tighter(
    selection: Selection, prices: NDArray[np.int64], settled: Mapping[int, Fraction], best: _Bound | None
) -> tuple[_Bound, NDArray[np.int64]]:
    """Return the better of a bound and the one that ``prices`` prove, and the panel worth most at the prices."""
    prices = prices.copy()
    prices[[k for k, chance in settled.items() if not chance]] = 0  # who cannot be drawn proves nothing
    panel = find_panel(selection, prices)
    if panel is None:
        raise ValueError("a panel was there before")
    worth = int(prices @ panel)
    rest = sum((int(prices[k] * selection.sizes[k]) * chance for k, chance in settled.items()), Fraction(0))
    total = int(prices @ selection.sizes) - sum(int(prices[k] * selection.sizes[k]) for k in settled)
    if total <= 0:
        raise ValueError("prices of nothing")
    bound = (worth - rest) / total
    if best is not None and best.bound <= bound:
        return best, panel
    return _Bound(bound, prices, worth, total), panel


def _whole_weights(
    panels: list[NDArray[np.int64]], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the panels that carry weight, in a fixed order, and whole weights that sum to 10⁹."""
    padded = np.zeros(len(panels))
    padded[: len(weights)] = weights
    scaled = padded / padded.sum() * _WEIGHT_UNITS
    whole = np.floor(scaled).astype(np.int64)
    rest = _WEIGHT_UNITS - int(whole.sum())
    whole[np.argsort(whole - scaled, kind="stable")[:rest]] += 1
    used = np.flatnonzero(whole)
    chosen = np.array(panels)[used]
    order = np.lexsort(chosen.T[::-1])
    return chosen[order], whole[used][order]
