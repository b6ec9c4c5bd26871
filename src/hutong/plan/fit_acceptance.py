"""The logit of acceptance learned from signing records: maximum likelihood with standard errors.

The model is that of ``acceptance.yaml``, linear in its parameters:
V = intercept[matter] + gain·G/Y − cost·C/Y − disruption·d − (disruption·elder_trouble)·d·elders + tenure.
It is fitted by Newton's method (iteratively reweighted least squares: McCullagh and Nelder 1989, §2.5); the covariance is the
inverse of the observed information.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from hutong.errors import HutongError
from hutong.plan.acceptance import STRICTNESS
from hutong.plan.catalogue import load_acceptance
from hutong.plan.objects import TENURES
from hutong.plan.planner_file import read_text
from hutong.text import Text, number

Floats = NDArray[np.float64]
#: Columns of the signing records; one row per household that was asked.
RECORD_COLUMNS = (
    "gain_yuan", "cost_yuan", "income_yuan", "disruption", "elders", "matter", "tenure", "signed",
)  # fmt: skip
#: Fewest records per parameter.
LEAST_PER_PARAMETER = 10
#: The tenure that the others are told against; its own term is 0.
BASE = "commodity"
_STEPS, _TOLERANCE, _FAR = 100, 1e-10, 30.0
_Z = 1.959963984540054  # of a 95 % interval


@dataclass(frozen=True)
class AcceptanceFit:
    """Fitted parameters beside those assumed.

    ``table`` has a row per parameter: ``parameter``, ``value``, ``se``, ``low``, ``high`` (95 %), ``assumed`` and
    ``differs`` (whether the assumed value lies outside). ``loglik`` and ``loglik_assumed`` are of the records under both.
    """

    table: pd.DataFrame
    records: int
    signed: int
    loglik: float
    loglik_assumed: float

    def lines(self) -> tuple[Text, ...]:
        """Return what was learned in sentences."""
        off = self.table.loc[self.table["differs"], "parameter"].tolist()
        better = self.loglik - self.loglik_assumed
        return (
            Text(
                f"{self.records} 条签约记录（{self.signed} 条签约），对数似然 {number(self.loglik, 'zh', 1)}，比假设参数高 {number(better, 'zh', 1)}。",
                f"{self.records} signing records ({self.signed} signed); log-likelihood {number(self.loglik, digits=1)}, {number(better, digits=1)} above that of the assumed parameters.",
            ),
            Text(
                f"假设值落在 95% 区间之外的参数：{'、'.join(off) or '无'}。",
                f"Assumed values outside the 95 % interval: {', '.join(off) or 'none'}.",
            ),
        )


def read_records(path: Path) -> pd.DataFrame:
    """Return signing records from a CSV file with ``RECORD_COLUMNS``.

    Raises
    ------
    HutongError
        ``cannot-read``; ``bad-records`` naming each broken row and column.
    """
    table = csv.DictReader(io.StringIO(read_text(path)))
    missing = [c for c in RECORD_COLUMNS if c not in (table.fieldnames or [])]
    if missing:
        raise _bad(path.name, [f"{path.name}:1: columns missing: {', '.join(missing)}"])
    rows: list[str] = []
    out = []
    for raw in table:
        at = f"{path.name}:{table.line_num}"
        record: dict[str, object] = {}
        for name in RECORD_COLUMNS:
            value = (raw[name] or "").strip()
            if name in ("matter", "tenure"):
                known = STRICTNESS if name == "matter" else TENURES
                if value not in known:
                    rows.append(f"{at}: {name} is {value!r}; expected one of {', '.join(known)}")
                record[name] = value
                continue
            figure = _figure(value)
            good = {"income_yuan": figure > 0, "signed": figure in (0.0, 1.0)}.get(name, figure >= 0)
            if not good:
                rows.append(f"{at}: {name} is {value!r}; expected {_EXPECTED.get(name, 'a number of at least 0')}")  # fmt: skip
            record[name] = figure
        out.append(record)
    if rows:
        raise _bad(path.name, rows)
    return pd.DataFrame(out, columns=list(RECORD_COLUMNS))


_EXPECTED = {"income_yuan": "a number above 0", "signed": "1 (signed) or 0"}


def _figure(value: str) -> float:
    try:
        figure = float(value)
    except ValueError:
        return math.nan
    return figure if math.isfinite(figure) else math.nan


def _bad(name: str, rows: list[str]) -> HutongError:
    return HutongError(
        "bad-records",
        Text(f"签约记录 {name} 有 {len(rows)} 处错误。", f"The signing records {name} have {len(rows)} faults."),
        Text("请改正所列各处（docs/people.md 列出各列）。", "Mend the places listed; docs/people.md names the columns."),
        rows,
    )  # fmt: skip


def fit_acceptance(records: pd.DataFrame) -> AcceptanceFit:
    """Return the parameters under which records are most likely, with standard errors.

    Parameters
    ----------
    records
        One row per household asked (``RECORD_COLUMNS``): yuan once, income a year, disruption in [0, 1], ``signed`` 0 or 1.

    Raises
    ------
    HutongError
        ``too-few-records``; ``not-identified`` for what never varies or varies only with something else;
        ``separated`` where a rule tells all who signed from all who did not, so that no maximum exists.
    """
    names, design = _design(records)
    y = records["signed"].to_numpy(float)
    if len(y) < LEAST_PER_PARAMETER * len(names):
        need = LEAST_PER_PARAMETER * len(names)
        raise HutongError(
            "too-few-records",
            Text(
                f"{len(y)} 条记录不足以估计 {len(names)} 个参数。",
                f"{len(y)} records are too few for {len(names)} parameters.",
            ),
            Text(f"至少需要 {need} 条。", f"At least {need} are needed."),
        )
    scale = np.maximum(np.abs(design).max(axis=0), 1e-12)
    x = design / scale
    rank = np.linalg.matrix_rank(x)
    if rank < len(names):
        raise _unidentified(names, x)
    beta = _newton(x, y)
    p = expit(x @ beta)
    information = (x * (p * (1 - p))[:, None]).T @ x
    covariance = np.linalg.inv(information) / np.outer(scale, scale)
    return _result(names, design, y, beta / scale, covariance)


def _newton(x: Floats, y: Floats) -> Floats:
    """Return the maximum of the log-likelihood (it is concave; steps that would lower it are halved)."""
    beta = np.zeros(x.shape[1])
    best = _loglik(x @ beta, y)
    for _ in range(_STEPS):
        p = expit(x @ beta)
        weight = np.maximum(p * (1 - p), 1e-12)
        step = np.linalg.solve((x * weight[:, None]).T @ x, x.T @ (y - p))
        while _loglik(x @ (beta + step), y) < best - 1e-12 and np.abs(step).max() > 1e-14:
            step = step / 2
        beta = beta + step
        value = _loglik(x @ beta, y)
        if np.abs(x @ beta).max() > _FAR and value > -1e-3 * len(y):
            break
        if abs(value - best) <= _TOLERANCE * max(abs(best), 1.0):
            return beta
        best = value
    raise HutongError(
        "separated",
        Text("记录把签约与未签约完全分开，最大似然不存在。", "A rule tells all who signed from all who did not: no maximum exists."),
        Text("请合并更多地点或方案的记录。", "Join the records of more places or offers."),
    )  # fmt: skip


def _loglik(v: Floats, y: Floats) -> float:
    return float((y * v - np.logaddexp(0.0, v)).sum())


def _design(records: pd.DataFrame) -> tuple[list[str], Floats]:
    """Return the names of the linear terms and their columns, signs as in the model."""
    income = records["income_yuan"].to_numpy(float)
    d, elders = records["disruption"].to_numpy(float), records["elders"].to_numpy(float)
    matters = [m for m in STRICTNESS if (records["matter"] == m).any()]
    tenures = [t for t in TENURES if t != BASE and (records["tenure"] == t).any()]
    columns = {f"intercept.{m}": (records["matter"] == m).to_numpy(float) for m in matters}
    columns["gain"] = records["gain_yuan"].to_numpy(float) / income
    columns["cost"] = -records["cost_yuan"].to_numpy(float) / income
    columns["disruption"] = -d
    columns["disruption_elder"] = -d * elders
    columns |= {f"tenure.{t}": (records["tenure"] == t).to_numpy(float) for t in tenures}
    return list(columns), np.column_stack(list(columns.values()))


def _unidentified(names: list[str], x: Floats) -> HutongError:
    """Name the terms without which the others would be known."""
    whole = np.linalg.matrix_rank(x)
    loose = [n for i, n in enumerate(names) if np.linalg.matrix_rank(np.delete(x, i, axis=1)) == whole]
    return HutongError(
        "not-identified",
        Text(
            f"记录无法区分：{'、'.join(loose)}（没有变化，或总是一起变化）。",
            f"The records cannot tell apart: {', '.join(loose)} (they never vary, or only together).",
        ),
        Text("请加入这些方面有差别的记录。", "Add records that differ in these."),
    )


def _result(names: list[str], design: Floats, y: Floats, beta: Floats, covariance: Floats) -> AcceptanceFit:
    a = load_acceptance()
    known: dict[str, float] = {
        "gain": a["gain"],
        "cost": a["cost"],
        "disruption": a["disruption"],
        "disruption_elder": a["disruption"] * a["elder_trouble"],
        **{f"intercept.{m}": a["intercept"][m] for m in STRICTNESS},
        **{f"tenure.{t}": a["tenure"][t] for t in TENURES},
    }
    assumed = np.array([float(known[n]) for n in names])
    se = np.sqrt(np.diag(covariance))
    rows = [(n, float(b), float(s), float(k)) for n, b, s, k in zip(names, beta, se, assumed, strict=True)]
    at, slope = names.index("disruption_elder"), names.index("disruption")
    if abs(beta[slope]) > 0:  # elder_trouble is a ratio of two terms: delta method
        ratio = beta[at] / beta[slope]
        gradient = np.zeros(len(names))
        gradient[at], gradient[slope] = 1 / beta[slope], -ratio / beta[slope]
        spread = math.sqrt(float(gradient @ covariance @ gradient))
        rows.append(("elder_trouble", float(ratio), spread, float(a["elder_trouble"])))
    table = pd.DataFrame(rows, columns=["parameter", "value", "se", "assumed"])
    table["low"], table["high"] = table["value"] - _Z * table["se"], table["value"] + _Z * table["se"]
    table["differs"] = (table["assumed"] < table["low"]) | (table["assumed"] > table["high"])
    return AcceptanceFit(
        table[["parameter", "value", "se", "low", "high", "assumed", "differs"]],
        len(y),
        int(y.sum()),
        _loglik(design @ beta, y),
        _loglik(design @ assumed, y),
    )
