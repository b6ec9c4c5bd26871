"""HiGHS: pass a problem in one call, rows scaled, and read back what it found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

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

    status: str  # optimal | node_limit | time_limit | stopped | infeasible
    x: np.ndarray | None
    bound: float
    reduced: np.ndarray
    row_price: np.ndarray = field(default_factory=lambda: np.empty(0))  # of scaled rows (relaxations)


@dataclass(frozen=True, slots=True)
class Effort:
    """How far a run may go, and who is told.

    ``watch`` is called with the best value and the bound while options are searched. With ``keep_best`` a Ctrl-C ends the search with
    what was found (``stop`` is set); without it, it ends the search and is raised again.
    """

    gap: float
    time_limit: float
    threads: int = 1
    seed: int = 1
    node_limit: int | None = None
    abs_gap: float = 1e-6
    watch: Callable[[float, float], None] | None = None
    keep_best: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, value: float, bound: float) -> None:
        """Tell the watcher, if there is one."""
        if self.watch is not None:
            self.watch(value, bound)

    def stopped(self) -> bool:
        """Return whether the user has ended the search."""
        return self.stop.is_set()


def run(
    problem: Problem,
    effort: Effort,
    relax: bool = False,
    slack: NDArray[np.bool_] | None = None,
    start: np.ndarray | None = None,
) -> Run:
    """Maximise, to ``effort.gap``; with ``relax`` options may be shared.

    Rows marked in ``slack`` may be passed, and the (scaled) total by which they are is made least instead.
    ``start`` is a choice to begin with (shape (columns,)).
    """
    if not problem.group.size and slack is None:  # HiGHS says of an empty model only that it is empty
        fits = bool((problem.lower <= 0).all() and (problem.upper >= 0).all())
        nothing = np.empty(0)
        return Run("optimal" if fits else "infeasible", nothing if fits else None, problem.offset, nothing)
    highs = _load(problem, effort, slack, relax)
    highs.setOptionValue("mip_rel_gap", effort.gap)
    highs.setOptionValue("mip_abs_gap", effort.abs_gap)
    highs.setOptionValue("time_limit", float(max(effort.time_limit, 0.1)))
    if effort.node_limit is not None:
        highs.setOptionValue("mip_max_nodes", effort.node_limit)
    size = column_size(problem)
    if start is not None and not relax and slack is None:
        given = highspy.HighsSolution()
        given.col_value = start / size
        highs.setSolution(given)
    go(highs, effort)
    info, solution = highs.getInfo(), highs.getSolution()
    status = "stopped" if effort.stopped() else _STATUS.get(highs.getModelStatus(), "node_limit")
    n = problem.group.size
    found = status != "infeasible" and info.primal_solution_status == 2
    x = np.array(solution.col_value)[:n] * size if found else None
    mixed = problem.integer.any() and not relax
    bound = float(info.mip_dual_bound) if mixed else float(info.objective_function_value)
    reduced = np.array(solution.col_dual)[:n] / size if relax and found else np.empty(0)
    price = np.array(solution.row_dual)[: len(problem.rows)] if relax and found else np.empty(0)
    return Run(status, x, bound, reduced, price)


def go(highs: highspy.Highs, effort: Effort) -> None:
    """Run HiGHS beside the main thread, so that Ctrl-C is heard, and tell the watcher how far it is.

    Raises
    ------
    KeyboardInterrupt
        After HiGHS has ended, unless ``effort.keep_best``.
    """
    kinds = highspy.cb.HighsCallbackType
    halt = threading.Event()

    def hear(kind: object, _message: object, told: object, answer: object, _data: object) -> None:
        if kind == kinds.kCallbackMipLogging:
            effort.tell(float(told.mip_primal_bound), float(told.mip_dual_bound))  # type: ignore[attr-defined]
        elif halt.is_set() or effort.stopped():
            answer.user_interrupt = True  # type: ignore[attr-defined]

    base = highspy._core._Highs
    base.setCallback(highs, hear, None)
    heard = [kinds.kCallbackMipInterrupt, kinds.kCallbackSimplexInterrupt]
    for kind in [*heard, kinds.kCallbackMipLogging] if effort.watch is not None else heard:
        base.startCallbackInt(highs, int(kind))

    done = (
        threading.Event()
    )  # not join: interrupted, it takes a thread that runs for one that ended (CPython 3.11)

    def work() -> None:
        try:
            base.run(highs)
        finally:
            done.set()

    job = threading.Thread(target=work, daemon=True)
    job.start()
    try:
        while not done.wait(0.2):
            pass
    except KeyboardInterrupt:
        if effort.keep_best:
            effort.stop.set()
        halt.set()
        done.wait()
        if not effort.keep_best:
            raise
    finally:
        job.join()


def column_size(problem: Problem) -> NDArray[np.float64]:
    """Return the unit of each column: amounts of money in million yuan, as HiGHS stalls on bounds of 1e9."""
    return np.where(problem.column_upper > 1e6, 1e6, 1.0)


def _load(problem: Problem, effort: Effort, slack: NDArray[np.bool_] | None, relax: bool) -> highspy.Highs:
    """Pass the model to HiGHS in one call, rows scaled; rows marked in ``slack`` may be passed at that cost."""
    scale = 1.0 / np.array([r.scale for r in problem.rows])
    body = sparse.csr_array(sparse.diags_array(scale) @ problem.matrix) if scale.size else problem.matrix
    size = column_size(problem)
    body = sparse.csr_array(body @ sparse.diags_array(size))
    lower, upper = problem.lower * scale, problem.upper * scale
    member = np.flatnonzero(problem.integer)
    objects = int(problem.group.max(initial=-1)) + 1
    one = sparse.csr_array(
        (np.ones(member.size), (problem.group[member], member)), shape=(objects, problem.group.size)
    )
    matrix = sparse.vstack([body, one], format="csr")
    cost, column_upper = problem.objective * size, problem.column_upper / size
    if slack is not None:
        sides = [(np.isfinite(lower) & slack, 1.0), (np.isfinite(upper) & slack, -1.0)]
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
    kinds[: problem.group.size] = problem.integer & (not relax)
    model.integrality_ = [highspy.HighsVarType(int(kind)) for kind in kinds]
    highs = options_of(effort)
    highs.passModel(model)
    return highs


def options_of(effort: Effort) -> highspy.Highs:
    """Return a silent HiGHS with its tolerances set."""
    highs = _Quiet()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", effort.threads),
        ("random_seed", effort.seed & 0x7FFFFFFF),
        ("mip_feasibility_tolerance", TOLERANCE),
        ("primal_feasibility_tolerance", TOLERANCE),
    ):
        highs.setOptionValue(option, value)
    return highs
