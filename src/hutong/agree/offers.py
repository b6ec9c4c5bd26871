"""Compensation offers: the formula line by line, versions, counter-offers, mediation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from hutong.agree.steps import move
from hutong.errors import HutongError
from hutong.text import Text, yuan

#: From each state, what may happen. The holder can decline at any time, and the home stays as it is.
MOVES = {
    "none": {"offer": "offered"},
    "offered": {"offer": "offered", "counter": "countered", "accept": "agreed", "decline": "declined"},
    "countered": {
        "offer": "offered", "counter": "countered", "take_counter": "agreed", "mediate": "mediation", "decline": "declined",
    },
    "mediation": {"offer": "offered", "settle": "agreed", "fail": "declined", "decline": "declined"},
    "declined": {"offer": "offered", "mediate": "mediation"},
    "agreed": {},
}  # fmt: skip
#: Which party an event belongs to; what is not named either side may do.
BY = {
    "offer": "maker", "take_counter": "maker",
    "counter": "holder", "accept": "holder", "decline": "holder",
    "settle": "mediator", "fail": "mediator",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One line of the formula: what it is, how it is computed, and the amount in whole yuan (negative: deducted)."""

    id: str
    title: Text
    formula: Text
    amount_yuan: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer for one home, as a sum of lines."""

    dwelling_id: str
    form: str
    lines: tuple[OfferLine, ...]

    @property
    def total_yuan(self) -> int:
        """The sum of the lines."""
        return sum(line.amount_yuan for line in self.lines)

    def show(self) -> tuple[Text, ...]:
        """Return the formula as a resident reads it, a line each and the sum last."""
        rows = [
            Text(
                f"{x.title.zh}：{x.formula.zh} = {whole_yuan(x.amount_yuan).zh}",
                f"{x.title.en}: {x.formula.en} = {whole_yuan(x.amount_yuan).en}",
            )
            for x in self.lines
        ]
        total = self.total_yuan
        return (
            *rows,
            Text(
                f"合计：{whole_yuan(total).zh}（约 {yuan(total, 'zh')}）",
                f"Total: {whole_yuan(total).en} (about {yuan(total)})",
            ),
        )


def whole_yuan(amount: int) -> Text:
    """Return an amount to the yuan, a true minus before what is deducted."""
    sign = "−" if amount < 0 else ""
    return Text(f"{sign}{abs(amount):,} 元", f"{sign}¥{abs(amount):,}")


def half_up(value: Fraction) -> int:
    """Return the nearest whole number, halves away from zero."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return size if value >= 0 else -size


