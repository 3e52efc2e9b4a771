"""A store with the series that the conformance table of expressions speaks of (spec query 2.7)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from oap.entity import ids
from oap.query.duration import parse_duration
from oap.query.entity import EntityInput
from oap.query.mqe.evaluate import execute
from oap.query.mqe.number_text import number_text
from oap.query.mqe.parser import MqeParser
from oap.query.mqe.series import Subject
from oap.query.mqe.value import Result
from oap.query.reads import Reads
from oap.storage.contract import HandOver, MetricModel
from oap.storage.duckdb import DuckdbStorage, StorageSettings
from tests.oap.query.rows import metric, records

BUCKETS = (202401010000, 202401010001, 202401010002, 202401010003)
SERVICE = EntityInput(service_name="svc", normal=True)
NOTHING = EntityInput()

PLAIN: Mapping[str, tuple[int | None, ...]] = {
    "m1": (10, 20, None, 30),
    "m2": (1, 0, 3, None),
    "z": (0, 0, 0, 0),
    "none": (None, None, None, None),
    "sr": (9876, 10000, 5000, None),
    "cum": (5, 15, None, 45),
}
LABELLED: Mapping[str, Mapping[str, tuple[int | None, ...]]] = {
    "pct": {"{p=50}": (10, 20, None, 40), "{p=75}": (15, 25, None, 45), "{p=99}": (100, 200, None, 400)},
    "one": {"{p=50}": (2, 2, 2, 2)},
    "lab0": {},
    "st": {
        "{code=2xx,proto=http}": (8, 6, None, 4),
        "{code=5xx,proto=http}": (1, None, 3, 2),
        "{code=2xx,proto=https}": (3, 3, 3, 3),
    },
    "odd": {"{b=1.5,a=x/y}": (1, None, None, None), "{a=::1}": (2, None, None, None), "bare": (3, None, None, None)},
}
LISTS = {"t1": {"svcA": 30, "svcB": 10, "svcC": 20}, "t2": {"svcD": 25, "svcE": 5}, "ties": {"b": 7, "a": 7, "c": 7}}
PODS = {("svcA", "pod1"): 5, ("svcB", "pod1"): 9, ("svcB", "pod2"): 1}
_WITHOUT_ATTRIBUTE = "bare_list"


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates expressions over one store."""

    reads: Reads
    parser: MqeParser = field(default_factory=MqeParser)

    def run(
        self,
        expression: str,
        entity: EntityInput = SERVICE,
        start: str = "2024-01-01 0000",
        end: str = "2024-01-01 0003",
        step: str = "MINUTE",
        zone: tzinfo = UTC,
    ) -> Result:
        """Value of an expression for an entity and a range."""
        duration = parse_duration({"start": start, "end": end, "step": step})
        return execute(expression, Subject(entity, duration, zone, self.reads), self.parser)

    def texts(self, expression: str, entity: EntityInput = SERVICE) -> list[list[str | None]]:
        """Output texts of all series of an expression that must not fail."""
        result = self.run(expression, entity)
        assert result.error is None, result.error
        return texts_of(result)


def texts_of(result: Result) -> list[list[str | None]]:
    """Output texts of all series."""
    return [
        [number_text(value) if present else None for value, present in zip(one.values, one.present, strict=True)]
        for one in result.series
    ]


@contextmanager
def conformance_store() -> Iterator[Reads]:
    """Reads of a store in memory that is closed afterwards."""
    plain = {name: metric(name) for name in PLAIN}
    labelled = {name: metric(name, "labelCount") for name in LABELLED}
    lists = {name: metric(name, scope=f"List{name}", attr0="K8S_SERVICE") for name in LISTS}
    lists[_WITHOUT_ATTRIBUTE] = metric(_WITHOUT_ATTRIBUTE, scope="ListBare")
    pods = metric("pods", scope="Pods", category="SERVICE_INSTANCE")
    heat = metric("heat", "histogram", scope="Heat")
    models: dict[str, MetricModel] = {**plain, **labelled, **lists, "pods": pods, "heat": heat}
    storage = DuckdbStorage(StorageSettings(":memory:", threads=1))
    storage.prepare(list(models.values()))
    service = ids.service_id("svc")
    rows = []
    for at, bucket in enumerate(BUCKETS):
        rows.append(
            records(
                bucket,
                *((plain[name], {service: values[at]}) for name, values in PLAIN.items()),
                *((labelled[name], {service: _table_at(series, at)}) for name, series in LABELLED.items()),
            )
        )
        values = {**LISTS, _WITHOUT_ATTRIBUTE: {"svcA": 1}}
        rows += [
            records(bucket, (lists[name], {ids.service_id(one): value for one, value in listed.items()}))
            for name, listed in values.items()
        ]
        of_pods = {ids.instance_id(ids.service_id(one), pod): value for (one, pod), value in PODS.items()}
        rows.append(records(bucket, (pods, of_pods)))
    storage.write(HandOver(metrics=rows))
    try:
        yield Reads(storage, models)
    finally:
        storage.close()


def _table_at(series: Mapping[str, tuple[int | None, ...]], at: int) -> Mapping[str, int] | None:
    return {key: value for key, values in series.items() if (value := values[at]) is not None} or None
