"""HiGHS: pass a problem in one call, rows scaled, and read back what it found."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.plan.problem import Problem

#: Feasibility tolerance on scaled rows.
TOLERANCE = 1e-8
_STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
}


class _Quiet(highspy.Highs):
    """HiGHS without its callbacks, whose set-up writes a banner to standard output."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the library's name)
        """Leave callbacks off."""


@dataclass(frozen=True)
class Run:
    """What a run found: ``x`` is None where there is no feasible point; ``reduced`` are reduced costs (relaxations)."""

    status: str  # optimal | node_limit | time_limit | infeasible
    x: np.ndarray | None
    bound: float
    reduced: np.ndarray


@dataclass(frozen=True, slots=True)
class Effort:
    """How far a run may go."""

    gap: float
    time_limit: float
    threads: int = 1
    seed: int = 1
    node_limit: int | None = None


def run(problem: Problem, effort: Effort, relax: bool = False, slack: bool = False) -> Run:
    """Maximise, to ``effort.gap``; with ``relax`` options may be shared, with ``slack`` rows may be passed at a cost."""
    if not problem.group.size and not slack:  # HiGHS says of an empty model only that it is empty
        fits = bool((problem.lower <= 0).all() and (problem.upper >= 0).all())
        nothing = np.empty(0)
        return Run("optimal" if fits else "infeasible", nothing if fits else None, problem.offset, nothing)
    highs = _load(problem, effort, slack, relax)
    highs.setOptionValue("mip_rel_gap", effort.gap)
    highs.setOptionValue("time_limit", float(max(effort.time_limit, 0.1)))
    if effort.node_limit is not None:
        highs.setOptionValue("mip_max_nodes", effort.node_limit)
    highs.run()
    info, solution = highs.getInfo(), highs.getSolution()
    status = _STATUS.get(highs.getModelStatus(), "node_limit")
    n = problem.group.size
    found = status != "infeasible" and info.primal_solution_status == 2
    size = _column_size(problem)
    x = np.array(solution.col_value)[:n] * size if found else None
    mixed = problem.integer.any() and not relax
    bound = float(info.mip_dual_bound) if mixed else float(info.objective_function_value)
    reduced = np.array(solution.col_dual)[:n] / size if relax and found else np.empty(0)
    return Run(status, x, bound, reduced)


def _column_size(problem: Problem) -> NDArray[np.float64]:
    """Return the unit of each column: amounts of money in million yuan, as HiGHS stalls on bounds of 1e9."""
    return np.where(problem.column_upper > 1e6, 1e6, 1.0)


def _load(problem: Problem, effort: Effort, slack: bool, relax: bool) -> highspy.Highs:
    """Pass the model to HiGHS in one call, rows scaled; with ``slack`` each row side may be passed at that cost."""
    scale = 1.0 / np.array([r.scale for r in problem.rows])
    body = sparse.csr_array(sparse.diags_array(scale) @ problem.matrix) if scale.size else problem.matrix
    size = _column_size(problem)
    body = sparse.csr_array(body @ sparse.diags_array(size))
    lower, upper = problem.lower * scale, problem.upper * scale
    member = np.flatnonzero(problem.integer)
    objects = int(problem.group.max(initial=-1)) + 1
    one = sparse.csr_array(
        (np.ones(member.size), (problem.group[member], member)), shape=(objects, problem.group.size)
    )
    matrix = sparse.vstack([body, one], format="csr")
    cost, column_upper = problem.objective * size, problem.column_upper / size
    if slack:
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
    model.offset_ = 0.0 if slack else problem.offset
    kinds = np.zeros(cost.size, np.uint8)
    kinds[: problem.group.size] = problem.integer & (not relax)
    model.integrality_ = [highspy.HighsVarType(int(kind)) for kind in kinds]
    highs = _Quiet()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", effort.threads),
        ("random_seed", effort.seed & 0x7FFFFFFF),
        ("mip_feasibility_tolerance", TOLERANCE),
        ("primal_feasibility_tolerance", TOLERANCE),
    ):
        highs.setOptionValue(option, value)
    highs.passModel(model)
    return highs
