"""Any split of rows, folded apart and merged, equals one fold."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oal.functions.contract import Column, Tables
from oal.functions.merging import merge_columns
from oal.functions.registry import FUNCTIONS
from oal.functions.tables import parse_label_tables, render_tables
from tests.oal.functions.single_records import Row, state_of
from tests.oal.functions.test_worked_examples import _CALLS, _PARAMETERS

_rows = st.lists(
    st.fixed_dictionaries(
        {
            "v": st.integers(-5000, 5000),
            "ok": st.booleans(),
            "label": st.sampled_from(["a", "b", "c", "d"]),
            "name": st.just("svc"),
        }
    ),
    min_size=1,
    max_size=12,
)


def _plain(columns: Mapping[str, Column]) -> dict[str, list[float] | list[str]]:
    return {
        name: render_tables(column) if isinstance(column, Tables) else column.tolist()
        for name, column in columns.items()
    }


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@settings(max_examples=30)
@given(rows=_rows, cut=st.integers(0, 12))
def test_a_split_then_merge_equals_one_fold(name: str, rows: list[Row], cut: int) -> None:
    function, call, parameters = FUNCTIONS[name], _CALLS[name], _PARAMETERS.get(name, ())
    old, new = (state_of(function, call, part, parameters) for part in (rows[:cut], rows[cut:]))
    merged = merge_columns(function, old, new, parameters)
    whole = state_of(function, call, rows, parameters)
    if name == "labelCount":
        _assert_first_labels_kept(merged, old, whole)
        return
    assert _plain(merged) == _plain(whole)
    assert _plain(function.finish(merged, 1, parameters)) == _plain(function.finish(whole, 1, parameters))


def _assert_first_labels_kept(
    merged: Mapping[str, Column], old: Mapping[str, Column], whole: Mapping[str, Column]
) -> None:
    """A limited table keeps the labels that were first; a label that one part dropped may have lost rows."""
    (text,), (first,), (expected,) = (_plain(state)["dataset"] for state in (merged, old, whole))
    kept, earlier, right = (
        [entry.rpartition(",")[0] for entry in str(table).split("|") if entry] for table in (text, first, expected)
    )
    assert kept[: len(earlier)] == earlier
    assert kept == right


def test_records_of_different_shape_merge_side_by_side() -> None:
    function = FUNCTIONS["labelCount"]
    old = {"dataset": parse_label_tables(["a,1|b,1", "", "c,1"])}
    new = {"dataset": parse_label_tables(["c,1|a,1", "x,2|y,1", ""])}
    merged = merge_columns(function, old, new, (2,))
    assert _plain(merged) == {"dataset": ["a,2|b,1", "x,2|y,1", "c,1"]}


def test_the_first_precision_wins() -> None:
    function = FUNCTIONS["percentile2"]
    states = [state_of(function, _CALLS["percentile2"], [{"v": 5}], (precision,)) for precision in (10, 20)]
    assert np.asarray(merge_columns(function, states[0], states[1], (20,))["precision"]).tolist() == [10]


def test_only_state_columns_are_merged() -> None:
    state = {"summation": np.array([3, 4]), "count": np.array([1, 2]), "value": np.array([3, 2])}
    merged = merge_columns(FUNCTIONS["longAvg"], state, state, ())
    assert _plain(merged) == {"summation": [6, 8], "count": [2, 4]}
