"""What a running server says of itself while its database is in trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.oap.process.server_process import ServerProcess
from tests.waiting import PATIENCE_S, until

_WORSE_THAN_INFO = ("warning", "error", "critical")


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one moment; ``answer`` is the error of a query, sizes are in bytes."""

    health: int
    details: str
    answer: str
    age_s: float
    backlog: float
    open_minutes: float
    resident: float


def look(server: ServerProcess) -> Look:
    health = server.ask("{ checkHealth { score details } }")["checkHealth"]
    question = {"query": "{ listServices { name } }"}
    answer = httpx.post(f"{server.url}/graphql", json=question, timeout=PATIENCE_S).json()
    return Look(
        server.health(),
        health["details"],
        answer["errors"][0]["message"] if "errors" in answer else "",
        server.total("oap_handover_backlog_oldest_age_seconds"),
        server.total("oap_handover_backlog_bytes"),
        server.total("oap_windows_open"),
        server.total("process_resident_memory_bytes"),
    )


def calm_look(server: ServerProcess) -> Look:
    """What is seen between two hand-overs; fails if something waits all the time."""
    seen: list[Look] = []

    def is_calm() -> bool:
        seen.append(look(server))
        return (seen[-1].age_s, seen[-1].backlog) == (0, 0)

    until(is_calm, "nothing waits")
    return seen[-1]


def hand_overs(server: ServerProcess) -> int:
    """How many have ended."""
    return int(server.total("oap_handover_duration_seconds_count"))


def worse_than_info(server: ServerProcess) -> list[Mapping[str, Any]]:
    """All that the log should wake somebody up for."""
    return [entry for entry in server.events() if entry["level"] in _WORSE_THAN_INFO]
