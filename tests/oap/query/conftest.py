from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.oap.query.browser import chromium
from tests.oap.query.cluster import dependencies, fill, memory_store, serving


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """Address of a server over the small cluster; tests only read from it."""
    with memory_store() as storage:
        fill(storage)
        with serving(dependencies(storage)) as url:
            yield url


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests of the page."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver
