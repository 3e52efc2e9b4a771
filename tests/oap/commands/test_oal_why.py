"""``oap oal why`` against a server."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
from starlette.applications import Starlette

from oap.http_server import HttpServer
from oap.query.why_routes import sampling_routes, why_routes
from oap.why.workings import Answer, Explained
from tests.clock import HandClock
from tests.oap.commands.oal_run import run
from tests.oap.why.watched import Watched
from tests.oap.window.calls import Call

RULES = """failed = from(K8SService.*).filter(type == "protocol").filter(protocol.http.statusCode >= 500).cpm();
both = from(K8SService.*).filter(type in ["read", "http", "write"]).cpm();
"""


class BusyWatched(Watched):
    """A pipeline that receives something whenever it is asked while it takes samples."""

    def ask(self, question: Callable[[Explained], Answer]) -> "Future[Answer]":
        if self.pipeline.workings.sampler:
            self.accept(Call(1, code=500), Call(1, code=404))
        return super().ask(question)


@pytest.fixture
def watched() -> Watched:
    """A pipeline."""
    return BusyWatched(RULES)


@pytest.fixture
def url(watched: Watched) -> Iterator[str]:
    """Where it is explained and sampled."""
    clock = HandClock("2024-05-01T00:00:00")
    routes = [*why_routes(watched.ask, clock), *sampling_routes(watched.ask, clock)]
    with HttpServer(Starlette(routes=routes), "127.0.0.1", 0, name="test") as server:
        yield f"http://127.0.0.1:{server.port}"


def test_the_stage_where_rows_vanish_is_shown(watched: Watched, url: str) -> None:
    watched.accept(*(Call(0, kind="write") for _ in range(1203)), Call(0), Call(1, code=404))
    result = run("why", "failed", "--url", url)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "failed",
        "  rule      " + RULES.splitlines()[0],
        "  minutes   2024-05-01 00:00 to 2024-05-01 00:01, all services",
        "  received  1,205 logs received since the start, none dropped before any rule",
        "",
        "  1,205  rows of the operations that rules read",
        '      2  after type == "protocol"',
        "      2  of a known service",
        "      0  after protocol.http.statusCode >= 500  <- none is left",
    ]


def test_one_service_is_chosen_and_operations_are_told_apart(watched: Watched, url: str) -> None:
    watched.accept(Call(0, kind="read"), Call(0, kind="write"), Call(0, kind="write", server=20), Call(9))
    watched.accept(Call(0, kind="read"))
    lines = run("why", "both", "--url", f"{url}/", "--service", "s1.shop", "--minutes", "60").stdout.splitlines()
    assert lines[2] == "  minutes   2024-05-01 00:00 to 2024-05-01 00:09, service s1.shop"
    assert lines[5:] == [
        "  4  rows of the operations that rules read",
        '  3  after type in ["read", "http", "write"]',
        "  3  of a known service",
        "",
        "  read",
        "  2  read rows",
        "  2  of a known service",
        "",
        "  write",
        "  1  write rows",
        "  1  of a known service",
        "",
        "  1 read row came after its minute was settled, and counts all the same",
    ]


def test_samples_are_waited_for(watched: Watched, url: str) -> None:
    result = run("why", "failed", "--url", url, "--admin-url", url, "--samples")
    assert result.exit_code == 0
    passed, refused = result.stdout.split("\n\n")[-2:]
    log = "00:01:05 http, server side of s0.shop/p0 -> s1.shop/p10; protocol.http.statusCode"
    assert passed.splitlines() == ["  passed", *[f"    {log} 500"] * 5]
    assert refused.splitlines() == ["  refused by protocol.http.statusCode >= 500", *[f"    {log} 404"] * 5]
    assert not watched.pipeline.workings.sampler


def test_waiting_for_samples_ends(watched: Watched, url: str) -> None:
    result = run("why", "both", "--url", url, "--admin-url", url, "--samples", "--wait", "0")
    assert result.stdout.splitlines()[-1] == "  no log of this rule's operations came while samples were taken"
    assert not watched.pipeline.workings.sampler


def test_programs_get_the_answer_as_it_is(url: str) -> None:
    record = json.loads(run("why", "failed", "--url", url, "--format", "json").stdout)
    assert (record["metric"], record["minutes"], record["vanishes_at"]) == (
        "failed",
        [],
        "rows of the operations that rules read",
    )
    assert "  minutes   none has any row yet, all services" in run("why", "failed", "--url", url).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["faild"], "there is no metric 'faild'; did you mean 'failed'?"),
        (["failed", "--service", "s1.shp"], "there is no service 's1.shp'; did you mean 's1.shop'?"),
    ],
)
def test_unknown_names_are_wrong_usage(watched: Watched, url: str, arguments: list[str], said: str) -> None:
    watched.accept(Call(0))
    result = run("why", *arguments, "--url", url)
    assert (result.exit_code, result.stderr) == (2, f"{said}\n")


def test_a_server_that_is_not_there_is_a_failure(url: str) -> None:
    result = run("why", "failed", "--url", "nowhere")
    assert (result.exit_code, result.stderr.split(",")[0]) == (
        1,
        "'nowhere/rules/failed/why?minutes=10' is no address of a server",
    )
    result = run("why", "failed", "--url", url, "--admin-url", "http://127.0.0.1:9", "--samples")
    assert (result.exit_code, "no server answers at http://127.0.0.1:9/sampling/failed" in result.stderr) == (1, True)
