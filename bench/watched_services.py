"""Many services with an hour of rows, for viewers to look at."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

import numpy as np

from bench.corpus import START_S
from oal.functions.contract import Column, Store, ValueKind
from oap.entity import ids
from oap.entity.layers import Layer
from oap.storage.contract import HandOver, MetricColumns, MetricModel, MetricRows, ServiceTraffic, Storage
from oap.timebucket import Precision, bucket_of

SERVICES: Final = 500
MINUTES: Final = 60
_SCOPE = "K8SService"


def service_name(number: int) -> str:
    """Name of the service of a number."""
    return f"watched-{number}.viewers"


def buckets() -> list[int]:
    """The minute buckets with rows: those before the corpus begins."""
    first = START_S // 60 - MINUTES
    return [bucket_of(minute, Precision.MINUTE) for minute in range(first, first + MINUTES)]


def plain_metrics(models: Sequence[MetricModel], count: int) -> list[str]:
    """Names of so many metrics of services with one value."""
    found = (model.name for model in models if model.scope == _SCOPE and model.value_kind is ValueKind.REGULAR_VALUE)
    return list(islice(found, count))


def fill(storage: Storage, models: Sequence[MetricModel]) -> None:
    """Write the rows of all services and of all their metrics with one value."""
    known = [model for model in models if model.scope == _SCOPE and model.value_kind is ValueKind.REGULAR_VALUE]
    names = [service_name(number) for number in range(SERVICES)]
    service_ids = [ids.service_id(name) for name in names]
    numbers = np.random.default_rng(1)
    layer = Layer.K8S_SERVICE
    services = [ServiceTraffic(id_, name, layer, buckets()[0]) for id_, name in zip(service_ids, names, strict=True)]
    storage.write(HandOver(services=services))
    for bucket in buckets():
        metrics = [_records(model, numbers) for model in known]
        storage.write(HandOver(metrics=[MetricRows(_SCOPE, bucket, service_ids, None, metrics)]))


def _records(model: MetricModel, numbers: np.random.Generator) -> MetricColumns:
    columns: dict[str, Column] = {}
    for column in model.columns:
        values = numbers.integers(0, 10_000, SERVICES)
        columns[column.name] = values.astype(np.float64) if column.store is Store.DOUBLE else values
    return MetricColumns(model, np.ones(SERVICES, np.bool_), columns)
