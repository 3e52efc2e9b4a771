"""What came of rule tests, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby

from oal.diagnostic import Palette
from oap.rules.calendar_text import bucket_text
from oap.rules.case_file import Case, CaseFile
from oap.rules.expectation import NO_ROW, Expectation
from oap.rules.values import Value, value_text
from oap.rules.verdict import Failure, Found, Verdict
from oap.why.traced_row import TracedRow

Outcomes = Sequence[tuple[CaseFile, Sequence[Verdict]]]
"""What came of the cases, file by file."""


def verdict_lines(outcomes: Outcomes, palette: Palette) -> Iterator[str]:
    """The failures, and a last line with the counts."""
    for file, verdicts in outcomes:
        for verdict in verdicts:
            if verdict.failures:
                yield f"{palette.error}FAILED{palette.reset} {file.file}:{verdict.case.line}: {verdict.case.name}"
            for failure in verdict.failures:
                yield from (f"  {line}" for line in _failure_lines(file.file, verdict.case, failure, palette))
    passed, failed = counts(outcomes)
    cases = passed + failed
    expectations = sum(len(verdict.case.expectations) for _, verdicts in outcomes for verdict in verdicts)
    counted = f"{cases} case{'s' if cases != 1 else ''}, {expectations} expectation{'s' if expectations != 1 else ''}"
    yield f"{counted}: {f'{passed} passed, {failed} failed' if failed else 'all passed'}"


def counts(outcomes: Outcomes) -> tuple[int, int]:
    """How many cases passed and failed."""
    verdicts = [verdict for _, found in outcomes for verdict in found]
    failed = sum(bool(verdict.failures) for verdict in verdicts)
    return len(verdicts) - failed, failed


def _failure_lines(file: str, case: Case, failure: Failure, palette: Palette) -> Iterator[str]:
    expectation, got = failure.expectation, failure.got
    yield f"{file}:{expectation.line}: {expectation.metric}, {_place(expectation)}"
    expected = _told(expectation.columns, failure.value_column)
    compared = None if got is None else {name: got.columns[name] for name in expectation.columns or got.columns}
    where = f" ({got.entity}, {bucket_text(got.bucket)})" if got is not None and expectation.columns is None else ""
    yield f"  {palette.error}- expected {expected}{palette.reset}"
    yield f"  {palette.marker}+ got      {_told(compared, failure.value_column)}{where}{palette.reset}"
    if got is not None and expectation.columns is not None and len(got.columns) > len(expectation.columns):
        yield f"    record   {_told(got.columns, '')}"
    yield from (f"  {line}" for line in _row_lines(file, case, failure))
    if failure.others:
        yield "  records that the metric has:"
        yield from (f"    {_record(other, failure.value_column)}" for other in failure.others)
    if failure.left_out:
        yield f"  logs left out: {', '.join(f'{reason} {count}' for reason, count in failure.left_out.items())}"


def _row_lines(file: str, case: Case, failure: Failure) -> Iterator[str]:
    counted = [f"{_origin(file, case, row)}  {row.text}" for row in failure.rows if row.is_counted]
    refused = [f"{_origin(file, case, row)}  {row.text}" for row in failure.rows if not row.is_counted]
    yield "logs that went in:" if counted else "no log went in"
    yield from _numbered(counted)
    if refused:
        yield "logs that do not meet the rule's conditions:"
    yield from _numbered(refused)
    if failure.more_rows:
        yield f"and {failure.more_rows} more"


def _numbered(lines: Sequence[str]) -> Iterator[str]:
    """The lines, those that are the same one after the other only once."""
    for line, group in groupby(lines):
        times = len(list(group))
        yield f"  {line}{f' ({times} times)' if times > 1 else ''}"


def _origin(file: str, case: Case, row: TracedRow) -> str:
    return f"{file}:{case.lines[row.message]}" if case.lines else f"message {row.message}"


def _place(expectation: Expectation) -> str:
    entity = expectation.entity or "any entity"
    return f"{entity}, {'any time' if expectation.bucket is None else bucket_text(expectation.bucket)}"


def _told(columns: Mapping[str, Value] | None, value_column: str) -> str:
    """Columns in one line; the one with the value is just called that."""
    if columns is None:
        return NO_ROW
    names = {name: "value" if name == value_column else name for name in columns}
    return ", ".join(f"{names[name]} {value_text(value)}" for name, value in columns.items())


def _record(found: Found, value_column: str) -> str:
    return f"{found.entity}, {bucket_text(found.bucket)}: value {value_text(found.columns[value_column])}"


def verdict_record(outcomes: Outcomes) -> dict[str, object]:
    """The same for programs."""
    passed, failed = counts(outcomes)
    cases = [
        {
            "file": file.file,
            "line": verdict.case.line,
            "name": verdict.case.name,
            "passed": not verdict.failures,
            "failures": [_failure_record(verdict.case, failure) for failure in verdict.failures],
        }
        for file, verdicts in outcomes
        for verdict in verdicts
    ]
    return {"passed": passed, "failed": failed, "cases": cases}


def _failure_record(case: Case, failure: Failure) -> dict[str, object]:
    expectation = failure.expectation
    return {
        "line": expectation.line,
        "metric": expectation.metric,
        "entity": expectation.entity,
        "bucket": expectation.bucket,
        "expected": expectation.columns,
        "got": asdict(failure.got) if failure.got is not None else None,
        "others": [asdict(other) for other in failure.others],
        "rows": [_row_record(case, row) for row in failure.rows],
        "more_rows": failure.more_rows,
        "left_out": failure.left_out,
    }


def _row_record(case: Case, row: TracedRow) -> dict[str, object]:
    place = {"line": case.lines[row.message]} if case.lines else {"message": row.message}
    return {**place, "went_in": row.is_counted, "text": row.text}
