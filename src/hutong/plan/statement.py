"""What a scheme means for one dwelling, on one page: what changes, what you pay and get, how long, and your choices.

It says what is predicted of measures and money, never what a household is predicted to answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hutong.errors import HutongError
from hutong.plan.acceptance import Households, households_of
from hutong.plan.catalogue import Offer, load_assumptions
from hutong.plan.catalogue_words import MATTERS
from hutong.plan.document import SchemeDocument
from hutong.plan.draft import Draft
from hutong.plan.objects import TENURES
from hutong.plan.options import Options, asks_of
from hutong.plan.picks import Pick, read_picks
from hutong.plan.planner_file import near
from hutong.plan.results import Measure
from hutong.plan.review import Review
from hutong.plan.studio import Studio
from hutong.plan.units import span
from hutong.rules import NO_COMPULSION, Procedure, load_procedures, procedure_of
from hutong.text import Text, number, yuan

#: The procedure under which a lease in a courtyard may be given up.
SURRENDER = "courtyard_surrender"
#: Years in which works are built (the calendar of payments).
BUILD_YEARS = 2
_MOST_HOLDOUTS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a statement: its question and the answers."""

    id: str
    title: Text
    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class DwellingStatement:
    """A statement for one dwelling under one version of a scheme; ``touched`` says whether it does anything there."""

    dwelling_id: str
    place: Text
    tenure: Text
    scheme: Text
    version: str
    parts: tuple[Part, ...]
    touched: bool


#: What is chosen for a building and its estate, what it does to households, and the years in which works begin.
_Done = tuple[Options, Households, tuple[int, ...]]


@dataclass(frozen=True)
class _Home:
    """One household and what is chosen for its building and its estate."""

    row: int  # among the households
    tenure: str
    leased: bool
    area_m2: float
    chosen: Options  # of its building and its estate, at most one each
    done: Households
    starts: tuple[int, ...]
    studio: Studio

    def packages(self) -> Iterator[tuple[Sequence[Measure], Offer, int]]:
        """Yield the measures, the offer and the year of start of its building and of its estate."""
        for i, start in enumerate(self.starts):
            on = self.chosen.packages[i]
            yield (
                [m for m, has in zip(self.studio.measures, on, strict=True) if has],
                self.chosen.offers[self.chosen.offer[i]],
                start,
            )

    @property
    def measures(self) -> list[Measure]:
        """Everything that is done there."""
        return [m for package, _, _ in self.packages() for m in package]


def statement_for(studio: Studio, review: Review, dwelling_id: str) -> DwellingStatement:
    """Return what a scheme means for one dwelling.

    Raises
    ------
    HutongError
        ``unknown-dwelling``, also for one that stands in no object of the plan.
    """
    row, document = _row_of(studio, dwelling_id), review.document
    return _statement(_home(studio, document, _picks(studio, document), row, {}), document)


def statements(studio: Studio, document: SchemeDocument) -> Iterator[DwellingStatement]:
    """Yield what a scheme means for each dwelling of the plan, as :func:`statement_for` says it of one.

    What is chosen for a building and its estate is weighed once for all that live there.
    """
    kept: dict[tuple[int, int], _Done] = {}
    every = _picks(studio, document)
    for row in range(len(studio.objects.households.dwelling)):
        yield _statement(_home(studio, document, every, row, kept), document)


def _statement(home: _Home, document: SchemeDocument) -> DwellingStatement:
    studio = home.studio
    procedure = procedure_of(home.tenure, studio.rules)
    tenure = Text(home.tenure, home.tenure) if procedure is None else procedure.title
    parts = (
        Part("changes", Text("会有什么变化", "What changes"), tuple(_changes(home))),
        Part("pays", Text("您付多少", "What you pay"), tuple(_pays(home))),
        Part("gets", Text("您得到什么", "What you get"), tuple(_gets(home))),
        Part("takes", Text("多久、多大影响", "How long"), tuple(_takes(home))),
        Part("choices", Text("您的选择", "Your choices"), tuple(_choices(home))),
        Part("refusal", Text("如果您不同意", "If you refuse"), tuple(_refusal(home, procedure))),
    )
    homes = studio.objects.households
    place = studio.objects.titles[int(homes.object[home.row])]
    ids = studio.city["dwellings"]["dwelling_id"]
    return DwellingStatement(
        str(ids.iloc[int(homes.dwelling[home.row])]),
        place,
        tenure,
        document.title,
        document.version,
        parts,
        bool(home.starts),
    )


