"""A GraphQL client as small as swctl's."""

from collections.abc import Mapping
from typing import Any

import httpx

RANGE = {"start": "2026-01-01 1201", "end": "2026-01-01 1230", "step": "MINUTE"}


def post(url: str, query: str, **variables: object) -> httpx.Response:
    """Answer to one query."""
    return httpx.post(f"{url}/graphql", json={"query": query, "variables": variables}, timeout=30)


def ask(url: str, query: str, **variables: object) -> Mapping[str, Any]:
    """Data of an answer that must be free of errors."""
    answer = post(url, query, **variables).json()
    assert "errors" not in answer, answer
    data: Mapping[str, Any] = answer["data"]
    return data
