import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from oap.telemetry.logs import RateLimited, configure_logs
from tests.clock import HandClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Kept:
    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, event: str, **fields: Any) -> None:
        self.events.append(("debug", event, fields))

    def info(self, event: str, **fields: Any) -> None:
        self.events.append(("info", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.events.append(("warning", event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.events.append(("error", event, fields))


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_logs_are_json_lines_when_nobody_watches() -> None:
    stream = io.StringIO()
    configure_logs("info", stream)
    structlog.get_logger("oap.window").info("minute closed", minute=202601010101, rows=3)
    [line] = written(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "minute closed",
        "level": "info",
        "logger": "oap.window",
        "minute": 202601010101,
        "rows": 3,
    }


def test_logs_of_libraries_take_the_same_form() -> None:
    stream = io.StringIO()
    configure_logs("info", stream)
    logging.getLogger("uvicorn").warning("port %d", 1)
    assert [(line["event"], line["logger"]) for line in written(stream)] == [("port 1", "uvicorn")]


def test_the_level_holds_back_what_is_below() -> None:
    stream = io.StringIO()
    configure_logs("warning", stream)
    structlog.get_logger("a").info("quiet")
    logging.getLogger("b").info("quiet")
    structlog.get_logger("a").error("loud")
    assert [line["event"] for line in written(stream)] == ["loud"]


def test_an_exception_is_one_line() -> None:
    stream = io.StringIO()
    configure_logs("info", stream)
    try:
        int("three")
    except ValueError:
        structlog.get_logger("a").exception("hand-over failed")
    [line] = written(stream)
    assert line["exception"].endswith("invalid literal for int() with base 10: 'three'")


def test_logs_are_readable_on_a_terminal() -> None:
    stream = Terminal()
    configure_logs("info", stream)
    structlog.get_logger("oap").info("minute closed", rows=3)
    assert "minute closed" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="log level 'loud' is none of debug, info, warning, error"):
        configure_logs("loud")


def test_a_repeated_event_is_held_back_and_counted() -> None:
    kept, clock = Kept(), HandClock()
    limited = RateLimited(kept, every_s=10, clock=clock)
    for _ in range(3):
        limited.warning("stream failed", node="a")
    limited.error("another", node="b")
    clock.advance(10)
    limited.warning("stream failed", node="c")
    clock.advance(10)
    limited.warning("stream failed", node="d")
    assert kept.events == [
        ("warning", "stream failed", {"node": "a"}),
        ("error", "another", {"node": "b"}),
        ("warning", "stream failed", {"node": "c", "held_back": 2}),
        ("warning", "stream failed", {"node": "d"}),
    ]
