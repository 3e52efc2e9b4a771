"""Tables per cell."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oap.window.tally import Tally, merged, new_tally, quotients

Entry = tuple[int, int, int]


def add(tally: Tally, entries: Sequence[Entry]) -> Tally:
    cells = np.array([entry[0] for entry in entries], np.int32)
    keys = np.array([entry[1] for entry in entries], np.int64)
    amounts = np.array([entry[2] for entry in entries], np.int64)
    return merged(tally, cells, keys, amounts)


def entries_of(tally: Tally) -> list[Entry]:
    size = int(tally.size[0])
    columns = (tally.cells, tally.keys, tally.counts)
    return list(zip(*(column[:size].tolist() for column in columns), strict=True))


def test_entries_add_up_and_stand_in_order_of_arrival() -> None:
    tally = add(new_tally(4), [(3, -1, 5), (0, 7, 1), (3, -1, 2)])
    assert entries_of(add(tally, [(0, 7, 4), (3, 7, 1)])) == [(3, -1, 7), (0, 7, 5), (3, 7, 1)]


def test_tally_grows_over_many_entries_and_keeps_their_order() -> None:
    entries = [(cell, key, cell + key) for cell in range(50) for key in range(40)]
    tally = add(new_tally(2), entries)
    assert entries_of(tally) == entries
    assert len(tally.cells) == 2048


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from([-(2**63), -1, 0, 1, 2, 2**63 - 1]),
            st.integers(-5, 2**40),
        )
    ),
    st.integers(0, 40),
)
def test_tally_equals_a_counter_however_it_is_cut(entries: Sequence[Entry], cut: int) -> None:
    counter: Counter[tuple[int, int]] = Counter()
    for cell, key, amount in entries:
        counter[cell, key] += amount
    tally = add(add(new_tally(1), entries[:cut]), entries[cut:])
    assert entries_of(tally) == [(*key, amount) for key, amount in counter.items()]


@pytest.mark.parametrize(
    ("step", "low", "high", "expected"),
    [
        (10, -(2**63), 2**63 - 1, [-2, -1, 0, 0, 0, 0, 1, 2**63 // 10]),
        (1, -(2**63), 2**63 - 1, [-20, -10, -9, 0, 9, 9, 10, 2**63 - 1]),
        (10, 0, 1, [0, 0, 0, 0, 0, 0, 1, 1]),
    ],
)
def test_quotients_are_cut_toward_zero_and_held_between_bounds(
    step: int, low: int, high: int, expected: list[int]
) -> None:
    values = np.array([-20, -10, -9, 0, 9, 9, 10, 2**63 - 1], np.int64)
    assert quotients(values, step, low, high).tolist() == expected
