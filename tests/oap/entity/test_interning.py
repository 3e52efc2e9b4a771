"""Texts and tuples get dense numbers, in order of first sight, whatever room there was at first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oap.entity import interning

quick = settings(deadline=None, derandomize=True)


def numbers_of(texts: list[str], table: interning.TextTable) -> tuple[list[int], interning.TextTable]:
    found = []
    for text in texts:
        raw = np.frombuffer(b"<" + text.encode() + b">", np.uint8)
        number = interning.intern_text(table, raw, 1, len(raw) - 2)
        while number == interning.NO_ROOM:
            table = interning.grown_texts(table)
            number = interning.intern_text(table, raw, 1, len(raw) - 2)
        found.append(number)
    return found, table


@quick
@given(st.lists(st.text(max_size=3), max_size=60))
def test_texts_are_numbered_as_they_come(texts: list[str]) -> None:
    found, table = numbers_of(texts, interning.new_text_table(2, 4))
    distinct = list(dict.fromkeys(texts))
    assert found == [distinct.index(text) for text in texts]
    assert [table.text(number) for number in range(len(distinct))] == distinct


@quick
@given(st.lists(st.tuples(st.integers(-2, 2), st.sampled_from((0, 1, 2**63 - 1, -(2**63)))), max_size=60))
def test_tuples_are_numbered_as_they_come(rows: list[tuple[int, int]]) -> None:
    table = interning.new_tuple_table(2, rows=2)
    found = []
    for row in rows:
        number = interning.intern_tuple(table, np.array(row))
        while number == interning.NO_ROOM:
            table = interning.grown_tuples(table)
            number = interning.intern_tuple(table, np.array(row))
        found.append(number)
    distinct = list(dict.fromkeys(rows))
    assert found == [distinct.index(row) for row in rows]
    assert table.rows[: table.size[0]].tolist() == [list(row) for row in distinct]


def test_full_table_takes_nothing_new_but_knows_the_old() -> None:
    found, table = numbers_of(["ab", "c"], interning.new_text_table(2, 8))
    raw = np.frombuffer(b"cd", np.uint8)
    assert found == [0, 1]
    assert interning.intern_text(table, raw, 0, 2) == interning.NO_ROOM
    assert interning.intern_text(table, raw, 0, 1) == 1


@pytest.mark.parametrize(
    ("texts", "limit", "exceeds"), [(["a"], 1, False), (["a", "b"], 1, True), (["a" * 257], 1, True)]
)
def test_many_or_long_texts_exceed_a_limit(texts: list[str], limit: int, exceeds: bool) -> None:
    _, table = numbers_of(texts, interning.new_text_table())
    assert interning.exceeds(table, interning.new_tuple_table(1), limit) is exceeds
