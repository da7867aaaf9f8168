"""A safe reader of formulas such as `18*500`: numbers, + - * / and brackets, computed exactly."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

LONGEST = 200
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class BadFormula(ValueError):
    """The formula is not plain arithmetic; the message is Chinese."""


def evaluate(formula: str) -> Fraction:
    """Return the exact value of a formula; raise BadFormula on anything that is not plain arithmetic."""
    if len(formula) > LONGEST or not formula.isprintable():
        raise BadFormula(f"算式要写在一行里，最多 {LONGEST} 个字符")
    try:
        tree = ast.parse(formula.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadFormula("算式写法不对，只能用数字、加减乘除和括号") from None
    return _value(tree.body, formula.strip())


def _value(node: ast.expr, formula: str) -> Fraction:
    match node:
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            second = _value(right, formula)
            if isinstance(sign, ast.Div) and second == 0:
                raise BadFormula("算式里除以了零")
            return _OPERATORS[type(sign)](_value(left, formula), second)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, formula)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, formula)
        case ast.Constant(value=bool() | complex() | str() | bytes()):
            raise BadFormula("算式里只能有数字、加减乘除和括号")
        case ast.Constant(value=int() | float()):
            return _number(formula[node.col_offset : node.end_col_offset])
    raise BadFormula("算式里只能有数字、加减乘除和括号")


def _number(written: str) -> Fraction:
    """Return a number as it is written, not as a float holds it; 0.1 is a tenth."""
    if not written.replace(".", "", 1).isdigit():
        raise BadFormula("算式里的数字请写成普通的整数或小数")
    return Fraction(Decimal(written))


def agrees(formula: str, answer: Decimal, tolerance: Decimal) -> bool:
    """Whether a formula gives the answer, to within the tolerance that learners have too."""
    return abs(evaluate(formula) - Fraction(answer)) <= Fraction(tolerance)
