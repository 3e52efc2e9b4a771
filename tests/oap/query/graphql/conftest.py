"""One book shop for all clients; they only read from it."""

from collections.abc import Iterator

import httpx
import pytest

from oap.entity import ids
from oap.server import Server
from tests.oap.query.graphql.bookinfo import RANGE, bookshop
from tests.oap.query.graphql.recorded import Caller

DETAILS = ids.service_id("details.bookinfo")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server."""
    with bookshop(tmp_path_factory.mktemp("bookshop")) as server:
        yield server


@pytest.fixture(scope="session")
def caller(shop: Server) -> Iterator[Caller]:
    """A client that knows what commands and pages learn before they ask: ids of services and of their first pods."""
    with httpx.Client(base_url=shop.addresses.page, timeout=60) as http:
        yield Caller(http, _names(Caller(http, {})))


def _names(asking: Caller) -> dict[str, object]:
    names: dict[str, object] = {"duration": RANGE, "endpoint": ids.endpoint_id(DETAILS, "GET:/details/0")}
    for service in asking.run("service-ls", {"duration": RANGE}):
        name = service["name"].removesuffix(".bookinfo")
        [first, *_] = asking.run("instance-list", {"serviceId": service["id"], "duration": RANGE})
        names |= {name: service["id"], f"{name}_pod": first["id"], f"{name}_pod_name": first["name"]}
    return names
