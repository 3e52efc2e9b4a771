"""The process of the viewers: ``python -m bench.viewing_client``.

A line with a port opens all dashboards there; an empty line closes them and is answered with what they got, as JSON.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import httpx

from bench.rig import new_pipeline
from bench.watched_services import SERVICES, buckets, plain_metrics, service_name

VIEWERS: Final = 50
REFRESH_S: Final = 6.0
SHOWN: Final = 30
# As the user interface sends them for an overview and a tab with all connection panels, six panels a request.
_TABS: Final = (2, 8, 9, 18, 6)
_LISTED: Final = 10
_COLUMNS: Final = 5
_SELECTION = """{ type results { metric { labels { key value } } values { name: id value refId: traceID owner {
    scope serviceID serviceName normal serviceInstanceID serviceInstanceName endpointID endpointName } } } error }"""


@dataclass(slots=True)
class Seen:
    """What the viewers got."""

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    failed: int = 0

    def note(self, answer: httpx.Response, seconds: float) -> None:
        """One answer."""
        self.seconds.append(seconds)
        self.bytes += len(answer.content)
        self.failed += answer.status_code != 200 or b'"errors"' in answer.content[:200]


def _duration(minute: int) -> Mapping[str, Any]:
    """The present half hour, which moves on every minute as in the user interface, within the hours that have rows."""
    known = buckets()
    shown = (known[minute % (len(known) - SHOWN)], known[minute % (len(known) - SHOWN) + SHOWN])
    first, last = (f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:]}" for text in map(str, shown))
    return {"start": first, "end": last, "step": "MINUTE", "coldStage": False}


def _entity(number: int) -> Mapping[str, Any]:
    return {"serviceName": service_name(number % SERVICES), "normal": True}


def dashboard(viewer: int, metrics: Sequence[str], minute: int) -> list[Mapping[str, Any]]:
    """The requests of one refresh: a service's page, or for every other viewer the list of services with top lists.

    ``minute`` counts the minutes that have passed; the range that is shown moves with it.
    """
    first = viewer * SERVICES // VIEWERS
    if viewer % 2:
        lists = [_queries([f"top_n({name},10,des)" for name in metrics[:4]], [{}], minute)]
        rows = [_entity(first + row) for row in range(_LISTED)]
        return [*lists, _queries([f"avg({name})" for name in metrics[:_COLUMNS]], rows, minute)]
    tabs, taken = [], 0
    for size in _TABS:
        tabs.append(_queries([f"{name}/1024" for name in metrics[taken : taken + size]], [_entity(first)], minute))
        taken += size
    return tabs


def _queries(expressions: Sequence[str], entities: Sequence[Mapping[str, Any]], minute: int) -> Mapping[str, Any]:
    declared = ", ".join(f"$entity{at}: Entity!" for at in range(len(entities)))
    fields = " ".join(
        f'expression{at}{number}: execExpression(expression: "{text}", entity: $entity{at}, duration: $duration) {_SELECTION}'
        for at in range(len(entities))
        for number, text in enumerate(expressions)
    )
    variables = {"duration": _duration(minute), **{f"entity{at}": entity for at, entity in enumerate(entities)}}
    return {"query": f"query queryData({declared}, $duration: Duration!) {{ {fields} }}", "variables": variables}


@lru_cache(maxsize=2 * VIEWERS)
def _encoded(viewer: int, metrics: tuple[str, ...], minute: int) -> list[bytes]:
    return [json.dumps(request).encode() for request in dashboard(viewer, metrics, minute)]


async def _view(port: int, viewer: int, metrics: tuple[str, ...], client: httpx.AsyncClient, seen: Seen) -> None:
    """Refresh for ever."""
    headers = {"content-type": "application/json", "accept": "application/json"}
    await asyncio.sleep(viewer * REFRESH_S / VIEWERS)
    while True:
        begun = time.monotonic()
        for request in _encoded(viewer, metrics, int(begun) // 60):
            sent = time.monotonic()
            answer = await client.post(f"http://127.0.0.1:{port}/graphql", content=request, headers=headers)
            seen.note(answer, time.monotonic() - sent)
        await asyncio.sleep(max(0.0, REFRESH_S - (time.monotonic() - begun)))


async def _view_all(port: int, metrics: tuple[str, ...], seen: Seen, closed: threading.Event) -> None:
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=VIEWERS)) as client:
        viewers = [asyncio.ensure_future(_view(port, viewer, metrics, client, seen)) for viewer in range(VIEWERS)]
        await asyncio.to_thread(closed.wait)
        for viewer in viewers:
            viewer.cancel()
        await asyncio.gather(*viewers, return_exceptions=True)


def main() -> None:
    """View until standard input ends."""
    metrics = tuple(plain_metrics(list(new_pipeline().models.values()), sum(_TABS)))
    for line in sys.stdin:
        seen, closed = Seen(), threading.Event()
        viewing = threading.Thread(
            target=lambda at=int(line), s=seen, c=closed: asyncio.run(_view_all(at, metrics, s, c))
        )
        viewing.start()
        print("0", flush=True)
        sys.stdin.readline()
        closed.set()
        viewing.join()
        print(json.dumps({"seconds": seen.seconds, "bytes": seen.bytes, "failed": seen.failed}), flush=True)


if __name__ == "__main__":
    main()
