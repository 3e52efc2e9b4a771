"""The 296 metrics of the catalogue, evaluated row by row (spec oal 2.1, 3, 4)."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.functions import FUNCTIONS, Call, Condition, Record
from tests.oracle.logs import Row
from tests.oracle.model import Columns

CATALOGUE = Path(__file__).parent.parent / "cases" / "ebpf-metrics.csv"
CONSTANT_PATHS = ("type", "detectPoint", "protocol.type")
"""Attributes that have the same value in all rows of one kind of source."""


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One line of the catalogue; equal only to itself, which makes it a quick key."""

    name: str
    scope: str
    filters: tuple[Condition, ...]
    function: str
    call: Call


def condition_of(text: str) -> Condition:
    """One condition: ``path operator literal``."""
    path, operator, literal = text.split()
    if literal.startswith('"'):
        return Condition(path, operator, literal.strip('"'))
    if literal.startswith("DetectPoint."):
        return Condition(path, operator, literal.removeprefix("DetectPoint."))
    if literal in {"true", "false"}:
        return Condition(path, operator, literal == "true")
    return Condition(path, operator, int(literal))


def call_of(line: Mapping[str, str], thresholds_ms: Mapping[str, int]) -> Call:
    """The function's value path and arguments."""
    value, arguments = line["attribute"], line["args"]
    match line["function"]:
        case "percent":
            return Call(value, condition=condition_of(arguments))
        case "percentile2":
            return Call(value, precision=int(arguments))
        case "apdex":
            name, status = arguments.split(", ")
            return Call(value, name=name, status=status, thresholds_ms=thresholds_ms)
        case _:
            return Call(value)


def catalogue(thresholds_ms: Mapping[str, int]) -> tuple[Metric, ...]:
    """All metrics in file order."""
    with CATALOGUE.open(newline="") as lines:
        return tuple(
            Metric(
                line["metric"],
                line["scope"],
                tuple(condition_of(text) for text in line["filters"].split(";") if text.strip()),
                line["function"],
                call_of(line, thresholds_ms),
            )
            for line in csv.DictReader(lines)
        )


Candidate = tuple[Metric, tuple[Condition, ...]]
"""A metric with those of its filters that differ from row to row."""


class MetricRecords:
    """Minute records of all metrics; hours and days are merged from them at the end (spec oal 4)."""

    def __init__(self, thresholds_ms: Mapping[str, int]) -> None:
        self._catalogue = catalogue(thresholds_ms)
        self._candidates: dict[tuple[object, ...], tuple[Candidate, ...]] = {}
        self._minutes: dict[tuple[str, int], dict[Metric, Record]] = {}

    def take(self, scope: str, entity_id: str, minute: int, row: Row) -> None:
        """Fold one source into all metrics of its scope whose filters hold."""
        records = self._minutes.setdefault((entity_id, minute), {})
        for metric, filters in self._candidates_of(scope, row):
            if all(condition.holds(row) for condition in filters):
                record = records.get(metric)
                if record is None:
                    record = records[metric] = FUNCTIONS[metric.function]()
                record.take(row, metric.call)

    def _candidates_of(self, scope: str, row: Row) -> tuple[Candidate, ...]:
        kind = (scope, *(row.get(path) for path in CONSTANT_PATHS))
        if kind not in self._candidates:
            self._candidates[kind] = tuple(candidates(self._catalogue, scope, row))
        return self._candidates[kind]

    def columns(self) -> dict[tuple[str, str, int], Columns]:
        """Stored columns of all minute, hour and day records."""
        rows: dict[tuple[str, str, int], Columns] = {}
        for minutes, part in ((1, 1), (60, 100), (1440, 10000)):
            for (metric, entity_id, bucket), record in self._merged(part).items():
                rows[metric.name, entity_id, bucket] = record.columns(minutes, metric.call)
        return rows

    def _merged(self, part: int) -> dict[tuple[Metric, str, int], Record]:
        """Records by bucket div ``part``."""
        merged: dict[tuple[Metric, str, int], Record] = {}
        for (entity_id, minute), records in self._minutes.items():
            for metric, record in records.items():
                key = (metric, entity_id, minute // part)
                if key not in merged:
                    merged[key] = FUNCTIONS[metric.function]()
                merged[key].merge(record)
        return merged


def candidates(metrics: Iterable[Metric], scope: str, row: Row) -> Iterable[Candidate]:
    """The metrics of a scope that rows of this kind can reach."""
    for metric in metrics:
        constant = [condition for condition in metric.filters if condition.path in CONSTANT_PATHS]
        varying = tuple(condition for condition in metric.filters if condition.path not in CONSTANT_PATHS)
        if metric.scope == scope and all(condition.holds(row) for condition in constant):
            yield metric, varying
