"""Whether the formula of a numeric question gives its answer."""

from decimal import Decimal
from fractions import Fraction

from lms.core.arithmetic import evaluate


def agrees(formula: str, answer: Decimal, tolerance: Decimal) -> bool:
    """Whether a formula gives the answer, to within the tolerance that learners have too."""
    return abs(evaluate(formula) - Fraction(answer)) <= Fraction(tolerance)
