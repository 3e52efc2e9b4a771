import math
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oap.query.mqe.number_text import number_text, rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (-0.0001, "-0"),
        (0.0005, "0"),
        (-0.0005, "-0"),
        (0.00051, "0.001"),
        (0.0015, "0.002"),
        (1.0005, "1"),
        (9999.9995, "9999.999"),
        (1234567.5, "1234567.5"),
        (100.0, "100"),
        (1e20, "100000000000000000000"),
        (float(2**53), "9007199254740992"),
        (float(2**62), "4611686018427387900"),
        (-float(2**62), "-4611686018427387900"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, "NaN"),
    ],
)
def test_number_is_written_as_plain_decimal(value: float, text: str) -> None:
    assert number_text(value) == text


def test_numbers_of_numpy_are_written_alike() -> None:
    assert number_text(np.float64(1e20)) == "100000000000000000000"
    assert rounded(np.float64(2.5), 0) == 3.0


@given(
    value=st.one_of(
        st.floats(-(2.0**53), 2.0**53),
        st.integers(-(10**9), 10**9).map(lambda ten_thousandths: ten_thousandths / 10_000),
        st.integers(-(10**6), 10**6).map(lambda sixteenths: sixteenths / 16 / 1000),
    ).filter(lambda value: abs(value) != 0.0005)
)
def test_text_is_the_exact_decimal_rounded_half_even(value: float) -> None:
    exact = abs(Decimal(value)).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    assert number_text(value) == sign + format(exact, "f").rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("value", "places", "result"),
    [(2.5, 0, 3.0), (-2.5, 0, -3.0), (1.005, 2, 1.01), (0.125, 2, 0.13), (7.0, 3, 7.0), (1e300, 2, 1e300)],
)
def test_round_goes_away_from_zero_on_the_shortest_decimal(value: float, places: int, result: float) -> None:
    assert rounded(value, places) == result


def test_round_leaves_what_is_not_finite() -> None:
    assert rounded(math.inf, 2) == math.inf
    assert math.isnan(rounded(math.nan, 2))


def test_round_to_very_many_places_changes_nothing() -> None:
    assert rounded(0.1, 999_999_999) == 0.1
