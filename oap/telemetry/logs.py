"""Structured logs: one event per line, stable words, values as fields.

``configure_logs`` is called once by the command line; everything else asks ``structlog.get_logger()`` and logs
``logger.info("stable words", field=value)``. Lines are for people on a terminal, JSON otherwise.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Protocol, TextIO

import structlog
from structlog.typing import Processor

from oap.clock import Clock

LEVELS: Final = ("debug", "info", "warning", "error")

_CHATTY: Final = ("uvicorn", "apscheduler")  # they tell of each start and stop, which says nothing to an operator


def configure_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs, those of libraries too, to a stream (standard error) from a level on.

    Raises ValueError for a level outside ``LEVELS``.
    """
    if level not in LEVELS:
        raise ValueError(f"log level '{level}' is none of {', '.join(LEVELS)}")
    out = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    first = _first_processors(for_people=out.isatty())
    structlog.configure(
        processors=[*first, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last_processors(out)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for library in _CHATTY:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))


def _first_processors(*, for_people: bool) -> list[Processor]:
    always: list[Processor] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level]
    if for_people:
        return [*always, structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)]
    return [*always, structlog.stdlib.add_logger_name, structlog.processors.TimeStamper(fmt="iso", utc=True)]


def _last_processors(out: TextIO) -> list[Processor]:
    if out.isatty():
        plain = structlog.dev.plain_traceback  # the rich one shows local variables, secrets among them
        return [structlog.dev.ConsoleRenderer(exception_formatter=plain, sort_keys=False, pad_event_to=0)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]


class EventLogger(Protocol):
    """The methods of a structlog logger that are in use here."""

    def debug(self, event: str, **fields: Any) -> object: ...

    def info(self, event: str, **fields: Any) -> object: ...

    def warning(self, event: str, **fields: Any) -> object: ...

    def error(self, event: str, **fields: Any) -> object: ...


class RateLimited:
    """Lets an event through once per period and says with the next one how many were held back (``held_back``).

    For hot paths, where one cause would fill the disk. Events are told apart by their words alone, so these must not
    hold values. For one thread; two threads at worst log one event twice.
    """

    def __init__(self, logger: EventLogger, every_s: float, clock: Clock) -> None:
        self._logger = logger
        self._every_s = every_s
        self._clock = clock
        self._last_s: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def info(self, event: str, **fields: Any) -> None:
        if self._is_due(event, fields):
            self._logger.info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        if self._is_due(event, fields):
            self._logger.warning(event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        if self._is_due(event, fields):
            self._logger.error(event, **fields)

    def _is_due(self, event: str, fields: MutableMapping[str, Any]) -> bool:
        now_s = self._clock.monotonic_s()
        last_s = self._last_s.get(event)
        if last_s is not None and now_s - last_s < self._every_s:
            self._held_back[event] = self._held_back.get(event, 0) + 1
            return False
        self._last_s[event] = now_s
        held_back = self._held_back.pop(event, 0)
        if held_back:
            fields["held_back"] = held_back
        return True
