"""Solve the choice problem with HiGHS, to a stated gap, with the proof beside the answer."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from hutong.errors import HutongError
from hutong.plan.problem import Problem, undominated
from hutong.plan.results import Binding, Certificate
from hutong.text import Text, number

#: A row binds where it stands nearer to its limit than this share of its scale, or of what the weightiest option
#: adds to it (whole options seldom end exactly on a limit).
BINDING_SLACK, BINDING_SHARE = 1e-4, 0.05
#: Feasibility tolerance on scaled rows.
TOLERANCE = 1e-8


_STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
}


class _Quiet(highspy.Highs):
    """HiGHS without its callbacks, whose set-up writes a banner to standard output."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the library's name)
        """Leave callbacks off."""


@dataclass(frozen=True)
class Solution:
    """The value of each column and the certificate."""

    x: np.ndarray
    certificate: Certificate

    @property
    def chosen(self) -> np.ndarray:
        """Positions of the columns that are not zero."""
        return np.flatnonzero(self.x > 0.5)


def solve(
    problem: Problem,
    gap: float = 1e-3,
    time_limit: float = 60.0,
    threads: int = 1,
    seed: int = 1,
    prune: bool = True,
    node_limit: int | None = None,
) -> Solution:
    """Return the best choice to a relative ``gap``, with bound and binding rows.

    A ``node_limit`` ends the search after the same work on every machine; a time limit does not.

    Raises
    ------
    HutongError
        ``infeasible`` naming the rows that contradict each other and how far apart they are;
        ``no-solution`` if the time limit passes before any choice is found.
    """
    keep = undominated(problem) if prune else np.ones(problem.group.size, bool)
    small = problem.keep(keep)
    highs = _load(small, threads, seed)
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("time_limit", float(time_limit))
    if node_limit is not None:
        highs.setOptionValue("mip_max_nodes", node_limit)
    highs.run()
    status = highs.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        raise _infeasible(small, threads, seed, time_limit)
    info = highs.getInfo()
    if info.primal_solution_status != 2:
        raise HutongError(
            "no-solution",
            Text(
                f"在 {time_limit:g} 秒内没有找到任何可行方案。",
                f"No scheme was found within {time_limit:g} seconds.",
            ),
            Text("请放宽时限，或减少对象和备选项。", "Allow more time, or plan fewer objects or options."),
        )
    x = np.zeros(problem.group.size)
    x[keep] = np.array(highs.getSolution().col_value)
    x[problem.integer] = np.round(x[problem.integer])
    objective = float(problem.objective @ x) + problem.offset
    bound = max(float(info.mip_dual_bound) if small.integer.any() else objective, objective)
    certificate = Certificate(
        status=_STATUS.get(status, "node_limit"),
        objective=objective,
        bound=bound,
        gap=(bound - objective) / max(abs(objective), 1e-9) if bound > objective else 0.0,
        rows=len(problem.rows) + int(problem.group.max(initial=-1)) + 1,
        columns=problem.group.size,
        binding=binding_rows(problem, x),
    )
    return Solution(x, certificate)


def binding_rows(problem: Problem, x: np.ndarray) -> tuple[Binding, ...]:
    """Return the rows that stand at their limit under ``x`` (rows that no chosen option touches do not count)."""
    activity = problem.matrix @ x
    scale = np.array([r.scale for r in problem.rows])
    size, options = abs(problem.matrix), np.flatnonzero(problem.integer)
    weightiest = size[:, options].max(axis=1).toarray().ravel() if options.size else np.zeros(len(scale))
    near = np.maximum(BINDING_SLACK * scale, BINDING_SHARE * weightiest)
    touched = (size @ (np.abs(x) > 1e-9).astype(float)) > 0
    out = []
    for at in np.flatnonzero(touched):
        for limit in (problem.lower[at], problem.upper[at]):
            if np.isfinite(limit) and abs(activity[at] - limit) <= near[at]:
                row = problem.rows[at]
                out.append(
                    Binding(row.id, row.title, float(activity[at]), float(limit), row.unit, row.source)
                )
                break
    return tuple(out)


