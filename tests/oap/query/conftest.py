from collections.abc import Iterator

import pytest

from tests.oap.query.cluster import dependencies, fill, memory_store, serving


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """Address of a server over the small cluster; tests only read from it."""
    with memory_store() as storage:
        fill(storage)
        with serving(dependencies(storage)) as url:
            yield url
