"""What a household in a lease surrender can do now and what follows, the days, and what it has if it stays."""

from __future__ import annotations

from collections.abc import Sequence

from hutong.agree.home_facts import HomeFacts, on_record
from hutong.agree.home_statement import Line, Part, home_words
from hutong.agree.offers import BY
from hutong.agree.offers import MOVES as TALK
from hutong.agree.surrender import MOVES, Step, improvements
from hutong.text import Text, written_day

#: What a lessee alone decides in a surrender.
_OWN = ("apply", "withdraw", "sign", "choose", "rescind")


def choice_part(state: str, talk: str) -> Part:
    """Return what a lessee can do now, each with what follows; to stay comes first and is always among them.

    Parameters
    ----------
    state, talk
        Where the application and the talk about its offer stand (``surrender.MOVES``, ``offers.MOVES``).
    """
    words = home_words()["follows"]
    talks = [e for e in TALK[talk] if BY.get(e, "holder") == "holder"] if state in ("assessed", "offered") else []  # fmt: skip
    own = [e for e in MOVES[state] if e in _OWN and (e != "sign" or talk == "agreed")]
    events = (["stay"] if state == "staying" else []) + list(dict.fromkeys((*talks, *own)))
    source = Text.of(words["source"])
    if not events:
        done = Text(
            "交房已经完成，没有要您决定的事了。",
            "The keys are handed over; nothing is left for you to decide.",
        )
        return Part("choices", (Line(done, "rule", source),))
    return Part("choices", tuple(Line(Text.of(words[e]), "rule", source) for e in events if e in words))


def when_part(steps: Sequence[Step], project: Text, ask: Text) -> Part:
    """Return the steps of a surrender with their days; those that nobody has set are unknown."""
    source = Text(f"{project.zh}公告", f"announcement of {project.en}")
    lines = [
        Line(
            Text(f"{s.title.zh}：{written_day(s.starts).zh}至{written_day(s.ends).zh}（{s.who.zh}）。", f"{s.title.en}: {written_day(s.starts).en} to {written_day(s.ends).en} ({s.who.en})."),
            "offer", source,
        )
        for s in steps
        if s.starts and s.ends
    ]  # fmt: skip
    unset = [s for s in steps if not s.starts]
    if unset:
        zh, en = "、".join(s.title.zh for s in unset), ", ".join(s.title.en.lower() for s in unset)
        lines.append(Line(Text(f"日期未知：{zh}。", f"Days not known: {en}."), "unknown", ask=ask))
    return Part("when", tuple(lines))


def staying_part(facts: HomeFacts, ask: Text) -> Part:
    """Return what staying brings: lease and rent as they are, and the improvements that this home may ask for."""
    words = improvements()
    lines = [
        Line(Text.of(home_words()["follows"]["stay"]), "rule", Text.of(home_words()["follows"]["source"]))
    ]
    for name, column in (("kitchen", "own_kitchen"), ("toilet", "own_toilet")):
        has, title = getattr(facts, column), words[name]
        if has is None:
            lines.append(Line(Text(f"可否申请{title.zh}未知：不知道您家有没有。", f"Whether you may ask for {title.en} is unknown: it is not known whether the home has one."), "unknown", ask=ask))  # fmt: skip
        elif not has:
            lines.append(on_record(facts, column, Text(f"您家没有，可以申请：{title.zh}。", f"Your home has none; you may ask for {title.en}.")))  # fmt: skip
    if facts.courtyard:
        title = words["courtyard"]
        lines.append(Line(Text(f"可以和同院的人家一起申请：{title.zh}。", f"With the others of the courtyard you may ask for {title.en}."), "rule", Text("申请式改善惯例（通行认识）", "practice of improvement on application (commonly known)")))  # fmt: skip
    return Part("staying", tuple(lines))


def meanwhile_part(ask: Text) -> Part:
    """Return where the household of a surrender lives until it hands over the keys, and what is not known after."""
    return Part(
        "meanwhile",
        (
            Line(Text("交房以前，一直住在现在的家里。", "Until you hand over the keys you live where you live now."), "rule", Text.of(home_words()["follows"]["source"])),
            Line(Text("新房如果还没建好，过渡期住哪里、谁付租金：未知。", "If the new home is not ready: where you would live between, and who pays the rent, is unknown."), "unknown", ask=ask),
        ),
    )  # fmt: skip
