"""Folds plain rows through the real windows: rules and rows in, stored records out."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from oal.catalog import Catalog, Kind, RowColumn
from oal.compiler import compile_rules
from oal.functions.contract import Column, Tables
from oal.plan import Plan
from oap.entity.apdex import ApdexThresholds
from oap.entity.routes import Entity
from oap.storage.contract import MetricRows
from oap.timebucket import Precision
from oap.window.book import WindowBook
from oap.window.conditions import CellFacts
from oap.window.models import metric_models
from oap.window.records import Base, Handed, ScopeSource, ScopeState, changed_state, finished
from oap.window.rows import CodedTexts, Rows
from oap.window.state import FoldInput
from oap.window.window import CellSource, TableKey, Window, fold_plan
from tests.oal.service_catalog import conformance_catalog
from tests.oap.window.row_language import RecordKey, Row

Records = dict[RecordKey, dict[str, object]]
LONGER = (Precision.HOUR, Precision.DAY)


@dataclass(slots=True)
class Cells:
    """Cells of one grain, numbered as they come: (scope, entity, cell columns)."""

    known: list[Row] = field(default_factory=list)
    numbers: dict[object, int] = field(default_factory=dict)
    entities: dict[str, dict[str, int]] = field(default_factory=dict)

    def intern(self, row: Row) -> int:
        key = (row.scope, row.entity, tuple(sorted((name, str(value)) for name, value in row.cell.items())))
        if key not in self.numbers:
            self.numbers[key] = len(self.known)
            self.known.append(row)
            names = self.entities.setdefault(row.scope, {})
            names.setdefault(row.entity, len(names))
        return self.numbers[key]

    def value(self, column: str, cell: int) -> object:
        return self.known[cell].cell.get(column)

    def entity_of(self, scope: str) -> npt.NDArray[np.int32]:
        names = self.entities.get(scope, {})
        return np.array([names[row.entity] if row.scope == scope else -1 for row in self.known], dtype=np.int32)

    def all(self, scope: str) -> Sequence[Entity]:
        return [Entity(name, name, (name,)) for name in self.entities.get(scope, {})]


class RowFold:
    """Rules made ready to fold rows of the conformance catalog."""

    def __init__(self, script: str, thresholds: Mapping[str, int] | None = None) -> None:
        self.catalog, compiled = _compiled(script)
        self.plan = fold_plan(compiled)
        self.models = metric_models(compiled, self.catalog)
        self.threshold = ApdexThresholds(thresholds or {}).lookup
        self.cells = {scope.grain: Cells() for scope in self.catalog.scopes.values()}
        self._sources = {grain: self._cell_source(cells) for grain, cells in self.cells.items()}
        self.sources = [self._scope_source(name) for name in self.catalog.scopes]

    def inputs(self, rows: Iterable[Row]) -> dict[TableKey, FoldInput]:
        """A batch, ready to be folded into any window."""
        tables: dict[TableKey, list[Row]] = {}
        for row in rows:
            tables.setdefault((self.catalog.scopes[row.scope].grain, row.table), []).append(row)
        return {key: self._input(key, batch) for key, batch in tables.items() if key in self.plan.tables}

    def fold_into(self, windows: dict[int, Window], rows: Sequence[Row]) -> None:
        """Fold a batch into minute windows, opened as needed."""
        inputs = self.inputs(rows)
        for minute in sorted({row.minute for row in rows}):
            window = windows.setdefault(minute, Window(minute, Precision.MINUTE, self.plan))
            window.add(inputs, minute)

    def add_to(self, book: WindowBook, rows: Sequence[Row]) -> None:
        """Fold a batch into a book."""
        book.add(self.inputs(rows), sorted({row.minute for row in rows}))

    def records_of(self, windows: Mapping[int, Window]) -> Records:
        """Records of minute windows and of the hours and days that they add up to."""
        longer: dict[tuple[int, Precision], Window] = {}
        for minute in sorted(windows):
            for precision in LONGER:
                first = minute - minute % precision.minutes
                window = longer.setdefault((first, precision), Window(first, precision, self.plan))
                window.merge(windows[minute])
        states = [
            changed_state(window, source, Handed())
            for window in (*windows.values(), *longer.values())
            for source in self.sources
        ]
        return self.records([state for state in states if state is not None])

    def records(self, states: Iterable[ScopeState]) -> Records:
        """Finished records of a hand-over into an empty store."""
        result: Records = {}
        for state in states:
            result |= records_in(finished(state, Base(None)))
        return result

    def _input(self, key: TableKey, rows: Sequence[Row]) -> FoldInput:
        grain = key[0]
        cells = [self.cells[grain].intern(row) for row in rows]
        names = self._numeric_columns(key)
        numbers = [[row.values.get(name) or 0 for name in names] for row in rows]
        source = self._sources[grain]
        built = Rows(
            np.array(numbers, dtype=np.int64).reshape(len(rows), len(names)),
            names,
            np.array([row.minute for row in rows], dtype=np.int32),
            np.array(cells, dtype=np.int32),
            lambda name: coded([row.values.get(name) for row in rows]),
            source.value,
        )
        return self.plan.tables[key].prepare(built, source.facts, source.count(), self.threshold)

    def _numeric_columns(self, key: TableKey) -> list[str]:
        """Numbers, and booleans of the access log tables, which are never null there."""
        kinds: dict[str, Kind] = {}
        for scope in self.catalog.scopes.values():
            for table in scope.tables:
                if (scope.grain, table.name) == key:
                    bound = table.bindings.items()
                    columns = {path: at.name for path, at in bound if isinstance(at, RowColumn)}
                    kinds |= {name: scope.attributes[path].kind for path, name in columns.items()}
        numeric = {name for name, kind in kinds.items() if kind.is_numeric and name != "time_bucket"}
        flags = {name for name, kind in kinds.items() if kind is Kind.BOOL and key[1] != "service"}
        return sorted(numeric | flags)

    def _cell_source(self, cells: Cells) -> CellSource:
        def entity_of(scope: str) -> Callable[[], npt.NDArray[np.int32]]:
            return lambda: cells.entity_of(scope)

        scopes = {scope: entity_of(scope) for scope in self.catalog.scopes}
        return CellSource(lambda: len(cells.known), cells.value, scopes, CellFacts(cells.value, self.threshold))

    def _scope_source(self, scope: str) -> ScopeSource:
        grain = self.catalog.scopes[scope].grain
        cells, metrics = self.cells[grain], [metric for metric in self.plan.plan.metrics if metric.scope == scope]
        models = [self.models[metric.name] for metric in metrics]
        return ScopeSource(scope, grain, self._sources[grain], lambda: cells.all(scope), metrics, models, False)


@cache
def _compiled(script: str) -> tuple[Catalog, Plan]:
    catalog = conformance_catalog()
    compilation = compile_rules([("test.oal", script)], catalog)
    assert compilation.plan is not None, compilation.diagnostics
    return catalog, compilation.plan


def coded(values: Sequence[object]) -> CodedTexts:
    """A column as codes into its distinct values, null as -1."""
    distinct: list[object] = []
    codes = []
    for value in values:
        if value is not None and value not in distinct:
            distinct.append(value)
        codes.append(-1 if value is None else distinct.index(value))
    return np.array(codes, dtype=np.int32), distinct


def records_in(rows: MetricRows) -> Records:
    """Records of a hand-over by (metric, entity, bucket); tables as mappings with text keys."""
    result: Records = {}
    for metric in rows.metrics:
        columns = {name: column_values(column) for name, column in metric.columns.items()}
        for at in np.flatnonzero(metric.present).tolist():
            record = {name: values[at] for name, values in columns.items()}
            key = (metric.model.name, rows.entity_ids[at], rows.bucket)
            result[key] = {**record, "attr0": metric.model.attr0}
    return result


def column_values(column: Column) -> list[object]:
    """A column's values; tables as mappings from key text."""
    if not isinstance(column, Tables):
        return list(column.tolist())
    keys = [str(key) if column.labels is None else column.labels[key] for key in column.keys.tolist()]
    entries = list(zip(keys, column.values.tolist(), strict=True))
    bounds = column.offsets.tolist()
    return [dict(entries[start:end]) for start, end in itertools.pairwise(bounds)]
