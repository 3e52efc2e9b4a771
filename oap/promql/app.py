"""The ASGI application of port 9090: the part of Prometheus' HTTP API that Grafana asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

import numpy as np
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from oap.clock import Clock
from oap.promql.answers import result_of
from oap.promql.database import Database
from oap.promql.errors import ErrorType, PromqlError
from oap.promql.evaluate import evaluate
from oap.promql.grid import Grid
from oap.promql.label_lists import label_names, label_values, metadata, series_of, values_in
from oap.promql.subset import parse_query
from oap.promql.time_limit import within
from oap.promql.times import instant_grid, range_grid, read_step, read_time
from oap.query.duration import Step
from oap.query.meters import Blame, QueryMeters
from oap.query.mqe.near_names import near_name
from oap.query.reads import Reads
from oap.query.services import KnownServices
from oap.storage.contract import MetricModel, Storage, StorageUnavailable
from oap.storage.read_limit import ReadStopped

_STATUS: Final[Mapping[ErrorType, int]] = {
    ErrorType.BAD_DATA: 400,
    ErrorType.NOT_FOUND: 404,
    ErrorType.EXECUTION: 422,
    ErrorType.INTERNAL: 500,
    ErrorType.TIMEOUT: 503,
    ErrorType.UNAVAILABLE: 503,
}
# What lists look at when nobody says: what was there lately.
_LATELY_S: Final = 3600.0
# Some clients ask for all times there are.
_LONGEST_LIST_S: Final = 365 * 86400.0
# Whose API this is; Grafana chooses its requests by it.
_SPOKEN_VERSION: Final = "2.45.0"


@dataclass(frozen=True, slots=True)
class PromqlDeps:
    """What answers depend on. ``models`` is asked anew for each request; ``zone`` is the zone of the server's calendar.

    ``meters`` count requests; the reads of one may take ``time_limit_s``.
    """

    storage: Storage
    models: Callable[[], Mapping[str, MetricModel]]
    zone: tzinfo
    clock: Clock
    meters: QueryMeters = field(default_factory=QueryMeters)
    time_limit_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """Parameters of a request, from the address and from a form."""

    pairs: Sequence[tuple[str, str]]
    path: Mapping[str, str]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.pairs if key == name and value), None)

    def needed(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise PromqlError(f"invalid parameter '{name}': it is missing")
        return value


_Answer = Mapping[str, Any]
_Handler = Callable[[_Asked], _Answer]


class PromqlApi:
    """Answers the requests. Each is answered by one thread of the pool, since reads block."""

    def __init__(self, deps: PromqlDeps) -> None:
        self._deps = deps
        self._services = KnownServices(deps.storage, deps.clock)

    def query(self, asked: _Asked) -> _Answer:
        """One moment; now, when none is given."""
        at = asked.get("time")
        return self._evaluated(asked, instant_grid(self._deps.clock.now_s() if at is None else read_time("time", at)))

    def query_range(self, asked: _Asked) -> _Answer:
        """Every step from start to end."""
        start_s, end_s = read_time("start", asked.needed("start")), read_time("end", asked.needed("end"))
        return self._evaluated(asked, range_grid(start_s, end_s, read_step(asked.needed("step"))))

    def labels(self, asked: _Asked) -> _Answer:
        """Names of labels."""
        database, selectors = self._database(), asked.all("match[]")
        if not selectors:
            return {"data": label_names(database)}
        series = series_of(selectors, self._lately(asked), database, self._deps.zone)
        return {"data": sorted({name for labels in series for name in labels})}

    def label_values(self, asked: _Asked) -> _Answer:
        """Values of a label."""
        database, selectors, name = self._database(), asked.all("match[]"), asked.path["name"]
        grid = self._lately(asked)
        if not selectors:
            return {"data": label_values(name, grid, database, self._deps.zone)}
        return {"data": values_in(series_of(selectors, grid, database, self._deps.zone), name)}

    def series(self, asked: _Asked) -> _Answer:
        """Labels of series."""
        selectors = asked.all("match[]")
        if not selectors:
            raise PromqlError("no match[] parameter provided")
        return {"data": series_of(selectors, self._lately(asked), self._database(), self._deps.zone)}

    def metadata(self, asked: _Asked) -> _Answer:
        """Types of metrics."""
        text = asked.get("limit")
        if text is not None and not text.isdecimal():
            raise PromqlError(f"invalid parameter 'limit': '{text}' is no number")
        return {"data": metadata(self._database(), asked.get("metric"), int(text) if text else None)}

    def build_info(self, _: _Asked) -> _Answer:
        """What Grafana takes this for."""
        return {"data": {"version": _SPOKEN_VERSION, "revision": "", "branch": "", "buildUser": "", "buildDate": ""}}

    def _evaluated(self, asked: _Asked, grid: Grid) -> _Answer:
        query, database = parse_query(asked.needed("query")), self._database()
        answer = evaluate(query, grid, database, self._deps.zone)
        found: dict[str, Any] = {"data": result_of(answer.value, grid, query.tree)}
        if answer.unknown:
            found["warnings"] = [_unknown_metric(name, frozenset(database.names())) for name in answer.unknown]
        if answer.step is not Step.MINUTE:
            found["infos"] = [f"PromQL info: answered from {answer.step.lower()} rows, one value each"]
        return found

    def _lately(self, asked: _Asked) -> Grid:
        end, start = asked.get("end"), asked.get("start")
        end_s = self._deps.clock.now_s() if end is None else read_time("end", end)
        start_s = end_s - _LATELY_S if start is None else max(read_time("start", start), end_s - _LONGEST_LIST_S)
        if end_s < start_s:
            raise PromqlError("invalid parameter 'end': end timestamp must not be before start time")
        return Grid(np.array([start_s, end_s]))

    def _database(self) -> Database:
        return Database(Reads(self._deps.storage, self._deps.models()), self._services.all())


def promql_application(deps: PromqlDeps) -> Starlette:
    """The routes, each by GET and as a form by POST."""
    api = PromqlApi(deps)
    handlers: Mapping[str, _Handler] = {
        "query": api.query,
        "query_range": api.query_range,
        "labels": api.labels,
        "label/{name}/values": api.label_values,
        "series": api.series,
        "metadata": api.metadata,
        "status/buildinfo": api.build_info,
    }
    routes = [
        Route(f"/api/v1/{path}", _endpoint(handler, deps), methods=["GET", "POST"])
        for path, handler in handlers.items()
    ]
    routes += [Route(path, lambda _: PlainTextResponse("ready\n")) for path in ("/-/ready", "/-/healthy")]
    return Starlette(routes=routes, exception_handlers={404: _unknown, 500: _fault})


def _endpoint(handler: _Handler, deps: PromqlDeps) -> Callable[[Request], Any]:
    async def answer(http: Request) -> Response:
        pairs = parse_qsl(http.url.query, keep_blank_values=True)
        if http.method == "POST":
            pairs += parse_qsl((await http.body()).decode(errors="replace"), keep_blank_values=True)
        return await within(deps.time_limit_s, partial(_metered, handler, _Asked(pairs, http.path_params), deps))

    return answer


def _metered(handler: _Handler, asked: _Asked, deps: PromqlDeps) -> Response:
    started_s, blame = deps.clock.monotonic_s(), Blame.SERVER
    try:
        answer, blame = _answered(handler, asked, deps.time_limit_s)
    finally:
        deps.meters.observe(deps.clock.monotonic_s() - started_s, blame)
    return answer


def _answered(handler: _Handler, asked: _Asked, time_limit_s: float) -> tuple[Response, Blame]:
    try:
        return _json({"status": "success", **handler(asked)}, 200), Blame.NOBODY
    except PromqlError as error:
        return _failed(error.type, str(error)), Blame.REQUEST
    except ReadStopped:
        reason = f"the answer took longer than {time_limit_s:g} s, query.requestTimeLimit allows no more; ask for less"
        return _failed(ErrorType.TIMEOUT, reason), Blame.REQUEST
    except StorageUnavailable as error:
        return _failed(ErrorType.UNAVAILABLE, f"the storage cannot answer now: {error}"), Blame.SERVER


async def _unknown(http: Request, _: Exception) -> Response:
    return _failed(ErrorType.NOT_FOUND, f"'{http.url.path}' is not part of the API that is answered here")


def _unknown_metric(name: str, known: frozenset[str]) -> str:
    near = near_name(name, known)
    return f"there is no metric '{name}'" + (f"; did you mean '{near}'?" if near else "")


async def _fault(_: Request, __: Exception) -> Response:
    return _failed(ErrorType.INTERNAL, "the server failed to answer; its log says why")


def _failed(type_: ErrorType, message: str) -> Response:
    return _json({"status": "error", "errorType": type_.value, "error": message}, _STATUS[type_])


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
