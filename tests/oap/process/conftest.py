"""One server for all tests that leave it as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oap.process.agents import recent_traffic, send, write_registry
from tests.oap.process.server_process import ServerProcess, environment, running
from tests.waiting import until


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server that has taken and stored the small cluster's traffic."""
    folder: Path = tmp_path_factory.mktemp("server")
    environ = environment(folder / "oap.duckdb", OAP_KUBERNETES_STATIC_FILE=str(write_registry(folder)))
    with running(environ) as started:
        with started.channel() as channel:
            for stream in recent_traffic().streams:
                send(channel, stream)
        until(lambda: bool(started.ask("{ listServices { name } }")["listServices"]), "services are stored")
        yield started
        assert started.stop() == 0
