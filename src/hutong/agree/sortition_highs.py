"""Small exact searches in whole numbers, and the linear programme of a lottery, on HiGHS with one thread."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

#: Most nodes in the search for a rounding of the lottery.
_ROUNDING_NODES = 200
#: HiGHS' word for a solution that meets all rows.
_FEASIBLE = 2


class _Quiet(highspy.Highs):
    """HiGHS without its callbacks, whose set-up writes a banner to standard output."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the library's name)
        """Leave callbacks off."""


def _model(
    cost: NDArray[np.float64],
    rows: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    most: NDArray[np.float64],
    whole: NDArray[np.bool_] | None,
) -> highspy.Highs:
    matrix = sparse.csc_array(rows)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = rows.shape[1], rows.shape[0]
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = np.zeros(len(cost)), most
    model.row_lower_, model.row_upper_ = lower, upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data
    model.sense_ = highspy.ObjSense.kMaximize
    if whole is not None:
        model.integrality_ = [highspy.HighsVarType(int(k)) for k in whole]
    highs = _Quiet()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
        highs.setOptionValue(option, value)
    for option, tolerance in (("primal_feasibility_tolerance", 1e-9), ("mip_feasibility_tolerance", 1e-9)):
        highs.setOptionValue(option, tolerance)
    highs.passModel(model)
    return highs


def solve_whole(
    cost: NDArray[np.float64],
    rows: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    most: NDArray[np.float64],
    gap: float = 0.0,
) -> NDArray[np.int64] | None:
    """Maximise ``cost · x`` over whole x from 0 to ``most`` with ``lower <= rows · x <= upper``; None if impossible.

    With whole costs and no ``gap`` the answer is optimal: the search ends only when no better whole value is left.
    A relative gap above 0 lets it end sooner.
    """
    if not rows.shape[1]:
        return None
    highs = _model(cost, rows, lower, upper, most, np.ones(len(cost), bool))
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("mip_abs_gap", 0.5)
    highs.run()
    status = highs.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS ended with {status}")
    return np.rint(np.array(highs.getSolution().col_value)).astype(np.int64)


def least_deviation(share: NDArray[np.float64], aim: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Choose ``count`` of the columns of ``share`` (rows, columns) so that their sum is as near ``aim`` as found.

    Nearness is the largest difference in any row. The search ends after a fixed number of nodes, the same
    everywhere; what it has found then is given.
    """
    n_rows, n = share.shape
    rows = np.zeros((1 + 2 * n_rows, n + 1))
    rows[0, :n] = 1
    rows[1 : 1 + n_rows, :n] = rows[1 + n_rows :, :n] = share
    rows[1 : 1 + n_rows, n], rows[1 + n_rows :, n] = 1, -1
    lower = np.concatenate([[count], aim, np.full(n_rows, -np.inf)])
    upper = np.concatenate([[count], np.full(n_rows, np.inf), aim])
    most = np.append(np.ones(n), np.inf)
    cost = np.append(np.zeros(n), -1.0)
    highs = _model(cost, rows, lower, upper, most, np.append(np.ones(n, bool), False))
    highs.setOptionValue("mip_rel_gap", 0.05)
    highs.setOptionValue("mip_max_nodes", _ROUNDING_NODES)
    highs.run()
    if highs.getInfo().primal_solution_status != _FEASIBLE:
        raise RuntimeError(f"HiGHS ended with {highs.getModelStatus()}")
    return np.rint(np.array(highs.getSolution().col_value)[:n]).astype(np.int64)


class Master:
    """The linear programme of a lottery over the panels found so far; panels are added as columns.

    Maximise z with Σ_P λ_P n_k(P) / N_k ≥ z for open kinds and ≥ their fixed chance for the others, Σ λ = 1.
    """

    def __init__(
        self, panels: NDArray[np.int64], sizes: NDArray[np.int64], fixed: NDArray[np.float64]
    ) -> None:
        self.sizes = sizes.astype(float)
        self.open = np.isnan(fixed)
        kinds = len(sizes)
        rows = np.zeros((kinds + 1, 1 + len(panels)))
        rows[:kinds, 0] = np.where(self.open, -1.0, 0.0)
        rows[:kinds, 1:] = (panels / self.sizes).T
        rows[kinds, 1:] = 1
        cost = np.zeros(rows.shape[1])
        cost[0] = 1
        lower = np.concatenate([np.where(self.open, 0.0, np.nan_to_num(fixed)), [1.0]])
        upper = np.concatenate([np.full(kinds, np.inf), [1.0]])
        self.highs = _model(cost, rows, lower, upper, np.full(len(cost), np.inf), None)

    def add(self, panel: NDArray[np.int64]) -> None:
        """Add a panel, given as counts by kind."""
        column = np.concatenate([panel / self.sizes, [1.0]])
        at = np.flatnonzero(column)
        self.highs.addCol(0.0, 0.0, np.inf, len(at), at.astype(np.int32), column[at])

    def solve(self) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return z, the weights of the panels and the price of each kind (≥ 0)."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS ended with {self.highs.getModelStatus()}")
        solution = self.highs.getSolution()
        values = np.array(solution.col_value)
        prices = -np.array(solution.row_dual)[: len(self.sizes)]
        return float(values[0]), np.maximum(values[1:], 0), np.maximum(prices, 0)
