"""All that a list of requests tells, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.requests.classify import Model, classify
from hutong.sense.requests.duplicates import near_duplicates
from hutong.sense.requests.forecast import Forecast, forecast
from hutong.sense.requests.places import repeat_places
from hutong.sense.requests.rates import RATE_TITLES, in_time, rates, scored
from hutong.sense.requests.read import Requests
from hutong.sense.requests.surges import surges
from hutong.sense.requests.taxonomy import Taxonomy, load_taxonomy
from hutong.sense.requests.topics import RECENT_WEEKS, hot_topics
from hutong.sense.requests.weeks import weekly
from hutong.text import Text, number, percent

#: A surge is told when it is likelier than not.
LIKELY = 0.5


@dataclass(frozen=True)
class Analysis:
    """What requests tell. ``classes`` is aligned with the scored requests (category, margin, method)."""

    requests: Requests
    inquiries: int
    nature_stated: float  # share of rows whose nature a column states
    classes: pd.DataFrame
    duplicates: pd.DataFrame
    topics: pd.DataFrame
    places: pd.DataFrame
    rates: pd.DataFrame
    by: str
    forecast: Forecast | None
    surges: pd.DataFrame
    taxonomy: Taxonomy
    notes: tuple[Text, ...]

    def counts(self) -> pd.DataFrame:
        """Return requests by category, most first, with the department that usually handles it."""
        number_of = (
            self.classes["category"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        )
        found = [self.taxonomy.find(str(c)) for c in number_of.index]
        return pd.DataFrame(
            {
                "category": number_of.index,
                "requests": number_of.to_numpy(),
                "share": number_of.to_numpy() / max(len(self.classes), 1),
                "title_zh": [self.taxonomy.title(str(c)).zh for c in number_of.index],
                "title_en": [self.taxonomy.title(str(c)).en for c in number_of.index],
                "department_zh": [f.department.zh if f else None for f in found],
                "department_en": [f.department.en if f else None for f in found],
            }
        )

    def data(self) -> dict[str, Any]:
        """Return the result as plain data: counts, rates and proposals, no text of any request."""
        ahead = None
        if self.forecast is not None:
            f = self.forecast
            ahead = {
                "weeks": f.weeks.assign(week=f.weeks["week"].dt.strftime("%Y-%m-%d")).to_dict("records"),
                "confidence": f.confidence, "usual": f.usual, "seasonal": f.seasonal, "held_out_weeks": f.held_out,
                "mae": f.mae, "mae_naive": f.mae_naive, "coverage": f.coverage, "better_than_naive": f.better,
            }  # fmt: skip
        return {
            "requests": len(self.requests.table), "inquiries": self.inquiries, "nature_stated": self.nature_stated,
            "masked": dict(self.requests.masked), "left_out": list(self.requests.left_out),
            "method": sorted(set(self.classes["method"])),
            "categories": self.counts().to_dict("records"),
            "hot_topics": self.topics.to_dict("records"),
            "repeat_places": self.places.to_dict("records"),
            "near_duplicates": self.duplicates.to_dict("records"),
            "rates_by": self.by, "rates": self.rates.to_dict("records"),
            "forecast": ahead, "surges": self.surges.to_dict("records"), "notes": list(self.notes),
        }  # fmt: skip


def analyse(
    requests: Requests,
    rules: Rules | None = None,
    *,
    model: Model | None = None,
    taxonomy: Taxonomy | None = None,
    by: str | None = None,
    seed: int = 1,
) -> Analysis:
    """Analyse requests: classes, near-duplicates, hot topics, repeat places, rates and forecast.

    Only requests are counted, not inquiries (facts §4): inquiries are answered at once and not scored.

    Parameters
    ----------
    rules
        For the limits of feedback by class (``request.*``); without them it is not told what came in time.
    model
        A trained model; without it, the office's own categories where they are the taxonomy's, else keywords.
    by
        Rates by unit, subdistrict or community; by default the first that the file has.
    """
    book = taxonomy or load_taxonomy()
    mine = scored(requests)
    stated = float((requests.table["nature_by"] == "stated").mean())
    if not len(mine.table):
        raise HutongError(
            "no-requests",
            Text("文件中只有咨询，没有诉求。", "The file holds inquiries only, no requests."),
            Text(
                "咨询不参与考评；请检查工单类型一列。",
                "Inquiries are not scored; check the column that tells them apart.",
            ),
        )
    classes = _classes(mine, model, book)
    category = classes["category"]
    chosen = by or next(
        (c for c in ("unit", "subdistrict", "community") if mine.table[c].notna().any()), "unit"
    )
    extra = {} if rules is None else {"in_time": in_time(mine, category, rules, book)}
    notes = _notes(requests, stated, classes, mine)
    try:
        ahead = forecast(weekly(mine), seed=seed)
    except HutongError as caught:
        if caught.code != "too-short":
            raise
        ahead = None
        notes.append(caught.what)
    return Analysis(
        mine, len(requests.table) - len(mine.table), stated, classes, near_duplicates(mine),
        hot_topics(mine, category), repeat_places(mine, category), rates(mine, chosen, extra=extra), chosen, ahead,
        surges(mine, category, seed=seed), book, tuple(notes),
    )  # fmt: skip


def _classes(mine: Requests, model: Model | None, book: Taxonomy) -> pd.DataFrame:
    """Return the class of each request: the model's, else the office's own word, else by keywords."""
    guessed = classify(mine.words(), model, book)
    if model is not None:
        return guessed
    own = mine.table["category"]
    known = own.map(lambda w: book.find(w) is not None if isinstance(w, str) else False).to_numpy(dtype=bool)
    ids = [c.id if (c := book.find(str(w))) is not None else None for w in own]
    guessed["category"] = np.where(known, np.array(ids, dtype=object), guessed["category"])
    guessed["method"] = np.where(known, "stated", guessed["method"])
    guessed.loc[known, "margin"] = np.nan
    return guessed


def _notes(requests: Requests, stated: float, classes: pd.DataFrame, mine: Requests) -> list[Text]:
    notes = []
    if stated < 1:
        notes.append(
            Text(
                f"{percent(1 - stated, 'zh')} 的工单未注明是否咨询，按文字推断；三率因此只供参考。",
                f"For {percent(1 - stated)} of rows no column says whether it is an inquiry; their wording was judged, so the rates are indicative.",
            )
        )
    used = classes["method"].value_counts()
    if "keywords" in used:
        notes.append(
            Text(
                f"{number(used['keywords'], 'zh')} 件按关键词分类（没有可学的历史分类）；用 hutong requests train 可改用自有历史。",
                f"{number(used['keywords'])} requests were classed by keywords, for want of history; hutong requests train learns from yours.",
            )
        )
    if requests.left_out:
        notes.append(
            Text(
                f"略去 {len(requests.left_out)} 处不合格的行。",
                f"{len(requests.left_out)} broken cells: their rows were left out.",
            )
        )
    unlocated = float(mine.table["x_m"].isna().mean())
    if unlocated > 0:
        notes.append(
            Text(
                f"{percent(unlocated, 'zh')} 的诉求没有坐标，按地址或社区归并。",
                f"{percent(unlocated)} of requests have no coordinates; they are gathered by address or community.",
            )
        )
    return notes


def summary(result: Analysis) -> list[Text]:
    """Return what an officer should know first, in sentences."""
    total = len(result.requests.table)
    out = [
        Text(
            f"诉求 {number(total, 'zh')} 件（另有咨询 {number(result.inquiries, 'zh')} 件，不参与考评）。",
            f"{number(total)} requests (and {number(result.inquiries)} inquiries, which are not scored).",
        )
    ]
    for row in result.topics[result.topics["hot"]].itertuples():
        title, words = result.taxonomy.title(row.category), common_words(result, row.category)
        out.append(
            Text(
                f"热点：{title.zh}——最近 {number(row.recent, 'zh')} 件，按自身以往应为 {number(row.expected, 'zh')} 件"
                + (f"；多提到{'、'.join(words)}。" if words else "。"),
                f"Hot: {title.en} — {number(row.recent)} lately, where its own past leads one to expect {number(row.expected)}"
                + (f"; often named: {', '.join(words)}." if words else "."),
            )
        )
    if not result.topics["hot"].any():
        out.append(Text("没有超出自身以往的热点。", "No topic rose beyond its own past."))
    for row in result.rates[result.rates["place"] == ""].itertuples():
        title = RATE_TITLES[row.rate]
        out.append(
            Text(
                f"{title.zh} {percent(row.share, 'zh', 1)}（{percent(row.low, 'zh', 1)}–{percent(row.high, 'zh', 1)}，有结果的 {number(row.known, 'zh')} 件）。",
                f"{title.en.capitalize()}: {percent(row.share, 'en', 1)} ({percent(row.low, 'en', 1)}–{percent(row.high, 'en', 1)}, of {number(row.known)} with an answer).",
            )
        )
    if len(result.duplicates):
        sets = result.duplicates["group"].nunique()
        out.append(
            Text(
                f"{number(len(result.duplicates), 'zh')} 对（{number(sets, 'zh')} 组）可能重复，供人工核对，未合并。",
                f"{number(len(result.duplicates))} pairs in {number(sets)} sets may be duplicates, for a person to judge; none was merged.",
            )
        )
    if len(result.places):
        out.append(
            Text(
                f"{number(len(result.places), 'zh')} 处地点反复有诉求（是否同一人反映，未知）。",
                f"{number(len(result.places))} places bring requests again and again (whether one person's is unknown).",
            )
        )
    out += result.forecast.lines() if result.forecast else []
    for row in result.surges[result.surges["surge"] >= LIKELY].itertuples():
        title = result.taxonomy.title(row.category)
        sure = (
            Text("", "")
            if row.better
            else Text("；回测并不优于朴素预测，仅供参考", "; no better than naive when tested, so indicative")
        )
        out.append(
            Text(
                f"未诉先办：{title.zh}未来四周预计每周 {number(row.mean, 'zh')} 件（{number(row.low, 'zh')}–{number(row.high, 'zh')}），平常 {number(row.usual, 'zh')} 件{sure.zh}。",
                f"Act before: {title.en} is expected at {number(row.mean)} a week over four weeks ({number(row.low)}–{number(row.high)}), usual {number(row.usual)}{sure.en}.",
            )
        )
    return out + list(result.notes)


def common_words(result: Analysis, category: str, most: int = 3) -> tuple[str, ...]:
    """Return the keywords of a class that its latest requests name most often (none for an office's own class)."""
    found = result.taxonomy.find(category)
    if found is None:
        return ()
    local = result.requests.local_time()
    lately = (local >= local.max() - pd.Timedelta(weeks=RECENT_WEEKS + 1)).to_numpy()
    rows = np.flatnonzero(lately & (result.classes["category"] == category).to_numpy())
    words = result.requests.words()
    named = {k: sum(k in words[i] for i in rows) for k in found.keywords}
    ranked = sorted((k for k, n in named.items() if n), key=lambda k: -named[k])
    return tuple(ranked[:most])