def statement_text(statement: DwellingStatement, lang: str) -> str:
    """Return a statement as plain text in one language."""
    code = "zh" if lang == "zh" else "en"
    head = Text(
        f"{statement.place.zh} · {statement.dwelling_id}（{statement.tenure.zh}）\n方案：{statement.scheme.zh}，版本 {statement.version}",
        f"{statement.place.en} · {statement.dwelling_id} ({statement.tenure.en})\nScheme: {statement.scheme.en}, version {statement.version}",
    )
    out = [head.get(code)]  # type: ignore[arg-type]
    for part in statement.parts:
        out += ["", part.title.get(code), *(f"- {line.get(code)}" for line in part.lines)]  # type: ignore[arg-type]
    return "\n".join(out) + "\n"


def _row_of(studio: Studio, dwelling_id: str) -> int:
    ids = studio.city["dwellings"]["dwelling_id"].astype(str).to_numpy()
    at = np.flatnonzero(ids[studio.objects.households.dwelling] == dwelling_id)
    if not at.size:
        hint = near(dwelling_id, ids.tolist()).removeprefix("; near it: ")
        raise HutongError(
            "unknown-dwelling",
            Text(f"没有住房 {dwelling_id!r}。", f"There is no dwelling {dwelling_id!r}."),
            Text(f"相近的编号：{hint or '无'}。", f"Ids near it: {hint or 'none'}."),
        )
    return int(at[0])


def _picks(studio: Studio, document: SchemeDocument) -> list[Pick]:
    return list(read_picks(document, studio.objects, studio.measures, studio.offers, studio.city.meta))


def _home(
    studio: Studio, document: SchemeDocument, every: list[Pick], row: int, kept: dict[tuple[int, int], _Done]
) -> _Home:
    """Return a household with what is chosen for its building and estate; ``kept`` holds what was weighed before."""
    homes = studio.objects.households
    mine = (int(homes.object[row]), int(homes.estate[row]))
    if mine not in kept:
        kept[mine] = _done(studio, document, [p for p in every if p.row in mine])
    area = float(homes.area_cm2[row]) / 1e4
    return _Home(row, TENURES[homes.tenure[row]], bool(homes.leased[row]), area, *kept[mine], studio)


def _done(studio: Studio, document: SchemeDocument, picks: list[Pick]) -> _Done:
    objects, chosen = studio.objects, studio.weighed(picks)
    draft = Draft(objects, studio.measures, studio.offers, chosen.object, chosen.packages, chosen.offer)
    done = households_of(objects, studio.measures, asks_of(draft))
    return chosen, done, tuple(document.choices[objects.ids[p.row]].year for p in picks)


def _changes(home: _Home) -> Iterator[Text]:
    objects = home.studio.objects
    for i, (package, offer, _) in enumerate(home.packages()):
        place = objects.titles[home.chosen.object[i]]
        yield Text(
            f"{place.zh}：{'、'.join(m.title.zh for m in package)}。条件：{offer.title.zh}。",
            f"{place.en}: {', '.join(m.title.en for m in package)}. Terms: {offer.title.en}.",
        )
    if not home.starts:
        yield Text("这个方案不涉及您的住房和小区。", "This scheme does nothing at your home or estate.")


