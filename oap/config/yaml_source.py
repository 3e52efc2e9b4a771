"""YAML that remembers where every key and value stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from oap.config.finding import ConfigError, Finding, near_match

Scalar = str | int | float | bool | None

_TIMESTAMP = "tag:yaml.org,2002:timestamp"


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A value and its place; lines and columns count from 1.

    ``value`` is a scalar (dates stay text), a tuple of nodes or a dict of nodes by key text; ``raw`` is a scalar as
    written. ``path`` is dotted with list positions in brackets, ``""`` for the root. ``key_line`` and ``key_column``
    are those of the key in front of the value, or of the value itself where there is no key.
    """

    value: "Scalar | tuple[YamlNode, ...] | Mapping[str, YamlNode]"
    path: str
    line: int
    column: int
    key_line: int
    key_column: int
    raw: str = ""

    def plain(self) -> object:
        """Return the value without places: scalars, lists and dicts."""
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        if isinstance(self.value, Mapping):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value


@dataclass(slots=True)
class YamlReport:
    """Collects the findings of one text; the typed readers add one and return None where a value does not fit."""

    file: str
    text: str
    findings: list[Finding] = field(default_factory=list)

    def error(self, node: YamlNode, message: str, hint: str = "") -> None:
        """Add a finding at a value."""
        self._add(node.line, node.column, message, hint)

    def error_at_key(self, node: YamlNode, message: str, hint: str = "") -> None:
        """Add a finding at the key in front of a value."""
        self._add(node.key_line, node.key_column, message, hint)

    def mapping(
        self, node: YamlNode, known: Iterable[str] | None = None, refused: Mapping[str, str] = MappingProxyType({})
    ) -> Mapping[str, YamlNode]:
        """Return the entries of a mapping, {} for null; ``known`` limits the keys: others are reported, left out.

        ``refused`` has the reasons for keys that others take and we do not.
        """
        if node.value is None:
            return {}
        if not isinstance(node.value, Mapping):
            self._expected(node, "a mapping")
            return {}
        if known is None:
            return node.value
        names = frozenset(known)
        for key, entry in node.value.items():
            if key in refused:
                self.error_at_key(entry, f"'{entry.path}' is not taken here: {refused[key]}", "leave the line out")
            elif key not in names:
                self.error_at_key(entry, f"unknown key '{entry.path}'", near_match(key, names))
        return {key: entry for key, entry in node.value.items() if key in names}

    def sequence(self, node: YamlNode) -> tuple[YamlNode, ...]:
        """Return the items of a list, () for null."""
        if node.value is None:
            return ()
        if not isinstance(node.value, tuple):
            self._expected(node, "a list")
            return ()
        return node.value

    def string(self, node: YamlNode) -> str | None:
        """Return a text that is not blank; numbers and booleans written without quotes count as the text they show."""
        if isinstance(node.value, tuple | Mapping):
            self._expected(node, "a text")
            return None
        if node.value is None or not node.raw.strip():
            self._expected(node, "a text that is not empty")
            return None
        return node.raw

    def integer(self, node: YamlNode) -> int | None:
        """Return an integer."""
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            return node.value
        self._expected(node, "an integer")
        return None

    def boolean(self, node: YamlNode) -> bool | None:
        """Return true or false."""
        if isinstance(node.value, bool):
            return node.value
        self._expected(node, "true or false")
        return None

    def require(self, node: YamlNode, keys: Iterable[str]) -> bool:
        """Say whether a mapping has all the keys; each missing one is found."""
        present = node.value if isinstance(node.value, Mapping) else {}
        missing = [key for key in keys if key not in present]
        for key in missing:
            self.error(node, f"'{node.path or self.file}' lacks the key '{key}'")
        return not missing

    def raise_findings(self) -> None:
        """Raise ConfigError when there is any finding, in the order of the text."""
        if self.findings:
            raise ConfigError(sorted(self.findings, key=lambda finding: (finding.line, finding.column)))

    def _expected(self, node: YamlNode, what: str) -> None:
        self.error(node, f"'{node.path or self.file}' must be {what}, found {_describe(node)}")

    def _add(self, line: int, column: int, message: str, hint: str) -> None:
        lines = self.text.splitlines()
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        self.findings.append(Finding(self.file, line, column, message, hint, source))


def read_text(path: Path) -> str:
    """Return a file's UTF-8 text; ConfigError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Finding(str(path), 0, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Finding(str(path), 0, 0, f"is not UTF-8: byte {error.start}")]) from error


def parse(text: str, file: str) -> tuple[YamlNode, YamlReport]:
    """Parse one YAML document; an empty text is a null node.

    Returns the root and the report that further checks add to; repeated keys are already in it. Raises ConfigError when
    the text is no YAML at all.
    """
    report = YamlReport(file, text)
    try:
        return _Builder(yaml.SafeLoader(text), report).document(), report
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        report._add(*at, f"not valid YAML: {error.problem or error.context}", "")  # noqa: SLF001
        raise ConfigError(report.findings) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError([Finding(file, 0, 0, f"not valid YAML: {' '.join(str(error).split())}")]) from error


class _Builder:
    """Turns PyYAML's nodes into ours."""

    def __init__(self, loader: yaml.SafeLoader, report: YamlReport) -> None:
        self._loader = loader
        self._report = report
        self._open: list[yaml.Node] = []

    def document(self) -> YamlNode:
        root = self._loader.get_single_node()
        return YamlNode(None, "", 1, 1, 1, 1) if root is None else self.build(root, "", root)

    def build(self, node: yaml.Node, path: str, key: yaml.Node) -> YamlNode:
        if any(node is parent for parent in self._open):
            raise yaml.MarkedYAMLError(problem="an alias inside its own anchor", problem_mark=node.start_mark)
        self._open.append(node)
        value, raw = self._value(node, path)
        self._open.pop()
        at, key_at = node.start_mark, key.start_mark
        return YamlNode(value, path, at.line + 1, at.column + 1, key_at.line + 1, key_at.column + 1, raw)

    def _value(self, node: yaml.Node, path: str) -> "tuple[Scalar | tuple[YamlNode, ...] | dict[str, YamlNode], str]":
        if isinstance(node, yaml.MappingNode):
            return self._entries(node, path), ""
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.build(item, f"{path}[{i}]", item) for i, item in enumerate(node.value)), ""
        if node.tag == _TIMESTAMP:
            return str(node.value), str(node.value)
        value = self._loader.construct_object(node)
        return (value if isinstance(value, Scalar) else str(node.value)), str(node.value)

    def _entries(self, node: yaml.MappingNode, path: str) -> dict[str, YamlNode]:
        self._find_repeated(node, path)
        self._loader.flatten_mapping(node)
        entries: dict[str, YamlNode] = {}
        for key, value in node.value:
            name = str(key.value)
            entries[name] = self.build(value, f"{path}.{name}" if path else name, key)
        return entries

    def _find_repeated(self, node: yaml.MappingNode, path: str) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a text", problem_mark=key.start_mark)
            if key.value in seen:
                at = key.start_mark
                place = YamlNode(None, path, at.line + 1, at.column + 1, at.line + 1, at.column + 1)
                self._report.error(place, f"key '{key.value}' occurs twice", "only one of the two can count")
            seen.add(key.value)


def _describe(node: YamlNode) -> str:
    if isinstance(node.value, Mapping):
        return "a mapping"
    if isinstance(node.value, tuple):
        return "a list"
    return "nothing" if node.value is None else f"'{node.raw}'"
