"""Rule tests, run: each case through decoding, entities and fold, its records held against what is expected."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from oal.plan import Plan
from oap.emulator.playback import blocks
from oap.rules.case_file import Case
from oap.rules.entity_text import entity_text
from oap.rules.expectation import Expectation
from oap.rules.newest import newest_second
from oap.rules.records import Records, Surroundings, fold, left_out, selected
from oap.rules.tracing import Tracer
from oap.rules.values import Value, values_of
from oap.timebucket import minute_of, precision_of
from oap.why.traced_row import TracedRow

MOST_ROWS: Final = 10
"""How many logs, and how many other records, a failure shows."""

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """A record of the metric that is expected."""

    entity: str
    bucket: int
    columns: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that does not hold.

    ``got`` is the record there is; for an expected absence the first of those there are. ``others`` are the records of
    the metric in other places when there is none in this one. ``rows`` are logs of the entity and time that the metric
    could read, those that meet its conditions first, ``more_rows`` how many are not listed. ``left_out`` counts logs
    of the case that went nowhere by reason.
    """

    expectation: Expectation
    value_column: str
    got: Found | None
    others: Sequence[Found]
    rows: Sequence[TracedRow]
    more_rows: int
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case."""

    case: Case
    failures: Sequence[Failure] = field(default=())


def verdict(case: Case, plan: Plan, surroundings: Surroundings) -> Verdict:
    """Run one case."""
    now_s = newest_second(blocks(case.logs, _BATCH))
    records = fold(plan, blocks(case.logs, _BATCH), now_s, surroundings)
    failures = []
    for expectation in case.expectations:
        found = _found(records, expectation.metric)
        here = [record for record in found if _is_meant(expectation, record)]
        if _holds(expectation, here):
            continue
        rows = _rows(case, plan, surroundings, now_s, expectation)
        failures.append(
            Failure(
                expectation,
                records.models[expectation.metric].value_column,
                here[0] if here else None,
                found[:MOST_ROWS] if not here else (),
                rows[:MOST_ROWS],
                max(0, len(rows) - MOST_ROWS),
                left_out(records.accounts),
            )
        )
    return Verdict(case, failures)


def _found(records: Records, metric: str) -> list[Found]:
    """All records of a metric, minutes first, in order of time and entity."""
    scope = records.models[metric].scope
    found = []
    for (own, bucket), rows in records.rows.items():
        columns = next((each for each in rows.metrics if each.model.name == metric), None) if own == scope else None
        if columns is None:
            continue
        present = np.flatnonzero(columns.present)
        values = {name: values_of(selected(column, present)) for name, column in columns.columns.items()}
        for at, number in enumerate(present.tolist()):
            names = records.entities[scope, rows.entity_ids[number]].names
            record = {name: column[at] for name, column in values.items()}
            found.append(Found(entity_text(scope, names), bucket, record))
    return sorted(found, key=lambda record: (precision_of(record.bucket).minutes, record.bucket, record.entity))


def _is_meant(expectation: Expectation, record: Found) -> bool:
    return expectation.entity in {None, record.entity} and expectation.bucket in {None, record.bucket}


def _holds(expectation: Expectation, here: Sequence[Found]) -> bool:
    if expectation.columns is None:
        return not here
    return bool(here) and all(_is_equal(value, here[0].columns[name]) for name, value in expectation.columns.items())


def _is_equal(expected: Value, got: Value) -> bool:
    if isinstance(expected, Mapping) or isinstance(got, Mapping):
        return expected == got
    # Doubles are compared as closely as they can be written.
    return expected == got or (isinstance(got, float) and math.isclose(expected, got, rel_tol=1e-9))


def _rows(
    case: Case, plan: Plan, surroundings: Surroundings, now_s: float, expectation: Expectation
) -> list[TracedRow]:
    """The logs of the expected entity and time, those that are counted first."""
    metric = next(known for known in plan.metrics if known.name == expectation.metric)
    bucket = expectation.bucket
    first = None if bucket is None else minute_of(bucket)
    behind = None if bucket is None or first is None else first + precision_of(bucket).minutes
    rows = [
        row
        for row in Tracer(plan, metric, surroundings).rows(blocks(case.logs, _BATCH), now_s)
        if expectation.entity in {None, row.entity}
        and (first is None or behind is None or first <= row.minute < behind)
    ]
    return sorted(rows, key=lambda row: (not row.is_counted, row.message))
