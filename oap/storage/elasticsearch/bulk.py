"""Sending actions: several requests at once, each answer looked at item by item."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final

import structlog
from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, stop_any, stop_when_event_set
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_random_exponential

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.elasticsearch.actions import Actions, requests
from oap.storage.elasticsearch.connection import Connection

_log = structlog.get_logger(__name__)

_TARGET: Final = "/_bulk?filter_path=errors,items.*.status,items.*.error"
_NOT_NOW: Final = frozenset({408, 429, 502, 503, 504})
_ATTEMPTS: Final = 6
_LONGEST_WAIT_S: Final = 4.0
_RETRY_S: Final = 2.0


class BulkSender:
    """Sends actions until each is stored or refused for good. One caller at a time.

    What a node is too busy for is sent again, it alone, after a pause that grows and is partly random; StorageUnavailable
    when that did not help. What a node will never take is counted in ``refused`` by reason, and logged once for each.
    """

    def __init__(self, connection: Connection, concurrent: int, most_actions: int, most_bytes: int) -> None:
        self._connection = connection
        self._concurrent = concurrent
        self._most_actions = most_actions
        self._most_bytes = most_bytes
        self._pool = ThreadPoolExecutor(concurrent, thread_name_prefix="storage-bulk")
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self.refused: Counter[str] = Counter()

    def send(self, several: Iterable[Actions]) -> None:
        """Send everything; the rest is not sent once a request fails."""
        running: set[Future[None]] = set()
        try:
            for request in requests(several, self._most_actions, self._most_bytes):
                running.add(self._pool.submit(self._send, request))
                if len(running) > self._concurrent:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
        finally:
            wait(running)
        for future in running:
            future.result()

    def close(self) -> None:
        """Give up what waits to be sent again."""
        self._closing.set()
        self._pool.shutdown()

    def _send(self, actions: Actions) -> None:
        waiting = [actions]
        attempts = Retrying(
            retry=retry_if_result(bool),
            wait=wait_random_exponential(multiplier=0.25, max=_LONGEST_WAIT_S),
            stop=stop_any(stop_after_attempt(_ATTEMPTS), stop_when_event_set(self._closing)),
            sleep=sleep_using_event(self._closing),
        )
        try:
            attempts(self._attempt, waiting)
        except RetryError:
            count = sum(map(len, waiting))
            raise StorageUnavailable(f"the store is too busy for {count} rows", _RETRY_S) from None

    def _attempt(self, waiting: list[Actions]) -> bool:
        """Send what waits, leave in the list what has to be sent again, and say whether there is any."""
        sent, waiting[:] = list(waiting), []
        for actions in sent:
            waiting += self._unstored(actions)
        return bool(waiting)

    def _unstored(self, actions: Actions) -> Sequence[Actions]:
        status, answer = self._connection.exchange("POST", _TARGET, bytes(actions.content))
        if status in _NOT_NOW:
            return [actions]
        if status == 413 or _is_invalid(status, answer):
            return self._without_the_one_to_blame(actions, answer)
        if status != 200:
            raise StorageError(f"the store refuses to be written to: {str(answer)[:500]} (status {status})")
        return self._failed_items(actions, answer) if answer.get("errors") else []

    def _without_the_one_to_blame(self, actions: Actions, answer: Any) -> Sequence[Actions]:
        """Halves, until it stands alone: one row with an id of more than 512 bytes makes a node refuse all of them."""
        if len(actions) > 1:
            half = len(actions) // 2
            return [*self._unstored(actions.part(0, half)), *self._unstored(actions.part(half, len(actions)))]
        error = answer.get("error", {}) if isinstance(answer, dict) else {}
        self._refuse(error.get("type", "too_large"), error)
        return []

    def _failed_items(self, actions: Actions, answer: Mapping[str, Any]) -> Sequence[Actions]:
        again = []
        for at, item in enumerate(answer["items"]):
            ((operation, outcome),) = item.items()
            error = outcome.get("error")
            if error is None or (operation == "create" and outcome["status"] == 409):
                continue
            if outcome["status"] in _NOT_NOW or error.get("type") == "cluster_block_exception":
                again.append(at)
            else:
                self._refuse(error.get("type", "unknown"), error)
        return [actions.only(again)] if again else []

    def _refuse(self, kind: str, error: Mapping[str, Any]) -> None:
        with self._lock:
            self.refused[kind] += 1
            is_first = self.refused[kind] == 1
        if is_first:
            _log.warning(
                "the store refuses rows; they are counted by reason", kind=kind, reason=str(error.get("reason"))[:500]
            )


def _is_invalid(status: int, answer: Any) -> bool:
    error = answer.get("error") if isinstance(answer, dict) else None
    return status == 400 and isinstance(error, dict) and error.get("type") == "action_request_validation_exception"
