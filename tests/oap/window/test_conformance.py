"""The data table of the language's conformance suite, through the real fold (spec oal 9.2)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from oap.window.book import WindowBook
from oap.window.window import Window
from tests.oap.window.row_fold import Records, RowFold
from tests.oap.window.row_language import Row, parse_expected, parse_rows, parse_thresholds

_TABLE = Path(__file__).parents[2] / "cases" / "oal" / "data_rows.tsv"


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    name: str
    script: str
    rows: tuple[Row, ...]
    expected: Records
    thresholds: dict[str, int]

    def fold(self) -> RowFold:
        return RowFold(self.script, self.thresholds)


def _cases() -> list[Case]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Case(
            line["id"],
            line["script"],
            tuple(parse_rows(line["rows"])),
            parse_expected(line["expected"]),
            parse_thresholds(line["thresholds"] or ""),
        )
        for line in lines
    ]


CASES = pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)


def _seen(case: Case, records: Records) -> Records:
    """The records as far as the table lists them: all of the minutes, and the listed hours and days."""
    listed = {key for key in records if len(str(key[2])) == 12} | case.expected.keys()
    return {
        key: {name: value for name, value in records.get(key, {}).items() if name in case.expected.get(key, {})}
        for key in listed
    }


def _by_batches(case: Case, *cuts: int) -> Records:
    fold = case.fold()
    book = WindowBook(fold.plan)
    for first, last in zip((0, *cuts), (*cuts, len(case.rows)), strict=True):
        fold.add_to(book, case.rows[first:last])
    return fold.records(book.collect(fold.sources, 0, everything=True).states)


def _by_merged_windows(case: Case, cut: int) -> Records:
    fold = case.fold()
    earlier: dict[int, Window] = {}
    later: dict[int, Window] = {}
    fold.fold_into(earlier, case.rows[:cut])
    fold.fold_into(later, case.rows[cut:])
    for minute, window in later.items():
        if minute in earlier:
            earlier[minute].merge(window)
        else:
            earlier[minute] = window
    return fold.records_of(earlier)


@CASES
def test_rows_give_the_records_of_the_table(case: Case) -> None:
    assert _seen(case, _by_batches(case)) == case.expected


@CASES
def test_records_do_not_depend_on_where_a_batch_ends(case: Case) -> None:
    wrong = {
        cut: seen for cut in range(1, len(case.rows)) if (seen := _seen(case, _by_batches(case, cut))) != case.expected
    }
    assert wrong == {}


@CASES
def test_windows_of_two_halves_merge_into_the_whole(case: Case) -> None:
    cuts = range(len(case.rows) + 1)
    wrong = {cut: seen for cut in cuts if (seen := _seen(case, _by_merged_windows(case, cut))) != case.expected}
    assert wrong == {}
