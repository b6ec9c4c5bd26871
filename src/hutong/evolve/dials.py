"""The dials of the model: the four mechanisms, the four parts of digital empowerment, and what limits them."""

from __future__ import annotations

from typing import Any, NamedTuple

from hutong.errors import HutongError
from hutong.text import Text


class Dials(NamedTuple):
    """One policy under one set of circumstances. Shares in [0, 1], but for ``budget`` and ``capacity``, factors ≥ 0.

    The defaults are a quarter without a digital platform and without councils, with instruments and sharing half
    used (ours). A shock strikes once, in ``shock_month`` (0: never).
    """

    environment: float = 0.5
    structure: float = 0.0
    means: float = 0.0
    results: float = 0.5
    sensing: float = 0.0
    participation: float = 0.0
    transparency: float = 0.0
    coordination: float = 0.0
    budget: float = 1.0
    complexity: float = 1.0
    capacity: float = 1.0
    inequality: float = 0.3
    shock_month: float = 0.0
    shock_condition: float = 0.0
    shock_trust: float = 0.0
    shock_money: float = 0.0


#: The four mechanisms of the paper, and the parts of digital empowerment.
MECHANISMS = ("environment", "structure", "means", "results")
DIGITAL = ("sensing", "participation", "transparency", "coordination")
DIAL_TITLES = {
    "environment": Text("环境协同", "environment mechanism"),
    "structure": Text("结构协同", "structure mechanism"),
    "means": Text("手段协同", "means mechanism"),
    "results": Text("结果协同", "results mechanism"),
    "sensing": Text("数字感知", "digital sensing"),
    "participation": Text("数字参与", "digital participation"),
    "transparency": Text("数字公开", "digital transparency"),
    "coordination": Text("数字协同", "digital coordination"),
    "budget": Text("公共资金", "public money"),
    "complexity": Text("产权复杂程度", "complexity of property rights"),
    "capacity": Text("基层能力", "grassroots capacity"),
    "inequality": Text("基层能力不均", "inequality of grassroots capacity"),
    "shock_month": Text("冲击发生的月份", "month of a shock"),
    "shock_condition": Text("冲击：房屋状况", "shock to condition"),
    "shock_trust": Text("冲击：信任", "shock to trust"),
    "shock_money": Text("冲击：公共资金", "shock to public money"),
}
#: Dials that are factors or months, not shares.
FACTORS = ("budget", "capacity", "shock_month")


def platform(level: float = 1.0) -> dict[str, float]:
    """Return the dials of a digital platform with all its parts, and the loop of diagnosis that uses them."""
    return dict.fromkeys(("means", *DIGITAL), level)


def make_dials(**changes: float) -> Dials:
    """Return dials with ``changes`` by name.

    Raises
    ------
    HutongError
        ``no-such-dial`` for a name that is none, ``bad-dial`` for a value out of range.
    """
    unknown = sorted(set(changes) - set(Dials._fields))
    if unknown:
        known = ", ".join(DIAL_TITLES)
        raise HutongError(
            "no-such-dial",
            Text(f"没有旋钮 {'、'.join(unknown)}。", f"There is no dial {', '.join(unknown)}."),
            Text(f"可用：{known}。", f"There are: {known}."),
        )
    for name, value in changes.items():
        low_enough = name in FACTORS or value <= 1.0
        if not (value >= 0.0 and low_enough and value < float("inf")):
            raise HutongError(
                "bad-dial",
                Text(f"旋钮 {name} 的值 {value} 超出范围。", f"Dial {name} cannot be {value}."),
                Text(
                    "取 0 到 1；资金和能力是不小于 0 的倍数。", "Shares lie in 0 to 1; factors are 0 or more."
                ),
            )
    return Dials(**{name: float(value) for name, value in changes.items()})


def as_floats(dials: Dials) -> Any:
    """Return dials as the kernels take them: every field a float."""
    return Dials(*(float(value) for value in dials))