def _pays(home: _Home) -> Iterator[Text]:
    cost = float(home.done.cost[home.row])
    if home.leased:
        yield Text(
            "您是承租人：工程费由产权单位和财政承担，您不分摊。",
            "You are a tenant: the managing unit and the public budget pay for the works, you do not.",
        )
    elif cost < 1:
        yield Text("您不需要出资。", "You pay nothing.")
    else:
        paid = [m for m in home.measures if m.owners_pay and m.capital > 0]
        low = cost * min(m.capital_low / m.capital for m in paid)
        high = cost * max(m.capital_high / m.capital for m in paid)
        yield Text(
            f"一次性约 {yuan(cost, 'zh')}，按造价区间为 {span(low, high, 'zh')}（造价为假设，以决算为准）。",
            f"About {yuan(cost)} once, {span(low, high, 'en')} over the range of costs (assumed; the final account decides).",
        )
    if any(m.income_to == "owners" for m in home.measures):
        yield Text(
            "共有部分的收入归全体业主，可补充维修资金。",
            "Income from common parts is the owners' and may go to the maintenance fund.",
        )


def _gets(home: _Home) -> Iterator[Text]:
    gain = float(home.done.gain[home.row])
    if not home.starts:
        yield Text("没有变化。", "Nothing changes.")
        return
    if gain > 0:
        yield Text(
            f"改善折合约 {yuan(gain, 'zh')}（按住户类型估算的假设值，不是付款）。",
            f"The improvement is worth about {yuan(gain)} to a household like yours (an assumption; no payment).",
        )
    else:
        yield Text(
            "没有计入您家的直接收益（例如空置房）。",
            "No direct gain to your home is counted (it may stand empty).",
        )
    for package, offer, _ in home.packages():
        if any(m.matter == "surrender" for m in package) and home.leased:
            yield _compensation(home, offer)
        if any(m.demolishes and m.relocates for m in package):
            v = load_assumptions()
            rent = home.area_m2 * v["temporary_rent_yuan_m2_month"].value
            yield Text(
                f"重建期间临时租房补贴约每月 {yuan(rent, 'zh')}（来源：{v['temporary_rent_yuan_m2_month'].source.zh}），重建后回迁。",
                f"About {yuan(rent)} a month for a temporary home while it is rebuilt (source: {v['temporary_rent_yuan_m2_month'].source.en}); then you move back.",
            )


def _compensation(home: _Home, offer: Offer) -> Text:
    """Say what surrender would bring, as the planner reckons it: placeholders, never an offer."""
    v = {k: a.value for k, a in load_assumptions().items()}
    if offer.near:
        floor, grant = home.area_m2 * v["near_area_factor"], v["near_award_yuan"]
        return Text(
            f"若您申请换租：片区内约 {number(floor, 'zh')} ㎡ 的成套住房，另补助 {yuan(grant, 'zh')}（占位假设，不是报价）。",
            f"If you apply to move nearby: a self-contained home of about {number(floor)} m² and a grant of {yuan(grant)} (placeholders, no offer).",
        )
    price = v["surrender_price_yuan_m2"] - v["replacement_yuan_m2"]
    money = offer.compensation * price * home.area_m2 + v["surrender_award_yuan"]
    return Text(
        f"若您申请退租：按公式约 {yuan(money, 'zh')}（市场价与奖励均为占位假设，不是报价，以评估和协议为准）。",
        f"If you surrender the lease: about {yuan(money)} by the formula (price and award are placeholders; no offer; valuation and agreement decide).",
    )


def _takes(home: _Home) -> Iterator[Text]:
    if not home.starts:
        yield Text("没有工程。", "There are no works.")
        return
    start = min(home.starts)
    yield Text(
        f"计划从第 {start + 1} 年开始，工程两年内完成。" if start else "计划从第一年开始，工程两年内完成。",
        f"Planned to begin in year {start + 1} and to be done within {BUILD_YEARS} years.",
    )
    strongest = max(home.measures, key=lambda m: m.disruption)
    level = next(t for limit, t in _LEVELS if strongest.disruption <= limit)
    yield Text(
        f"施工影响{level.zh}，主要来自{strongest.title.zh}。",
        f"Disturbance is {level.en}, mostly from {strongest.title.en[:1].lower()}{strongest.title.en[1:]}.",
    )
    if not any(m.relocates for m in home.measures):
        yield Text("方案里没有要您搬出去的工程。", "None of the works makes you move out.")
    if any(m.demolishes and m.relocates for m in home.measures):
        months = load_assumptions()["rebuild_months"]
        yield Text(
            f"需要搬出约 {months.value:g} 个月（{months.source.zh}）。",
            f"You would live elsewhere for about {months.value:g} months ({months.source.en}).",
        )