def surrender_offer(
    dwelling_id: str,
    area_cm2: int,
    market_yuan_m2: int,
    replacement_yuan_m2: int,
    newness: Fraction,
    awards_yuan: Mapping[str, int] | None = None,
) -> Offer:
    """Return the cash offer for a surrendered lease: market value − replacement value at its newness + awards.

    Formula as published for 故宫周边 (东城, 2021): 退租补偿 = 退租房屋市场价值总额 − 房屋重置成新价; awards as each project
    announces them. Unit prices are the valuer's and the project's, never ours. Each line is rounded to the yuan, halves
    up, and the total is the sum of what is shown.

    Parameters
    ----------
    area_cm2
        Area in whole cm² > 0.
    market_yuan_m2, replacement_yuan_m2
        Whole yuan per m².
    newness
        成新率, an exact share in [0, 1].
    awards_yuan
        Whole yuan by name; the empty name is all of them together.

    Raises
    ------
    HutongError
        Naming what is not a whole number or out of range.
    """
    awards = dict(awards_yuan or {})
    wrong = [
        f"{name}: {value!r}"
        for name, value in {
            "area_cm2": area_cm2, "market_yuan_m2": market_yuan_m2, "replacement_yuan_m2": replacement_yuan_m2, **awards,
        }.items()
        if type(value) is not int or value < 0
    ]  # fmt: skip
    if not isinstance(newness, Fraction) or not 0 <= newness <= 1:
        wrong.append(f"newness: {newness!r}")
    if wrong or not area_cm2:
        raise HutongError(
            "bad-offer",
            Text("补偿方案的数值不合格。", "The figures of the offer do not fit."),
            Text(
                "面积和单价为非负整数，成新率为 0–1 的分数。",
                "Areas and prices are whole numbers, newness an exact share in [0, 1].",
            ),
            wrong or ["area_cm2: 0"],
        )
    area = Fraction(area_cm2, 10_000)
    m2 = f"{area_cm2 / 10_000:.2f} m²"
    market = half_up(area * market_yuan_m2)
    worth = half_up(area * replacement_yuan_m2 * newness)
    share = f"{float(newness):.0%}"
    lines = [
        OfferLine(
            "market", Text("房屋市场价值", "Market value"),
            Text(f"{m2} × {market_yuan_m2:,} 元/m²", f"{m2} × ¥{market_yuan_m2:,}/m²"), market,
        ),
        OfferLine(
            "replacement", Text("减：房屋重置成新价", "Less: replacement value at its newness"),
            Text(
                f"−{m2} × {replacement_yuan_m2:,} 元/m² × {share}", f"−{m2} × ¥{replacement_yuan_m2:,}/m² × {share}"
            ), -worth,
        ),
    ]  # fmt: skip
    lines += [
        OfferLine(
            f"award.{name}" if name else "award",
            Text(f"奖励：{name}", f"Award: {name}") if name else Text("奖励合计", "Awards in all"),
            Text("按项目公告", "as announced"),
            amount,
        )
        for name, amount in awards.items()
    ]  # fmt: skip
    return Offer(dwelling_id, "cash", tuple(lines))


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of a negotiation: ``by`` is maker, holder or mediator; ``reason`` is theirs, in their words."""

    version: int
    event: str
    by: str
    at: dt.datetime
    offer: Offer | None
    reason: str


@dataclass(frozen=True)
class Negotiation:
    """Every version of an offer for one home, and where it stands; nothing is overwritten."""

    dwelling_id: str
    state: str = "none"
    rounds: tuple[Round, ...] = ()

    def does(
        self, event: str, by: str, at: dt.datetime, offer: Offer | None = None, reason: str = ""
    ) -> Negotiation:
        """Return the negotiation after one turn (:data:`MOVES`).

        ``offer``, ``counter`` and ``settle`` carry an offer; from the second on, ``offer`` and ``counter`` give the
        reason for the change. ``mediate`` may be asked for by either side.

        Raises
        ------
        HutongError
            ``not-now``, or ``bad-round`` saying why the turn does not fit.
        """
        state = move(MOVES, self.state, event)
        needs_offer = event in ("offer", "counter", "settle")
        if by not in ((BY[event],) if event in BY else ("maker", "holder")):
            raise _bad_round(Text("不是该方的权利", "it is not this party's to do"))
        if at.tzinfo is None or (self.rounds and at < self.rounds[-1].at):
            raise _bad_round(Text("时间缺时区或早于上一轮", "the moment has no time zone or is out of order"))
        if needs_offer != (offer is not None) or (offer and offer.dwelling_id != self.dwelling_id):
            raise _bad_round(Text("方案缺失或不属于该住房", "the offer is missing, or of another home"))
        if self.rounds and event in ("offer", "counter", "settle") and not reason.strip():
            raise _bad_round(Text("变更方案须写明理由", "a change needs its reason"))
        turn = Round(len(self.rounds) + 1, event, by, at, offer, reason)
        return replace(self, state=state, rounds=(*self.rounds, turn))

    @property
    def on_the_table(self) -> Offer | None:
        """The last offer or counter-offer made; what was agreed where it is agreed."""
        return next((r.offer for r in reversed(self.rounds) if r.offer is not None), None)


def compare_offers(before: Offer, after: Offer) -> tuple[tuple[str, int], ...]:
    """Return the lines that differ between two versions, with the change in yuan."""
    old = {x.id: x.amount_yuan for x in before.lines}
    new = {x.id: x.amount_yuan for x in after.lines}
    ids = dict.fromkeys((*old, *new))
    return tuple((i, new.get(i, 0) - old.get(i, 0)) for i in ids if new.get(i, 0) != old.get(i, 0))


def _bad_round(why: Text) -> HutongError:
    return HutongError(
        "bad-round",
        Text(f"本轮协商未记入：{why.zh}。", f"This round was not recorded: {why.en}."),
        Text("请核对当事方、时间、方案和理由。", "Check the party, the moment, the offer and the reason."),
    )
