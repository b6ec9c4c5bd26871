"""Why a scheme does this here: the findings, the standard, the effect, who must agree, and what else was open.

It holds for schemes that were solved for and for those made by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hutong.errors import HutongError
from hutong.plan.catalogue_words import MATTERS
from hutong.plan.condition import evaluate
from hutong.plan.draft import Draft
from hutong.plan.needs import addresses
from hutong.plan.options import lawful
from hutong.plan.planner_file import near
from hutong.plan.results import BENEFITS, Measure
from hutong.plan.review import Review
from hutong.plan.studio import Studio
from hutong.text import Text, number, percent, yuan

_REASONS = {
    "old_city": Text("老城内不得拆除", "nothing may be demolished in the old city"),
    "heritage": Text("保护对象不得拆除", "what is protected may not be demolished"),
    "height": Text("将超过限高", "it would be too high"),
    "reserved": Text("战略留白用地", "it stands on reserved land"),
    "idle_floor": Text("闲置用房不足", "there is not enough idle room"),
}
_MOST_FINDINGS = 6


@dataclass(frozen=True, slots=True)
class Rejected:
    """A measure that could be thought of here and is not in the scheme, and why: a sentence that stands behind its title."""

    measure: Measure
    kind: str  # not_needed | unknown_need | excluded | unlawful | unlikely | open
    why: Text


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation of one object of a scheme, part by part."""

    object_id: str
    name: Text
    what: Text
    findings: tuple[Text, ...]
    money: Text
    consent: tuple[Text, ...]
    rejected: tuple[Rejected, ...]
    instead: Text

    def lines(self) -> tuple[Text, ...]:
        """Return the whole as sentences in reading order."""
        rejected = (
            Text(f"未选：{r.measure.title.zh}：{r.why.zh}", f"Not chosen: {r.measure.title.en}: {r.why.en}")
            for r in self.rejected
        )
        parts = [self.what, *self.findings, self.money, *self.consent, self.instead, *rejected]
        return tuple(p for p in parts if p.zh)


def explain_choice(studio: Studio, review: Review, object_id: str) -> Why:
    """Return why a scheme does what it does at an object.

    Raises
    ------
    HutongError
        ``unknown-object``.
    """
    objects = studio.objects
    row = objects.row_of_id.get(object_id)
    if row is None:
        hint = near(object_id, [*objects.row_of_id, *objects.names]).removeprefix("; near it: ")
        raise HutongError(
            "unknown-object",
            Text(f"片区里没有对象 {object_id!r}。", f"There is no object {object_id!r} in this quarter."),
            Text(
                f"相近的编号：{hint or '无'}。",
                f"Ids near it: {hint or 'none'}.",
            ),
        )
    choice = review.document.choices.get(object_id)
    by_id = {m.id: m for m in studio.measures}
    package = () if choice is None else tuple(by_id[m] for m in sorted(choice.measures))
    name = objects.titles[row]
    if choice is None:
        what = Text(f"{name.zh}：本方案不安排工程。", f"{name.en}: this scheme leaves it as it is.")
        money = Text("", "")
        consent: tuple[Text, ...] = ()
    else:
        offer = next(o.title for o in studio.offers if o.id == choice.offer)
        titles = [m.title for m in package]
        what = Text(
            f"{name.zh}：{'、'.join(t.zh for t in titles)}（{offer.zh}）。",
            f"{name.en}: {', '.join(t.en for t in titles)} ({offer.en}).",
        )
        money = _money(review, object_id)
        consent = tuple(_consent(review, object_id, package))
    return Why(
        object_id,
        name,
        what,
        tuple(_findings(studio, review, row, package)),
        money,
        consent,
        tuple(_rejected(studio, row, package)),
        _instead(studio, review, row, object_id),
    )


