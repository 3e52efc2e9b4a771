"""The port for calls that change something."""

import httpx
import orjson

from oap.admin import admin_application
from oap.http_server import HttpServer
from oap.reload.event import Changes, Outcome, ReloadEvent


def test_a_reload_is_forced_and_told() -> None:
    causes: list[str] = []

    def force(cause: str) -> ReloadEvent:
        causes.append(cause)
        if len(causes) == 1:
            return ReloadEvent(1.0, cause, Outcome.APPLIED, 0.5, Changes(added=("m",)), 202405010001)
        return ReloadEvent(1.0, cause, Outcome.REFUSED, 0.5, report="wrong", findings=({"code": "E201"},))

    with HttpServer(admin_application(force), "127.0.0.1", 0, name="admin") as server:
        url = f"http://127.0.0.1:{server.port}/reload"
        good, bad, wrong = httpx.post(url), httpx.post(url), httpx.get(url)
    assert causes == ["call from 127.0.0.1"] * 2
    assert (good.status_code, bad.status_code, wrong.status_code) == (200, 422, 405)
    told = orjson.loads(good.content)
    assert (told["outcome"], told["changes"]["added"], told["starts"]) == ("applied", ["m"], 202405010001)
    assert orjson.loads(bad.content)["findings"] == [{"code": "E201"}]
