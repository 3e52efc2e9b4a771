from collections.abc import Iterator

import pytest

from tests.oap.query.console.shop import Shop
from tests.oap.query.graphql.bookinfo import bookshop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server over the emulator's book shop, with the shipped dashboards; tests only read from it."""
    with bookshop(tmp_path_factory.mktemp("bookshop")) as server:
        yield Shop(server.addresses.page.rstrip("/"))
