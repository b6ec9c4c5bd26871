"""The micro-profit band of each renewal unit, with a choice of concession years and support between units (lean and fat).

NPV at a fixed rate is linear in the choices for given years. With several possible years the yearly income and outgo
of a unit are split over them, each part 0 unless its years are chosen; so the row stays linear and tight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.plan.flows import FlowColumns
from hutong.plan.money import LINES, Calendar
from hutong.plan.problem import Row, RowBuilder

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Gain of a yuan of surplus a year: a little below nothing, so that none is shared that need not be.
SURPLUS_GAIN = -1e-10
#: Gain of a year of concession: a little below nothing, so that none is longer than it must be.
YEAR_GAIN = -1e-6


@dataclass(frozen=True)
class OperatorMoney:
    """What the operator pays (sign −1) and receives (+1) for each option, by schedule: ``amounts`` (parts, options) ≥ 0."""

    schedules: tuple[str, ...]
    signs: tuple[float, ...]
    amounts: Floats

    @classmethod
    def of(cls, amounts: Floats) -> OperatorMoney:
        """Return the operator's part of an amounts array (options, lines), without what is borrowed and paid back."""
        total: dict[tuple[str, float], Floats] = {}
        for i, line in enumerate(LINES):
            sign = float(line.payee == "operator") - float(line.payer == "operator")
            if sign and "lender" not in (line.payer, line.payee) and amounts[:, i].any():
                key = (line.schedule, sign)
                total[key] = total.get(key, 0.0) + amounts[:, i]
        values = np.array(list(total.values())).reshape(len(total), len(amounts))
        return cls(tuple(k[0] for k in total), tuple(k[1] for k in total), values)

    def worth(self, term: Calendar, rate: float, build_only: bool = False) -> Floats:
        """Return the present value of each option to the operator, shape (options,)."""
        out = np.zeros(self.amounts.shape[1])
        for schedule, sign, amount in zip(self.schedules, self.signs, self.amounts, strict=True):
            if not build_only or schedule == "build":
                out += sign * term.factor(schedule, rate) * amount
        return out


@dataclass(frozen=True)
class BandColumns:
    """Where the answer stands: the surplus of each unit and term (units, terms), and the choice of terms (units, terms)."""

    surplus: Ints
    chosen: Ints | None
    terms: tuple[Calendar, ...]


def add_bands(
    build: RowBuilder,
    money: OperatorMoney,
    unit_of: Ints,
    names: Sequence[str],
    terms: Sequence[Calendar],
    rates: tuple[float, float],
    rows: tuple[Row, Row],
    support: FlowColumns | None = None,
    most_surplus: float = 1e9,
) -> BandColumns:
    """Add NPV(low) ≥ 0 and NPV(high) − surplus ≤ 0 for every unit.

    Parameters
    ----------
    unit_of
        Shape (options,): the unit of each option.
    terms
        The calendars that a unit may choose from (one: no choice).
    rates
        Low and high return.
    support
        Yearly money that units may pass to each other over the years of operation (only with one calendar).
    """
    units, count = len(names), len(terms)
    surplus = build.add_columns(np.full(units * count, most_surplus), SURPLUS_GAIN).reshape(units, count)
    if count == 1:
        _plain(build, money, unit_of, names, terms[0], rates, rows, surplus[:, 0], support)
        return BandColumns(surplus, None, tuple(terms))
    chosen = np.array(
        [build.add_columns(np.ones(count), [YEAR_GAIN * t.years for t in terms], choice=True) for _ in names]
    )
    _split(build, money, unit_of, names, terms, rates, rows, surplus, chosen, most_surplus)
    return BandColumns(surplus, chosen, tuple(terms))


def _named(row: Row, name: str, alone: bool) -> Row:
    return row if alone else Row(f"{row.id}:{name}", row.title, row.unit, row.source)


