"""GraphQL over HTTP: one POST, one JSON answer (spec query 1.1)."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import orjson
import structlog
from cachetools import LRUCache, cached
from graphql import DocumentNode, GraphQLError, parse, validate
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response

from oap.entity.errors import EntityError
from oap.query.asked import JSON, TEXT, Asked, TooLongError, acceptable, has_left, read, whole_body
from oap.query.cached_storage import CachedStorage
from oap.query.complexity import requested_fields
from oap.query.deps import QueryDeps
from oap.query.errors import QueryError
from oap.query.execution import asks_only_for, execute_request
from oap.query.graphql.schema import build_schema
from oap.query.graphql.wants import WANTS
from oap.query.known_answers import KnownAnswers
from oap.query.meters import Blame
from oap.query.mqe.parser import MqeParser
from oap.query.reads import Reads
from oap.query.request import Request
from oap.query.services import KnownServices
from oap.query.short_turns import ShortTurns
from oap.storage.contract import StorageUnavailable
from oap.storage.read_limit import ReadLimit, ReadStopped, limited_by

_log = structlog.get_logger(__name__)

_STOP_AGAIN_S = 0.2
_NOBODY_WAITS = 499  # as proxies call it; nobody receives it
# Words are bounded since reading and checking them cannot be stopped; fields of recorded clients have three to four.
_WORDS_OF_A_FIELD = 10
# A checked document takes 50 to 500 times the memory of its text; this is room for a hundred pages.
_MOST_CHECKED_CHARACTERS = 1_000_000
_EXPECTED = (QueryError, EntityError, StorageUnavailable, ReadStopped)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A document ready to execute, or why it is not. ``is_about_metrics``: nothing but rows decides about its answer."""

    length: int
    document: DocumentNode | None
    errors: Sequence[GraphQLError] = ()
    classification: str = ""
    status: int = 200
    is_about_metrics: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """``lasts``: the answer stays the same until something is stored."""

    status: int
    content: Mapping[str, Any]
    blame: Blame
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class _Encoded:
    status: int
    content: bytes
    blame: Blame
    seconds: float


