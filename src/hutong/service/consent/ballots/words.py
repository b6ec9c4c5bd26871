"""A vote in words: what the law needs, and what can follow."""

from __future__ import annotations

from typing import Any

from hutong.agree.rule import Rule
from hutong.agree.threshold import Threshold
from hutong.text import Text, number


def rule_lines(rule: Rule, heads: int, area_cm2: int) -> list[Text]:
    """Return what must be reached, in sentences, with what that is on this roll."""
    out = []
    if rule.quorum_heads is not None and rule.quorum_area is not None:
        out.append(
            Text(
                f"参加：人数{_of(rule.quorum_heads).zh}、面积{_of(rule.quorum_area).zh}，即至少 {rule.quorum_heads.needed(heads)} 人、{_m2(rule.quorum_area, area_cm2)} m²。",
                f"Taking part: {_of(rule.quorum_heads).en} of heads and {_of(rule.quorum_area).en} of area, that is {heads_words(rule.quorum_heads.needed(heads)).en} and {_m2(rule.quorum_area, area_cm2)} m² at the least.",
            )
        )  # fmt: skip
    whole = (
        Text("参加表决者", "those who take part")
        if rule.population == "participating"
        else Text("名册全体", "all on the roll")
    )
    for share, what in ((rule.pass_heads, Text("人数", "heads")), (rule.pass_area, Text("面积", "area"))):
        if share is not None:
            out.append(
                Text(
                    f"同意：占{whole.zh}的{what.zh}{_of(share).zh}。",
                    f"In favour: {_of(share).en} of the {what.en} of {whole.en}.",
                )
            )
    return out


def silence_words(rule: Rule) -> Text:
    """Return how silence counts; no rule makes it consent."""
    if rule.silence == "abstain":
        return Text(
            "没有投票：算参加，不算同意。", "Who does not vote is counted as taking part, not as consenting."
        )
    return Text(
        "没有投票：不算参加，更不算同意。", "Who does not vote does not take part, and never consents."
    )


def _of(share: Threshold) -> Text:
    part = f"{share.numerator}/{share.denominator}"
    if share.numerator == share.denominator:
        return Text("全部", "all")
    return (
        Text(f"超过 {part}", f"more than {part}")
        if share.strict
        else Text(f"不少于 {part}", f"at least {part}")
    )


def _m2(share: Threshold, area_cm2: int) -> str:
    return number(share.needed(area_cm2) / 10_000, digits=2)


def short_words(result: dict[str, Any]) -> list[Text]:
    """Return what a count lacked, none where it passed."""
    short, out = result["short"], []
    for what, doing in (("quorum", Text("参加", "take part")), ("pass", Text("同意", "be in favour"))):
        heads, area = short[f"{what}_heads"], number(short[f"{what}_area"] / 10_000, digits=2)
        lacks = []
        if heads:
            lacks.append(Text(f"人数还差 {heads} 人", heads_words(heads).en))
        if short[f"{what}_area"]:
            lacks.append(Text(f"面积还差 {area} m²", f"{area} m²"))
        if lacks:
            zh, en = "，".join(x.zh for x in lacks), " and ".join(x.en for x in lacks)
            out.append(Text(f"{doing.zh}的{zh}。", f"{en} more had to {doing.en}."))
    return out


def heads_words(n: int) -> Text:
    """Return a number of heads in words."""
    return Text(f"{n} 人", f"{n} head" if n == 1 else f"{n} heads")


def follows(rule_id: str, passed: bool) -> Text:
    """Return what can follow a count (docs/consent.md); the platform starts none of it."""
    if rule_id.startswith("signing."):
        return Text(
            "这是意愿征询，不是决定：谁也没有因此承担义务。",
            "This asks who is willing; it decides nothing and binds nobody.",
        )
    if passed:
        return Text(
            "决定对全体业主有约束力（民法典第 280 条）；认为侵害自己权益的业主可以请求法院撤销。",
            "The decision binds all owners (Civil Code art. 280); an owner whose rights it harms may ask a court to set it aside.",
        )
    return Text(
        "没有通过，什么也不发生。可以换一个方案，重新表决。",
        "It did not pass and nothing happens. It may be brought again with another proposal.",
    )