def _plain(
    build: RowBuilder, money: OperatorMoney, unit_of: Ints, names: Sequence[str], term: Calendar, rates: tuple[float, float],
    rows: tuple[Row, Row], surplus: Ints, support: FlowColumns | None,
) -> None:  # fmt: skip
    for rate, row, low in zip(rates, rows, (True, False), strict=True):
        annuity, worth = term.factor("operate", rate), money.worth(term, rate)
        for u, name in enumerate(names):
            full = np.zeros(build.columns)
            full[: worth.size] = np.where(unit_of == u, worth, 0.0)
            full[surplus[u]] = -annuity
            if support is not None and support.flows:
                given = np.asarray(support.incidence[[u], :].toarray()[0])
                full[support.columns] = -annuity * given
            build.add(_named(row, name, len(names) == 1), full, *((0.0, np.inf) if low else (-np.inf, 0.0)))


def _split(
    build: RowBuilder, money: OperatorMoney, unit_of: Ints, names: Sequence[str], terms: Sequence[Calendar],
    rates: tuple[float, float], rows: tuple[Row, Row], surplus: Ints, chosen: Ints, most_surplus: float,
) -> None:  # fmt: skip
    """Add the bands with a choice of terms: each payment of a unit after building is split over the terms."""
    later = [k for k, schedule in enumerate(money.schedules) if schedule != "build"]
    n, count, title = money.amounts.shape[1], len(terms), rows[0].title
    for u, name in enumerate(names):
        mine = unit_of == u
        columns = {}
        for k in later:
            amount = np.where(mine, money.amounts[k], 0.0)
            most = float(amount.sum()) or 1.0
            columns[k] = build.add_columns(np.full(count, most))
            total = np.zeros(build.columns)
            total[:n], total[columns[k]] = amount, -1.0
            build.add(
                Row(f"years.split{k}:{name}", title, "yuan", rows[0].source), total, lower=0.0, upper=0.0
            )
            for at, z in zip(columns[k], chosen[u], strict=True):
                only = np.zeros(build.columns)
                only[at], only[z] = 1.0, -most
                build.add(Row(f"years.only{k}:{name}", title, "yuan", rows[0].source), only, upper=0.0)
        for at, z in zip(surplus[u], chosen[u], strict=True):
            only = np.zeros(build.columns)
            only[at], only[z] = 1.0, -most_surplus
            build.add(Row(f"years.surplus:{name}", rows[1].title, "yuan", rows[1].source), only, upper=0.0)
        for rate, row, low in zip(rates, rows, (True, False), strict=True):
            full = np.zeros(build.columns)
            full[:n] = np.where(mine, money.worth(terms[0], rate, build_only=True), 0.0)
            for i, term in enumerate(terms):
                for k in later:
                    full[columns[k][i]] = money.signs[k] * term.factor(money.schedules[k], rate)
                full[surplus[u, i]] = -term.factor("operate", rate)
            build.add(_named(row, name, len(names) == 1), full, *((0.0, np.inf) if low else (-np.inf, 0.0)))


def add_fund(
    build: RowBuilder,
    due: sparse.sparray,
    most: Floats,
    rows: Sequence[Row],
    fund_of: Ints,
    funds: Floats,
    fund_rows: Sequence[Row],
) -> Ints:
    """Add the owners' burden of every building, eased by the maintenance fund it draws on.

    Parameters
    ----------
    due
        What owners of each building pay for each option, sparse (buildings, options), yuan.
    most
        Shape (buildings,): what they can bear.
    fund_of
        Shape (buildings,): which fund each draws on; −1 for none.
    funds
        Shape (funds,): what each holds, yuan.

    Returns
    -------
    The columns of what each building draws, shape (buildings,).
    """
    upper = np.where(fund_of >= 0, np.append(funds, 0.0)[fund_of], 0.0)
    drawn = build.add_columns(upper, SURPLUS_GAIN)
    cells = sparse.coo_array(due)
    count = len(rows)
    build.add_sparse(
        rows,
        np.concatenate([cells.coords[0], np.arange(count)]),
        np.concatenate([cells.coords[1], drawn]),
        np.concatenate([cells.data, -np.ones(count)]),
        [-np.inf] * count,
        list(most),
    )
    with_fund = np.flatnonzero(fund_of >= 0)
    build.add_sparse(
        fund_rows,
        fund_of[with_fund],
        drawn[with_fund],
        np.ones(with_fund.size),
        [-np.inf] * len(fund_rows),
        list(funds),
    )
    return drawn