class GraphQLEndpoint:
    """Answers GraphQL requests, each in one thread of a small pool.

    One that takes longer than it may, waiting for a thread included, is answered with an error, and its reads are stopped
    in the store; so are those of a query whose client has closed the connection.
    """

    def __init__(self, deps: QueryDeps) -> None:
        self._deps = deps
        self._schema = build_schema()
        self._storage = CachedStorage(deps.storage, deps.clock, deps.written)
        self._services = KnownServices(deps.storage, deps.clock, deps.written)
        self._parser = MqeParser()
        self._threads = ThreadPoolExecutor(deps.threads, thread_name_prefix="query")
        self._turns = ShortTurns()
        self._known = KnownAnswers(deps)
        self._stopping: set[asyncio.Future[None]] = set()
        # Clients send the same few documents all the time; checking one costs more than most answers.
        checked: LRUCache[object, _Checked] = LRUCache(_MOST_CHECKED_CHARACTERS, lambda one: one.length)
        self._checked = cached(checked, lock=Lock())(self._check)

    async def post(self, http: HttpRequest) -> Response:
        """The answer to a POST; always JSON, except for one that is no GraphQL request at all."""
        media_type = acceptable(http)
        if media_type is None:
            return PlainTextResponse(f"answers are {JSON}\n", 406)
        kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in {JSON, TEXT}:
            return PlainTextResponse(f"send {JSON} or {TEXT}\n", 415)
        try:
            body = await whole_body(http)
            known = self._known.find(body)
            if known is not None:
                self._deps.meters.observe(0.0, Blame.NOBODY)
                return Response(known, media_type=media_type)
            asked = read(kind, body)
        except ClientDisconnect:
            return Response(status_code=_NOBODY_WAITS)
        except QueryError as error:
            self._deps.meters.observe(0.0, Blame.REQUEST)
            return PlainTextResponse(f"{error}\n", 413 if isinstance(error, TooLongError) else 400)
        status, answer = await self._within_limit(asked, http)
        return Response(answer, status, media_type=media_type)

    async def _within_limit(self, asked: Asked, http: HttpRequest) -> tuple[int, bytes]:
        seconds = self._deps.time_limit_s
        limit = ReadLimit(seconds)
        job = self._threads.submit(self._encoded, asked, limit)
        answer, left = asyncio.wrap_future(job), asyncio.ensure_future(has_left(http, asked))
        try:
            either: set[asyncio.Future[Any]] = {answer, left}
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                encoded = answer.result()
                self._deps.meters.observe(encoded.seconds, encoded.blame)
                return encoded.status, encoded.content
            if left.done():
                return _NOBODY_WAITS, b""
            self._deps.meters.observe(seconds, Blame.SERVER)
            reason = f"the answer took longer than {seconds:g} s, query.requestTimeLimit allows no more; ask for less"
            return 200, orjson.dumps({"errors": [_error(GraphQLError(reason), "ExecutionAborted")]})
        finally:
            left.cancel()
            answer.cancel()
            # Cancels the job if it has not begun.
            if not job.cancel() and not job.done():
                self._stopping.add(stopping := asyncio.ensure_future(_stop(limit, job)))
                stopping.add_done_callback(self._stopping.discard)

    def _encoded(self, asked: Asked, limit: ReadLimit) -> _Encoded:
        clock = self._deps.clock
        started_s = clock.monotonic_s()
        state = self._known.state()
        with limited_by(limit), self._turns.taken():
            answer = self._answer(asked)
        seconds = clock.monotonic_s() - started_s
        content = orjson.dumps(answer.content)
        if answer.lasts:
            self._known.keep(asked.body, state, content)
        return _Encoded(answer.status, content, answer.blame, seconds)

    def _answer(self, asked: Asked) -> _Answer:
        checked = self._checked(asked.query)
        if checked.document is None:
            errors = [_error(one, checked.classification) for one in checked.errors]
            return _Answer(checked.status, {"errors": errors}, Blame.REQUEST)
        request = Request(self._deps, Reads(self._storage, self._deps.models()), self._parser, self._services)
        result = execute_request(self._schema, checked.document, request, asked.variables or {}, asked.operation, WANTS)
        content: dict[str, Any] = {"data": result.data}
        if result.errors:
            content["errors"] = [_error(one, _classify(one)) for one in result.errors]
        lasts = checked.is_about_metrics and request.reads.are_whole and not result.errors
        return _Answer(200, content, _blame(result.errors or ()), lasts)

    def _check(self, text: str) -> _Checked:
        most_fields = self._deps.max_fields
        most_words = _WORDS_OF_A_FIELD * most_fields
        try:
            document = parse(
                text, allow_empty_selection_sets=False, max_lexical_tokens=most_words, max_comments=most_words
            )
        except GraphQLError as error:
            return _Checked(len(text), None, (error,), "InvalidSyntax")
        except RecursionError:
            return _Checked(len(text), None, (GraphQLError("the query is nested too deeply"),), "InvalidSyntax")
        errors = validate(self._schema, document)
        if errors:
            return _Checked(len(text), None, errors, "ValidationError", 400)
        fields = requested_fields(document)
        if fields > most_fields:
            reason = f"the query asks for {fields} fields, query.maxQueryComplexity allows {most_fields}"
            return _Checked(len(text), None, (GraphQLError(reason),), "ExecutionAborted")
        return _Checked(len(text), document, is_about_metrics=asks_only_for(document, WANTS))


async def _stop(limit: ReadLimit, job: Future[Any]) -> None:
    while not job.done():
        await asyncio.to_thread(limit.stop)
        await asyncio.sleep(_STOP_AGAIN_S)


def _blame(errors: Sequence[GraphQLError]) -> Blame:
    if not errors:
        return Blame.NOBODY
    causes = [error.original_error for error in errors]
    is_ours = any(cause is not None and not isinstance(cause, QueryError | EntityError) for cause in causes)
    return Blame.SERVER if is_ours else Blame.REQUEST


def _classify(error: GraphQLError) -> str:
    cause = error.original_error
    if cause is not None and not isinstance(cause, _EXPECTED):
        _log.error("graphql_field_failed", path=error.path, error=repr(cause), exc_info=cause)
    return "DataFetchingException" if error.path else "ExecutionAborted"


def _error(error: GraphQLError, classification: str) -> Mapping[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    return formatted | {"extensions": {"classification": classification}}
