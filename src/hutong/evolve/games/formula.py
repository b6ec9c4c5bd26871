"""Pay-offs written as formulas of named parameters: numbers, names, + − × ÷, powers and brackets, nothing else."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Mapping
from typing import Any

from hutong.errors import HutongError
from hutong.text import Text

_TWO: dict[type, Any] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip
_ONE: dict[type, Any] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


def value_of(formula: object, names: Mapping[str, float], where: str) -> float:
    """Return a number, or the value of a formula under ``names``.

    Parameters
    ----------
    where
        Where the formula stands, for the message.

    Raises
    ------
    HutongError
        ``bad-formula`` for anything but arithmetic on known names, or a result that is not finite.
    """
    try:
        if isinstance(formula, bool) or not isinstance(formula, int | float | str):
            raise ValueError(f"{formula!r}")
        tree = ast.parse(formula, mode="eval").body if isinstance(formula, str) else ast.Constant(formula)
        result = _walk(tree, names)
        if not math.isfinite(result):
            raise ValueError("not finite")
    except (ValueError, SyntaxError, ArithmeticError, RecursionError) as caught:
        reason = str(caught)
        raise HutongError(
            "bad-formula",
            Text(f"{where}：算式 {formula!r} 无法计算（{reason}）。", f"{where}: {formula!r} cannot be worked out ({reason})."),
            Text("算式只含数、已定义的参数和 + - * / ** ( )。",
                 "Write numbers, parameters of the file, and + - * / ** ( )."),
        ) from None  # fmt: skip
    return result


def _walk(node: ast.expr, names: Mapping[str, float]) -> float:
    if isinstance(node, ast.BinOp) and type(node.op) in _TWO:
        result = _TWO[type(node.op)](_walk(node.left, names), _walk(node.right, names))
        if isinstance(result, complex):
            raise ValueError("not a real number")
        return float(result)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _ONE:
        return float(_ONE[type(node.op)](_walk(node.operand, names)))
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise ValueError(f"no parameter {node.id}")
        return names[node.id]
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        return float(node.value)
    raise ValueError(type(node).__name__)