def _findings(studio: Studio, review: Review, row: int, package: tuple[Measure, ...]) -> Iterator[Text]:
    """Name the findings at an object that its measures mend, or that nothing chosen here mends."""
    objects = studio.objects
    places = {objects.ids[row], objects.ids[objects.estate[row]], str(objects.block[row]) if row < len(objects.block) else ""}  # fmt: skip
    indicators = {i.id: i for i in studio.check.indicators}
    seen = 0
    for f, after in zip(studio.reach.findings, review.findings.itertuples(index=False), strict=True):
        if f.place_id not in places and objects.ids[row] not in f.objects:
            continue
        by = [m.title for m in package if addresses(m, f.indicator)]
        if not by or seen == _MOST_FINDINGS:
            continue
        seen += 1
        i = indicators[f.indicator]
        value, standard = (_figure(v, i.unit) for v in (f.value, i.standard))
        then = "" if np.isnan(after.value_after) else f" → {_figure(after.value_after, i.unit)}"
        part = percent(after.mends)
        yield Text(
            f"针对“{i.title.zh}”（{f.place.zh}）：现状 {value}{then}，标准 {standard}；由{'、'.join(t.zh for t in by)}改善，全方案合计弥补差距的 {part}。",
            f"For “{i.title.en}” ({f.place.en}): {value}{then}, standard {standard}; mended by {', '.join(t.en for t in by)}; the whole scheme closes {part} of the gap.",
        )
    if package and not seen:
        yield Text(
            "这里没有它对应的体检问题：选它是为了效益或服务整个片区。",
            "No finding of the checkup here calls for it: it is chosen for its benefits or for the whole unit.",
        )


def _figure(value: float | None, unit: str) -> str:
    if value is None or np.isnan(value):
        return "–"
    return percent(value, digits=1) if unit == "ratio" else number(value, digits=2).rstrip("0").rstrip(".")


def _money(review: Review, object_id: str) -> Text:
    cell = review.scheme.choices.set_index("object_id").loc[object_id]
    capital, public = float(cell["capital_yuan"]), float(cell["public_yuan"])
    owner, operator = float(cell["owner_yuan"]), float(cell["operator_yuan"])
    homes = max(float(cell["dwellings"]), 1.0)
    return Text(
        f"投资 {yuan(capital, 'zh')}（每户 {yuan(capital / homes, 'zh')}），其中公共资金 {yuan(public, 'zh')}（含补偿），业主 {yuan(owner, 'zh')}，运营方 {yuan(operator, 'zh')}。",
        f"Works {yuan(capital)} ({yuan(capital / homes)} a home); public money {yuan(public)} (with compensation), owners {yuan(owner)}, operator {yuan(operator)}.",
    )


def _consent(review: Review, object_id: str, package: tuple[Measure, ...]) -> Iterator[Text]:
    cell = review.scheme.choices.set_index("object_id").loc[object_id]
    for matter in dict.fromkeys(m.matter for m in package):
        titles = [m.title for m in package if m.matter == matter]
        word = MATTERS[matter]
        yield Text(
            f"{'、'.join(t.zh for t in titles)}：{word.zh}。",
            f"{', '.join(t.en for t in titles)}: {word.en}.",
        )
    if any(m.matter in ("ordinary", "special", "signing") for m in package):
        share, passing = float(cell["acceptance"]), float(cell["pass_probability"])
        yield Text(
            f"预计户均接受度 {percent(share, 'zh')}，通过概率 {percent(passing, 'zh')}（模型预测）。",
            f"Predicted acceptance {percent(share)}; chance that it passes {percent(passing)} (a model's prediction).",
        )
    leaving = float(cell["leaving"])
    if leaving == leaving:
        yield Text(
            f"预计 {percent(leaving)} 的公房承租人自愿退租。",
            f"{percent(leaving)} of the public tenants are predicted to surrender, each by free choice.",
        )


