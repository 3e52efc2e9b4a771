"""What the server counts about its queries."""

import threading
from collections.abc import Iterator
from enum import StrEnum

from oap.telemetry import catalogue
from oap.telemetry.meters import Histogram, Meter, Reading


class Blame(StrEnum):
    """Whose fault the errors of an answer are."""

    NOBODY = ""
    REQUEST = "request"
    SERVER = "server"


class QueryMeters:
    """Requests answered, those with an error, and how long they took. Any thread may observe and read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._errors = {Blame.REQUEST: 0, Blame.SERVER: 0}
        self._seconds = Histogram(catalogue.QUERY_SECONDS)

    def observe(self, seconds: float, blame: Blame) -> None:
        """Count one answer."""
        with self._lock:
            self._requests += 1
            self._seconds.observe(seconds)
            if blame:
                self._errors[blame] += 1

    def meters(self) -> Iterator[Reading]:
        """Readings for the exposition."""
        yield Meter(catalogue.QUERY_REQUESTS, self._requests)
        for blame, count in self._errors.items():
            yield Meter(catalogue.QUERY_ERRORS, count, (str(blame),))
        yield self._seconds.meter()
