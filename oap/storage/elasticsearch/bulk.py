"""Sending actions: several requests at once, each answer looked at item by item."""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

from tenacity import (
    RetryError,
    Retrying,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
    stop_any,
    stop_when_event_set,
)
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_random_exponential

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.elasticsearch.actions import LONGEST_ID, Actions, requests
from oap.storage.elasticsearch.answers import error_of, is_busy, is_not_now, reason_of
from oap.storage.elasticsearch.connection import Connection
from oap.storage.elasticsearch.refused import Refusals, Refused, kind_of
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings

_TARGET: Final = "/_bulk?filter_path=errors,items.*.status,items.*.error&timeout="
_DONE: Final = 200
_MISSING: Final = 404
_EXISTS: Final = 409
_TOO_LARGE: Final = 413
_ATTEMPTS: Final = 10
_PATIENCE_S: Final = 20.0
_LONGEST_WAIT_S: Final = 4.0
_RETRY_S: Final = 2.0
_STORED_VERSION: Final = re.compile(r"current version \[(\d+)\]")


class BulkSender:
    """Sends actions until each is stored or refused for good. One caller at a time.

    What a node is too busy for is sent again, it alone, after a pause that grows and is partly random. StorageUnavailable
    when that did not help, and at once when somebody has to clear the way. What a node will never take is left out and
    counted in ``refused``. At most ``concurrent_requests`` are under way and two more are made, each of at most
    ``batch_of_bytes``.
    """

    def __init__(self, connection: Connection, settings: ElasticsearchStoreSettings) -> None:
        self._connection = connection
        self._settings = settings
        # A shard that does not come up is reported for its rows before we would stop listening to all of the answer.
        self._target = f"{_TARGET}{settings.longest_answer_ms * 2 // 3}ms"
        self._pool = ThreadPoolExecutor(settings.concurrent_requests, thread_name_prefix="storage-bulk")
        self._closing = threading.Event()
        self.refused = Refused()

    def send(self, several: Iterable[Actions]) -> int:
        """Send everything; the rest is not sent once a request fails.

        Return the latest version that kept an action from being stored, 0 if none did.
        """
        refusals = Refusals()
        running: set[Future[None]] = set()
        try:
            for request in requests(several, self._settings.bulk_actions, self._settings.batch_of_bytes):
                running.add(self._pool.submit(self._send, request, refusals))
                if len(running) > self._settings.concurrent_requests:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
        finally:
            wait(running)
        for future in running:
            future.result()
        self.refused.take(refusals)
        return refusals.latest

    def close(self) -> None:
        """Give up what waits to be sent again."""
        self._closing.set()
        self._pool.shutdown()

    def _send(self, actions: Actions, refusals: Refusals) -> None:
        sending = _Sending(self._connection, self._target, refusals, [actions])
        attempts = Retrying(
            retry=retry_if_result(bool),
            wait=wait_random_exponential(multiplier=0.25, max=_LONGEST_WAIT_S),
            stop=stop_any(
                stop_after_attempt(_ATTEMPTS), stop_after_delay(_PATIENCE_S), stop_when_event_set(self._closing)
            ),
            sleep=sleep_using_event(self._closing),
        )
        try:
            attempts(sending.is_unfinished)
        except RetryError:
            raise sending.unavailable() from None


@dataclass(slots=True)
class _Sending:
    """One request on its way: what of it has to be sent, and why again."""

    connection: Connection
    target: str
    refusals: Refusals
    waiting: list[Actions]
    reason: str = ""
    is_blocked: bool = False

    def is_unfinished(self) -> bool:
        """Send what waits, and say whether any of it has to be sent again soon; StorageUnavailable if rather later."""
        sent, self.waiting = self.waiting, []
        for actions in sent:
            self._send(actions)
        if self.is_blocked:
            raise self.unavailable()
        return bool(self.waiting)

    def unavailable(self) -> StorageUnavailable:
        """What waits, and why."""
        return StorageUnavailable(f"{sum(map(len, self.waiting))} rows are not taken now: {self.reason}", _RETRY_S)

    def _send(self, actions: Actions) -> None:
        status, answer = self.connection.exchange("POST", self.target, bytes(actions.content))
        error = error_of(answer)
        if status == _DONE:
            self._look_at(actions, answer.get("items", ()) if answer["errors"] else ())
        elif is_not_now(status, error):
            self.waiting.append(actions)
            self._note(status, answer)
        elif kind_of(error) == "action_request_validation_exception":
            self._leave_out_long_ids(actions, error)
        elif status == _TOO_LARGE:
            self._send_halves(actions, {"type": "too_large", "reason": reason_of(status, answer), **error})
        else:
            raise StorageError(f"the store refuses to be written to: {reason_of(status, answer)}")

    def _leave_out_long_ids(self, actions: Actions, error: Mapping[str, Any]) -> None:
        """One of them makes a node refuse the whole request."""
        ids = actions.ids()
        fitting = [at for at, row_id in enumerate(ids) if len(row_id.encode()) <= LONGEST_ID]
        if len(fitting) == len(ids):
            self._send_halves(actions, error)
            return
        for row_id in (row_id for row_id in ids if len(row_id.encode()) > LONGEST_ID):
            self.refusals.add("too_long", f"the id {row_id} has more than {LONGEST_ID} bytes")
        if fitting:
            self._send(actions.only(fitting))

    def _send_halves(self, actions: Actions, error: Mapping[str, Any]) -> None:
        """Until the one to blame stands alone."""
        if len(actions) == 1:
            self.refusals.add(kind_of(error), error.get("reason"))
            return
        half = len(actions) // 2
        self._send(actions.part(0, half))
        self._send(actions.part(half, len(actions)))

    def _look_at(self, actions: Actions, items: Sequence[Mapping[str, Any]]) -> None:
        again = []
        for at, item in enumerate(items):
            ((operation, outcome),) = item.items()
            status, error = outcome["status"], error_of(outcome)
            if not error or (operation == "create" and status == _EXISTS):
                continue
            if status == _EXISTS and (stored := _STORED_VERSION.search(str(error.get("reason")))):
                self.refusals.overtaken(int(stored[1]))
            # The day's index may not be made where ``action.auto_create_index`` is off: that, too, can change.
            elif status in (_MISSING, _EXISTS) or is_not_now(status, error):
                again.append(at)
                self._note(status, outcome)
            else:
                self.refusals.add(kind_of(error), error.get("reason"))
        if again:
            self.waiting.append(actions.only(again))

    def _note(self, status: int, answer: object) -> None:
        self.reason = reason_of(status, answer)
        self.is_blocked |= not is_busy(status, error_of(answer))
