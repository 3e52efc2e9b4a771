"""From HTTP logs to endpoints: names are formed once per distinct (service, method, path), in order of arrival.

Formatting has state (a bounded set of names per service, spec entities 3), so a log whose result is not remembered
leaves the compiled loop, is formatted, and the loop goes on with it: results never depend on where a batch was cut.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from oap.compiled import njit
from oap.entity import ids, interning
from oap.entity.interning import intern_text, intern_tuple
from oap.entity.names import endpoint_name
from oap.entity.routes import ABSENT, Entity, EntityTable, RouteTable
from oap.growing import GrowingArray
from oap.receiver.decode import layout as lay
from oap.renumbering import Kept

_NEVER = np.iinfo(np.int64).max
_ABANDONED = "_abandoned"
_KEY_WIDTH = 3


class EndpointFormatter(Protocol):
    """Forms endpoint names; ``second`` is the log's own time, so that the result depends on nothing but the logs."""

    def format(self, service: str, name: str, second: int) -> str:
        """Apply the rules once, for a log that makes no endpoint."""

    def endpoint(self, service: str, name: str, second: int) -> str:
        """Apply the rules as often as upstream does for a log that makes an endpoint, and return the name."""

    def close_ended(self, service: str, second: int) -> None:
        """Drop the service's set of names if it has ended by then."""

    def expires_at(self, service: str) -> int:
        """Second at which the service's set of names ends; a huge number without one."""

    def is_full(self, service: str) -> bool:
        """Whether the set is full: all names that match no rule are then ``_abandoned``."""

    def has_rules(self, service: str) -> bool:
        """Whether any rule may match a name of this service."""

    def epoch(self, service: str) -> int:
        """Changes whenever remembered results of the service must no longer be used."""


@njit(boundscheck=False)
def _assign(
    first: int,
    payload: npt.NDArray[np.uint8],
    http: npt.NDArray[np.int64],
    seconds: npt.NDArray[np.int64],
    minutes: npt.NDArray[np.int32],
    routes: npt.NDArray[np.int32],
    local_service: npt.NDArray[np.int32],
    is_client: npt.NDArray[np.bool_],
    epochs: npt.NDArray[np.int64],
    expires_at: npt.NDArray[np.int64],
    all_abandoned: npt.NDArray[np.int32],
    texts: interning.TextTable,
    keys: interning.TupleTable,
    known: npt.NDArray[np.int32],
    result: npt.NDArray[np.int32],
    first_minute: npt.NDArray[np.int64],
    last_minute: npt.NDArray[np.int64],
    is_dirty: npt.NDArray[np.bool_],
    key_of_row: npt.NDArray[np.int64],
) -> int:
    """Endpoint of each row from ``first`` on; return the row that needs formatting or room, or the end."""
    key = np.empty(_KEY_WIDTH, dtype=np.int64)
    for row in range(first, len(http)):
        result[row] = ABSENT
        if minutes[row] < 0:
            continue
        service = local_service[routes[row]]
        client = is_client[routes[row]]
        key_of_row[0] = -1
        if seconds[row] >= expires_at[service]:
            return row
        endpoint = all_abandoned[service]
        if endpoint == ABSENT:
            text = intern_text(texts, payload, http[row, lay.HTTP_PATH], http[row, lay.HTTP_PATH + 1])
            if text < 0:
                return row
            key[0] = epochs[service]
            key[1] = text
            key[2] = 2 * http[row, lay.HTTP_METHOD] + client
            number = intern_tuple(keys, key)
            if number < 0:
                return row
            if number >= len(known) or known[number] == -2:
                key_of_row[0] = number
                return row
            endpoint = known[number]
        if client or endpoint == ABSENT:
            continue
        result[row] = endpoint
        minute = minutes[row]
        first_minute[endpoint] = min(first_minute[endpoint], minute)
        last_minute[endpoint] = max(last_minute[endpoint], minute)
        is_dirty[endpoint] = True
    return len(http)


