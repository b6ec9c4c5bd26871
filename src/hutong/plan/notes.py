"""What a plan assumed, left out and could not do, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.plan.catalogue import load_assumptions
from hutong.plan.desk import Desk
from hutong.plan.limits import Target
from hutong.plan.loans import loan_assumptions
from hutong.plan.units import amount
from hutong.text import Text, number, percent, yuan

Floats = NDArray[np.float64]


def notes_of(
    desk: Desk, goals: Sequence[Target], reach: Floats, limits: Mapping[str, float], assumed: bool
) -> list[Text]:
    """Return what was assumed, left out and could not be done, in words."""
    options, needs = desk.options, desk.unit.needs
    notes = [
        Text(
            f"只提供预计通过概率不低于 {percent(load_assumptions()['pass_probability_min'].value)} 的备选项，因此方案中各处“预计通过”是选取的结果，不是对表决结果的独立检验。",
            f"Only options with a predicted chance of passing of at least {percent(load_assumptions()['pass_probability_min'].value)} are offered: "
            "that every choice of a scheme is predicted to pass holds by construction and tests nothing.",
        )
    ]
    if not len(options):
        notes.append(
            Text(
                "没有可提供的备选项：本片区没有住房，或没有一项措施既合规又可能获得同意。方案均为空。",
                "No option can be offered: the quarter has no homes, or nothing that is both lawful and likely to be agreed to. The schemes are empty.",
            )
        )
    total = sum(limits.values())
    if assumed:
        notes.append(
            Text(
                f"未给定预算：按假设的公共预算 {yuan(total, 'zh')} 计算（市、区各按假设比例）。",
                f"No budget was given: an assumed public budget of {yuan(total)} is used.",
            )
        )
    reasons = {
        "consent": Text("预计表决难以通过", "not likely to be agreed to"),
        "old_city": Text("老城内不得拆除", "would demolish in the old city"),
        "heritage": Text("保护对象不得拆除", "would demolish what is protected"),
        "height": Text("超过限高", "too high"),
        "reserved": Text("战略留白用地", "on reserved land"),
        "idle_floor": Text("闲置用房不足", "not enough idle rooms"),
    }
    for key, count in options.left_out.items():
        if count:
            why = reasons[key]
            notes.append(
                Text(f"{count} 个备选项未提供：{why.zh}。", f"{count} options are not offered: {why.en}.")
            )
    short = [g.row.title for g, share in zip(goals, reach, strict=True) if share < g.wanted * (1 - 1e-4)]
    if short:
        notes.append(
            Text(
                f"{len(short)} 项目标在现有措施、场地和同意预期下达不到，已按可达到的程度要求：{'；'.join(t.zh for t in short)}。",
                f"{len(short)} targets cannot be fully met with the measures, sites and consent at hand and are asked for as far as they can be: {'; '.join(t.en for t in short)}.",
            )
        )
    outside = float(np.nansum(np.where(options.objects["named"] == 0, options.objects["dwellings"], 0.0)))
    if outside:
        notes.append(
            Text(
                f"{number(outside, 'zh')} 户不在任何已知小区内，公共工程按街区安排；法律不要求就街区公共工程表决，仍按小区表决的口径预测意愿（从严）。",
                f"{number(outside)} homes lie in no known estate: common works are planned for their block. The law asks for no vote there; consent is still predicted as if there were one (the stricter way).",
            )
        )
    if needs.unmendable:
        notes.append(
            Text(
                f"{needs.unmendable} 项问题没有对应措施（如学校、菜市场），需另行安排。",
                f"{needs.unmendable} findings have no measure in the catalogue (schools, markets) and need other works.",
            )
        )
    for a in (*load_assumptions().values(), *loan_assumptions().values()):
        shown = amount(a.value, a.unit)
        notes.append(
            Text(
                f"假设（{a.confidence}）：{a.title.zh} {shown.zh}（{a.source.zh}）。",
                f"Assumed ({a.confidence}): {a.title.en} {shown.en} ({a.source.en}).",
            )
        )
    notes.append(
        Text(
            "居民接受度按对数几率模型（acceptance.yaml）预测，参数均为假设；措施单价均为假设区间的中值。",
            "Acceptance is predicted by the logit of acceptance.yaml, whose parameters are assumptions; unit costs are the middle of assumed ranges.",
        )
    )
    return notes
