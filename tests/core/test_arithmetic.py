"""Formulas with names, and formulas of other names; plain ones are tested where questions use them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.arithmetic import BadFormula, divides, evaluate, names_in, rename

VALUES = {"days": Fraction(22), "rate": Fraction(336), "half": Fraction(1, 2)}


@pytest.mark.parametrize(
    "formula,value",
    [
        ("days * rate", 7392),
        ("-(days - half) * 2", -43),
        ("rate / days", Fraction(168, 11)),
        ("days*0.10", Decimal("2.2")),
    ],
)
def test_names_stand_for_their_values(formula: str, value: Fraction) -> None:
    assert evaluate(formula, VALUES) == value


@pytest.mark.parametrize(
    "formula,fault",
    [
        ("days * nothing", "nothing"),
        ("days / (half - half)", "零"),
        ("days.real", "只能有"),
        ("days(1)", "只能有"),
        ("天数 * 2", "天数"),
        ("2 ** days", "只能有"),
    ],
)
def test_what_is_no_arithmetic_is_named(formula: str, fault: str) -> None:
    with pytest.raises(BadFormula, match=fault):
        evaluate(formula, VALUES)


def test_without_values_a_name_is_no_part_of_a_formula() -> None:
    with pytest.raises(BadFormula):
        evaluate("days")


def test_names_are_found_once_in_order() -> None:
    assert names_in("rate * (days + rate) - half") == ["rate", "days", "half"]
    assert divides("rate / (2 + days)")
    assert not divides("days * 2 / 8 + rate")


numbers = st.sampled_from(["a", "b", "2", "0.5"])
formulas = st.recursive(
    numbers,
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*"), part).map(lambda three: f"({three[0]} {three[1]} {three[2]})"),
        part.map(lambda inner: f"-{inner}"),
    ),
    max_leaves=8,
)


@given(formulas)
def test_a_renamed_formula_has_the_same_value(formula: str) -> None:
    values = {"a": Fraction(3), "b": Fraction(7)}
    renamed = rename(formula, {"a": "C5", "b": "D5"})
    assert evaluate(renamed, {"C5": values["a"], "D5": values["b"]}) == evaluate(formula, values)
