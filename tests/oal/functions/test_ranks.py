"""Roofs of percentile ranks (spec oal 3.3)."""

import numpy as np
import pytest

from oal.functions.ranks import rank_keys, rank_roofs
from oal.functions.tables import parse_numeric_tables


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (1, [1, 1, 1, 1, 1]),
        (3, [2, 2, 3, 3, 3]),
        (5, [3, 4, 5, 5, 5]),
        (10, [5, 8, 9, 10, 10]),
        (338950, [169475, 254213, 305055, 322003, 335560]),
    ],
)
def test_roofs_round_half_up_in_single_precision(total: int, expected: list[int]) -> None:
    assert rank_roofs(np.array([total], dtype=np.int64)).tolist() == [expected]


def test_the_walk_starts_anew_in_every_record() -> None:
    filled, keys = rank_keys(parse_numeric_tables(["7,100", "", "1,1|9,1", "-3,1|0,9"]))
    assert filled.tolist() == [True, False, True, True]
    assert keys.tolist() == [[7, 7, 7, 7, 7], [1, 9, 9, 9, 9], [0, 0, 0, 0, 0]]


def test_a_rank_takes_the_key_where_the_count_equals_its_roof() -> None:
    _, keys = rank_keys(parse_numeric_tables(["1,5|2,3|3,1|4,1"]))
    assert keys.tolist() == [[1, 2, 3, 4, 4]]
