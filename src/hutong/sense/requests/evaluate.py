"""How well requests are classified, on requests the classifier has not seen; and the model card that says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.rng import generator
from hutong.sense.requests.classify import Model, by_keywords, train
from hutong.sense.requests.clean import for_comparing
from hutong.sense.requests.taxonomy import Taxonomy, load_taxonomy
from hutong.text import Text, number, percent


@dataclass(frozen=True)
class Evaluation:
    """Scores by cross-validation.

    ``classes``: one row per class (n, precision, recall, f1). ``confusion``: counts, true class by row and predicted
    by column. ``macro_f1_by_fold`` shows the spread. ``keywords_macro_f1`` is NaN where the labels are not the
    taxonomy's. ``left_out``: classes with fewer different texts than folds.
    """

    macro_f1: float
    accuracy: float
    macro_f1_by_fold: tuple[float, ...]
    classes: pd.DataFrame
    confusion: pd.DataFrame
    n: int
    distinct: int
    folds: int
    keywords_macro_f1: float
    commonest_macro_f1: float
    left_out: tuple[str, ...]

    def lines(self) -> list[Text]:
        """Return the result in sentences."""
        low, high = min(self.macro_f1_by_fold), max(self.macro_f1_by_fold)
        out = [
            Text(
                f"宏平均 F1 = {self.macro_f1:.3f}（{self.folds} 折交叉验证，各折 {low:.3f}–{high:.3f}），"
                f"准确率 {percent(self.accuracy, 'zh', 1)}；{number(self.n, 'zh')} 件、{len(self.classes)} 类。",
                f"macro-F1 = {self.macro_f1:.3f} ({self.folds}-fold cross-validation, by fold {low:.3f}–{high:.3f}),"
                f" accuracy {percent(self.accuracy, 'en', 1)}; {number(self.n)} requests, {len(self.classes)} classes.",
            ),
            Text(
                f"相同文字（{number(self.n - self.distinct, 'zh')} 件重复）放在同一折，不会既学又考。",
                f"Identical texts ({number(self.n - self.distinct)} repeats) stay in one fold: none is both learned and asked.",
            ),
            Text(
                f"对照：一律猜最多的一类 {self.commonest_macro_f1:.3f}"
                + ("" if np.isnan(self.keywords_macro_f1) else f"，关键词 {self.keywords_macro_f1:.3f}")
                + "。",
                f"Beside it: always the commonest class {self.commonest_macro_f1:.3f}"
                + ("" if np.isnan(self.keywords_macro_f1) else f", keywords {self.keywords_macro_f1:.3f}")
                + ".",
            ),
        ]
        if self.left_out:
            names = "、".join(self.left_out)
            out.append(
                Text(
                    f"文字不同的诉求少于 {self.folds} 件的类未参评：{names}。",
                    f"Classes with fewer than {self.folds} different texts were left out: {names}.",
                )
            )
        return out


def folds_of(texts: Sequence[str], labels: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each text: stratified by label, identical texts always together."""
    keys = pd.factorize(pd.Series([for_comparing(t) for t in texts]))[0]
    first = np.unique(keys, return_index=True)[1]
    size = np.bincount(keys)
    fold = np.zeros(len(first), np.int64)
    own = np.asarray(labels, dtype=object)[first]
    rng = generator(seed, "request folds")
    load = np.zeros(folds)
    for label in sorted(set(own)):
        groups = np.flatnonzero(own == label)
        groups = groups[rng.permutation(len(groups))]
        groups = groups[np.argsort(-size[groups], kind="stable")]
        here = np.zeros(folds)
        for group in groups:  # the emptiest fold of this label takes the next; ties to the emptiest of all
            at = int(np.lexsort((load, here))[0])
            fold[group] = at
            here[at] += size[group]
            load[at] += size[group]
    return fold[keys]


