"""Deleting what is older than a day: whole indices, after what is still alive has moved on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from oap.storage.elasticsearch.actions import Actions, index_action, joined
from oap.storage.elasticsearch.indices import Indices
from oap.storage.elasticsearch.indices import joined as path_of
from oap.storage.elasticsearch.layout import (
    ENDPOINT_TRAFFIC,
    INSTANCE_TRAFFIC,
    SERVICE_TRAFFIC,
    Layout,
)
from oap.storage.elasticsearch.traffic import Stored, TrafficTable, document, model_of, row_id

_MINUTES: Final = 10000
_CHUNK: Final = 500


class Retention:
    """Deletes from one store. ``send`` stores actions."""

    def __init__(
        self,
        indices: Indices,
        layout: Layout,
        traffic: TrafficTable,
        send: Callable[[Sequence[Actions]], object],
    ) -> None:
        self._indices = indices
        self._layout = layout
        self._traffic = traffic
        self._send = send

    def delete_before(self, aliases: Sequence[str], day: int) -> int:
        """Delete the indices that hold nothing of this day or later; return how many rows went with them.

        Traffic stays while it lives: an instance or endpoint until a day after its last ping is deleted, a service while
        anything of it does. It moves to the index of that day, under its id and with its first minute.
        """
        existing = {alias: self._indices.of(alias) for alias in aliases}
        old = [name for names in existing.values() for name in names if self._layout.last_day(name) < day]
        if not old:
            return 0
        self._indices.make_visible([name for names in existing.values() for name in names])
        moved = self._move_pinged(INSTANCE_TRAFFIC, old, day) + self._move_pinged(ENDPOINT_TRAFFIC, old, day)
        kept = [name for alias in aliases for name in self._indices.of(alias) if name not in old]
        moved += self._move_services(old, kept, day)
        held = self._indices.connection.get(f"/{path_of(old)}/_count?ignore_unavailable=true")["count"]
        for start in range(0, len(old), 50):
            chunk = path_of(old[start : start + 50])
            self._indices.connection.request("DELETE", f"/{chunk}?ignore_unavailable=true", missing={})
        self._traffic.forget_all_but(set(kept))
        return int(held) - moved

    def _move_pinged(self, name: str, old: Sequence[str], day: int) -> int:
        alive = {"range": {"last_ping": {"gte": day * _MINUTES}}}
        moving = list(self._traffic.stored(name, old, [alive]))
        return self._write(moving, lambda stored: getattr(stored.row, "last_ping", stored.row.bucket))

    def _move_services(self, old: Sequence[str], kept: Sequence[str], day: int) -> int:
        rows = list(self._traffic.stored(SERVICE_TRAFFIC, old, []))
        alive = self._alive(sorted({_service_of(stored) for stored in rows}), kept)
        newest = max([day, *map(self._layout.last_day, kept)])
        return self._write([stored for stored in rows if _service_of(stored) in alive], lambda _: newest)

    def _write(self, moving: Sequence[Stored], day_of: Callable[[Stored], int]) -> int:
        lines = []
        for stored in moving:
            index = self._layout.index(self._layout.table(model_of(stored.row)), day_of(stored))
            lines.append(index_action(index, row_id(self._layout, stored.row), document(self._layout, stored.row)))
            self._indices.wrote([index])
        if lines:
            self._send([joined(lines)])
        return len(lines)

    def _alive(self, service_ids: Sequence[str], kept: Sequence[str]) -> set[str]:
        """Of these services, those that have an instance, an endpoint or a metric in the indices that stay."""
        if not kept:
            return set()
        self._indices.make_visible()
        alive = set()
        for start in range(0, len(service_ids), _CHUNK):
            chunk = service_ids[start : start + _CHUNK]
            body = b"".join(b"{}\n" + orjson.dumps(self._trace_of(service)) + b"\n" for service in chunk)
            target = f"/{path_of(kept)}/_msearch?filter_path=responses.hits.total.value,responses.error"
            answers = self._indices.connection.request("POST", target, body)["responses"]
            found = zip(chunk, answers, strict=True)
            alive |= {service for service, answer in found if answer["hits"]["total"]["value"]}
        return alive

    def _trace_of(self, service_id: str) -> Mapping[str, Any]:
        either = [{"term": {"service_id": service_id}}, {"term": {"entity_id": service_id}}]
        # Services are told by the layer, which nothing else has.
        other = {"bool": {"should": either, "minimum_should_match": 1, "must_not": {"exists": {"field": "layer"}}}}
        return {"size": 0, "terminate_after": 1, "query": other}


def _service_of(stored: Stored) -> str:
    return stored.row.service_id
