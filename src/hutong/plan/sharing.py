"""Splitting a surplus by agreement: weighted Nash bargaining, and the split as clauses of a contract.

Who walks away without an agreement keeps their disagreement point; only what is above all of these is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.text import Text, percent, yuan

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a bargain: what it has without agreement, its weight, and the least and most that it may get."""

    id: str
    title: Text
    disagreement_yuan: float = 0.0
    weight: float = 1.0
    least_yuan: float = -np.inf
    most_yuan: float = np.inf


@dataclass(frozen=True, slots=True)
class Split:
    """An agreed division: yuan per party, and what the next yuan of surplus would bring each of them.

    ``bound`` says which limit holds a party where it is: ``least``, ``most`` or empty.
    """

    parties: tuple[Party, ...]
    yuan: tuple[float, ...]
    marginal: tuple[float, ...]
    bound: tuple[str, ...]

    @property
    def gain_yuan(self) -> tuple[float, ...]:
        """What each party gets above its disagreement point."""
        return tuple(y - p.disagreement_yuan for y, p in zip(self.yuan, self.parties, strict=True))


def fill(total: float, start: Floats, rate: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return ``clip(start + rate * level, lower, upper)`` at the level at which it adds up to ``total``.

    Water-filling: exact, by walking the levels at which a bound begins or ceases to hold. ``rate`` > 0.

    Parameters
    ----------
    total
        What is to be given out; between the sums of ``lower`` and ``upper``.
    start, rate, lower, upper
        Shape (parties,).
    """

    def at(level: float) -> Floats:
        return np.clip(start + rate * level, lower, upper)

    levels = np.concatenate([(lower - start) / rate, (upper - start) / rate])
    levels = np.unique(levels[np.isfinite(levels)])
    sums = np.array([at(level).sum() for level in levels])
    k = int(np.searchsorted(sums, total))
    if k < levels.size and sums[k] == total:
        return at(levels[k])
    inside = 0.0 if not levels.size else _between(levels, k)
    free = (start + rate * inside > lower) & (start + rate * inside < upper)
    if not free.any():  # total lies outside what the bounds allow by rounding only
        return at(levels[min(k, levels.size - 1)])
    fixed = at(inside)[~free].sum()
    level = (total - fixed - start[free].sum()) / rate[free].sum()
    out = at(inside)
    out[free] = start[free] + rate[free] * level
    return out


def _between(levels: Floats, k: int) -> float:
    """Return a level strictly inside the k-th interval that the sorted ``levels`` cut."""
    if k == 0:
        return float(levels[0]) - 1.0
    if k == levels.size:
        return float(levels[-1]) + 1.0
    return 0.5 * float(levels[k - 1] + levels[k])


def nash_split(surplus_yuan: float, parties: Sequence[Party]) -> Split:
    """Return the weighted Nash bargaining solution of dividing ``surplus_yuan``.

    Maximises Σ wᵢ log(xᵢ − dᵢ) where Σ xᵢ is the surplus and leastᵢ ≤ xᵢ ≤ mostᵢ (Nash 1950; weights after Harsanyi
    and Selten 1972). Without bounds that hold, xᵢ = dᵢ + wᵢ/Σw · (surplus − Σd); with them the others share on in
    proportion to their weights.

    Raises
    ------
    HutongError
        ``bad-party`` (a weight not above 0, bounds that cross, a name twice); ``no-surplus`` when the surplus is less
        than the disagreement points or the least amounts together; ``surplus-left`` when nobody may take all of it.
    """
    _check(parties, surplus_yuan)
    d, w, low, high = (
        np.array([getattr(p, name) for p in parties], float)
        for name in ("disagreement_yuan", "weight", "least_yuan", "most_yuan")
    )
    low = np.maximum(low, d)  # nobody signs for less than they have without signing
    needed, room = float(low.sum()), float(high.sum())
    if surplus_yuan < needed:
        raise HutongError(
            "no-surplus",
            Text(
                f"可分配 {yuan(surplus_yuan, 'zh')}，少于各方不合作所得与最低所得之和 {yuan(needed, 'zh')}。",
                f"{yuan(surplus_yuan)} to share is less than the {yuan(needed)} that the parties must have to agree.",
            ),
            Text(
                "请增加可分配收益，或重新核定最低所得。", "Find more to share, or review the least amounts."
            ),
        )
    if surplus_yuan > room:
        raise HutongError(
            "surplus-left",
            Text(
                f"各方上限合计 {yuan(room, 'zh')}，装不下 {yuan(surplus_yuan, 'zh')}。",
                f"The parties may take {yuan(room)} at most, and {yuan(surplus_yuan)} is to be shared.",
            ),
            Text("请提高某一方的上限，或增加一方。", "Raise a limit, or add a party that may take the rest."),
        )
    x = fill(surplus_yuan, d, w, low, high)
    at_low, at_high = x <= low, x >= high
    free = ~(at_low & (low > d)) & ~at_high
    marginal = np.where(free, w, 0.0) / max(float(w[free].sum()), 1e-300)
    bound = tuple(
        "most" if h else "least" if lo and le > dd else ""
        for h, lo, le, dd in zip(at_high, at_low, low, d, strict=True)
    )
    return Split(tuple(parties), tuple(x.tolist()), tuple(marginal.tolist()), bound)


def _check(parties: Sequence[Party], surplus_yuan: float) -> None:
    rows = []
    ids = [p.id for p in parties]
    for p in parties:
        if ids.count(p.id) > 1:
            rows.append(f"{p.id}: twice")
        if not (np.isfinite(p.weight) and p.weight > 0):
            rows.append(f"{p.id}: weight {p.weight}")
        if not np.isfinite(p.disagreement_yuan):
            rows.append(f"{p.id}: disagreement {p.disagreement_yuan}")
        if not p.least_yuan <= p.most_yuan or p.most_yuan < p.disagreement_yuan:
            rows.append(
                f"{p.id}: least {p.least_yuan}, most {p.most_yuan}, without agreement {p.disagreement_yuan}"
            )
    if not parties:
        rows.append("no party")
    if not np.isfinite(surplus_yuan):
        rows.append(f"surplus {surplus_yuan}")
    if rows:
        raise HutongError(
            "bad-party",
            Text("分配各方的数据有误。", "The parties of the split are not usable."),
            Text("请改正所列各项。", "Mend the entries listed."),
            rows,
        )


def division_clauses(
    parties: Sequence[Party], title: Text, amounts: Floats, errors: Floats
) -> tuple[Text, ...]:
    """Return any division as clauses: what each party receives, with the error of an estimate, and who settles a difference."""
    total = float(np.sum(amounts))
    out = [
        Text(
            f"各方同意，共同所得 {yuan(total, 'zh')} 按{title.zh}分配。",
            f"The parties agree to divide {yuan(total)} that they make together by the {title.en}.",
        )
    ]
    for p, amount, error in zip(parties, amounts, errors, strict=True):
        about = Text(f"（估计标准误 {yuan(error, 'zh')}）", f" (estimated, standard error {yuan(error)})") if error else Text("", "")  # fmt: skip
        out.append(
            Text(
                f"{p.title.zh}得 {yuan(float(amount), 'zh')}{about.zh}。",
                f"{p.title.en} receives {yuan(float(amount))}{about.en}.",
            )
        )
    if total:
        shares = [(p.title, float(a) / total) for p, a in zip(parties, amounts, strict=True)]
        out.append(
            Text(
                "实际共同所得与此不同时，按同一比例（"
                + "、".join(f"{t.zh} {percent(s, 'zh', 1)}" for t, s in shares)
                + "）调整。",
                "Where what is made together turns out otherwise, the same shares hold ("
                + ", ".join(f"{t.en} {percent(s, 'en', 1)}" for t, s in shares)
                + ").",
            )
        )
    return tuple(out)


def clauses(split: Split) -> tuple[Text, ...]:
    """Return the split as clauses that can be written into a contract, one per party and one for what differs later."""
    total = sum(split.yuan)
    out = [
        Text(
            f"各方同意，可分配收益 {yuan(total, 'zh')} 按下列各款分配；未达成协议时，各方所得以约定的不合作所得为准。",
            f"The parties agree to divide a distributable surplus of {yuan(total)} as follows; without agreement each keeps what it has without it.",
        )
    ]
    for p, amount, gain, bound in zip(split.parties, split.yuan, split.gain_yuan, split.bound, strict=True):
        held = {"least": Text("（保底）", " (its least amount)"), "most": Text("（封顶）", " (its limit)")}
        note = held.get(bound, Text("", ""))
        out.append(
            Text(
                f"{p.title.zh}得 {yuan(amount, 'zh')}{note.zh}，其中不合作所得 {yuan(p.disagreement_yuan, 'zh')}，合作增益 {yuan(gain, 'zh')}。",
                f"{p.title.en} receives {yuan(amount)}{note.en}: {yuan(p.disagreement_yuan)} that it has without agreement and a gain of {yuan(gain)}.",
            )
        )
    rest = [(p.title, m) for p, m in zip(split.parties, split.marginal, strict=True) if m > 0]
    if rest:
        out.append(
            Text(
                "实际收益与上述数额不同时，差额按 "
                + "、".join(f"{t.zh} {percent(m, 'zh', 1)}" for t, m in rest)
                + " 分配，直至某一方达到保底或封顶。",
                "A difference between the actual surplus and this amount is shared "
                + ", ".join(f"{t.en} {percent(m, 'en', 1)}" for t, m in rest)
                + " until a party reaches its least amount or its limit.",
            )
        )
    return tuple(out)
