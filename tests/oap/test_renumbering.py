"""Numbers and arrays after some rows were given up."""

import numpy as np
import numpy.typing as npt
import pytest

from oap.growing import GrowingArray
from oap.renumbering import kept_entries, kept_keys, renumbered


def kept(*numbers: int) -> npt.NDArray[np.int64]:
    return np.array(numbers, dtype=np.int64)


def test_numbers_move_together_and_negative_ones_stay() -> None:
    assert renumbered(np.array([7, 2, -1, 4, -6], np.int32), kept(2, 4, 7)).tolist() == [2, 0, -1, 1, -6]


def test_entries_and_keys_that_stay() -> None:
    assert kept_entries(["a", "b", "c"], kept(0, 2)) == ["a", "c"]
    assert kept_keys({"c": 2, "b": 1, "a": 0}, kept(1, 2)) == {"c": 1, "b": 0}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [((0, 2, 3), [10, 30, 40]), ((), []), ((3, 9), [40]), ((0, 1, 2, 3), [10, 20, 30, 40])],
)
def test_array_keeps_rows(rows: tuple[int, ...], expected: list[int]) -> None:
    array = GrowingArray(np.int64, fill=-1)
    for value in (10, 20, 30, 40):
        array.append(value)
    array.keep(kept(*rows))
    assert array.view.tolist() == expected
    array.resize(len(expected) + 1)
    assert array.view.tolist() == [*expected, -1]


def test_array_gives_up_room() -> None:
    array = GrowingArray(np.float64, (3,), fill=np.array([0.0, 1.0, 2.0]), room=4)
    array.resize(1000)
    array.keep(kept(5, 999))
    assert array.view.base is not None
    assert array.view.base.shape == (4, 3)
    assert array.view.tolist() == [[0.0, 1.0, 2.0]] * 2
