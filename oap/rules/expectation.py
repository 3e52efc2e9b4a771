"""What a test expects of a record, as it is written: metric, entity, time, value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from oal.functions.contract import Store, ValueKind
from oal.nearest import nearest
from oap.config.yaml_source import YamlNode, YamlReport
from oap.rules.entity_text import FORMS, entity_names, entity_text
from oap.rules.values import Value, table_key
from oap.storage.contract import MetricModel
from oap.timebucket import Precision

NO_ROW: Final = "no row"

_VALUE: Final = "value"
_VALUES: Final = (_VALUE, "values", "columns")
_TIMES: Final = {"minute": Precision.MINUTE, "hour": Precision.HOUR, "day": Precision.DAY}
_KEYS: Final = ("metric", "entity", *_TIMES, *_VALUES)
_MINUTE: Final = re.compile(r"(?:(\S+) )?([01]\d|2[0-3]):([0-5]\d)")
_HOUR: Final = re.compile(r"(?:(\S+) )?([01]?\d|2[0-3])h?")
_SAMPLES: Final = {"minute": '"12:34" or "2024-05-01 12:34"', "hour": '"12" or "2024-05-01 12"', "day": "2024-05-01"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """A record with these columns, or with ``columns`` None no record at all.

    ``entity`` is written as ``FORMS`` says; it and ``bucket`` are None for any, which only an absent record allows.
    """

    line: int
    metric: str
    entity: str | None
    bucket: int | None
    columns: Mapping[str, Value] | None


class ExpectationReader:
    """Reads expectations against the metrics that exist; times without a date are those of ``day``."""

    def __init__(self, report: YamlReport, models: Mapping[str, MetricModel], day: date) -> None:
        self._report = report
        self._models = models
        self._day = day

    def read(self, node: YamlNode) -> list[Expectation]:
        """What one item of the list expects: one record, or with ``values`` one of each metric."""
        found = len(self._report.findings)
        entries = self._report.mapping(node, _KEYS)
        kinds = [key for key in _VALUES if key in entries]
        if len(kinds) != 1:
            self._report.error(node, f"an expectation needs one of {', '.join(_VALUES)}", f"no record: value: {NO_ROW}")
            return []
        bucket = self._bucket(node, entries)
        pairs = self._values(entries) if kinds == ["values"] else self._single(node, entries, kinds[0])
        entities = {scope: self._entity(entries, scope) for scope in {model.scope: None for model, _ in pairs}}
        read = [
            Expectation(
                value.key_line, model.name, entities[model.scope], bucket, self._expected(value, model, kinds[0])
            )
            for model, value in pairs
        ]
        if any(expectation.columns is not None for expectation in read):
            self._require_place(node, entries)
        # What has a finding is not used: it would only be misread.
        return [] if len(self._report.findings) > found else read

    def _values(self, entries: Mapping[str, YamlNode]) -> list[tuple[MetricModel, YamlNode]]:
        """Metrics with what is expected of them."""
        if "metric" in entries:
            self._report.error_at_key(entries["metric"], "'values' names the metrics itself")
        values = self._report.mapping(entries["values"])
        if not values:
            self._report.error(entries["values"], "'values' is empty", "write metric: value")
        for name, value in values.items():
            if name not in self._models:
                self._report.error_at_key(value, *self._unknown(name))
        return [(self._models[name], value) for name, value in values.items() if name in self._models]

    def _single(self, node: YamlNode, entries: Mapping[str, YamlNode], kind: str) -> list[tuple[MetricModel, YamlNode]]:
        name = self._report.string(entries["metric"]) if self._report.require(node, ("metric",)) else None
        if name is not None and name not in self._models:
            self._report.error(entries["metric"], *self._unknown(name))
        return [(self._models[name], entries[kind])] if name is not None and name in self._models else []

    def _unknown(self, name: str) -> tuple[str, str]:
        near = nearest(name, self._models)
        return f"no rule defines the metric '{name}'", f"did you mean '{near}'?" if near else ""

    def _require_place(self, node: YamlNode, entries: Mapping[str, YamlNode]) -> None:
        if "entity" not in entries:
            self._report.error(node, "a value needs its 'entity'", f"such as {', '.join(FORMS.values())}")
        if not any(key in entries for key in _TIMES):
            self._report.error(node, "a value needs its time", f"for example minute: {_SAMPLES['minute']}")

    def _entity(self, entries: Mapping[str, YamlNode], scope: str) -> str | None:
        text = self._report.string(entries["entity"]) if "entity" in entries else None
        if text is None:
            return None
        names = entity_names(scope, text)
        if names is None:
            self._report.error(
                entries["entity"], f"'{text}' is no entity of the scope {scope}", f"write {FORMS[scope]}"
            )
            return None
        return entity_text(scope, names)

    def _expected(self, node: YamlNode, model: MetricModel, kind: str) -> Mapping[str, Value] | None:
        """The columns that are expected, None for no row."""
        if kind == "columns":
            return self._columns(node, model)
        if node.raw == NO_ROW:
            return None
        value = self._value(node, is_table=model.value_kind is not ValueKind.REGULAR_VALUE)
        return {} if value is None else {model.value_column: value}

    def _bucket(self, node: YamlNode, entries: Mapping[str, YamlNode]) -> int | None:
        given = [key for key in _TIMES if key in entries]
        if len(given) > 1:
            self._report.error(node, f"only one of {', '.join(given)} can be expected at once")
        if not given:
            return None
        entry = entries[given[0]]
        digits = self._digits(given[0], entry.raw.strip())
        if digits is None:
            self._report.error(entry, f"'{entry.raw}' is no {given[0]}", f"write {_SAMPLES[given[0]]}")
        return None if digits is None else int(digits)

    def _digits(self, key: str, text: str) -> str | None:
        if key == "day":
            return _day_digits(text)
        match = (_MINUTE if key == "minute" else _HOUR).fullmatch(text)
        if match is None:
            return None
        day = _day_digits(match[1] or self._day.isoformat())
        return None if day is None else day + "".join(part.rjust(2, "0") for part in match.groups()[1:])

    def _columns(self, node: YamlNode, model: MetricModel) -> Mapping[str, Value]:
        tables = {column.name: column.store is Store.TABLE for column in model.columns}
        if node.value in (None, {}):
            self._report.error(node, "'columns' is empty", f"columns of {model.name}: {', '.join(tables)}")
        named = self._report.mapping(node, (*tables, _VALUE))
        # The column with the value has another name in each function; everybody knows it as the value.
        full = {model.value_column if name == _VALUE else name: entry for name, entry in named.items()}
        read = {name: self._value(entry, is_table=tables[name]) for name, entry in full.items()}
        return {name: value for name, value in read.items() if value is not None}

    def _value(self, node: YamlNode, *, is_table: bool) -> Value | None:
        if is_table:
            if not isinstance(node.value, Mapping):
                self._report.error(node, f"'{node.path}' must be a table", "for example {p50: 10, p99: 120}")
                return None
            read = {table_key(key): self._report.integer(entry) for key, entry in node.value.items()}
            return {key: value for key, value in read.items() if value is not None}
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return node.value
        self._report.error(node, f"'{node.path}' must be a number or '{NO_ROW}', found '{node.raw}'")
        return None


def _day_digits(text: str) -> str | None:
    try:
        return date.fromisoformat(text).strftime("%Y%m%d")
    except ValueError:
        return None
