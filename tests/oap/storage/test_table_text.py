import dataclasses

import pytest

from oal.functions.contract import Tables
from oap.storage.table_text import entries_of, table_texts, tables_from_texts
from tests.oap.storage.samples import HEATMAP, PERCENTILE, STATUS, tables


def test_numbered_tables_become_texts() -> None:
    assert table_texts(tables([{0: 20, 12: 2}, {}, {-3: -9223372036854775808}])).to_pylist() == [
        "0,20|12,2",
        "",
        "-3,-9223372036854775808",
    ]


def test_labelled_tables_become_texts() -> None:
    assert table_texts(tables([{"{p=50}": 10, "größe": 1}, {"größe": 7}])).to_pylist() == [
        "{p=50},10|größe,1",
        "größe,7",
    ]


def test_a_slice_of_records_is_rendered_alone() -> None:
    whole = tables([{1: 1}, {2: 2}, {3: 3}])
    assert table_texts(Tables(whole.offsets[1:], whole.keys, whole.values)).to_pylist() == ["2,2", "3,3"]


def test_no_records_make_no_texts() -> None:
    assert table_texts(tables([])).to_pylist() == []


@pytest.mark.parametrize(("function", "labels"), [("labelCount", ("7",)), ("histogram", None), ("of tomorrow", None)])
def test_the_function_says_whether_keys_are_labels(function: str, labels: tuple[str, ...] | None) -> None:
    model = dataclasses.replace(STATUS, function=function)
    found = tables_from_texts(model, model.columns[0], ["7,1", None])
    assert (found.labels, found.values.tolist(), found.offsets.tolist()) == (labels, [1], [0, 1, 1])


def test_values_that_are_only_shown_are_labelled_where_keys_are_no_numbers() -> None:
    found = tables_from_texts(PERCENTILE, PERCENTILE.columns[0], ["{p=50},10|{p=99},120"])
    assert (found.labels, found.values.tolist()) == (("{p=50}", "{p=99}"), [10, 120])


@pytest.mark.parametrize("text", ["x,1", "1,x"])
def test_state_that_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        tables_from_texts(HEATMAP, HEATMAP.columns[0], [text])


def test_one_text_is_read_by_its_last_commas() -> None:
    assert entries_of("{a=1,b=2},5|7,-1") == {"{a=1,b=2}": 5, "7": -1}
    assert entries_of("") == {}
