"""Which papers a household needs: of everybody, of this home's gaps, and when somebody else acts or the lessee has died."""

from __future__ import annotations

from hutong.agree.home_facts import HomeFacts
from hutong.agree.home_statement import Line, Part, home_words
from hutong.sense.title_rule import gap_book
from hutong.text import Text

#: Gaps that say that nothing is on record, not what is.
_NOT_KNOWN = ("tenure_unknown", "state_unknown", "area_unknown", "holder_unknown", "unit_unknown")


def paper_part(facts: HomeFacts) -> Part:
    """Return the papers that the household brings, and what clears each gap that keeps the home off its roll."""
    words, lines = home_words()["papers"], []
    for name in facts.gaps:
        gap = gap_book()[name]
        if name in _NOT_KNOWN:
            unknown = Text(
                f"{gap.title.zh}，所以暂时不能列入名册；这里没有登记，以证件为准。需要：{gap.documents.zh}。",
                f"Held back from the roll for now, since {gap.title.en}: nothing is on record here, and the papers decide. Needed: {gap.documents.en}.",
            )
            lines.append(Line(unknown, "unknown", ask=gap.who))
            continue
        said = Text(
            f"这处住房暂时不能列入名册：{gap.title.zh}。需要：{gap.documents.zh}。",
            f"This home is held back from the roll for now: {gap.title.en}. Needed: {gap.documents.en}.",
        )
        source = Text("权属台账；材料为通行做法", "register of titles; the papers are practice")
        lines.append(Line(said, "fact", source, gap.who))
    if facts.roll:
        listed = [Text.of(p) for p in words[facts.roll]]
        zh, en = "；".join(p.zh for p in listed), "; ".join(p.en for p in listed)
        lines.append(Line(Text(f"请带：{zh}。", f"Bring {en}."), "rule", Text.of(words["source"])))
    else:
        gap = gap_book()["tenure_unknown"]
        lines.append(Line(Text("产权类型未知，材料也就说不准。", "The tenure is unknown, and with it the papers."), "unknown", ask=gap.who))  # fmt: skip
    return Part("papers", tuple(lines))


def acting_part(facts: HomeFacts) -> Part:
    """Return what is needed when children act for their parents, and of a public home when the lessee has died."""
    words = home_words()
    lines = [Line(Text.of(x["said"]), "rule", Text.of(x["source"])) for x in words["acting"]]
    if facts.roll == "lessees":
        lines.append(
            Line(Text.of(words["died"]["said"]), "rule", Text.of(words["died"]["source"]), _unit(facts))
        )
    return Part("acting", tuple(lines))


def _unit(facts: HomeFacts) -> Text:
    return Text(facts.unit or "管理单位", facts.unit or "the managing unit")