def _load(problem: Problem, threads: int, seed: int, slack: np.ndarray | None = None) -> highspy.Highs:
    """Pass the model to HiGHS in one call, rows scaled; with ``slack`` each row side may be passed at that cost."""
    scale = 1.0 / np.array([r.scale for r in problem.rows])
    body = sparse.csr_array(sparse.diags_array(scale) @ problem.matrix) if scale.size else problem.matrix
    lower, upper = problem.lower * scale, problem.upper * scale
    member = np.flatnonzero(problem.integer)
    objects = int(problem.group.max(initial=-1)) + 1
    one = sparse.csr_array(
        (np.ones(member.size), (problem.group[member], member)), shape=(objects, problem.group.size)
    )
    matrix = sparse.vstack([body, one], format="csr")
    cost, column_upper = problem.objective.astype(float), problem.column_upper.astype(float)
    if slack is not None:
        sides = [(np.isfinite(lower), 1.0), (np.isfinite(upper), -1.0)]
        extra = [
            sparse.csr_array(
                (np.full(on.sum(), sign), (np.flatnonzero(on), np.arange(on.sum()))),
                shape=(matrix.shape[0], int(on.sum())),
            )
            for on, sign in ((np.pad(on, (0, objects)), sign) for on, sign in sides)
        ]
        matrix = sparse.hstack([matrix, *extra], format="csr")
        added = matrix.shape[1] - cost.size
        cost = np.concatenate([np.zeros(cost.size), -np.ones(added)])
        column_upper = np.concatenate([column_upper, np.full(added, np.inf)])
    matrix = sparse.csc_array(matrix)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_ = cost
    model.col_lower_ = np.zeros(cost.size)
    model.col_upper_ = column_upper
    model.row_lower_ = np.concatenate([lower, np.full(objects, -np.inf)])
    model.row_upper_ = np.concatenate([upper, np.ones(objects)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data
    model.sense_ = highspy.ObjSense.kMaximize
    model.offset_ = problem.offset if slack is None else 0.0
    kinds = np.zeros(cost.size, np.uint8)
    kinds[: problem.group.size] = problem.integer
    model.integrality_ = [highspy.HighsVarType(int(kind)) for kind in kinds]
    highs = _Quiet()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", threads),
        ("random_seed", seed & 0x7FFFFFFF),
        ("mip_feasibility_tolerance", TOLERANCE),
        ("primal_feasibility_tolerance", TOLERANCE),
    ):
        highs.setOptionValue(option, value)
    highs.passModel(model)
    return highs


def _infeasible(problem: Problem, threads: int, seed: int, time_limit: float) -> HutongError:
    """Name the rows that must give way: those passed when the total (scaled) excess is smallest."""
    highs = _load(problem, threads, seed, slack=np.ones(1))
    highs.setOptionValue("mip_rel_gap", 1e-3)
    highs.setOptionValue("time_limit", float(time_limit))
    highs.run()
    values = np.array(highs.getSolution().col_value)
    x = np.round(values[: problem.group.size] * 1e9) / 1e9
    activity = problem.matrix @ x
    scale = np.array([r.scale for r in problem.rows])
    excess = np.maximum(np.maximum(problem.lower - activity, activity - problem.upper), 0.0)
    broken = np.flatnonzero(excess > 1e-6 * scale)
    broken = broken[np.argsort(-(excess / scale)[broken], kind="stable")]
    held = {b.row for b in binding_rows(problem, x)}
    lines = []
    for at in broken:
        row = problem.rows[at]
        limit = problem.lower[at] if activity[at] < problem.lower[at] else problem.upper[at]
        lines.append(
            f"{row.id}: {row.title.zh} / {row.title.en} — limit {number(limit)} {row.unit}, "
            f"at best {number(float(activity[at]))} {row.unit} (short by {number(float(excess[at]))}) [{row.source}]"
        )
    against = [r for r in problem.rows if r.id in held]
    lines += [f"against: {r.id}: {r.title.zh} / {r.title.en} [{r.source}]" for r in against]
    names = [problem.rows[at].title for at in broken]
    return HutongError(
        "infeasible",
        Text(
            f"没有方案能同时满足全部约束：{'、'.join(t.zh for t in names[:5])}互相冲突。",
            f"No scheme meets all limits at once: {', '.join(t.en for t in names[:5])} cannot be met.",
        ),
        Text(
            "请按所列差额放宽其中一项（如提高预算、减少必须解决的问题），再计算。",
            "Relax one of the rows listed by the amount shown (raise the budget, or mend less), then plan again.",
        ),
        lines,
    )
