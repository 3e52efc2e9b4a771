"""The fold of rows into primitives, one kind after the other (design 3, 4)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from oal.catalog import CellColumn, Constant, Kind, RowColumn
from oal.plan import Compare, Fold, Operand, Primitive
from oap.window.conditions import CellFacts
from oap.window.rows import Rows
from oap.window.state import TableFold, TableState
from tests.oap.window.row_fold import coded

NUMBER = Operand(RowColumn("number"), Kind.LONG)
CAST = Operand(RowColumn("text"), Kind.STRING, cast=True)
LABEL = Operand(RowColumn("label"), Kind.STRING)
POSITIVE = (Compare(NUMBER, ">", 0),)
MOST, LEAST = np.iinfo(np.int64).max, np.iinfo(np.int64).min
DOUBLE_MOST = 1.7976931348623157e308
Columns = Mapping[str, Sequence[object]]


def fold(state: TableState, cell: Sequence[int], columns: Columns, *, minute: int = 0, cells: int | None = None) -> int:
    """Fold rows of minute 0 into a state."""
    rows = Rows(
        np.array(columns["number"], np.int64).reshape(-1, 1),
        ["number"],
        np.zeros(len(cell), np.int32),
        np.array(cell, np.int32),
        lambda name: coded(columns[name]),
        lambda _, number: f"cell {number}",
    )
    room = max(cell, default=-1) + 1 if cells is None else cells
    given = state.fold.prepare(rows, CellFacts(rows.cell_value, len), room, len)
    return state.add(given, minute)


def numbers(state: TableState, index: int = 0) -> list[float]:
    column = state.fold.integers.get(index)
    values = state.doubles[:, state.fold.doubles[index]] if column is None else state.integers[:, column]
    return list(values.tolist())


def table(state: TableState, index: int = 0) -> list[tuple[int, int | str, int]]:
    """Entries of a tally: cell, key or label, amount."""
    tally, labels = state.tallies[index], list(state.labels[index])
    size = int(tally.size[0])
    keys = [labels[key] if labels else key for key in tally.keys[:size].tolist()]
    return list(zip(tally.cells[:size].tolist(), keys, tally.counts[:size].tolist(), strict=True))


@pytest.mark.parametrize(
    ("primitive", "expected"),
    [
        (Primitive(Fold.COUNT), [3, 2, 0]),
        (Primitive(Fold.COUNT, POSITIVE), [2, 0, 0]),
        (Primitive(Fold.SUM, (), NUMBER), [8, -7, 0]),
        (Primitive(Fold.SUM, POSITIVE, NUMBER), [12, 0, 0]),
        (Primitive(Fold.MAX, (), NUMBER), [7, 0, 0]),
        (Primitive(Fold.MIN, (), NUMBER), [-4, -5, MOST]),
        (Primitive(Fold.MIN, POSITIVE, NUMBER), [5, MOST, MOST]),
        (Primitive(Fold.SUM_DOUBLE, (), NUMBER), [8.0, -7.0, 0.0]),
        (Primitive(Fold.MAX_DOUBLE, (), NUMBER), [7.0, 0.0, 0.0]),
        (Primitive(Fold.MIN_DOUBLE, (), NUMBER), [-4.0, -5.0, DOUBLE_MOST]),
        (Primitive(Fold.MIN_DOUBLE, POSITIVE, NUMBER), [5.0, DOUBLE_MOST, DOUBLE_MOST]),
        (Primitive(Fold.SUM, (), CAST), [12, 0, 0]),
        (Primitive(Fold.SUM, (), Operand(Constant(3), Kind.LONG)), [9, 6, 0]),
    ],
)
def test_numbers_are_folded_by_cell(primitive: Primitive, expected: list[float]) -> None:
    state = TableState(TableFold([primitive]))
    columns: Columns = {"number": [5, -4, -5, 7, -2, 100], "text": ["5", "x", None, "7", "", "1"]}
    assert fold(state, [0, 0, 1, 0, 1, -1], columns, cells=3) == 5
    assert numbers(state) == expected
    assert state.counts.tolist() == [3, 2, 0]


@pytest.mark.parametrize(
    ("primitive", "expected"),
    [
        (Primitive(Fold.TALLY, (), NUMBER, step=10), [(0, 1, 2), (1, -1, 1), (0, 2, 1)]),
        (Primitive(Fold.TALLY, (), NUMBER, step=10, low=0, high=1), [(0, 1, 3), (1, 0, 1)]),
        (Primitive(Fold.TALLY, POSITIVE, NUMBER, step=10), [(0, 1, 2), (0, 2, 1)]),
        (Primitive(Fold.LABEL_COUNT, (), label=LABEL), [(0, "a_b", 1), (1, "null", 1), (0, "c", 1), (0, "null", 1)]),
        (
            Primitive(Fold.LABEL_SUM, (), NUMBER, label=LABEL),
            [(0, "a_b", 10), (1, "null", -12), (0, "c", 25), (0, "null", 11)],
        ),
        (Primitive(Fold.LABEL_COUNT, (), label=Operand(Constant("x"), Kind.STRING)), [(0, "x", 3), (1, "x", 1)]),
        (
            Primitive(Fold.LABEL_COUNT, (), label=Operand(CellColumn("name"), Kind.STRING)),
            [(0, "cell 0", 3), (1, "cell 1", 1)],
        ),
    ],
)
def test_tables_are_folded_by_cell_in_order_of_arrival(
    primitive: Primitive, expected: list[tuple[int, int | str, int]]
) -> None:
    state = TableState(TableFold([primitive]))
    columns: Columns = {"number": [10, -12, 25, 11, 3], "label": ["a|b", None, "c", None, "lost"]}
    fold(state, [0, 1, 0, 0, -1], columns)
    assert table(state) == expected


def test_rows_of_other_minutes_wait_for_their_window() -> None:
    state = TableState(TableFold([Primitive(Fold.COUNT), Primitive(Fold.TALLY, (), NUMBER)]))
    assert fold(state, [0, 1], {"number": [1, 2]}, minute=1) == 0
    assert numbers(state) == [0, 0]
    assert table(state, 1) == []


def test_state_grows_with_the_cells_and_keeps_what_it_has() -> None:
    primitives = [Primitive(Fold.COUNT), Primitive(Fold.MIN, (), NUMBER), Primitive(Fold.MAX_DOUBLE, (), NUMBER)]
    state = TableState(TableFold(primitives))
    fold(state, [1], {"number": [4]})
    fold(state, [999, 1], {"number": [9, 3]})
    assert len(state.counts) == 1000
    assert [numbers(state, index)[1] for index in range(3)] == [2, 3, 4.0]
    assert [numbers(state, index)[999] for index in range(3)] == [1, 9, 9.0]
    assert [numbers(state, index)[500] for index in range(3)] == [0, MOST, 0.0]


def test_equal_primitives_in_any_order_have_columns_of_their_own() -> None:
    primitives = [
        Primitive(Fold.COUNT, POSITIVE),
        Primitive(Fold.SUM, (), NUMBER),
        Primitive(Fold.MAX, (), NUMBER),
        Primitive(Fold.SUM_DOUBLE, (), NUMBER),
        Primitive(Fold.SUM, POSITIVE, NUMBER),
        Primitive(Fold.COUNT),
    ]
    state = TableState(TableFold(primitives))
    fold(state, [0, 0], {"number": [-1, 5]})
    assert [numbers(state, index)[0] for index in range(6)] == [1, 4, 5, 4.0, 5, 2]


ALL = (
    Primitive(Fold.COUNT),
    Primitive(Fold.SUM, (), NUMBER),
    Primitive(Fold.MAX, (), NUMBER),
    Primitive(Fold.MIN, (), NUMBER),
    Primitive(Fold.SUM_DOUBLE, (), NUMBER),
    Primitive(Fold.MAX_DOUBLE, (), NUMBER),
    Primitive(Fold.MIN_DOUBLE, (), NUMBER),
    Primitive(Fold.TALLY, (), NUMBER, step=2),
    Primitive(Fold.LABEL_COUNT, (), label=LABEL),
    Primitive(Fold.LABEL_SUM, (), NUMBER, label=LABEL),
)


def test_merged_states_equal_one_fold_also_with_labels_numbered_otherwise() -> None:
    plan = TableFold(ALL)
    first, second, whole = TableState(plan), TableState(plan), TableState(plan)
    earlier: Columns = {"number": [3, -8, 5], "label": ["a", "b", None]}
    later: Columns = {"number": [7, 1, -2, 4], "label": ["c", None, "b", "a"]}
    fold(first, [0, 1, 0], earlier)
    fold(second, [4, 0, 1, 0], later)
    fold(whole, [0, 1, 0], earlier)
    fold(whole, [4, 0, 1, 0], later)
    first.merge(second)
    assert [numbers(first, index) for index in range(7)] == [numbers(whole, index) for index in range(7)]
    assert [table(first, index) for index in (7, 8, 9)] == [table(whole, index) for index in (7, 8, 9)]
    assert table(first, 8) == [(0, "a", 2), (1, "b", 2), (0, "null", 2), (4, "c", 1)]


def test_copy_is_independent() -> None:
    state = TableState(TableFold(ALL))
    fold(state, [0], {"number": [3], "label": ["a"]})
    copy = state.copy()
    fold(state, [0], {"number": [5], "label": ["b"]})
    assert numbers(copy, 1) == [3]
    assert table(copy, 8) == [(0, "a", 1)]


def test_bytes_count_what_is_filled() -> None:
    state = TableState(TableFold([Primitive(Fold.COUNT), Primitive(Fold.SUM_DOUBLE, (), NUMBER)]))
    fold(state, [9], {"number": [3]})
    assert state.nbytes == 10 * (8 + 8 + 8)


def test_primitive_without_its_operand_is_a_bug() -> None:
    state = TableState(TableFold([Primitive(Fold.LABEL_COUNT)]))
    with pytest.raises(AssertionError, match="lacks the operand"):
        fold(state, [0], {"number": [3]})


def test_smallest_number_survives() -> None:
    state = TableState(TableFold([Primitive(Fold.MIN, (), NUMBER), Primitive(Fold.TALLY, (), NUMBER)]))
    fold(state, [0], {"number": [LEAST]})
    assert numbers(state) == [LEAST]
    assert table(state, 1) == [(0, LEAST, 1)]
