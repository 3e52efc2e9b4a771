"""Explaining metrics and sampling them over HTTP."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import httpx
import pytest
from starlette.applications import Starlette

from oap.http_server import HttpServer
from oap.query.why_routes import sampling_routes, why_routes
from oap.why.workings import Answer, Explained
from tests.clock import HandClock
from tests.oap.why.watched import Watched
from tests.oap.window.calls import BOOT_S, Call, minute

RULE = 'failed = from(K8SService.*).filter(type == "protocol").filter(protocol.http.statusCode >= 500).cpm();'


@pytest.fixture
def watched() -> Watched:
    """A pipeline with one rule."""
    return Watched(RULE)


@pytest.fixture
def url(watched: Watched) -> Iterator[str]:
    """Where it is explained and sampled."""
    clock = HandClock("2024-05-01T00:00:00")
    routes = [*why_routes(watched.ask, clock, "/oap"), *sampling_routes(watched.ask, clock)]
    with HttpServer(Starlette(routes=routes), "127.0.0.1", 0, name="test") as server:
        yield f"http://127.0.0.1:{server.port}"


def test_a_metric_is_explained(watched: Watched, url: str) -> None:
    watched.accept(Call(0), Call(0, kind="read"), Call(1))
    answer = httpx.get(f"{url}/oap/rules/failed/why")
    assert answer.status_code == 200
    assert answer.json() == {
        "metric": "failed",
        "rule": RULE,
        "service": None,
        "minutes": [minute(0), minute(1)],
        "stages": [
            {"text": "rows of the operations that rules read", "rows": 2, "by_minute": [1, 1]},
            {"text": 'after type == "protocol"', "rows": 2, "by_minute": [1, 1]},
            {"text": "of a known service", "rows": 2, "by_minute": [1, 1]},
            {"text": "after protocol.http.statusCode >= 500", "rows": 0, "by_minute": [0, 0]},
        ],
        "parts": [
            {
                "operation": "http",
                "stages": [
                    {"text": "http rows", "rows": 2, "by_minute": [1, 1]},
                    {"text": "of a known service", "rows": 2, "by_minute": [1, 1]},
                    {"text": "after protocol.http.statusCode >= 500", "rows": 0, "by_minute": [0, 0]},
                ],
                "folded": 0,
                "late": 0,
            }
        ],
        "vanishes_at": "after protocol.http.statusCode >= 500",
        "sentence": '2 rows of the operations that rules read, 2 after type == "protocol", '
        "0 after protocol.http.statusCode >= 500",
        "received": {
            "logs": 3,
            "dropped": 0,
            "refused": 0,
            "late": 0,
            "malformed_messages": 0,
            "reasons": {},
            "sentence": "3 logs received since the start, none dropped before any rule",
        },
        "samples": {
            "is_on": False,
            "until": 0.0,
            "is_complete": False,
            "passed": [],
            "refused": [],
            "refused_by": None,
        },
    }


def test_a_service_and_a_number_of_minutes_are_chosen(watched: Watched, url: str) -> None:
    watched.accept(Call(0), Call(1, server=20), Call(1, client=20))
    answer = httpx.get(f"{url}/oap/rules/failed/why", params={"service": "s2.shop", "minutes": 1}).json()
    assert (answer["service"], answer["minutes"], answer["stages"][0]["rows"]) == ("s2.shop", [minute(1)], 1)
    assert httpx.get(f"{url}/oap/rules/failed/why?service=").json()["service"] is None


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("rules/faild/why", 404, "there is no metric 'faild'; did you mean 'failed'?"),
        ("rules/failed/why?service=s1.shp", 404, "there is no service 's1.shp'; did you mean 's1.shop'?"),
        ("rules/failed/why?minutes=61", 400, "'minutes' is a number from 1 to 60, not '61'"),
        ("rules/failed/why?minutes=-1", 400, "'minutes' is a number from 1 to 60, not '-1'"),
        ("rules/failed/why?minutes=many", 400, "'minutes' is a number from 1 to 60, not 'many'"),
    ],
)
def test_what_cannot_be_answered_is_told(watched: Watched, url: str, path: str, status: int, error: str) -> None:
    watched.accept(Call(0))
    answer = httpx.get(f"{url}/oap/{path}")
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_samples_are_switched_on_and_off(watched: Watched, url: str) -> None:
    on = httpx.post(f"{url}/sampling/failed", params={"minutes": 3})
    assert (on.status_code, on.json()["samples"]["is_on"], on.json()["samples"]["until"]) == (200, True, BOOT_S + 180)
    watched.accept(Call(0, code=500), Call(0))
    samples = httpx.get(f"{url}/oap/rules/failed/why").json()["samples"]
    assert [len(samples[name]) for name in ("passed", "refused")] == [1, 1]
    assert samples["refused_by"] == "protocol.http.statusCode >= 500"
    assert httpx.delete(f"{url}/sampling/failed").json() == {"metric": "failed", "was_on": True}
    assert httpx.delete(f"{url}/sampling/failed").json() == {"metric": "failed", "was_on": False}
    assert not watched.pipeline.workings.sampler


def test_sampling_without_a_time_lasts_ten_minutes(url: str) -> None:
    assert httpx.post(f"{url}/sampling/failed").json()["samples"]["until"] == BOOT_S + 600


@pytest.mark.parametrize(("path", "status"), [("sampling/faild", 404), ("sampling/failed?minutes=0", 400)])
def test_senseless_sampling_is_refused(watched: Watched, url: str, path: str, status: int) -> None:
    assert httpx.post(f"{url}/{path}").status_code == status
    assert not watched.pipeline.workings.sampler


def test_too_many_samples_are_refused_for_now() -> None:
    rig = Watched("".join(f"m{number} = from(K8SEndpoint.*).cpm();" for number in range(9)))
    with HttpServer(
        Starlette(routes=sampling_routes(rig.ask, HandClock("2024-05-01T00:00:00"))), "127.0.0.1", 0, name="test"
    ) as server:
        statuses = [httpx.post(f"http://127.0.0.1:{server.port}/sampling/m{n}").status_code for n in range(9)]
    assert statuses == [200] * 8 + [429]


def test_a_server_that_is_busy_says_so() -> None:
    def never(_: Callable[[Explained], Answer]) -> "Future[Answer]":
        return Future()

    routes = why_routes(never, HandClock("2024-05-01T00:00:00"), timeout_s=0.01)
    with HttpServer(Starlette(routes=routes), "127.0.0.1", 0, name="test") as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/rules/failed/why")
    assert answer.status_code == 503
    assert answer.json()["error"] == "the server is busy: the thread that folds did not answer within 0.01 s; try again"
