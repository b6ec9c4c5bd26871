"""Contracts and operation 合同与微利运营: terms and planned payments from a scheme, returns, the band, the assets.

In: a solved scheme; an operator's periodic returns. Out: the contract with its clauses; whether the return lies in the
band, what is shared above it and by how much the term may grow below it, by the planner's own functions; the assets over
their whole life.
"""

from hutong.act.contracts.assets import (
    ASSET_COLUMNS,
    Asset,
    Register,
    asset_table,
    assets_of,
    read_assets,
    register,
)
from hutong.act.contracts.band import STANDINGS, Band, band_lines, planned_pace, watch
from hutong.act.contracts.contract import Terms, contract_text, draw_contract, read_contract
from hutong.act.contracts.machines import added, asset_machine, contract_machine
from hutong.act.contracts.returns import LEVELS, LINES, Return, check_return, read_returns, whole_years

__all__ = [
    "ASSET_COLUMNS",
    "LEVELS",
    "LINES",
    "STANDINGS",
    "Asset",
    "Band",
    "Register",
    "Return",
    "Terms",
    "added",
    "asset_machine",
    "asset_table",
    "assets_of",
    "band_lines",
    "check_return",
    "contract_machine",
    "contract_text",
    "draw_contract",
    "planned_pace",
    "read_assets",
    "read_contract",
    "read_returns",
    "register",
    "watch",
    "whole_years",
]