def scores(true: Iterable[str], said: Iterable[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return precision, recall and F1 of each true class, and the confusion table.

    What is never predicted has precision 0 and F1 0, as in scikit-learn with ``zero_division=0``.
    """
    true, said = list(true), list(said)
    names = sorted(set(true))
    columns = sorted(set(true) | set(said))
    table = pd.crosstab(
        pd.Categorical(true, categories=columns), pd.Categorical(said, categories=columns), dropna=False
    ).to_numpy()
    hit = np.diag(table).astype(float)
    predicted, actual = table.sum(axis=0), table.sum(axis=1)
    precision = np.divide(hit, predicted, out=np.zeros_like(hit), where=predicted > 0)
    recall = np.divide(hit, actual, out=np.zeros_like(hit), where=actual > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(hit), where=both > 0)
    frame = pd.DataFrame({"n": actual, "precision": precision, "recall": recall, "f1": f1}, index=columns)
    return frame.loc[names], pd.DataFrame(table, index=columns, columns=columns).loc[names]


def evaluate(
    texts: Sequence[str], labels: Sequence[str], *, folds: int = 5, seed: int = 1, cost: float = 1.0
) -> Evaluation:
    """Score the classifier by stratified cross-validation.

    Raises
    ------
    HutongError
        ``too-few-examples`` if fewer than two classes have as many distinct texts as there are folds.
    """
    every = pd.DataFrame({"text": list(texts), "label": [str(x) for x in labels]})
    every["key"] = [for_comparing(t) for t in every["text"]]
    distinct = every.groupby("label")["key"].nunique()
    kept = distinct.index[distinct >= folds]
    if len(kept) < 2:
        raise HutongError(
            "too-few-examples",
            Text("可供检验的已分类诉求太少。", "There are too few labelled requests to test on."),
            Text(
                f"至少两个类别各有 {folds} 件文字不同的诉求，或减少折数。",
                f"Give at least two classes with {folds} different texts each, or fewer folds.",
            ),
        )
    data = every[every["label"].isin(kept)].reset_index(drop=True)
    words, true = data["text"].tolist(), data["label"].to_numpy(dtype=object)
    fold = folds_of(words, true, folds, seed)
    said = np.empty(len(data), dtype=object)
    by_fold = []
    for held in range(folds):
        test = np.flatnonzero(fold == held)
        learn = np.flatnonzero(fold != held)
        model = train([words[i] for i in learn], true[learn], seed=seed, cost=cost)
        said[test] = np.array(model.classes, dtype=object)[
            model.scores([words[i] for i in test]).argmax(axis=1)
        ]
        by_fold.append(float(scores(true[test], said[test])[0]["f1"].mean()))
    table, confusion = scores(true, said)
    common = pd.Series(true).mode()[0]
    return Evaluation(
        macro_f1=float(table["f1"].mean()),
        accuracy=float(np.mean(said == true)),
        macro_f1_by_fold=tuple(by_fold),
        classes=table,
        confusion=confusion,
        n=len(data),
        distinct=int(data["key"].nunique()),
        folds=folds,
        keywords_macro_f1=_keywords(words, true, load_taxonomy()),
        commonest_macro_f1=float(scores(true, [common] * len(true))[0]["f1"].mean()),
        left_out=tuple(sorted(set(every["label"]) - set(kept))),
    )


def _keywords(words: Sequence[str], true: NDArray[np.object_], taxonomy: Taxonomy) -> float:
    """Return the macro-F1 of the keyword rules, NaN unless all labels are classes of the taxonomy."""
    classes = [taxonomy.find(label) for label in true]
    if any(c is None for c in classes):
        return float("nan")
    ids = [c.id for c in classes if c is not None]
    return float(scores(ids, by_keywords(words, taxonomy)["category"].tolist())[0]["f1"].mean())


def model_card(model: Model, result: Evaluation, trained_on: str) -> Text:
    """Return the model card (Markdown): what it is for, what it learned from, how well it does, what it must not do."""
    rows = "\n".join(
        f"| {name} | {int(r.n)} | {r.precision:.2f} | {r.recall:.2f} | {r.f1:.2f} |"
        for name, r in zip(result.classes.index, result.classes.itertuples(), strict=True)
    )
    pairs = result.confusion.stack()
    wrong = pairs[(pairs > 0) & (pairs.index.get_level_values(0) != pairs.index.get_level_values(1))]
    worst = "\n".join(
        f"- {a} → {b}: {n}" for (a, b), n in wrong.sort_values(ascending=False, kind="stable").head(5).items()
    )
    head = "| {} | n | P | R | F1 |\n|---|---|---|---|---|\n" + rows
    said = result.lines()
    return Text(
        f"# 诉求分类模型卡\n\n"
        f"- 用途：为接诉即办工单提出分类建议，由承办人员确认；不据此决定办或不办，不考核个人。\n"
        f"- 学习材料：{trained_on}，{number(model.about.get('texts'), 'zh')} 件已分类诉求。"
        f"读入时已遮盖电话、证件号等；至少在 {model.about.get('min_texts')} 件中出现的字和字对才保留。\n"
        f"- 方法：单字与相邻两字的 TF-IDF，线性支持向量机（C={model.about.get('cost')}，各类等权，种子 {model.about.get('seed')}）。\n"
        f"- SHA-256：`{model.hash}`\n\n## 检验\n\n"
        + "\n".join(f"- {t.zh}" for t in said)
        + f"\n\n{head.format('类别')}\n\n"
        f"最常混淆：\n{worst or '- 无'}\n\n## 局限\n\n"
        "- 只认识学过的类别；新问题会归入最像的旧类，分类差额小的应由人看。\n"
        "- 历史分类本身的错误和偏好会被学去；派单目录调整后应重新训练、重新检验。\n"
        "- 交叉验证按工单随机分折，没有检验未来年份；换街道、换口径须另行检验。\n",
        f"# Model card: classes of requests\n\n"
        f"- Use: proposes the class of a 12345 request for an officer to confirm; it decides on no case and rates no person.\n"
        f"- Learned from: {trained_on}, {number(model.about.get('texts'))} labelled requests; phone, identity and other numbers"
        f" are masked on reading; characters and pairs are kept that stand in at least {model.about.get('min_texts')} texts.\n"
        f"- Method: TF-IDF of characters and pairs, linear support vector machine (C={model.about.get('cost')}, classes weigh"
        f" alike, seed {model.about.get('seed')}).\n"
        f"- SHA-256: `{model.hash}`\n\n## Tested\n\n"
        + "\n".join(f"- {t.en}" for t in said)
        + f"\n\n{head.format('class')}\n\n"
        f"Most often confused:\n{worst or '- none'}\n\n## Limits\n\n"
        "- It knows the classes it was taught; a new problem falls into the nearest old one. Where the margin is small, a person should look.\n"
        "- It learns the errors and habits of past filing; train and test anew when the dispatch list changes.\n"
        "- Folds are drawn at random, not by year: another subdistrict or another way of filing needs its own test.\n",
    )