_LEVELS = (
    (0.1, Text("很小", "slight")), (0.3, Text("较小", "small")), (0.6, Text("明显", "marked")),
    (1.0, Text("很大", "heavy")),
)  # fmt: skip


def _choices(home: _Home) -> Iterator[Text]:
    surrender = {m.id for m in home.measures if m.matter == "surrender"}
    asked: dict[tuple[str, bool], list[Measure]] = {}
    for m in home.measures:
        if not surrender.intersection(
            m.requires
        ):  # what becomes of surrendered rooms is not the household's to decide
            asked.setdefault((m.matter, m.voluntary), []).append(m)
    for (matter, voluntary), listed in asked.items():
        zh, en = "、".join(m.title.zh for m in listed), ", ".join(m.title.en for m in listed)
        yield _choice(home, matter, voluntary, zh, en)
    if not asked:
        yield Text("不需要您作决定；您可以提出意见。", "Nothing is asked of you; you may say what you think.")


def _choice(home: _Home, matter: str, voluntary: bool, zh: str, en: str) -> Text:
    if matter == "surrender":
        if not home.leased:
            return Text(f"{zh}：只对公房承租人，不涉及您。", f"{en}: only for tenants of public housing; not yours.")  # fmt: skip
        return Text(
            f"{zh}：可以申请、留住，或申请后签约前撤回。",
            f"{en}: apply, stay, or withdraw before signing.",
        )
    if matter == "none" and voluntary:
        return Text(f"{zh}：自愿申请，可以不申请。", f"{en}: you may apply, or not.")
    if matter == "none":
        return Text(f"{zh}：不需表决，可以提意见。", f"{en}: no vote; you may object or comment.")
    if home.leased:
        return Text(
            f"{zh}：由产权单位表决或签字，同时征求您的意愿，您可以同意、不同意或不表态。",
            f"{en}: the managing unit votes or signs; you are asked, and may say yes, no or nothing.",
        )
    if matter == "signing":
        return Text(f"{zh}：可以签约或不签。", f"{en}: you may sign or not.")
    need = MATTERS[matter]
    return Text(
        f"{zh}：您可以赞成、反对或弃权；通过需{need.zh}。",
        f"{en}: vote for, against or not at all; it takes {need.en}.",
    )


def _refusal(home: _Home, procedure: Procedure | None) -> Iterator[Text]:
    if not home.starts:
        yield Text("没有需要您同意的事。", "There is nothing to agree to.")
        return
    followed = [] if procedure is None else [procedure]
    surrender = load_procedures(home.studio.rules).get(SURRENDER)
    if surrender is not None and any(m.matter == "surrender" for m in home.measures) and home.leased:
        followed.append(surrender)
    said: list[Text] = []
    for p in followed:
        steps = [s for s in p.steps.values() if s.holdout is not None]
        for step in steps[:_MOST_HOLDOUTS]:
            line = Text(f"{step.title.zh}：{step.holdout.zh}", f"{step.title.en}: {step.holdout.en}")  # type: ignore[union-attr]
            if line not in said:
                said.append(line)
        if "enforced" in p.outcomes_from(p.start):
            said.append(
                Text(
                    f"“{p.title.zh}”还有法定的后续路径（调解、决定、复议与诉讼），均由法定机关作出，期限和文件见程序说明。",
                    f"“{p.title.en}” has further statutory routes (mediation, decision, review, court), each taken by the bodies the law names; clocks and papers are in its procedure.",
                )
            )
    if not followed:
        said.append(
            Text(
                "这类产权的程序在本地规则中没有文件依据，请向街道了解。",
                "No document of this place gives the procedure of this tenure; ask the subdistrict.",
            )
        )
    yield from said
    yield NO_COMPULSION
