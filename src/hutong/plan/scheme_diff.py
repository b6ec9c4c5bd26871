"""What changed between two versions of a scheme: choices, terms, money, consent, findings and law, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from hutong.plan.catalogue import load_offers
from hutong.plan.document import Choice, SchemeDocument
from hutong.plan.money_words import party_title
from hutong.plan.results import PARTIES, Measure
from hutong.plan.review import Review
from hutong.text import Text, number, percent, yuan

#: Columns of :attr:`SchemeDiff.objects`; yuan and shares are after less before, NaN where an object has no choice.
OBJECT_COLUMNS = (
    "object_id", "name", "change", "added", "dropped", "offer_before", "offer_after", "year_before", "year_after",
    "public_yuan", "owner_yuan", "acceptance_before", "acceptance_after", "pass_before", "pass_after",
)  # fmt: skip
#: Money below this does not count as changed (rounding of whole yuan over years).
_YUAN = 1.0
_SHARE = 5e-4


@dataclass(frozen=True)
class SchemeDiff:
    """The difference of two versions.

    ``objects`` has a row per object whose choice changed; ``money`` what each party pays net over all years, before
    and after; ``lines`` the whole in words, most important first.
    """

    before: str
    after: str
    objects: pd.DataFrame
    money: pd.DataFrame
    lines: tuple[Text, ...]

    @property
    def same(self) -> bool:
        """Whether both are one version."""
        return self.before == self.after


def diff_schemes(before: Review, after: Review, measures: Sequence[Measure]) -> SchemeDiff:
    """Return what changed from one reviewed version of a scheme to another."""
    objects = pd.DataFrame(list(_objects(before, after)), columns=list(OBJECT_COLUMNS))
    money = _money(before, after)
    titles = {m.id: m.title for m in measures}
    lines = (
        *_document_lines(before.document, after.document),
        *_object_lines(objects, titles),
        *_money_lines(money, before, after),
        *_consent_lines(before, after),
        *_finding_lines(before, after),
        *_law_lines(before, after),
    )
    if not lines:
        lines = (Text("两个版本相同。", "The two versions are the same."),)
    return SchemeDiff(before.document.version, after.document.version, objects, money, lines)


def _objects(before: Review, after: Review) -> Iterator[tuple[object, ...]]:
    a, b = before.document.choices, after.document.choices
    rows = [r.scheme.choices.set_index("object_id") for r in (before, after)]
    for object_id in sorted(set(a) | set(b)):
        old, new = a.get(object_id), b.get(object_id)
        if old == new:
            continue
        change = "added" if old is None else "removed" if new is None else "changed"
        had, has = (set(c.measures) if c else set() for c in (old, new))
        cells = [t.loc[object_id] if object_id in t.index else None for t in rows]
        name = next(str(c["name"]) for c in cells if c is not None)

        def of(column: str, cells: list[pd.Series | None] = cells) -> list[float]:
            return [float("nan") if c is None else float(c[column]) for c in cells]

        def gain(column: str, cells: list[pd.Series | None] = cells) -> float:
            first, last = (0.0 if c is None else float(c[column]) for c in cells)
            return last - first

        yield (
            object_id, name, change, "+".join(sorted(has - had)), "+".join(sorted(had - has)), _offer(old), _offer(new),
            *(c.year if c else float("nan") for c in (old, new)), gain("public_yuan"), gain("owner_yuan"),
            *of("acceptance"), *of("pass_probability"),
        )  # fmt: skip


def _offer(choice: Choice | None) -> str:
    return "" if choice is None else choice.offer


def _money(before: Review, after: Review) -> pd.DataFrame:
    """Return what each party receives less what it pays over all years, undiscounted."""
    table = pd.DataFrame(index=pd.Index(PARTIES, name="party"))
    for name, review in (("before", before), ("after", after)):
        flows = review.scheme.flows
        got = flows.groupby("payee", observed=True)["yuan"].sum().reindex(PARTIES, fill_value=0.0)
        paid = flows.groupby("payer", observed=True)["yuan"].sum().reindex(PARTIES, fill_value=0.0)
        table[name] = got - paid
    table["change"] = table["after"] - table["before"]
    return table.reset_index()


def _document_lines(a: SchemeDocument, b: SchemeDocument) -> Iterator[Text]:
    named = (
        ("terms", Text("约定", "term")),
        ("budget", Text("预算", "budget")),
    )
    for part, word in named:
        old: Mapping[str, float] = getattr(a, part)
        new: Mapping[str, float] = getattr(b, part)
        for key in sorted(set(old) | set(new)):
            if old.get(key) != new.get(key):
                first, last = (
                    "–" if v is None else number(v, digits=0 if v >= 10 or v == int(v) else 2)
                    for v in (old.get(key), new.get(key))
                )
                title = _KEYS.get(key, Text(key, key))
                yield Text(f"{word.zh}：{title.zh} {first} → {last}。", f"{word.en.capitalize()}: {title.en} {first} → {last}.")  # fmt: skip
    if a.far_bonus != b.far_bonus:
        first, last = percent(a.far_bonus, digits=1), percent(b.far_bonus, digits=1)
        yield Text(
            f"政策工具：容积率奖励 {first} → {last}。", f"Instrument: floor-area bonus {first} → {last}."
        )
    for object_id in sorted(set(a.uncounted) | set(b.uncounted)):
        if a.uncounted.get(object_id) != b.uncounted.get(object_id):
            yield Text(
                f"政策工具：{object_id} 的不计容面积有变化。",
                f"Instrument: uncounted floor area of {object_id} changed.",
            )
    for rule in sorted(set(a.justifications) | set(b.justifications)):
        if a.justifications.get(rule) != b.justifications.get(rule):
            yield Text(f"理由：{rule} 的说明有变化。", f"Reason: the justification of {rule} changed.")


_KEYS = {
    "concession_years": Text("经营年限（年）", "years of operation"),
    "surplus_share_owners": Text("超额收益归业主的比例", "owners' share of the surplus"),
    "city": Text("市级（元）", "city, yuan"),
    "district": Text("区级（元）", "district, yuan"),
}


def _object_lines(objects: pd.DataFrame, titles: Mapping[str, Text]) -> Iterator[Text]:
    offers = {o.id: o.title for o in load_offers()}
    for row in objects.itertuples(index=False):
        parts = []
        if row.change == "removed":
            parts.append(Text("不再安排工程", "nothing is done any more"))
        if row.added:
            names = [titles[m] for m in row.added.split("+")]
            parts.append(Text(f"增加{'、'.join(n.zh for n in names)}", f"adds {', '.join(n.en for n in names)}"))  # fmt: skip
        if row.dropped and row.change != "removed":
            names = [titles[m] for m in row.dropped.split("+")]
            parts.append(Text(f"减去{'、'.join(n.zh for n in names)}", f"drops {', '.join(n.en for n in names)}"))  # fmt: skip
        if row.offer_after and row.offer_after != row.offer_before:
            new = offers[row.offer_after]
            parts.append(Text(f"供选条件改为“{new.zh}”", f"the offer is now “{new.en}”"))
        if row.year_before != row.year_after and row.change == "changed":
            parts.append(
                Text(
                    f"开工由第 {row.year_before:g} 年改为第 {row.year_after:g} 年",
                    f"begins in year {row.year_after:g} instead of {row.year_before:g}",
                )
            )
        for key, word in (("public_yuan", Text("公共资金", "public money")), ("owner_yuan", Text("业主", "owners"))):  # fmt: skip
            value = float(getattr(row, key))
            if abs(value) >= _YUAN:
                parts.append(Text(f"{word.zh} {_more(value, 'zh')}", f"{word.en} {_more(value, 'en')}"))
        first, last = float(row.pass_before), float(row.pass_after)
        if first == first and last == last and abs(first - last) > _SHARE:
            parts.append(
                Text(
                    f"通过概率 {percent(first, 'zh')} → {percent(last, 'zh')}",
                    f"chance to pass {percent(first)} → {percent(last)}",
                )
            )
        yield Text(
            f"{row.name}（{row.object_id}）：{'；'.join(p.zh for p in parts)}。",
            f"{row.name} ({row.object_id}): {'; '.join(p.en for p in parts)}.",
        )


def _more(value: float, lang: str) -> str:
    shown = yuan(abs(value), "zh" if lang == "zh" else "en")
    if lang == "zh":
        return f"{'增加' if value > 0 else '减少'} {shown}"
    return f"{'+' if value > 0 else '−'}{shown}"


def _money_lines(money: pd.DataFrame, before: Review, after: Review) -> Iterator[Text]:
    for row in money.itertuples(index=False):
        if row.party != "outside" and abs(row.change) >= _YUAN:
            name = party_title(row.party)
            yield Text(
                f"{name.zh}（全部年份净额）：{yuan(row.before, 'zh')} → {yuan(row.after, 'zh')}（{_more(row.change, 'zh')}）。",
                f"{name.en[:1].upper()}{name.en[1:]} (net over all years): {yuan(row.before)} → {yuan(row.after)} ({_more(row.change, 'en')}).",
            )
    first, last = (r.scheme.totals["operator_irr"] for r in (before, after))
    if first != last and not (first != first and last != last):
        yield Text(
            f"实施主体收益率：{percent(first, 'zh', 2)} → {percent(last, 'zh', 2)}。",
            f"Operator's return: {percent(first, digits=2)} → {percent(last, digits=2)}.",
        )


def _consent_lines(before: Review, after: Review) -> Iterator[Text]:
    first, last = (r.scheme.totals["consent_expected"] for r in (before, after))
    if abs(first - last) > _SHARE or (first == first) != (last == last):
        yield Text(
            f"预计通过（按户平均）：{percent(first, 'zh', 1)} → {percent(last, 'zh', 1)}。",
            f"Expected to pass (mean over homes): {percent(first, digits=1)} → {percent(last, digits=1)}.",
        )
    first, last = (r.scheme.totals["households_leaving"] for r in (before, after))
    if round(first) != round(last):
        yield Text(
            f"预计自愿迁出：{number(first, 'zh')} → {number(last, 'zh')} 户。",
            f"Households expected to leave by choice: {number(first)} → {number(last)}.",
        )


def _finding_lines(before: Review, after: Review) -> Iterator[Text]:
    key = ["indicator", "place_id"]
    both = before.findings.merge(after.findings, on=key, suffixes=("", "_after"))
    for state, word in (("mended", Text("解决的问题", "Findings mended")), ("partly", Text("部分改善的问题", "Findings partly mended"))):  # fmt: skip
        first, last = int((both["state"] == state).sum()), int((both["state_after"] == state).sum())
        if first != last:
            yield Text(f"{word.zh}：{first} → {last} 项。", f"{word.en}: {first} → {last}.")


def _law_lines(before: Review, after: Review) -> Iterator[Text]:
    old, new = ({v.rule: v for v in r.report.violations} for r in (before, after))
    for rule in sorted(set(new) - set(old)):
        v = new[rule]
        where = f"{v.source} {v.article}".strip()
        yield Text(f"新增违规：{v.message.zh}（{where}）", f"New violation: {v.message.en} ({where})")
    for rule in sorted(set(old) - set(new)):
        v = old[rule]
        yield Text(f"不再违规：{v.message.zh}", f"No longer a violation: {v.message.en}")
    first, last = ({b.row for b in r.limits} for r in (before, after))
    titles = {b.row: b.title for r in (before, after) for b in r.limits}
    for row in sorted(last - first):
        yield Text(f"新超出的限制：{titles[row].zh}。", f"Limit now passed: {titles[row].en}.")
    for row in sorted(first - last):
        yield Text(f"不再超出：{titles[row].zh}。", f"Limit no longer passed: {titles[row].en}.")
