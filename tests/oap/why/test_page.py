"""The example of the page "Why is it empty" does what the page says."""

import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from starlette.applications import Starlette
from typer.testing import CliRunner

from oap.cli import build_app
from oap.emulator.playback import blocks
from oap.http_server import HttpServer
from oap.query.why_routes import sampling_routes, why_routes
from oap.receiver.block import Block
from oap.rules.newest import newest_second
from oap.why.workings import Answer, Explained
from tests.clock import HandClock
from tests.oap.rules.small import cases_of
from tests.oap.why.watched import Watched

PAGE = Path(__file__).parents[3] / "docs" / "why-is-it-empty.md"
LOGS = """  - name: requests
    logs:
      - {time: 12:34:05, read: {duration: 60us}}
      - {time: 12:34:05, write: {duration: 60us}}
      - {time: 12:34:06, http: {path: /, status: 200, latency: 12ms}}
      - {time: 12:34:07, http: {path: /, status: 200, latency: 812ms}}
      - {time: 12:34:08, role: client, remote: db.shop/db-0, http: {path: /q, status: 200, latency: 3ms}}
      - {time: 12:34:09, local: web.shop/web-0, remote: api.shop/api-0, role: client, read: {duration: 60us}}
    expect:
      - {metric: bytes_read, value: no row}
"""


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


class Example(Watched):
    """Receives the logs of the example when samples were switched on."""

    def __init__(self, rules: str, logs: list[Block]) -> None:
        super().__init__(rules)
        self._logs = logs
        # Somebody must be known to ask about.
        self.pipeline.accept(logs[0], newest_second(logs))

    def ask(self, question: Callable[[Explained], Answer]) -> "Future[Answer]":
        if self.pipeline.workings.sampler and len(self._logs) > 1:
            for each in self._logs[1:]:
                self.pipeline.accept(each, newest_second(self._logs))
            self._logs = []
        return super().ask(question)


def test_the_example_answers_as_shown(tmp_path: Path) -> None:
    (case,) = cases_of(tmp_path, LOGS).cases
    rig = Example(block("oal") + "calls = from(K8SService.*).cpm();", list(blocks(case.logs, 1)))
    clock = HandClock("2024-05-01T12:34:09")
    routes = [*why_routes(rig.ask, clock), *sampling_routes(rig.ask, clock)]
    name, *words = block("sh").split()
    assert name == "oap"
    with HttpServer(Starlette(routes=routes), "127.0.0.1", 0, name="test") as server:
        url = f"http://127.0.0.1:{server.port}"
        result = CliRunner().invoke(build_app(words), [*words, "--wait", "0", "--url", url, "--admin-url", url])
    assert (result.exit_code, result.stdout) == (0, block("text"))
