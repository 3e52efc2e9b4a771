"""What Elasticsearch takes: a minute of metric records through the store, and the same requests made beforehand."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from bench.results import Finding, Measure, Ratio, Target, per_second
from bench.storing import DAY, ENTITIES, METRICS, MINUTE_S, minute_of_records, shipped_models
from oap.storage.contract import HandOver
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.elasticsearch.actions import requests
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.layout import Layout
from oap.storage.elasticsearch.metric_lines import metric_actions
from tests.servers.elasticsearch import ELASTICSEARCH_8, SearchServer, running_server

_SHARE = 0.6
_HEAP_MB = 1024
_METRICS_AT_ONCE = 5
_TARGET = "/_bulk?filter_path=errors"


@dataclass(frozen=True, slots=True)
class _Minute:
    """Seconds that one minute of records took."""

    store_s: float
    prepared_s: float


def indexing(repetitions: int, entities: int = ENTITIES, metrics: int = METRICS) -> Finding:
    """Write minutes of records to an Elasticsearch of our own, and send the same lines in requests made beforehand.

    The latter go to indices of their own with the same mapping, as many at once as the store sends, and their answers
    are not looked at: the server does no more than it must, and nobody has to make or check anything. Both take turns
    within the minute, so that whatever else the machine does slows down both.
    """
    models = shipped_models(metrics)
    with running_server(replace(ELASTICSEARCH_8, heap_mb=_HEAP_MB)) as server:
        settings = ElasticsearchStoreSettings((server.node,), "stored", response_timeout_ms=60000)
        ceiling = replace(settings, namespace="prepared")
        storage, other = ElasticsearchStorage(settings), ElasticsearchStorage(ceiling)
        for each in (storage, other):
            each.prepare(models)
        minutes = []
        for number in range(repetitions + 1):
            rows = minute_of_records(models, entities, DAY * 10000 + number)
            minutes.append(_minute(storage, rows, ceiling))
        size = _bytes_per_row(server)
        storage.close()
        other.close()
    # The first minute makes the indices and warms the server up.
    minutes = minutes[1:]
    count = entities * len(models)
    return Finding(
        "store-elasticsearch",
        f"A minute of metric records into Elasticsearch {ELASTICSEARCH_8.version}",
        {
            "entities": entities,
            "metrics": len(models),
            "rows": count,
            "bytes per row": round(size),
            "heap, MB": _HEAP_MB,
        },
        [
            per_second("_bulk requests made beforehand", "rows/s", count, [each.prepared_s for each in minutes]),
            per_second("elasticsearch, new rows", "rows/s", count, [each.store_s for each in minutes]),
            Measure("_bulk requests made beforehand", "s for the minute", tuple(each.prepared_s for each in minutes)),
            Measure("elasticsearch, new rows", "s for the minute", tuple(each.store_s for each in minutes)),
        ],
        [
            Ratio(
                "elasticsearch, new rows: share of requests made beforehand",
                tuple(each.prepared_s / each.store_s for each in minutes),
                Target(_SHARE),
            ),
            Ratio(
                "elasticsearch, new rows: seconds of the minute that they take",
                tuple(each.store_s / MINUTE_S for each in minutes),
                Target(1.0, at_most=True),
            ),
        ],
    )


def _minute(storage: ElasticsearchStorage, rows: HandOver, ceiling: ElasticsearchStoreSettings) -> _Minute:
    store_s = prepared_s = 0.0
    for number, part in enumerate(_parts(rows)):
        is_store_first = number % 2 == 0
        if not is_store_first:
            prepared_s += _prepared(part, ceiling)
        store_s += _timed(partial(storage.write, part))
        if is_store_first:
            prepared_s += _prepared(part, ceiling)
    return _Minute(store_s, prepared_s)


def _parts(rows: HandOver) -> Iterator[HandOver]:
    for metrics in rows.metrics:
        for start in range(0, len(metrics.metrics), _METRICS_AT_ONCE):
            yield HandOver(metrics=[replace(metrics, metrics=metrics.metrics[start : start + _METRICS_AT_ONCE])])


def _prepared(rows: HandOver, settings: ElasticsearchStoreSettings) -> float:
    layout = Layout(settings.namespace)
    lines = (
        actions for metrics in rows.metrics for actions in metric_actions(layout, metrics, time.time_ns() // 1_000_000)
    )
    bodies = [bytes(part.content) for part in requests(lines, settings.bulk_actions, settings.batch_of_bytes)]
    connection = Connection(settings)
    try:
        return _timed(lambda: _send(connection, bodies, settings.concurrent_requests))
    finally:
        connection.close()


def _send(connection: Connection, bodies: Sequence[bytes], concurrent: int) -> None:
    with ThreadPoolExecutor(concurrent) as pool:
        for status, answer in pool.map(lambda body: connection.exchange("POST", _TARGET, body), bodies):
            if status != 200 or answer["errors"]:
                raise RuntimeError(f"Elasticsearch refused a request: status {status}")


def _bytes_per_row(server: SearchServer) -> float:
    server.request("POST", "/stored_metrics-all/_forcemerge?max_num_segments=1&flush=true")
    found = json.loads(server.request("GET", "/stored_metrics-all/_stats/store,docs"))["_all"]["primaries"]
    return float(found["store"]["size_in_bytes"]) / float(found["docs"]["count"])


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
