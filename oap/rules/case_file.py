"""Files of rule tests: cases with logs, written by hand or recorded, and the records that are expected of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from oap.config.finding import ConfigError
from oap.config.yaml_source import YamlNode, YamlReport, parse, read_text
from oap.emulator.playback import from_streams
from oap.emulator.recording import Recording, RecordingError, load
from oap.entity.apdex import ApdexThresholds
from oap.entity.grouping.endpoint_names import GroupingRules
from oap.entity.grouping.rule_file import parse_grouping_rules
from oap.entity.registries import FirstKnown
from oap.entity.static_registry import StaticRegistry
from oap.rules.expectation import Expectation, ExpectationReader
from oap.rules.records import Surroundings
from oap.rules.written_log import NODE, LogReader, Nodes
from oap.storage.contract import MetricModel

DEFAULT_DAY: Final = date(2024, 5, 1)

_FILE_KEYS: Final = ("day", "thresholds", "registry", "grouping", "connection", "cases")
_CASE_KEYS: Final = ("name", "connection", "logs", "recording", "expect")


@dataclass(frozen=True, slots=True)
class Case:
    """One test. ``lines`` has the line of each message that was written by hand; it is empty for a recording."""

    name: str
    line: int
    logs: Recording
    lines: tuple[int, ...]
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All tests of a file, and what they run in."""

    file: str
    surroundings: Surroundings
    cases: tuple[Case, ...]


def load_cases(path: Path, models: Mapping[str, MetricModel]) -> CaseFile:
    """Read a file; ``models`` are the metrics that can be expected. ConfigError with all problems of the file."""
    root, report = parse(read_text(path), str(path))
    entries = report.mapping(root, _FILE_KEYS)
    day = _day(report, entries)
    reader = _CaseReader(report, models, path.parent, day)
    shared = reader.logs.connection(entries["connection"]) if "connection" in entries else {}
    surroundings = reader.surroundings(entries)
    if "cases" not in entries or not report.sequence(entries["cases"]):
        report.error(root, "there are no 'cases'")
        report.raise_findings()
    cases = [reader.case(node, shared) for node in report.sequence(entries["cases"])]
    report.raise_findings()
    return CaseFile(str(path), surroundings, tuple(cases))


def _day(report: YamlReport, entries: Nodes) -> date:
    if "day" not in entries:
        return DEFAULT_DAY
    try:
        return date.fromisoformat(entries["day"].raw)
    except ValueError:
        report.error(entries["day"], f"'{entries['day'].raw}' is no day", f"write {DEFAULT_DAY}")
        return DEFAULT_DAY


class _CaseReader:
    """Reads the cases of one file; named files lie relative to it."""

    def __init__(self, report: YamlReport, models: Mapping[str, MetricModel], folder: Path, day: date) -> None:
        self._report = report
        self._folder = folder
        self._expectations = ExpectationReader(report, models, day)
        self._names: set[str] = set()
        self.logs = LogReader(report, day)

    def surroundings(self, entries: Nodes) -> Surroundings:
        thresholds = self._report.mapping(entries["thresholds"]) if "thresholds" in entries else {}
        milliseconds = {service: self._report.integer(node) for service, node in thresholds.items()}
        registry = self._file(entries, "registry")
        grouping = self._file(entries, "grouping")
        try:
            return Surroundings(
                FirstKnown([StaticRegistry(registry)] if registry is not None else []),
                GroupingRules(patterns=parse_grouping_rules(read_text(grouping), str(grouping)) if grouping else {}),
                ApdexThresholds({service: ms for service, ms in milliseconds.items() if ms is not None}),
            )
        except ConfigError as error:
            self._report.findings += error.findings
            return Surroundings()

    def case(self, node: YamlNode, shared: Nodes) -> Case:
        entries = self._report.mapping(node, _CASE_KEYS)
        name = self._name(node, entries)
        if ("logs" in entries) == ("recording" in entries):
            self._report.error(node, "a case needs either 'logs' or 'recording'")
        connection = self.logs.connection(entries["connection"]) if "connection" in entries else {}
        items = self._report.sequence(entries["logs"]) if "logs" in entries else ()
        if "logs" in entries and not items:
            self._report.error(entries["logs"], "'logs' is empty")
        written = self.logs.logs(items, {**shared, **connection})
        recording = self._recording(entries["recording"]) if "recording" in entries else None
        nodes = self._report.sequence(entries["expect"]) if "expect" in entries else ()
        if not nodes:
            self._report.error(entries.get("expect", node), "a case needs at least one expectation in 'expect'")
        expectations = [expectation for expected in nodes for expectation in self._expectations.read(expected)]
        return Case(
            name,
            node.line,
            recording or from_streams([(NODE, written.messages)]),
            tuple(written.lines),
            tuple(expectations),
        )

    def _name(self, node: YamlNode, entries: Nodes) -> str:
        if not self._report.require(node, ("name",)):
            return ""
        name = self._report.string(entries["name"]) or ""
        if name in self._names:
            self._report.error(entries["name"], f"the name '{name}' occurs twice")
        self._names.add(name)
        return name

    def _file(self, entries: Nodes, key: str) -> Path | None:
        name = self._report.string(entries[key]) if key in entries else None
        return None if name is None else self._folder / name

    def _recording(self, node: YamlNode) -> Recording | None:
        name = self._report.string(node)
        try:
            return None if name is None else load(self._folder / name)
        except RecordingError as error:
            self._report.error(node, str(error))
            return None