def _rejected(studio: Studio, row: int, package: tuple[Measure, ...]) -> Iterator[Rejected]:
    """Say of every measure for this kind of object that is not chosen why it is not, or what it would take."""
    objects, options = studio.objects, studio.desk.options
    chosen = {m.id for m in package}
    here = np.flatnonzero(options.object == row)
    columns = {name: values[[row]] for name, values in objects.columns.items()}
    kind = ("building", "courtyard", "estate")[objects.kind[row]]
    public = studio.public_yuan
    for at, m in enumerate(studio.measures):
        if m.id in chosen or m.applies_to != kind:
            continue
        clash = [c.title for c in package if m.id in c.excludes or c.id in m.excludes]
        if not evaluate(m.condition, columns)[0] or not np.nan_to_num(objects[m.quantity][row]) > 0:
            continue  # it is for something that is not so here
        if clash:
            why = Text(f"与{clash[0].zh}相互排斥。", f"it excludes {clash[0].en}.")
            yield Rejected(m, "excluded", why)
            continue
        with_it = here[options.packages[here, at]]
        if not with_it.size:
            yield _not_offered(studio, row, at, m)
            continue
        least = with_it[np.argmin(options.packages[with_it].sum(axis=1) * 1e12 + public[with_it])]
        alone = [t.title for i, t in enumerate(studio.measures) if options.packages[least, i] and i != at]
        company = f"（须与{'、'.join(t.zh for t in alone)}同做）" if alone else ""
        company_en = f" with {', '.join(t.en for t in alone)}" if alone else ""
        yield Rejected(
            m,
            "open",
            Text(
                f"可行{company}，需公共资金 {yuan(float(public[least]), 'zh')}。",
                f"open{company_en}, at {yuan(float(public[least]))} of public money.",
            ),
        )


def _not_offered(studio: Studio, row: int, at: int, m: Measure) -> Rejected:
    """Say why a measure that would be needed is offered in no option: law, or the people."""
    packages = np.zeros((1, len(studio.measures)), bool)
    packages[0, at] = True
    for i, other in enumerate(studio.measures):
        packages[0, i] |= other.id in m.requires
    draft = Draft(studio.objects, studio.measures, studio.offers, np.array([row]), packages, np.array([0]))
    allowed, counts = lawful(draft, studio.rules)
    if not allowed[0]:
        rule = next(k for k, n in counts.items() if n)
        why = _REASONS[rule]
        return Rejected(m, "unlawful", Text(f"{why.zh}。", f"{why.en}."))
    why = Text("预计难以获得同意，未作为备选。", "not likely to be agreed to, so it is not offered.")
    return Rejected(m, "unlikely", why)


def _instead(studio: Studio, review: Review, row: int, object_id: str) -> Text:
    """Name the option laid out here that brings most, and what it would take more."""
    options = studio.desk.options
    here = np.flatnonzero(options.object == row)
    if not here.size:
        return Text("这里没有可提供的备选项。", "No option could be offered here.")
    total = studio.desk.benefits.share[here].sum(axis=1)
    best = int(here[np.argmax(total)])
    cell = review.scheme.choices[review.scheme.choices["object_id"] == object_id]
    mine = float(cell[[f"benefit_{b}" for b in BENEFITS]].sum(axis=1).sum()) if len(cell) else 0.0
    spent = float(cell["public_yuan"].sum())
    count = Text(f"共有 {number(here.size)} 个备选项。", f"{number(here.size)} options are open here. ")
    if float(total.max()) <= mine * (1 + 1e-9):
        return Text(f"{count.zh}没有效益更高的备选项。", f"{count.en}None brings more.")
    names = [studio.measures[i].title for i in np.flatnonzero(options.packages[best])]
    offer = studio.offers[options.offer[best]].title
    more = float(studio.public_yuan[best]) - spent
    return Text(
        f"{count.zh}效益最高的是{'、'.join(t.zh for t in names)}（{offer.zh}），公共资金{'多' if more >= 0 else '少'} {yuan(abs(more), 'zh')}。",
        f"{count.en}The one with most benefit ({', '.join(t.en for t in names)}; {offer.en}) takes {yuan(abs(more))} {'more' if more >= 0 else 'less'} public money.",
    )
