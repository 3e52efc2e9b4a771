"""Table columns as a whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oal.functions.contract import Tables
from oal.functions.tables import (
    add_tables,
    concat_tables,
    empty_tables,
    parse_label_tables,
    parse_numeric_tables,
    relabel_tables,
    render_tables,
    select_tables,
)

_numbers = st.dictionaries(st.integers(-(2**40), 2**62), st.integers(-(2**62), 2**62), max_size=4)


def _text(entries: dict[int, int]) -> str:
    return "|".join(f"{key},{value}" for key, value in sorted(entries.items()))


def test_numeric_texts_come_back_ascending() -> None:
    assert render_tables(parse_numeric_tables(["10,1|9,2", "", None, "-1,3"])) == ["9,2|10,1", "", "", "-1,3"]


def test_label_texts_come_back_in_their_order_and_split_at_the_last_comma() -> None:
    tables = parse_label_tables(["{a=1,b=2},5|x,-1", None, "x,2"])
    assert tables.labels == ("{a=1,b=2}", "x")
    assert render_tables(tables) == ["{a=1,b=2},5|x,-1", "", "x,2"]


@pytest.mark.parametrize("text", ["a,b", "1", "1,2|3", "1,x"])
def test_texts_that_are_no_numeric_tables_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the text of the error is Python's)
        parse_numeric_tables([text])


@given(st.lists(_numbers, max_size=4))
def test_rendering_undoes_parsing(records: list[dict[int, int]]) -> None:
    texts = [_text(record) for record in records]
    assert render_tables(parse_numeric_tables(texts)) == texts


def test_records_are_selected_by_index_and_mask() -> None:
    tables = parse_numeric_tables(["1,1|2,2", "", "3,3"])
    assert render_tables(select_tables(tables, np.array([2, 0, 0, 1]))) == ["3,3", "1,1|2,2", "1,1|2,2", ""]
    assert render_tables(select_tables(tables, np.array([False, True, True]))) == ["", "3,3"]
    assert render_tables(select_tables(tables, np.array([], dtype=np.int64))) == []


def test_joined_parts_share_their_labels() -> None:
    joined = concat_tables([parse_label_tables(["a,1|b,2"]), parse_label_tables(["c,3", "b,4"])])
    assert joined.labels == ("a", "b", "c")
    assert render_tables(joined) == ["a,1|b,2", "c,3", "b,4"]
    assert render_tables(concat_tables([parse_numeric_tables(["1,1"]), empty_tables(1)])) == ["1,1", ""]
    assert len(concat_tables([])) == 0


@given(st.lists(st.tuples(_numbers, _numbers), min_size=1, max_size=4))
def test_numeric_tables_add_key_by_key(pairs: list[tuple[dict[int, int], dict[int, int]]]) -> None:
    left, right = (parse_numeric_tables([_text(pair[side]) for pair in pairs]) for side in (0, 1))
    wrapped = [_text({key: _wrapped(a.get(key, 0) + b.get(key, 0)) for key in {**a, **b}}) for a, b in pairs]
    assert render_tables(add_tables((left, right))) == wrapped


def _wrapped(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


def test_labels_add_in_order_of_arrival_up_to_the_limit() -> None:
    old, new = parse_label_tables(["GET,2|POST,1", ""]), parse_label_tables(["PUT,1|GET,2", "c,4|d,1|e,1"])
    assert render_tables(add_tables((old, new))) == ["GET,4|POST,1|PUT,1", "c,4|d,1|e,1"]
    assert render_tables(add_tables((old, new), 2)) == ["GET,4|POST,1", "c,4|d,1"]


def test_labels_that_become_equal_are_added_up() -> None:
    tables = parse_label_tables(["a,1|b,2", "b,3"])
    assert render_tables(relabel_tables(tables, ["x", "x"])) == ["x,3", "x,3"]
    assert render_tables(relabel_tables(empty_tables(2, ()), ())) == ["", ""]


def test_far_apart_keys_are_sorted_too() -> None:
    tables = parse_numeric_tables([f"{2**62},1|{-(2**62)},2"])
    assert render_tables(tables) == [f"{-(2**62)},2|{2**62},1"]
    assert isinstance(tables, Tables)
