"""From HTTP logs to endpoints: names are formed once per distinct (service, method, path), in order of arrival.

Formatting has state (a bounded set of names per service, spec entities 3). The compiled loop goes on past paths that it
does not know and asks for their names afterwards, all at once. Where one of these changes what is remembered of a
service, everything after it is looked up again: results never depend on where a batch was cut.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

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
_KEY_WIDTH = 4
_UNKNOWN = -2
_ASKED = -3  # and below: the first, second, ... name that was asked for


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

    def has_set(self, service: str) -> bool:
        """Whether there is a set; a name that matches no rule opens one."""

    def is_full(self, service: str) -> bool:
        """Whether the set is full: all names that match no rule are then ``_abandoned``."""

    def has_rules(self, service: str) -> bool:
        """Whether any rule may match a name of this service."""

    def epoch(self, service: str) -> int:
        """Changes whenever remembered results of the service must no longer be used."""

    @property
    def generation(self) -> int:
        """Changes whenever the epochs of other services may have changed than of the one a name was formed for."""


class _Batch(NamedTuple):
    """What is assigned: ``assign`` says what the columns are. ``result`` int32[n]; ``asked`` int64[n, 2] row and key."""

    payload: npt.NDArray[np.uint8]
    http: npt.NDArray[np.int64]
    seconds: npt.NDArray[np.int64]
    minutes: npt.NDArray[np.int32]
    routes: npt.NDArray[np.int32]
    result: npt.NDArray[np.int32]
    asked: npt.NDArray[np.int64]


class _Services(NamedTuple):
    """What is remembered of each local service."""

    epochs: npt.NDArray[np.int64]
    expires_at: npt.NDArray[np.int64]
    all_abandoned: npt.NDArray[np.int32]
    opens_set: npt.NDArray[np.bool_]


@njit(boundscheck=False)
def _assign(
    first: int,
    batch: _Batch,
    local_service: npt.NDArray[np.int32],
    is_client: npt.NDArray[np.bool_],
    services: _Services,
    texts: interning.TextTable,
    keys: interning.TupleTable,
    known: npt.NDArray[np.int32],
) -> tuple[int, int, bool]:
    """Endpoint of each row from ``first`` on, as far as it is known; below ``_UNKNOWN`` the name that is asked for.

    Return the row where it stopped, how many names are asked for, and whether that row needs its service's set closed,
    or room.
    """
    asked = 0
    key = np.empty(_KEY_WIDTH, dtype=np.int64)
    for row in range(first, len(batch.http)):
        batch.result[row] = ABSENT
        if batch.minutes[row] < 0:
            continue
        route = batch.routes[row]
        service = local_service[route]
        if batch.seconds[row] >= services.expires_at[service]:
            return row, asked, True
        endpoint = services.all_abandoned[service]
        if endpoint == ABSENT:
            text = intern_text(texts, batch.payload, batch.http[row, lay.HTTP_PATH], batch.http[row, lay.HTTP_PATH + 1])
            if text < 0:
                return row, asked, True
            key[0] = service
            key[1] = services.epochs[service]
            key[2] = text
            key[3] = 2 * batch.http[row, lay.HTTP_METHOD] + is_client[route]
            number = intern_tuple(keys, key)
            if number < 0:
                return row, asked, True
            if known[number] == _UNKNOWN:
                known[number] = _ASKED - asked
                batch.asked[asked, 0] = row
                batch.asked[asked, 1] = number
                asked += 1
            endpoint = known[number]
        if not is_client[route]:
            batch.result[row] = endpoint
        if endpoint <= _ASKED and services.opens_set[service]:
            return row + 1, asked, False  # what follows would most likely be looked up in vain
    return len(batch.http), asked, False


@njit(boundscheck=False)
def _settle(
    first: int,
    end: int,
    batch: _Batch,
    formed: npt.NDArray[np.int32],
    first_minute: npt.NDArray[np.int64],
    last_minute: npt.NDArray[np.int64],
    is_dirty: npt.NDArray[np.bool_],
) -> None:
    """Put in the endpoints that were asked for and mark the minutes of all."""
    for row in range(first, end):
        endpoint = batch.result[row]
        if endpoint <= _ASKED:
            endpoint = formed[_ASKED - endpoint]
            batch.result[row] = endpoint
        if endpoint == ABSENT:
            continue
        minute = batch.minutes[row]
        first_minute[endpoint] = min(first_minute[endpoint], minute)
        last_minute[endpoint] = max(last_minute[endpoint], minute)
        is_dirty[endpoint] = True


class EndpointCache:
    """Endpoints by dense number (``table``), with the first and last minute each was seen in.

    ``first_minute`` and ``last_minute`` (int64 minute indices) and ``is_dirty`` are aligned with the endpoints.
    ``limit`` bounds how many results and distinct paths are remembered between two batches.
    """

    _texts: interning.TextTable
    _keys: interning.TupleTable
    _known: npt.NDArray[np.int32]
    _epochs: GrowingArray
    _expires_at: GrowingArray
    _all_abandoned: GrowingArray
    _opens_set: GrowingArray
    _service_ids: dict[str, ids.ServiceId]

    def __init__(self, routes: RouteTable, formatter: EndpointFormatter, limit: int = 200_000) -> None:
        self._routes = routes
        self._formatter = formatter
        self._limit = limit
        self.table = EntityTable()
        self.first_minute = GrowingArray(np.int64, fill=_NEVER)
        self.last_minute = GrowingArray(np.int64, fill=-1)
        self.is_dirty = GrowingArray(np.bool_)
        self.forget_names()

    def __len__(self) -> int:
        return len(self.table)

    def describe(self, endpoint: int) -> list[object]:
        """Texts that ``intern_described`` of any other cache makes an equal endpoint of."""
        return list(self.table.entities[endpoint].names)

    def intern_described(self, description: Sequence[Any]) -> int:
        """Number of an endpoint that was described."""
        service, name = description
        number = self._number(service, name)
        self._fit_columns()
        return number

    def keep(self, endpoints: Kept) -> None:
        """Keep only these endpoints under new numbers; what is remembered of paths and services is forgotten."""
        self.table.keep(endpoints)
        for column in (self.first_minute, self.last_minute, self.is_dirty):
            column.keep(endpoints)
        self.forget_names()

    def forget_names(self) -> None:
        """Form every name anew from now on. Endpoints keep their numbers, and the formatter its state."""
        self._texts = interning.new_text_table()
        self._keys = interning.new_tuple_table(_KEY_WIDTH)
        self._known = np.full(len(self._keys.rows), _UNKNOWN, np.int32)
        self._epochs = GrowingArray(np.int64)
        self._expires_at = GrowingArray(np.int64)
        self._all_abandoned = GrowingArray(np.int32)
        self._opens_set = GrowingArray(np.bool_)
        self._service_ids = {}
        self._generation = self._formatter.generation

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
            self.forget_names()
        self._learn_services()
        result, asked = np.empty(len(http), dtype=np.int32), np.empty((len(http), 2), dtype=np.int64)
        batch = _Batch(payload, http, seconds, minutes, routes, result, asked)
        row = 0
        while row < len(http):
            row = self._assign_from(row, batch)
        return result

    def _assign_from(self, first: int, batch: _Batch) -> int:
        """Assign rows from ``first`` on; return the row to go on with."""
        local_service, is_client = self._routes.local_service.view, self._routes.is_client.view
        services = _Services(self._epochs.view, self._expires_at.view, self._all_abandoned.view, self._opens_set.view)
        end: int
        end, asked, is_stuck = _assign(
            first, batch, local_service, is_client, services, self._texts, self._keys, self._known
        )
        rows, keys = batch.asked[:asked].T
        formed, is_changed = self._form(batch, rows)
        self._known[keys] = _UNKNOWN
        self._known[keys[: len(formed)]] = formed
        if is_changed:
            end, is_stuck = rows.tolist()[len(formed) - 1] + 1, False
        self._fit_columns()
        _settle(first, end, batch, formed, self.first_minute.view, self.last_minute.view, self.is_dirty.view)
        if is_stuck:
            self._unblock(int(local_service[batch.routes[end]]), int(batch.seconds[end]))
        return end

    def _form(self, batch: _Batch, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int32], bool]:
        """Endpoints (int32) of the rows whose names are asked for, up to the first that changes what is remembered.

        The second result says whether one did.
        """
        formed: list[int] = []
        is_changed = False
        formatter, names = self._formatter, self._routes.local_services
        for service, epoch, second, text, is_client in self._asked_names(batch, rows):
            name = names[service]
            if is_client:
                formatter.format(name, text, second)
                formed.append(ABSENT)
            else:
                formed.append(self._number(name, formatter.endpoint(name, text, second)))
            if formatter.epoch(name) != epoch:
                self._learn(service)
                self._learn_services()
                is_changed = True
                break
        return np.array(formed, dtype=np.int32), is_changed

    def _asked_names(self, batch: _Batch, rows: npt.NDArray[np.int64]) -> Iterator[tuple[int, int, int, str, bool]]:
        """Service, its epoch, second, text of the endpoint, and whether a client tells, for each of the rows."""
        http, routes, payload = batch.http[rows], batch.routes[rows], batch.payload.data
        services = self._routes.local_service.view[routes]
        methods, starts = http[:, lay.HTTP_METHOD].tolist(), http[:, lay.HTTP_PATH]
        methods_as_text = {method: endpoint_name(method, "") for method in set(methods)}
        return zip(
            services.tolist(),
            self._epochs.view[services].tolist(),
            batch.seconds[rows].tolist(),
            (
                methods_as_text[method] + str(payload[start:end], "utf-8")
                for method, start, end in zip(
                    methods, starts.tolist(), (starts + http[:, lay.HTTP_PATH + 1]).tolist(), strict=True
                )
            ),
            self._routes.is_client.view[routes].tolist(),
            strict=True,
        )

    def _unblock(self, service: int, second: int) -> None:
        """Do what the loop stopped for: close an ended set, or make room."""
        if second >= self._expires_at.view[service]:
            self._formatter.close_ended(self._routes.local_services[service], second)
            self._learn(service)
            return
        self._texts = interning.grown_texts(self._texts)
        self._keys = interning.grown_tuples(self._keys)
        known, self._known = self._known, np.full(len(self._keys.rows), _UNKNOWN, np.int32)
        self._known[: len(known)] = known

    def _learn_services(self) -> None:
        """Look up rules and sets of services that are new to this cache, and of all after a change."""
        known = len(self._epochs)
        if self._generation != self._formatter.generation:
            self._generation = self._formatter.generation
            known = 0
        total = len(self._routes.local_services)
        for column in (self._epochs, self._expires_at, self._all_abandoned, self._opens_set):
            column.resize(total)
        for service in range(known, total):
            self._learn(service)
        self._fit_columns()

    def _learn(self, service: int) -> None:
        name = self._routes.local_services[service]
        has_rules = self._formatter.has_rules(name)
        self._epochs.view[service] = self._formatter.epoch(name)
        self._expires_at.view[service] = self._formatter.expires_at(name)
        self._opens_set.view[service] = not has_rules and not self._formatter.has_set(name)
        abandoned = self._formatter.is_full(name) and not has_rules
        self._all_abandoned.view[service] = self._number(name, _ABANDONED) if abandoned else ABSENT

    def _number(self, service: str, name: str) -> int:
        """Number of an endpoint; ``_fit_columns`` must follow."""
        key = (service, name)
        number = self.table.find(key)
        if number is None:
            service_id = self._service_ids.get(service)
            if service_id is None:
                service_id = self._service_ids[service] = ids.service_id(service)
            number = self.table.add(key, Entity(ids.endpoint_id(service_id, name), service_id, key))
        return number

    def _fit_columns(self) -> None:
        for column in (self.first_minute, self.last_minute, self.is_dirty):
            column.resize(len(self.table))
