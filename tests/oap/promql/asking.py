"""A client of the API as small as Grafana's."""

from dataclasses import dataclass, field
from typing import Any

import httpx

# The cluster has rows of 2026-01-01, 12:00 to 12:30 UTC.
NOON = 1767268800.0


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Asks one server. Times are seconds after noon."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def get(self, path: str, **parameters: object) -> httpx.Response:
        """Any answer to a GET."""
        return self.client.get(f"{self.url}/api/v1/{path}", params=_plain(parameters))

    def post(self, path: str, **parameters: object) -> httpx.Response:
        """Any answer to a form."""
        return self.client.post(f"{self.url}/api/v1/{path}", data=_plain(parameters))

    def data(self, path: str, **parameters: object) -> Any:
        """Data of an answer that must be a success."""
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["status"] == "success"
        return body["data"]

    def at(self, query: str, after_noon_s: float = 1830.0) -> Any:
        """Result of an instant query as labels and value, or a number."""
        found = self.data("query", query=query, time=NOON + after_noon_s)
        if found["resultType"] == "scalar":
            return found["result"][1]
        return [(one["metric"], one["value"][1]) for one in found["result"]]

    def over(self, query: str, start_s: float, end_s: float, step: object = 60) -> Any:
        """Result of a range query as labels and points; times are seconds after noon."""
        found = self.data("query_range", query=query, start=NOON + start_s, end=NOON + end_s, step=step)
        assert found["resultType"] == "matrix"
        return [(one["metric"], [(at - NOON, value) for at, value in one["values"]]) for one in found["result"]]

    def error(self, path: str, status: int = 400, **parameters: object) -> tuple[str, str]:
        """Kind and text of the error that an answer must be."""
        answer = self.get(path, **parameters)
        body = answer.json()
        assert (answer.status_code, body["status"]) == (status, "error"), answer.text
        return body["errorType"], body["error"]


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    return {("match[]" if name == "match" else name): value for name, value in parameters.items()}
