"""Attributes of rules as fields of the wire: what a log written by hand may say, and where it goes.

The catalogue names the wire field of every attribute, so what can be written is what rules can read.
"""

from collections.abc import Mapping, MutableMapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from oal.catalog import Attribute, Kind
from oap.config.finding import near_match
from oap.config.yaml_source import YamlNode, YamlReport
from oap.emulator.scenario_values import parse_duration_ns
from oap.entity.routes import SERVICE
from oap.entity.scopes import k8s_catalog
from oap.protocol import accesslog_pb2 as pb

OPERATIONS: Final = ("connect", "accept", "close", "read", "write", "http")

_NS_PER_MS: Final = 1_000_000
_FOREIGN: Final = 99
"""A number that no enumeration of the wire has."""

_METHODS: Final = {name.upper(): number for name, number in pb.AccessLogHTTPProtocolRequestMethod.items()}
_WORDS: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType(
    {
        "read.syscall": {**dict(pb.AccessLogKernelReadSyscall.items()), "UNRECOGNIZED": _FOREIGN},
        "write.syscall": {**dict(pb.AccessLogKernelWriteSyscall.items()), "UNRECOGNIZED": _FOREIGN},
        "protocol.http.method": {**_METHODS, "UNRECOGNIZED": _FOREIGN},
    }
)
_DEVICES: Final = frozenset({"read.l2.netDeviceName", "write.l2.networkDeviceName"})
_TEXTS: Final = frozenset({"protocol.http.url"})
_ALIASES: Final = MappingProxyType({"path": "url", "status": "statusCode", "duration": "latency"})
"""Short names in ``http``."""

FIRST_INTERFACE: Final = 2


@cache
def attributes_of(operation: str) -> Mapping[str, Attribute]:
    """What a log of an operation can say, by name behind the operation's own (``l2.totalPackageSize``)."""
    prefix = "protocol.http." if operation == "http" else f"{operation}."
    paths = k8s_catalog().scopes[SERVICE].attributes
    found = {
        path.removeprefix(prefix): attribute
        for path, attribute in paths.items()
        if path.startswith(prefix) and attribute.kind is not Kind.OBJECT
    }
    return MappingProxyType(found)


class LogFields:
    """Reads the attributes of one log's operation into its message; ``interfaces`` numbers the devices it names."""

    def __init__(self, report: YamlReport, interfaces: MutableMapping[str, int]) -> None:
        self._report = report
        self._interfaces = interfaces

    def read(self, operation: str, node: YamlNode, target: Message) -> int:
        """Set all fields of an operation but its times; return how long it takes (ns)."""
        known = attributes_of(operation)
        duration_ns = 0
        for name, entry in self._flat(node, "").items():
            short = name.removeprefix("protocol.http." if operation == "http" else f"{operation}.")
            short = _ALIASES.get(short, short) if operation == "http" else short
            attribute = known.get(short)
            if attribute is None:
                self._unknown(operation, short, entry, known)
            elif _is_duration(attribute):
                duration_ns = self._nanoseconds(attribute, entry)
            else:
                self._set(attribute, entry, target)
        return duration_ns

    def _flat(self, node: YamlNode, prefix: str) -> Mapping[str, YamlNode]:
        """The entries of nested mappings under dotted names."""
        flat: dict[str, YamlNode] = {}
        for key, entry in self._report.mapping(node).items():
            if isinstance(entry.value, Mapping):
                flat |= self._flat(entry, f"{prefix}{key}.")
            else:
                flat[prefix + key] = entry
        return flat

    def _unknown(self, operation: str, name: str, entry: YamlNode, known: Mapping[str, Attribute]) -> None:
        if operation == "http" and name == "success":
            self._report.error_at_key(entry, "a request's success follows from its status", "set 'status'")
        else:
            names = [*known, *_ALIASES] if operation == "http" else known
            self._report.error_at_key(entry, f"'{operation}' has no attribute '{name}'", near_match(name, names))

    def _set(self, attribute: Attribute, entry: YamlNode, target: Message) -> None:
        value = self._value(attribute, entry)
        if value is None:
            return
        *path, field = attribute.source.split(".")[1:]
        holder: Any = target
        for name in path:
            holder = getattr(holder, name)
        try:
            setattr(holder, field, value)
        except ValueError:
            self._report.error(entry, f"'{attribute.path}' cannot be {entry.raw}: the wire has no room for it")

    def _value(self, attribute: Attribute, entry: YamlNode) -> int | bool | str | None:
        path = attribute.path
        if path in _TEXTS:
            return entry.raw if entry.value == "" else self._report.string(entry)
        if path in _DEVICES:
            name = self._report.string(entry)
            return None if name is None else self._interfaces.setdefault(name, FIRST_INTERFACE + len(self._interfaces))
        if path in _WORDS:
            return self._word(_WORDS[path], entry, folds_case=path == "protocol.http.method")
        if attribute.kind is Kind.BOOL:
            return self._report.boolean(entry)
        return self._nanoseconds(attribute, entry) if attribute.unit == "ns" else self._report.integer(entry)

    def _word(self, numbers: Mapping[str, int], entry: YamlNode, *, folds_case: bool) -> int | None:
        word = self._report.string(entry)
        if word is None:
            return None
        number = numbers.get(word.upper() if folds_case else word)
        if number is None:
            self._report.error(entry, f"'{entry.path}' cannot be '{word}'", near_match(word, numbers))
        return number

    def _nanoseconds(self, attribute: Attribute, entry: YamlNode) -> int:
        """A duration with its unit, or a number in the attribute's own."""
        if isinstance(entry.value, int) and not isinstance(entry.value, bool):
            return entry.value * _NS_PER_MS if attribute.unit == "ms" else entry.value
        duration_ns = parse_duration_ns(entry.raw)
        if duration_ns is None:
            expected = f"for example 40us, or a number of {attribute.unit}"
            self._report.error(entry, f"'{entry.path}' must be a duration, found '{entry.raw}'", expected)
        return duration_ns or 0


def _is_duration(attribute: Attribute) -> bool:
    """Whether the wire tells it by the times of the operation instead of by a field."""
    return ": " in attribute.source
