"""What a household is offered line by line, and how like households were treated, so that nobody else can be made out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hutong.agree.home_statement import Line, Part
from hutong.agree.offers import Offer
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from hutong.text import Text, number, percent, written_day

#: A median is told to so many yuan per m²: of few households an exact one would be somebody's own figure.
ROUNDED_YUAN = 100
_FORMULA = Text(
    "退租补偿＝房屋市场价值－房屋重置成新价＋项目奖励",
    "compensation = market value − replacement value at its newness + the project's awards",
)


def money_part(offer: Offer | None, project: Text, made: dt.date | None, maker: Text) -> Part:
    """Return an offer line by line with its sum; where there is none yet, the formula and whom to ask.

    Parameters
    ----------
    project
        The surrender project that the offer belongs to.
    made
        The day of the offer on the table.
    maker
        Who makes offers there.
    """
    if offer is None or made is None:
        published = Text(
            "故宫周边项目（2021）公布的口径", "as published for the project around the Forbidden City, 2021"
        )
        return Part(
            "money",
            (
                Line(Text(f"算法：{_FORMULA.zh}。", f"How it is reckoned: {_FORMULA.en}."), "rule", published),
                Line(
                    Text("您家的数目未知：还没有报价。申请退租后才评估，申请不是签约。", "Your own sum is unknown: there is no offer yet. A home is valued after you apply, and to apply is not to sign."),
                    "unknown", ask=maker,
                ),
            ),
        )  # fmt: skip
    source = Text(
        f"{project.zh}，{written_day(made).zh}的报价", f"{project.en}, offer of {written_day(made).en}"
    )
    return Part("money", tuple(Line(said, "offer", source) for said in offer.show()))


@dataclass(frozen=True, slots=True)
class Likes:
    """How offers to like households lie: how many, their median per m², and this home's difference from it."""

    households: int
    median_yuan_m2: float
    difference: float | None


def among_likes(
    offers: pd.DataFrame, dwelling_id: str, alike: pd.Series, like: Sequence[str], least: int = FEWEST_PEOPLE
) -> Likes | None:
    """Return how *other* households like one were treated; None where they are fewer than ``least``.

    Parameters
    ----------
    offers
        One row per home: ``dwelling_id``, ``total_yuan``, ``area_cm2`` and the columns of ``like``.
    alike
        The values of ``like`` of this home; it need not have an offer itself.
    least
        Least number of other households: below, one of them could be made out.

    Raises
    ------
    HutongError
        ``cannot-compare`` if a column is missing.
    """
    missing = [c for c in ("dwelling_id", "total_yuan", "area_cm2", *like) if c not in offers]
    if missing or not like:
        raise HutongError(
            "cannot-compare",
            Text("补偿方案表缺列。", "The offers lack columns."),
            Text("请给出相同条件的列。", "Name the columns that make cases alike."),
            [f"column {c} is missing" for c in missing],
        )
    rate = offers["total_yuan"].astype(float) / (offers["area_cm2"].astype(float) / 10_000)
    known = (offers["area_cm2"] > 0) & rate.notna()
    for column in like:
        known &= offers[column].astype(str) == str(alike[column])
    own = offers["dwelling_id"].astype(str) == dwelling_id
    others = rate[known & ~own]
    if len(others) < least:
        return None
    median = round(float(others.median()) / ROUNDED_YUAN) * ROUNDED_YUAN
    mine = rate[known & own]
    return Likes(len(others), median, float(mine.iloc[0] / median - 1) if len(mine) and median else None)


def likes_part(found: Likes | None, ask: Text) -> Part:
    """Return how like households were treated, or that they are too few to tell."""
    if found is None:
        few = Text(
            f"同类人家不足 {FEWEST_PEOPLE} 户有报价，为不泄露别家情况，不显示。", f"Fewer than {FEWEST_PEOPLE} households like yours have an offer; nothing is shown, so that nobody's own can be made out."
        )  # fmt: skip
        return Part("likes", (Line(few, "unknown", ask=ask),))
    source = Text(
        "本项目全部报价，产权类型和补偿方式相同", "all offers of this project of the same tenure and form"
    )
    lines = [
        Line(
            Text(
                f"同类的其他 {found.households} 户，报价的中位数约每平方米 {number(found.median_yuan_m2, 'zh')} 元。", f"Of {found.households} other households like yours, the median offer is about ¥{number(found.median_yuan_m2)} per m²."
            ),
            "fact", source,
        )
    ]  # fmt: skip
    if found.difference is not None:
        size = percent(abs(found.difference), "zh", 0)
        if size == "0%":
            said = Text("您家的报价与它相同。", "Your own offer is the same.")
        else:
            above = found.difference > 0
            said = Text(
                f"您家的报价比它{'高' if above else '低'} {size}；可以请对方说明理由。", f"Your own offer is {size} {'above' if above else 'below'} it; you may ask why."
            )  # fmt: skip
        lines.append(Line(said, "fact", source))
    return Part("likes", tuple(lines))
