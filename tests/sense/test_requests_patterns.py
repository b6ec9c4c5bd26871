"""Duplicates, hot topics, repeat places, rates and forecast against plain references and known answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.requests import (
    Requests,
    analyse,
    forecast,
    from_city,
    hot_topics,
    in_time,
    near_duplicates,
    rates,
    read_requests,
    repeat_places,
    scored,
    summary,
    surges,
    train,
    weekly,
    wilson,
)
from hutong.sense.requests.analyse import common_words
from hutong.sense.requests.features import make_vocabulary, vectors
from hutong.sense.requests.forecast import design, fit_counts
from hutong.sense.requests.places import clusters
from hutong.sense.requests.topics import adjusted, chance_of_rise

from .request_texts import TEMPLATES, labelled, office_table


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Requests:
    path = tmp_path_factory.mktemp("office") / "工单.csv"
    path.write_bytes(office_table(900).to_csv(index=False).encode("gbk"))
    return read_requests(path, datum="gcj02")


def made(**columns: object) -> Requests:
    """Return requests from a few columns; the rest is unknown."""
    table = pd.DataFrame(columns)
    table["time"] = (
        pd.to_datetime(table["time"], format="mixed").dt.tz_localize("Asia/Shanghai").dt.tz_convert("UTC")
    )
    for name in ("id", "title", "text", "category", "unit", "subdistrict", "community", "address", "closed"):
        if name not in table:
            table[name] = None
    table["id"] = [f"r{i}" for i in range(len(table))]
    for name in ("responded", "resolved", "satisfied"):
        table[name] = pd.array(table.get(name, [None] * len(table)), dtype="boolean")
    for name in ("x_m", "y_m"):
        table[name] = table.get(name, np.nan)
    table["nature"], table["nature_by"] = "request", "stated"
    return Requests(table)


def slow_duplicates(
    requests: Requests, similarity: float, metres: float, days: float
) -> set[tuple[str, str]]:
    table = requests.table
    words = table["title"].tolist()
    matrix = vectors(words, make_vocabulary(words, 1)).toarray()
    rows = list(table[["id", "time", "x_m", "y_m"]].itertuples(index=False))
    found = set()
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            if not (a.time < b.time or (a.time == b.time and i < j)):
                continue
            near = np.hypot(a.x_m - b.x_m, a.y_m - b.y_m) <= metres
            soon = (b.time - a.time).total_seconds() <= days * 86400
            if near and soon and matrix[i] @ matrix[j] >= similarity:
                found.add((a.id, b.id))
    return found


@pytest.mark.parametrize("days", [3.0, 30.0])
def test_pairs_are_those_of_a_plain_search(
    office: Requests, days: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = replace(
        office, table=office.table.iloc[:160].sample(frac=1, random_state=1).reset_index(drop=True)
    )
    slow = slow_duplicates(some, 0.5, 300, days)
    pairs = near_duplicates(some, similarity=0.5, metres=300, days=days)
    assert {(r.first, r.second) for r in pairs.itertuples()} == slow
    assert len(slow) > 3
    sets = [set(g["first"]) | set(g["second"]) for _, g in pairs.groupby("group")]
    assert sum(len(s) for s in sets) == len(set().union(*sets))  # no request is in two sets
    assert len(sets[0]) == max(len(s) for s in sets)
    assert (pairs["distance_m"] <= 300).all()
    assert (pairs["hours_apart"] <= days * 24).all()
    monkeypatch.setattr("hutong.sense.requests.duplicates._BLOCK", 7)
    pd.testing.assert_frame_equal(near_duplicates(some, similarity=0.5, metres=300, days=days), pairs)


def test_where_nearness_is_unknown_only_nearly_identical_pairs_are_proposed() -> None:
    requests = made(
        time=["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-03"],
        title=["槐荫里屋顶漏水严重", "槐荫里屋顶漏水严重", "槐荫里屋顶漏水很严重了", "槐荫里屋顶漏水严重"],
        community=[None, None, None, "甲社区"],
    )
    pairs = near_duplicates(requests, similarity=0.5)
    assert ("r0", "r1") in {(r.first, r.second) for r in pairs.itertuples()}
    assert not pairs["place_known"].any()
    assert (pairs["similarity"] >= 0.75).all()
    apart = made(time=["2024-05-01"] * 2, title=["屋顶漏水"] * 2, community=["甲社区", "乙社区"])
    assert near_duplicates(apart).empty
    together = made(time=["2024-05-01"] * 2, title=["屋顶漏水"] * 2, community=["甲社区", "甲社区"])
    assert near_duplicates(together)["place_known"].tolist() == [True]


def test_weeks_are_whole_and_a_hole_in_the_file_is_not_zero() -> None:
    days = pd.date_range("2024-01-03", "2024-03-28", freq="6h")  # Wednesday to Thursday
    days = days[(days < "2024-02-05") | (days >= "2024-02-19")]
    counts = weekly(made(time=days, title="漏水"))
    assert counts.index[0] == pd.Timestamp("2024-01-08")
    assert counts.index[-1] == pd.Timestamp("2024-03-18")
    assert counts[counts.isna()].index.tolist() == [pd.Timestamp("2024-02-05"), pd.Timestamp("2024-02-12")]
    assert set(counts.dropna()) == {28.0}
    quiet = made(time=["2024-01-01", "2024-01-30 10:00", "2024-02-25 12:00"], title="漏水")
    assert weekly(quiet).tolist() == [1, 0, 0, 0, 1, 0, 0, 1]


def test_wilson_is_the_published_interval() -> None:
    # Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)
    assert np.isnan(wilson(0, 0)).all()
    assert wilson(7, 7)[1] == 1.0


def test_rates_count_answers_of_requests_only(office: Requests) -> None:
    mine = scored(office)
    assert set(mine.table["nature"]) == {"request"}
    table = rates(mine)
    all_resolved = table[(table["place"] == "") & (table["rate"] == "resolved")].iloc[0]
    known = mine.table["resolved"].dropna()
    assert all_resolved["known"] == len(known)
    assert all_resolved["share"] == pytest.approx(known.astype(float).mean())
    small = table[table["place"] == "丙局"]
    assert small["small"].all()
    assert set(small["beside_all"]) == {"small"}
    with pytest.raises(HutongError, match="no column"):
        rates(mine, by="weather")


def test_a_unit_is_told_apart_only_beyond_its_interval() -> None:
    n = 400
    answers = (
        [True] * 380 + [False] * 20 + [True] * 280 + [False] * 120 + [True] * 335 + [False] * 65 + [None] * 50
    )
    units = ["甲"] * n + ["乙"] * n + ["丙"] * n + ["丙"] * 50
    requests = made(time=["2024-05-01"] * len(units), title="漏水", unit=units, resolved=answers)
    said = rates(requests).set_index(["place", "rate"])["beside_all"]
    assert said["甲", "resolved"] == "above"
    assert said["乙", "resolved"] == "below"
    assert said["丙", "resolved"] == "unclear"
    assert rates(requests).set_index(["place", "rate"])["known"]["丙", "resolved"] == n


def test_time_limits_are_those_of_the_rules(rules: Rules) -> None:
    requests = made(time=["2024-05-01 08:00"] * 4, title="x")
    hours = [23.0, 25.0, 25.0, np.nan]
    requests.table["closed"] = requests.table["time"] + pd.to_timedelta(hours, unit="h")
    category = pd.Series(["heating", "heating", "parking", "heating"])
    assert in_time(requests, category, rules).tolist() == [True, False, True, pd.NA]
    assert in_time(requests, pd.Series(["自定"] * 4), rules).isna().all()


def test_a_rise_is_rarely_found_where_there_is_none() -> None:
    rng = np.random.default_rng(5)
    for spread in (1.0, 3.0):
        p = []
        for _ in range(400):
            mean = 6.0
            weeks = (
                rng.poisson(mean, 30)
                if spread == 1
                else rng.negative_binomial(mean / (spread - 1), 1 / spread, 30)
            )
            p.append(chance_of_rise(weeks[:26].astype(float), 4, float(weeks[26:].sum())))
        assert np.mean(np.array(p) <= 0.05) <= 0.08
    assert chance_of_rise(np.full(26, 5.0), 4, 60) < 1e-6
    exact = stats.binom.sf(29, 30 + 130, 4 / 30)
    assert chance_of_rise(np.full(26, 5.0), 4, 30) == pytest.approx(exact)
    assert np.isnan(chance_of_rise(np.full(5, 3.0), 4, 10))


def test_adjusting_for_many_is_benjamini_and_hochberg() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.5])
    np.testing.assert_allclose(adjusted(p)[[0, 2, 3, 4]], stats.false_discovery_control(p[[0, 2, 3, 4]]))
    assert np.isnan(adjusted(p)[1])


def stream(
    weeks: int, per_week: dict[str, float], burst: dict[str, float], seed: int = 2
) -> tuple[Requests, pd.Series]:
    rng = np.random.default_rng(seed)
    rows = []
    start = pd.Timestamp("2023-01-02")
    for w in range(weeks):
        for name, mean in per_week.items():
            lately = w >= weeks - 4 or (name == "winter" and w % 52 in range(weeks % 52 - 4, weeks % 52 + 1))
            for _ in range(rng.poisson(mean * (burst.get(name, 1.0) if lately else 1.0))):
                rows.append((start + pd.Timedelta(days=7 * w, minutes=int(rng.integers(0, 10000))), name))
    rows += [(start + pd.Timedelta(days=7 * weeks - 1, hours=23), "steady"), (start, "steady")]
    rows.sort()
    requests = made(time=[r[0] for r in rows], title="x")
    return requests, pd.Series([r[1] for r in rows])


def test_a_topic_is_hot_when_it_rose_not_when_it_is_large() -> None:
    requests, category = stream(40, {"steady": 60.0, "rising": 5.0}, {"rising": 4.0})
    topics = hot_topics(requests, category).set_index("category")
    assert topics["hot"].to_dict() == {"steady": False, "rising": True}
    assert topics.loc["rising", "rise"] > 2
    assert np.isnan(topics.loc["rising", "p_last_year"])


def test_what_comes_every_winter_is_no_news() -> None:
    requests, category = stream(
        104 + 10, {"steady": 20.0, "winter": 5.0, "rising": 5.0}, {"winter": 5.0, "rising": 5.0}
    )
    topics = hot_topics(requests, category).set_index("category")
    assert topics.loc["winter", "p_past"] < 0.001
    assert not topics.loc["winter", "hot"]
    assert topics.loc["rising", "hot"]


def test_too_short_a_file_has_no_topics() -> None:
    requests, category = stream(6, {"steady": 20.0}, {})
    assert hot_topics(requests, category).empty


def slow_clusters(points: np.ndarray, radius: float, least: int) -> list[set[int]]:
    left = set(range(len(points)))
    out = []
    while True:
        best: tuple[int, int, set[int]] | None = None
        for i in sorted(left):
            near = {j for j in left if np.hypot(*(points[i] - points[j])) <= radius}
            if best is None or len(near) > best[0]:
                best = (len(near), i, near)
        if best is None or best[0] < least:
            return out
        out.append(best[2])
        left -= best[2]


def test_places_are_those_of_a_plain_search() -> None:
    rng = np.random.default_rng(8)
    points = np.concatenate(
        [rng.normal(0, 40, (40, 2)), rng.normal([300, 0], 20, (25, 2)), rng.uniform(-400, 700, (40, 2))]
    )
    points = np.round(np.concatenate([points, points[:10]]))
    found = clusters(points, 60, 5)
    slow = slow_clusters(points, 60, 5)
    assert sorted(len(rows) for rows, _ in found) == sorted(len(s) for s in slow)
    assert set(found[0][0].tolist()) == slow[0]
    taken = np.concatenate([rows for rows, _ in found])
    assert len(set(taken.tolist())) == len(taken)
    assert clusters(points[:3], 60, 5) == []


def test_places_without_position_are_gathered_by_name() -> None:
    requests = made(
        time=pd.date_range("2024-01-01", periods=12, freq="9D"),
        title="漏水",
        address=["槐荫里3号楼"] * 6 + [None] * 6,
        community=["甲社区"] * 12,
        resolved=[True, False, None] * 4,
    )
    places = repeat_places(requests, pd.Series(["housing_leak"] * 11 + ["pipes"]))
    assert places["place"].tolist() == ["槐荫里3号楼", "甲社区"]
    assert places["requests"].tolist() == [6, 6]
    assert places["known"].tolist() == [4, 4]
    assert places["resolved"].tolist() == [0.5, 0.5]
    assert places["categories"][1] == (("housing_leak", 5), ("pipes", 1))
    assert (places["weeks"] > 4).all()


def test_the_fit_is_maximum_likelihood() -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(3)
    t = np.arange(150, dtype=float)
    x = design(t, seasonal=True)
    truth = np.array([3.0, 0.4, -0.2, 0.0, 0.1])
    y = rng.poisson(np.exp(x @ truth)).astype(float)
    fit = fit_counts(x, y, np.ones(150))
    slow = minimize(lambda b: -(y * (x @ b) - np.exp(x @ b)).sum(), truth, method="BFGS").x
    if fit.dispersion == 0:
        np.testing.assert_allclose(fit.beta, slow, atol=1e-4)
    np.testing.assert_allclose(fit.beta, truth, atol=0.15)
    wide = rng.negative_binomial(4, 4 / (4 + np.exp(x @ truth))).astype(float)
    assert fit_counts(x, wide, np.ones(150)).dispersion == pytest.approx(0.25, abs=0.12)
    flat = fit_counts(np.ones((20, 1)), np.zeros(20), np.ones(20))
    assert np.exp(flat.beta[0]) < 0.01


def series(weeks: int, seasonal: float, seed: int = 1) -> pd.Series:
    rng = np.random.default_rng(seed)
    t = np.arange(weeks)
    mean = 40 * np.exp(seasonal * np.cos(2 * np.pi * t / 52.18))
    return pd.Series(
        rng.negative_binomial(10, 10 / (10 + mean)).astype(float),
        index=pd.date_range("2022-01-03", periods=weeks, freq="7D"),
    )


def test_a_forecast_is_scored_on_weeks_it_has_not_seen() -> None:
    result = forecast(series(150, 0.7), held_out=12)
    assert result.seasonal
    assert result.better
    assert result.coverage > 0.7
    assert (result.weeks["low"] <= result.weeks["mean"]).all()
    assert (result.weeks["mean"] <= result.weeks["high"]).all()
    assert result.weeks["week"].iloc[0] == pd.Timestamp("2022-01-03") + pd.Timedelta(days=7 * 150)
    pd.testing.assert_frame_equal(result.weeks, forecast(series(150, 0.7), held_out=12).weeks)
    short = forecast(series(40, 0.0))
    assert not short.seasonal
    assert "不足两年" in short.lines()[0].zh
    with pytest.raises(HutongError, match="too few"):
        forecast(series(20, 0.0))


def test_intervals_hold_what_they_promise() -> None:
    inside = [forecast(series(70, 0.0, seed), held_out=8, ahead=1).coverage for seed in range(6)]
    assert 0.78 <= np.mean(inside) <= 1.0


def test_a_surge_is_seen_where_the_season_brings_one() -> None:
    calm, rising = series(156, 0.0), series(156 + 46, 0.9)
    assert forecast(calm).weeks["surge"].mean() < 0.45
    assert forecast(rising).weeks["surge"].mean() > 0.5


def test_a_class_that_comes_back_each_year_is_seen_coming() -> None:
    weeks = 104 + 41  # the season begins in week 40 of each year
    rng = np.random.default_rng(6)
    start, rows = pd.Timestamp("2022-01-03"), []
    for w in range(weeks):
        for name, mean in (("parking", 12.0), ("heating", 20.0 if w % 52 >= 40 else 3.0), ("rare", 0.2)):
            for _ in range(rng.poisson(mean)):
                rows.append((start + pd.Timedelta(days=7 * w, minutes=int(rng.integers(0, 10000))), name))
    rows = [*sorted(rows), (start + pd.Timedelta(days=7 * weeks - 1, hours=23), "parking")]
    requests = made(time=[r[0] for r in rows], title="暖气不热，室温低")
    category = pd.Series([r[1] for r in rows])
    found = surges(requests, category, held_out=8).set_index("category")
    assert list(found.index) == ["heating", "parking"]
    assert found.loc["heating", "surge"] > 0.8 > 0.5 > found.loc["parking", "surge"]
    requests.table["category"] = ["供暖" if c == "heating" else "停车管理" for c in category]
    said = analyse(requests)
    assert any("未诉先办：供暖" in line.zh for line in summary(said))
    assert common_words(said, "heating") == ("暖气", "室温", "不热")
    assert common_words(said, "自定") == ()


def test_unknown_weeks_are_left_out() -> None:
    counts = series(80, 0.0)
    counts.iloc[[20, 21, 75]] = np.nan
    result = forecast(counts)
    assert result.history_weeks == 77
    assert np.isfinite(result.mae)


def test_an_analysis_says_what_an_officer_needs(office: Requests, rules: Rules) -> None:
    result = analyse(office, rules)
    zh = " ".join(t.zh for t in summary(result))
    en = " ".join(t.en for t in summary(result))
    for word in ("不参与考评", "解决率", "满意率", "按时反馈率", "未合并", "回测"):
        assert word in zh
    assert "none was merged" in en
    assert result.inquiries == (office.table["nature"] == "inquiry").sum() > 0
    assert result.by == "unit"
    assert set(result.classes["method"]) == {"stated"}
    counts = result.counts()
    assert counts["requests"].sum() == len(result.requests.table)
    assert counts["department_zh"].notna().all()
    data = str(result.data())
    assert "市民反映" not in data
    assert "1380000" not in data


def test_an_analysis_with_a_model_uses_it(office: Requests) -> None:
    texts, labels = labelled(300)
    result = analyse(office, model=train(texts, labels))
    assert set(result.classes["method"]) == {"model"}
    true = result.requests.table["category"]
    assert (result.classes["category"] == true).mean() > 0.9
    assert set(TEMPLATES) >= set(result.classes["category"])


def test_an_analysis_of_little_says_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("诉求时间,内容\n2024-05-01,屋顶漏水\n坏,停车\n", encoding="utf-8")
    result = analyse(read_requests(path, leave_out_broken=True))
    zh = " ".join(t.zh for t in summary(result))
    for word in ("关键词", "按文字推断", "略去", "没有坐标", "不足以预测"):
        assert word in zh
    path.write_text("诉求时间,内容\n2024-05-01,请问办公时间\n", encoding="utf-8")
    with pytest.raises(HutongError, match="inquiries only"):
        analyse(read_requests(path))


def test_a_snapshots_requests_can_be_analysed(quarter, rules: Rules) -> None:  # type: ignore[no-untyped-def]
    result = analyse(from_city(quarter), rules)
    assert result.counts()["requests"].sum() == len(result.requests.table)
    assert len(result.places)
