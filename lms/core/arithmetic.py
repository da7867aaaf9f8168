"""A safe reader of formulas such as `18*500` or `days * rate`: names, numbers, + - * / and brackets, exactly."""

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

LONGEST = 200
_ONLY = "算式里只能有数字、加减乘除和括号"
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class BadFormula(ValueError):
    """The formula is not plain arithmetic; the message is Chinese."""


def evaluate(formula: str, values: Mapping[str, Fraction] | None = None) -> Fraction:
    """Return the exact value of a formula; raise BadFormula on anything that is not plain arithmetic.

    `values` are what its names stand for; without them a name is no part of a formula.
    """
    return _value(_parse(formula), formula.strip().encode(), values)


def names_in(formula: str) -> list[str]:
    """Return the names a formula uses, each once, in order; raise BadFormula when it cannot be read."""
    found = [node for node in ast.walk(_parse(formula)) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(node.id for node in sorted(found, key=lambda node: node.col_offset)))


def divides(formula: str) -> bool:
    """Whether a formula divides by a name, so that it has no value where that is zero."""
    divisors = (node.right for node in ast.walk(_parse(formula)) if isinstance(node, ast.BinOp) and _is_division(node))
    return any(isinstance(node, ast.Name) for divisor in divisors for node in ast.walk(divisor))


def rename(formula: str, names: Mapping[str, str]) -> str:
    """Return the formula with other names in it, such as the cells of a sheet."""
    tree = _parse(formula)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names[node.id]
    return ast.unparse(tree)


def _is_division(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.Div)


def _parse(formula: str) -> ast.expr:
    if len(formula) > LONGEST or not formula.isprintable():
        raise BadFormula(f"算式要写在一行里，最多 {LONGEST} 个字符")
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadFormula("算式写法不对，只能用数字、加减乘除和括号") from None


def _value(node: ast.expr, written: bytes, values: Mapping[str, Fraction] | None) -> Fraction:
    match node:
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            second = _value(right, written, values)
            if isinstance(sign, ast.Div) and second == 0:
                raise BadFormula("算式里除以了零")
            return _OPERATORS[type(sign)](_value(left, written, values), second)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, written, values)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, written, values)
        case ast.Name(id=name) if values is not None:
            if name not in values:
                raise BadFormula(f"算式里的 {name} 不认识")
            return values[name]
        case ast.Constant(value=bool() | complex() | str() | bytes()):
            raise BadFormula(_ONLY)
        case ast.Constant(value=int() | float()):
            return _number(written[node.col_offset : node.end_col_offset].decode())
    raise BadFormula(_ONLY)


def _number(written: str) -> Fraction:
    """Return a number as it is written, not as a float holds it; 0.1 is a tenth."""
    if not written.replace(".", "", 1).isdigit():
        raise BadFormula("算式里的数字请写成普通的整数或小数")
    return Fraction(Decimal(written))
