from collections.abc import Iterator
from datetime import UTC

import pytest

from oap.http_server import HttpServer
from oap.promql.app import PromqlDeps, promql_application
from tests.clock import HandClock
from tests.oap.promql.asking import Prometheus
from tests.oap.query.cluster import NOW, fill, memory_store, models


@pytest.fixture(scope="session")
def prometheus() -> Iterator[Prometheus]:
    """The API over the small cluster; tests only read from it."""
    with memory_store() as storage:
        fill(storage)
        known = models()
        application = promql_application(PromqlDeps(storage, lambda: known, UTC, HandClock(NOW)))
        with HttpServer(application, "127.0.0.1", 0, name="promql") as server:
            yield Prometheus(f"http://127.0.0.1:{server.port}")
