"""HTTP routes that explain one metric by what its rows did, and those that switch its samples on and off."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oap.clock import Clock
from oap.why.answer import PartRows, Received, StageRows, Why, why
from oap.why.error import TooManySamples, WhyError
from oap.why.sampling import Samples
from oap.why.wording import preface, sentence
from oap.why.workings import Ask, Explained

Answer = TypeVar("Answer")

DEFAULT_MINUTES: Final = 10
MOST_MINUTES: Final = 60
_BUSY: Final = "the server is busy: the thread that folds did not answer within {} s; try again"


class _Refused(Exception):  # noqa: N818  (no error of ours)
    """A question that gets no answer, as HTTP tells it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def why_routes(ask: Ask, clock: Clock, prefix: str = "", timeout_s: float = 10.0) -> Sequence[Route]:
    """``GET /rules/METRIC/why?service=NAME&minutes=10`` below a context path.

    404 for an unknown metric or service, 503 when the answer takes too long. Handlers are no coroutines, because they
    wait.
    """

    def explain(request: Request) -> Response:
        metric, service = request.path_params["metric"], request.query_params.get("service") or None

        def answer() -> Mapping[str, Any]:
            minutes, now_s = _minutes(request, DEFAULT_MINUTES), clock.now_s()
            return why_record(
                _answered(ask, lambda seen: why(seen.workings, metric, service, minutes, now_s), timeout_s)
            )

        return _respond(answer)

    return (Route(f"{prefix}/rules/{{metric}}/why", explain, methods=["GET"]),)


def sampling_routes(ask: Ask, clock: Clock, timeout_s: float = 10.0) -> Sequence[Route]:
    """``POST /sampling/METRIC?minutes=10`` samples a metric anew, ``DELETE /sampling/METRIC`` ends that.

    For an application that only this machine can reach: samples show what is in logs.
    """

    def switch_on(request: Request) -> Response:
        metric, now_s = request.path_params["metric"], clock.now_s()

        def started(seen: Explained, minutes: int) -> Samples:
            workings = seen.workings
            workings.sampler.switch_on(workings.plan, metric, now_s, minutes)
            return workings.sampler.samples(metric, now_s)

        def answer() -> Mapping[str, Any]:
            minutes = _minutes(request, DEFAULT_MINUTES)
            samples = _answered(ask, lambda seen: started(seen, minutes), timeout_s)
            return {"metric": metric, "samples": _samples(samples)}

        return _respond(answer)

    def switch_off(request: Request) -> Response:
        metric = request.path_params["metric"]

        def answer() -> Mapping[str, Any]:
            was_on = _answered(ask, lambda seen: seen.workings.sampler.switch_off(metric), timeout_s)
            return {"metric": metric, "was_on": was_on}

        return _respond(answer)

    path = "/sampling/{metric}"
    return Route(path, switch_on, methods=["POST"]), Route(path, switch_off, methods=["DELETE"])


def why_record(answer: Why) -> Mapping[str, Any]:
    """An answer as JSON has it."""
    return {
        "metric": answer.metric,
        "rule": answer.rule,
        "service": answer.service,
        "minutes": list(answer.minutes),
        "stages": [_stage(stage) for stage in answer.stages],
        "parts": [_part(part) for part in answer.parts],
        "vanishes_at": answer.vanishes_at,
        "sentence": sentence(answer),
        "received": _received(answer.received),
        "samples": _samples(answer.samples),
    }


def _stage(stage: StageRows) -> Mapping[str, Any]:
    return {"text": stage.text, "rows": stage.rows, "by_minute": list(stage.by_minute)}


def _part(part: PartRows) -> Mapping[str, Any]:
    stages = [_stage(stage) for stage in part.stages]
    return {"operation": part.operation, "stages": stages, "folded": part.folded, "late": part.late}


def _received(received: Received) -> Mapping[str, Any]:
    counts = asdict(received)
    return {
        **counts,
        "dropped": sum(received.dropped.values()),
        "reasons": counts["dropped"],
        "sentence": preface(received),
    }


def _samples(samples: Samples) -> Mapping[str, Any]:
    return {
        "is_on": samples.is_on,
        "until": samples.until_s,
        "is_complete": samples.is_complete,
        "passed": list(samples.passed),
        "refused": list(samples.refused),
        "refused_by": samples.refused_by,
    }


def _minutes(request: Request, default: int) -> int:
    text = request.query_params.get("minutes", str(default))
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(MOST_MINUTES)) + 1 else 0
    if not 1 <= minutes <= MOST_MINUTES:
        raise _Refused(400, f"'minutes' is a number from 1 to {MOST_MINUTES}, not '{text}'")
    return minutes


def _answered(ask: Ask, question: Callable[[Explained], Answer], timeout_s: float) -> Answer:
    future: Future[Answer] = ask(question)
    try:
        # The future is left alone when time is up: whoever answers it does not expect that it was taken back.
        return future.result(timeout_s)
    except TimeoutError:
        raise _Refused(503, _BUSY.format(f"{timeout_s:g}")) from None


def _respond(answer: Callable[[], Mapping[str, Any]]) -> Response:
    try:
        return _json(answer())
    except TooManySamples as error:
        return _json({"error": str(error)}, 429)
    except WhyError as error:
        return _json({"error": str(error)}, 404)
    except _Refused as error:
        return _json({"error": str(error)}, error.status)


def _json(tree: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(tree), status, media_type="application/json")
