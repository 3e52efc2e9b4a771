"""Typed values of a scenario file: each reader reports what does not fit and gives a usable value all the same."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import TypeVar

from oap.config.finding import near_match
from oap.config.yaml_source import YamlNode, YamlReport
from oap.emulator.scenario import Distribution

_UNITS_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000}
_DURATION = re.compile(r"(-?\d+(?:\.\d+)?)\s*(ns|us|ms|s|m)")

Entries = Mapping[str, YamlNode]
T = TypeVar("T")
E = TypeVar("E", bound=Enum)


def parse_duration_ns(text: str) -> int | None:
    """Return a duration such as ``250ms`` in nanoseconds, None when the text is none."""
    match = _DURATION.fullmatch(text.strip())
    return None if match is None else round(float(match[1]) * _UNITS_NS[match[2]])


class Values:
    """Reads single values; findings go to the report."""

    def __init__(self, report: YamlReport) -> None:
        self._report = report

    def optional(self, entries: Entries, key: str, read: Callable[[YamlNode], T | None], default: T) -> T:
        """Return the value of a key, or the default when the key is absent or its value is wrong."""
        if key not in entries:
            return default
        value = read(entries[key])
        return default if value is None else value

    def section(self, entries: Entries, key: str, known: Iterable[str] | None) -> Entries:
        """Return the entries below a key, none when it is absent."""
        return self._report.mapping(entries[key], known) if key in entries else {}

    def items(self, entries: Entries, key: str) -> tuple[YamlNode, ...]:
        """Return the items of a list below a key, none when it is absent."""
        return self._report.sequence(entries[key]) if key in entries else ()

    def text(self, node: YamlNode) -> str | None:
        """Return a text that is not empty."""
        return self._report.string(node)

    def text_or_empty(self, node: YamlNode) -> str | None:
        """Return a text, "" for null."""
        return "" if node.value in (None, "") else self._report.string(node)

    def flag(self, node: YamlNode) -> bool | None:
        """Return true or false."""
        return self._report.boolean(node)

    def count(self, node: YamlNode) -> int | None:
        """Return an integer of at least 1."""
        return self._between(node, 1, None)

    def port(self, node: YamlNode) -> int | None:
        """Return a TCP port."""
        return self._between(node, 1, 65535)

    def pool(self, node: YamlNode) -> int | None:
        """Return a number of connections."""
        return self._between(node, 1, 64)

    def positive(self, node: YamlNode) -> float | None:
        """Return a number above 0."""
        value = self._number(node)
        if value is not None and value <= 0:
            self._report.error(node, f"'{node.path}' must be above 0, found {node.raw}")
            return None
        return value

    def share(self, node: YamlNode) -> float | None:
        """Return a number from 0 to 1."""
        value = self._number(node)
        if value is not None and not 0 <= value <= 1:
            self._report.error(node, f"'{node.path}' is a share from 0 to 1, found {node.raw}")
            return None
        return value

    def duration_ns(self, node: YamlNode) -> int | None:
        """Return a duration such as ``250ms`` or ``-1.5s`` in nanoseconds."""
        duration_ns = parse_duration_ns(node.raw)
        if duration_ns is None:
            self._report.error(node, f"'{node.path}' must be a duration, found '{node.raw}'", "for example 250ms or 5s")
        return duration_ns

    def milliseconds(self, node: YamlNode) -> float | None:
        """Return a positive duration in milliseconds."""
        duration_ns = self.duration_ns(node)
        if duration_ns is not None and duration_ns <= 0:
            self._report.error(node, f"'{node.path}' must be above 0, found {node.raw}")
            return None
        return None if duration_ns is None else duration_ns / 1e6

    def network(self, node: YamlNode) -> str | None:
        """Return an IPv4 or IPv6 network such as ``203.0.113.0/24``."""
        text = self._report.string(node)
        try:
            return None if text is None else str(ipaddress.ip_network(text))
        except ValueError as error:
            self._report.error(node, f"'{node.path}' must be a network: {error}", "for example 203.0.113.0/24")
            return None

    def member(self, node: YamlNode, members: Mapping[str, E]) -> E | None:
        """Return the member of an enumeration that a word stands for."""
        word = self._report.string(node)
        if word is None:
            return None
        if word not in members:
            self._report.error(node, f"'{node.path}' cannot be '{word}'", near_match(word, members))
        return members.get(word)

    def distribution(
        self, entries: Entries, key: str, default: Distribution, read: Callable[[YamlNode], float | None]
    ) -> Distribution:
        """Return a distribution given by ``median`` and ``p99``."""
        if key not in entries:
            return default
        section = self.section(entries, key, ("median", "p99"))
        if not self._report.require(entries[key], ("median", "p99")):
            return default
        median, p99 = read(section["median"]), read(section["p99"])
        if median is None or p99 is None:
            return default
        if p99 < median:
            self._report.error(section["p99"], f"'{key}.p99' is below the median")
            return default
        return Distribution(median, p99)

    def choices(self, node: YamlNode) -> tuple[str, ...]:
        """Return the values of a path parameter: those of a list, or 0 to n - 1 for a number n."""
        if not isinstance(node.value, tuple):
            return tuple(str(number) for number in range(self.count(node) or 1))
        if not node.value:
            self._report.error(node, f"'{node.path}' needs at least one value")
        return tuple(text for item in node.value if (text := self._report.string(item)) is not None)

    def _between(self, node: YamlNode, least: int, most: int | None) -> int | None:
        value = self._report.integer(node)
        if value is None or (value >= least and (most is None or value <= most)):
            return value
        limits = f"at least {least}" if most is None else f"from {least} to {most}"
        self._report.error(node, f"'{node.path}' must be {limits}, found {value}")
        return None

    def _number(self, node: YamlNode) -> float | None:
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return float(node.value)
        self._report.error(node, f"'{node.path}' must be a number, found '{node.raw}'")
        return None
