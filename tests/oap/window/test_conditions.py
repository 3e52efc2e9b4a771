"""Conditions of rules, value by value and as vectors (spec oal 2.2-2.4)."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from oal.catalog import CellColumn, Constant, Kind, RowColumn
from oal.plan import NEVER, ApdexTier, Compare, HasValue, Operand, Predicate
from oap.window.conditions import CellFacts, RowConditions, matches, picked
from oap.window.rows import Rows
from tests.oap.window.row_fold import coded

TEXT = Operand(RowColumn("text"), Kind.STRING)
ENUM = Operand(RowColumn("enum"), Kind.ENUM)
LIST = Operand(RowColumn("list"), Kind.LIST)
NUMBER = Operand(RowColumn("number"), Kind.LONG)
FLAG = Operand(RowColumn("flag"), Kind.BOOL)
TAG = Operand(RowColumn("map"), Kind.MAP, key="k")
CAST = Operand(RowColumn("text"), Kind.STRING, cast=True)
CAST_TAG = Operand(RowColumn("map"), Kind.MAP, key="k", cast=True)
OWNER = Operand(CellColumn("owner"), Kind.STRING)


@pytest.mark.parametrize(
    ("operand", "operator", "literal", "value", "expected"),
    [
        (TEXT, "==", None, None, True),
        (TEXT, "==", None, "", False),
        (TEXT, "!=", None, "", True),
        (TEXT, "!=", None, None, False),
        (TEXT, "==", "x", None, False),
        (TEXT, "!=", "x", None, True),
        (TEXT, "==", "x", "x", True),
        (TEXT, "==", "x", '"x"', False),
        (ENUM, "==", "MQ", None, False),
        (ENUM, "!=", "MQ", None, True),
        (TEXT, "like", "%x%", None, False),
        (TEXT, "in", ("x", "y"), None, False),
        (TEXT, "in", ("x", "y"), "y", True),
        (ENUM, "in", ("MQ", "gRPC"), "gRPC", True),
        (LIST, "contain", "a", None, False),
        (LIST, "not contain", "a", None, False),
        (LIST, "contain", "a", ("b", "a"), True),
        (LIST, "contain", "a", ("ab",), False),
        (LIST, "not contain", "a", ("b",), True),
        (LIST, "not contain", "a", (), True),
        (TAG, "==", "v", {"k": "v"}, True),
        (TAG, "==", "v", {"z": "v"}, False),
        (TAG, "!=", "v", {"z": "v"}, True),
        (TAG, "!=", "v", None, True),
        (TAG, "==", None, {"z": "v"}, True),
        (NUMBER, ">", 3, 4, True),
        (NUMBER, ">", 3, 3, False),
        (NUMBER, "<=", 3, 3, True),
        (NUMBER, "in", (1, 3), 3, True),
        (NUMBER, ">", 3, None, False),
        (CAST, ">", 3, "4", True),
        (CAST, ">", 3, "x", False),
        (CAST, "!=", 3, "x", False),
        (CAST, "!=", 3, None, False),
        (CAST, "!=", 3, "4", True),
        (CAST, "==", 3, "+03", True),
        (CAST, "==", 3, " 3", False),
        (CAST, "in", (3, 4), "4", True),
        (CAST_TAG, "<", 3, {"k": "2"}, True),
        (CAST_TAG, "<", 3, {}, False),
        (FLAG, "==", True, True, True),
        (FLAG, "!=", True, False, True),
    ],
)
def test_condition_holds_as_the_language_says(
    operand: Operand,
    operator: str,
    literal: int | bool | str | tuple[int, ...] | tuple[str, ...] | None,
    value: object,
    expected: bool,
) -> None:
    assert matches(Compare(operand, operator, literal), value) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%pay%", "repay-x", True),
        ("%pay%", "PAY", False),
        ("%pay", "prepay", True),
        ("%pay", "pay-v1", False),
        ("pay%", "pay-v1", True),
        ("pay%", "prepay", False),
        ("%%", "", True),
        ("%", "anything", True),
        ("", "", False),
        ("abc", "abc", False),
        ("a%c", "a%c", False),
        ("%a%c", "xa%c", True),
        ("%a_c%", "abc", False),
    ],
)
def test_like(pattern: str, text: str, expected: bool) -> None:
    assert matches(Compare(TEXT, "like", pattern), text) is expected


def test_picked_reads_entries_and_casts() -> None:
    assert picked(CAST_TAG, {"k": "-12"}) == -12
    assert picked(CAST_TAG, {"k": str(2**63)}) is None
    assert picked(TAG, {"k": "-12"}) == "-12"
    assert picked(TAG, None) is None


def rows_of(columns: Mapping[str, Sequence[object]], cell: Sequence[int], owners: Sequence[str] = ()) -> Rows:
    numbers = np.array(columns["number"], dtype=np.int64).reshape(-1, 1)
    return Rows(
        numbers,
        ["number"],
        np.zeros(len(cell), np.int32),
        np.array(cell, np.int32),
        lambda name: coded(columns[name]),
        lambda _, number: owners[number],
    )


def conditions(rows: Rows, cells: int, threshold: Callable[[str], int] = len) -> RowConditions:
    return RowConditions(rows, CellFacts(rows.cell_value, threshold), cells, threshold)


COLUMNS: Mapping[str, Sequence[object]] = {
    "number": [5, 0, -3, 7],
    "text": ["12", None, "x", "7"],
    "map": [{"k": "1"}, {}, None, {"k": "z"}],
    "flag": [True, None, False, True],
}


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (Compare(NUMBER, ">=", 0), [True, True, False, True]),
        (Compare(NUMBER, "in", (5, -3)), [True, False, True, False]),
        (Compare(TEXT, "!=", "x"), [True, True, False, True]),
        (Compare(TEXT, "==", None), [False, True, False, False]),
        (Compare(CAST, "<", 10), [False, False, False, True]),
        (Compare(CAST, "!=", 7), [True, False, False, False]),
        (Compare(TAG, "!=", "1"), [False, True, True, True]),
        (Compare(FLAG, "==", True), [True, False, False, True]),
        (Compare(FLAG, "!=", True), [False, True, True, False]),
        (Compare(OWNER, "==", "ab"), [True, False, True, True]),
        (NEVER, [False] * 4),
        (HasValue(NUMBER), [True] * 4),
        (HasValue(TEXT), [True, False, True, True]),
        (HasValue(CAST), [True, False, False, True]),
        (HasValue(TAG), [True, False, False, True]),
        (HasValue(CAST_TAG), [True, False, False, False]),
    ],
    ids=str,
)
def test_predicate_selects_rows(predicate: Predicate, expected: list[bool]) -> None:
    rows = rows_of(COLUMNS, [0, 1, 0, 0], ["ab", "cde"])
    assert conditions(rows, 2).one(predicate).tolist() == expected


def test_all_is_the_conjunction() -> None:
    rows = rows_of(COLUMNS, [0, 1, 0, 0], ["ab", "cde"])
    both = (Compare(NUMBER, ">", -1), Compare(OWNER, "==", "ab"))
    assert conditions(rows, 2).all(both).tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("satisfied", "name", "status", "expected"),
    [
        (True, OWNER, True, [True, True, True, True, False, True]),
        (False, OWNER, True, [False, False, False, False, True, False]),
        (True, OWNER, Compare(FLAG, "==", True), [True, True, False, True, False, True]),
        (True, OWNER, False, [False] * 6),
        (True, Operand(RowColumn("text"), Kind.STRING), True, [True, False, True, True, True, False]),
        (True, Operand(Constant("four"), Kind.STRING), True, [True, True, True, False, False, True]),
    ],
)
def test_apdex_tiers_take_the_threshold_of_the_named_service(
    satisfied: bool, name: Operand, status: Compare | bool, expected: list[bool]
) -> None:
    columns: Mapping[str, Sequence[object]] = {
        "number": [2, 3, -1, 5, 20, 4],
        "flag": [True, True, False, True, True, True],
        "text": ["ab", "", "", "abcde", "a" * 20, "abc"],
    }
    rows = rows_of(columns, [0, 1, 0, 1, 1, 1], ["ab", "abcde"])
    tier = ApdexTier(satisfied, NUMBER, name, status)
    assert conditions(rows, 2).one(tier).tolist() == expected


def test_rows_without_any_cell_are_no_problem() -> None:
    rows = rows_of({"number": [1, 2]}, [-1, -1])
    tier = ApdexTier(satisfied=True, value=NUMBER, name=OWNER, status=True)
    found = conditions(rows, 0)
    assert len(found.all((Compare(OWNER, "==", "x"), tier, HasValue(OWNER)))) == 2


def test_numbers_of_texts_constants_and_missing_values() -> None:
    found = conditions(rows_of(COLUMNS, [0] * 4, ["ab"]), 1)
    assert found.numbers(CAST).tolist() == [12, 0, 0, 7]
    assert found.numbers(CAST_TAG).tolist() == [1, 0, 0, 0]
    assert found.numbers(Operand(Constant(9), Kind.LONG)).tolist() == [9] * 4
    assert found.numbers(NUMBER).tolist() == [5, 0, -3, 7]


def test_decisions_about_cells_are_made_once() -> None:
    asked: list[int] = []

    def owner(_: str, cell: int) -> object:
        asked.append(cell)
        return "ab" if cell != 1 else None

    facts = CellFacts(owner, len)
    condition = Compare(OWNER, "!=", None)
    assert facts.mask(condition, 2).tolist() == [True, False]
    assert facts.masks((condition, condition), 3).tolist() == [True, False, True]
    assert asked == [0, 1, 2]


def test_other_thresholds_share_the_decisions_about_cells() -> None:
    asked: list[int] = []

    def owner(_: str, cell: int) -> object:
        asked.append(cell)
        return "ab"

    facts = CellFacts(owner, lambda _: 100)
    condition = Compare(OWNER, "!=", None)
    assert facts.mask(condition, 2).tolist() == [True, True]
    others = facts.with_thresholds(lambda _: 7)
    assert others.mask(condition, 2).tolist() == [True, True]
    assert asked == [0, 1]
    assert others.thresholds(OWNER, 2).tolist() == [7, 7]
    assert facts.thresholds(OWNER, 2).tolist() == [100, 100]