class EndpointCache:
    """Endpoints by dense number (``table``), with the first and last minute each was seen in.

    ``first_minute`` and ``last_minute`` (int64 minute indices) and ``is_dirty`` are aligned with the endpoints.
    ``limit`` bounds how many results and distinct paths are remembered between two batches.
    """

    _texts: interning.TextTable
    _keys: interning.TupleTable
    _known: GrowingArray
    _epochs: GrowingArray
    _expires_at: GrowingArray
    _all_abandoned: GrowingArray
    _epoch_numbers: dict[tuple[str, int], int]

    def __init__(self, routes: RouteTable, formatter: EndpointFormatter, limit: int = 200_000) -> None:
        self._routes = routes
        self._formatter = formatter
        self._limit = limit
        self.table = EntityTable()
        self.first_minute = GrowingArray(np.int64, fill=_NEVER)
        self.last_minute = GrowingArray(np.int64, fill=-1)
        self.is_dirty = GrowingArray(np.bool_)
        self._start_over()

    def __len__(self) -> int:
        return len(self.table)

    def describe(self, endpoint: int) -> list[object]:
        """Texts that ``intern_described`` of any other cache makes an equal endpoint of."""
        return list(self.table.entities[endpoint].names)

    def intern_described(self, description: Sequence[Any]) -> int:
        """Number of an endpoint that was described."""
        service, name = description
        return self._number(service, name)

    def keep(self, endpoints: Kept) -> None:
        """Keep only these endpoints under new numbers; what is remembered of paths and services is forgotten."""
        self.table.keep(endpoints)
        for column in (self.first_minute, self.last_minute, self.is_dirty):
            column.keep(endpoints)
        self._start_over()

    def value(self, column: str, endpoint: int) -> object:
        """Value of an OAL cell column for an endpoint."""
        entity = self.table.entities[endpoint]
        return {
            "local_service": entity.names[0],
            "local_service_id": entity.service_id,
            "endpoint": entity.names[1],
            "endpoint_id": entity.entity_id,
        }[column]

    def assign(
        self,
        payload: npt.NDArray[np.uint8],
        http: npt.NDArray[np.int64],
        seconds: npt.NDArray[np.int64],
        minutes: npt.NDArray[np.int32],
        routes: npt.NDArray[np.int32],
    ) -> npt.NDArray[np.int32]:
        """Endpoint of each HTTP row (int32, -1: none), for rows whose minute is not negative, in order of arrival.

        ``http`` int64[n, 10] as decoded; ``seconds`` int64[n] since 1970, ``minutes`` int32[n], ``routes`` int32[n].
        """
        if interning.exceeds(self._texts, self._keys, self._limit):
            self._start_over()
        self._learn_services()
        result = np.empty(len(http), dtype=np.int32)
        key_of_row = np.full(1, -1, dtype=np.int64)
        row = 0
        while True:
            row = _assign(
                row,
                payload,
                http,
                seconds,
                minutes,
                routes,
                self._routes.local_service.view,
                self._routes.is_client.view,
                self._epochs.view,
                self._expires_at.view,
                self._all_abandoned.view,
                self._texts,
                self._keys,
                self._known.view,
                result,
                self.first_minute.view,
                self.last_minute.view,
                self.is_dirty.view,
                key_of_row,
            )
            if row == len(http):
                return result
            self._unblock(payload, http[row], int(seconds[row]), int(routes[row]), int(key_of_row[0]))

    def _unblock(
        self, payload: npt.NDArray[np.uint8], http: npt.NDArray[np.int64], second: int, route: int, key: int
    ) -> None:
        """Do what the loop stopped for: format a name, renew an ended set, or make room. The row is tried again."""
        service = int(self._routes.local_service.view[route])
        name = self._routes.local_services[service]
        if key < 0 and second < self._expires_at.view[service]:
            self._texts = interning.grown_texts(self._texts)
            self._keys = interning.grown_tuples(self._keys)
            return
        self._formatter.close_ended(name, second)
        at, size = int(http[lay.HTTP_PATH]), int(http[lay.HTTP_PATH + 1])
        text = endpoint_name(int(http[lay.HTTP_METHOD]), payload[at : at + size].tobytes().decode())
        if self._routes.is_client.view[route]:
            self._formatter.format(name, text, second)
            endpoint = ABSENT
        else:
            endpoint = self._number(name, self._formatter.endpoint(name, text, second))
        epoch = self._learn(service, second)
        self._remember(epoch, http, payload, endpoint)

    def _remember(self, epoch: int, http: npt.NDArray[np.int64], payload: npt.NDArray[np.uint8], endpoint: int) -> None:
        at, size = int(http[lay.HTTP_PATH]), int(http[lay.HTTP_PATH + 1])
        client = endpoint == ABSENT
        text = intern_text(self._texts, payload, at, size)
        while text == interning.NO_ROOM:
            self._texts = interning.grown_texts(self._texts)
            text = intern_text(self._texts, payload, at, size)
        key = np.array([epoch, text, 2 * http[lay.HTTP_METHOD] + client], dtype=np.int64)
        number = intern_tuple(self._keys, key)
        while number == interning.NO_ROOM:
            self._keys = interning.grown_tuples(self._keys)
            number = intern_tuple(self._keys, key)
        self._known.resize(int(self._keys.size[0]))
        self._known.view[number] = endpoint

    def _learn_services(self) -> None:
        """Look up rules and sets of services that are new to this cache."""
        known = len(self._epochs)
        total = len(self._routes.local_services)
        for column in (self._epochs, self._expires_at, self._all_abandoned):
            column.resize(total)
        for service in range(known, total):
            self._learn(service, -_NEVER)

    def _learn(self, service: int, second: int) -> int:
        name = self._routes.local_services[service]
        key = (name, self._formatter.epoch(name))
        epoch = self._epoch_numbers.setdefault(key, len(self._epoch_numbers))
        self._epochs.view[service] = epoch
        expires_at = self._formatter.expires_at(name)
        self._expires_at.view[service] = expires_at if expires_at > second else _NEVER
        abandoned = self._formatter.is_full(name) and not self._formatter.has_rules(name)
        self._all_abandoned.view[service] = self._number(name, _ABANDONED) if abandoned else ABSENT
        return epoch

    def _number(self, service: str, name: str) -> int:
        number = self.table.find((service, name))
        if number is not None:
            return number
        service_id = ids.service_id(service)
        entity = Entity(ids.endpoint_id(service_id, name), service_id, (service, name))
        number = self.table.add((service, name), entity)
        for column in (self.first_minute, self.last_minute, self.is_dirty):
            column.resize(number + 1)
        return number

    def _start_over(self) -> None:
        self._texts = interning.new_text_table()
        self._keys = interning.new_tuple_table(_KEY_WIDTH)
        self._known = GrowingArray(np.int32, fill=-2)
        self._epochs = GrowingArray(np.int64, fill=-1)
        self._expires_at = GrowingArray(np.int64, fill=_NEVER)
        self._all_abandoned = GrowingArray(np.int32, fill=ABSENT)
        self._epoch_numbers = {}
