from collections.abc import Iterator

import pytest

from tests.oap.promql.asking import Prometheus
from tests.oap.promql.shop import shop


@pytest.fixture(scope="session")
def prometheus() -> Iterator[Prometheus]:
    """The API over the shop; tests only read from it."""
    with shop() as found:
        yield found
