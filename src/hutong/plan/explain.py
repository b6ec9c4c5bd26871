"""Why a scheme does what it does at one object, in words."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from hutong.errors import HutongError
from hutong.plan.catalogue import load_offers
from hutong.plan.results import BENEFITS, Plan, Scheme
from hutong.text import Text, number, percent, yuan

#: How many limits are named.
_MOST_LIMITS = 4


def explain(plan: Plan, scheme_id: str, object_id: str) -> Text:
    """Return why a scheme does what it does at an object: the findings, the terms, who pays, what else was open.

    Raises
    ------
    HutongError
        ``unknown-scheme`` or ``unknown-object``.
    """
    scheme = next((s for s in plan.schemes if s.id == scheme_id), None)
    if scheme is None:
        known = "、".join(s.id for s in plan.schemes)
        raise HutongError(
            "unknown-scheme",
            Text(f"没有方案 {scheme_id!r}。", f"There is no scheme {scheme_id!r}."),
            Text(f"可用：{known}。", f"Use one of {known.replace('、', ', ')}."),
        )
    options = plan.options[plan.options["object_id"] == object_id]
    chosen = scheme.choices[scheme.choices["object_id"] == object_id]
    if options.empty:
        raise HutongError(
            "unknown-object",
            Text(
                f"对象 {object_id!r} 没有可行的备选项，或不在本片区。",
                f"The object {object_id!r} has no option that could be offered, or is not in this quarter.",
            ),
            _near(plan, object_id),
        )
    if chosen.empty:
        return _left_alone(scheme, options)
    return _chosen(plan, scheme, chosen.iloc[0], options)


def _near(plan: Plan, object_id: str) -> Text:
    """Name the objects whose id or name is nearest to what was asked for."""
    known = plan.options[["object_id", "name"]].drop_duplicates("object_id")
    ids = known["object_id"].astype(str).tolist()
    by_name = dict(zip(known["name"].astype(str), ids, strict=True))
    found = [by_name[n] for n in get_close_matches(object_id, list(by_name), 2, 0.6)]
    found += get_close_matches(object_id, ids, 4, 0.0)
    near = list(dict.fromkeys(found))[:4]
    if not near:
        return Text("本方案没有任何备选项。", "This plan holds no option at all.")
    return Text(f"相近的编号：{'、'.join(near)}。", f"Ids near it: {', '.join(near)}.")


def _measures(plan: Plan, package: str) -> Text:
    titles = {m.id: m.title for m in plan.measures}
    parts = [titles[i] for i in package.split("+")]
    return Text("、".join(t.zh for t in parts), ", ".join(t.en for t in parts))


def _is_put_to_vote(plan: Plan, package: str) -> bool:
    matters = {m.id: m.matter for m in plan.measures}
    return any(matters[i] in ("ordinary", "special", "signing") for i in package.split("+"))


def _chosen(plan: Plan, scheme: Scheme, row: pd.Series, options: pd.DataFrame) -> Text:
    match = options[(options["package"] == row["package"]) & (options["offer"] == row["offer"])].iloc[0]
    what = _measures(plan, str(row["package"]))
    offer = next(o.title for o in load_offers() if o.id == row["offer"])
    capital, public = float(row["capital_yuan"]), float(row["public_yuan"])
    out_zh = [f"{row['name']}：{what.zh}（{offer.zh}）。"]
    out_en = [f"{row['name']}: {what.en} ({offer.en})."]
    findings = str(match["findings"])
    if findings:
        count = len(findings.split("+"))
        out_zh.append(f"针对 {count} 类体检问题（{match['findings_zh']}）。")
        out_en.append(f"It answers findings on: {match['findings_en']}.")
    homes = float(row["dwellings"])
    out_zh.append(
        f"投资 {yuan(capital, 'zh')}（每户 {yuan(capital / max(homes, 1), 'zh')}），公共资金 {yuan(public, 'zh')}，业主 {yuan(float(row['owner_yuan']), 'zh')}，运营方 {yuan(float(row['operator_yuan']), 'zh')}。"
    )
    out_en.append(
        f"Works {yuan(capital)} ({yuan(capital / max(homes, 1))} a home); public money {yuan(public)}, owners {yuan(float(row['owner_yuan']))}, operator {yuan(float(row['operator_yuan']))}."
    )
    leaving, share = float(row["leaving"]), percent(float(row["acceptance"]))
    if leaving == leaving:
        out_zh.append(f"预计 {percent(leaving)} 的公房承租人自愿退租。")
        out_en.append(
            f"{percent(leaving)} of the public tenants are predicted to surrender, each by free choice."
        )
    if _is_put_to_vote(plan, str(row["package"])):
        out_zh.append(f"预计户均接受度 {share}，通过概率 {percent(float(row['pass_probability']))}。")
        out_en.append(
            f"Predicted acceptance {share}; chance that it passes {percent(float(row['pass_probability']))}."
        )
    out_zh.append(f"该对象共有 {number(len(options), 'zh')} 个备选项。")
    out_en.append(f"{number(len(options))} options were open here.")
    other = _other(plan, row, options)
    held = _limits(scheme)
    return Text("".join([*out_zh, other.zh, held.zh]), " ".join(t for t in [*out_en, other.en, held.en] if t))


def _other(plan: Plan, row: pd.Series, options: pd.DataFrame) -> Text:
    """Name the option with the most benefit that was not chosen, and what it would cost more."""
    total = options[[f"benefit_{b}" for b in BENEFITS]].sum(axis=1)
    best = options.loc[total.idxmax()]
    mine = sum(float(row[f"benefit_{b}"]) for b in BENEFITS)
    if float(total.max()) <= mine * (1 + 1e-9):
        return Text("没有效益更高的备选项。", "No option here brings more.")
    more = float(best["public_yuan"]) - float(row["public_yuan"])
    terms = next(o.title for o in load_offers() if o.id == best["offer"])
    what = _measures(plan, str(best["package"]))
    if best["package"] == row["package"]:
        what = Text("同样措施", "the same measures")
    what = Text(f"{what.zh}（{terms.zh}）", f"{what.en}; {terms.en}")
    if more > 0:
        return Text(
            f"效益最高的备选是{what.zh}，公共资金多 {yuan(more, 'zh')}，这笔钱用在别处成效更大或超出目标所需。",
            f"The option with most benefit ({what.en}) takes {yuan(more)} more public money, which does more elsewhere or is not needed for this scheme's aim.",
        )
    return Text(
        f"效益最高的备选（{what.zh}）受全单元约束所限未选。",
        f"The option with most benefit ({what.en}) is held back by limits over the whole unit.",
    )


def _left_alone(scheme: Scheme, options: pd.DataFrame) -> Text:
    name = options["name"].iloc[0]
    held = _limits(scheme)
    return Text(
        f"{name}：本方案不安排工程。共有 {len(options)} 个备选项，最低需公共资金 {yuan(float(options['public_yuan'].min()), 'zh')}。{held.zh}",
        f"{name}: this scheme leaves it as it is. {len(options)} options were open, from {yuan(float(options['public_yuan'].min()))} of public money. {held.en}",
    )


def _limits(scheme: Scheme) -> Text:
    """Name the limits that hold the whole scheme where it is."""
    rows = scheme.certificate.binding
    titles = [b.title for b in rows if not b.row.startswith("alarm")][:_MOST_LIMITS]
    alarms = sum(b.row.startswith("alarm") for b in rows)
    if alarms:
        titles.append(Text(f"{alarms} 项告警须消除", f"{alarms} alarms to be lifted"))
    if not titles:
        return Text("", "")
    return Text(
        f"全单元起作用的约束：{'、'.join(t.zh for t in titles)}。",
        f"Limits at work over the unit: {'; '.join(t.en for t in titles)}.",
    )
